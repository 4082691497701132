"""A forge that is a folder: its git branches are the pulls, the comment is a file, and no webhook ever comes."""

import difflib
import getpass
import hashlib
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.core.errors import Gone, Misused, Unavailable
from bot.core.events import ActorId, Commented, Delivery, Event, Forged, Happening, Ignored, Pull, PullKey, Remark, Sign
from bot.core.names import Sha
from bot.core.permission import Permission
from bot.core.report import Report
from bot.core.telling.checkup import Check
from bot.core.telling.comment import comment
from bot.forges._local import git
from bot.forges._local.book import SNAPSHOT, Book, Entry, locked, recall, remember, write
from bot.forges.base import Origin


class LocalForge:
    """Pulls of local repositories, remembered under the state folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open_pull(self, path: Path, branch: str) -> Event:
        """Open the branch's pull, or open it again."""
        repository = git.top(path.resolve())
        head = _head(repository, branch)
        entry = Entry(branch=branch, base=_base(repository, branch), author=_person(), head=head)
        with locked(self._place(repository)):
            book = self._book(repository)
            number = book.number(branch)
            happening = Happening.OPENED if number is None else Happening.REOPENED
            return self._tell_of(happening, book, book.following() if number is None else number, entry)

    def push(self, path: Path, branch: str) -> Event:
        """Tell that the branch has a new commit."""
        repository = git.top(path.resolve())
        head = _head(repository, branch)
        with locked(self._place(repository)):
            book = self._book(repository)
            number = _open_number(book, branch)
            return self._tell_of(Happening.PUSHED, book, number, replace(book.pulls[number], head=head))

    def close(self, path: Path, branch: str) -> Event:
        """Close the branch's pull, again if need be; neither the branch nor the repository need be there any more."""
        here = path.resolve()
        there = recall(self._place(here))
        repository = here if there and there.number(branch) else git.top(here)
        with locked(self._place(repository)):
            book = self._book(repository)
            known = book.number(branch)
            number = _open_number(book, branch) if known is None else known
            return self._tell_of(Happening.CLOSED, book, number, replace(book.pulls[number], open=False))

    def snapshot(self, path: Path) -> Event:
        """Make the folder's files, as they are now, the head of its pull number 0."""
        folder = path.resolve()
        branch = git.current(folder) or "local"
        with locked(self._place(folder)):
            head = git.snapshot(folder, self._store(folder), without=self._folder)
            entry = Entry(branch=branch, base=branch, author=_person(), head=head)
            return self._tell_of(Happening.OPENED, self._book(folder), SNAPSHOT, entry)

    def seen(self, path: Path) -> Pull:
        """The pull that a snapshot of the folder would make; no pull is made or moved by it."""
        folder = path.resolve()
        branch = git.current(folder) or "local"
        with locked(self._place(folder)):
            head = git.snapshot(folder, self._store(folder), without=self._folder, name="seen")
        entry = Entry(branch=branch, base=branch, author=_person(), head=head)
        key = PullKey(forge="local", repository=_id(folder), number=SNAPSHOT)
        return _pull(key, Book(path=folder), entry, head)

    def verify(self, delivery: Delivery) -> Forged | None:
        """Refuse every delivery."""
        return Forged("the local forge sends no webhooks")

    def read(self, delivery: Delivery) -> Ignored:
        """Read nothing out of any delivery."""
        return Ignored("the local forge sends no webhooks")

    def delivery(self, event: str, body: bytes) -> Delivery:
        """A delivery of this event with this body as no forge sends it."""
        del event
        return Delivery(headers=(), body=body)

    def checks(self, repositories: Mapping[str, str], *, mend: bool = False) -> Iterator[Check]:
        """Nothing can be missing."""
        del repositories, mend
        return iter(())

    def pull(self, key: PullKey) -> Pull:
        """The pull as it is now: its head moves with the branch, and ends with it."""
        book, entry = self._found(key)
        head: Sha | None = entry.head
        if entry.open and key.number != SNAPSHOT:
            head = _branches(book.path).get(entry.branch)
        return _pull(key, book, entry, head)

    def open_pulls(self, repository: str) -> Iterator[Pull]:
        """Every open pull of the folder."""
        book = recall(self._folder / repository)
        if book is None:
            raise Gone(f"no pull of the repository {repository} was ever opened here")
        for number, entry in book.pulls.items():
            if entry.open:
                yield self.pull(PullKey(forge="local", repository=repository, number=number))

    def permission(self, key: PullKey, actor: ActorId, login: str) -> Permission:
        """Everything: whoever is on this machine as this user may do it by hand as well."""
        del key, actor, login
        return Permission.ADMIN

    def confirm(self, told: Commented) -> Ignored | None:
        """Believe it: nothing is ever delivered."""
        del told
        return None

    def acted(self, pull: Pull, actor: ActorId) -> bool:
        """Believe it, for the same reason."""
        del pull, actor
        return True

    def base(self, pull: Pull) -> Sha:
        """The head of its base branch; of a folder's files, what they are."""
        if pull.key.number == SNAPSHOT:
            return pull.head
        book, entry = self._found(pull.key)
        return _head(book.path, entry.base)

    def merge_base(self, pull: Pull) -> Sha:
        """As git finds it."""
        if pull.key.number == SNAPSHOT:
            return pull.head
        book, entry = self._found(pull.key)
        return git.merge_base(book.path, entry.base, pull.head)

    def lost(self, repositories: Iterable[str], since: datetime) -> Iterator[Delivery]:
        """None: nothing is ever sent."""
        del repositories, since
        return iter(())

    def origin(self, pull: Pull) -> Origin:
        """The folder's own repository, or for its files as they are, ours."""
        if pull.key.number == SNAPSHOT:
            return Origin(url=_store(self._folder / pull.key.repository).as_uri())
        book, _ = self._found(pull.key)
        return Origin(url=book.path.as_uri())

    def tell(self, pull: Pull, report: Report) -> None:
        """Write the comment into its file."""
        write(self._comment(pull.key), comment(report, chat=False).encode())

    def react(self, key: PullKey, to: Remark, sign: Sign) -> None:
        """Do nothing: nobody writes remarks here."""
        del key, to, sign

    def reply(self, key: PullKey, to: Remark | None, body: str) -> None:
        """Do nothing, for the same reason."""
        del key, to, body

    def comment_of(self, key: PullKey) -> str | None:
        """The comment as it was told last."""
        try:
            return self._comment(key).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def _tell_of(self, happening: Happening, book: Book, number: int, entry: Entry) -> Event:
        repository = _id(book.path)
        book = book.having(number, entry)
        remember(self._place(book.path), book)
        return Event(
            delivery=f"{repository}-{book.told}",
            happening=happening,
            key=PullKey(forge="local", repository=repository, number=number),
            repository=book.path.name,
            sha=entry.head,
            actor=_person(),
        )

    def _found(self, key: PullKey) -> tuple[Book, Entry]:
        book = recall(self._folder / key.repository)
        if book is None or key.number not in book.pulls:
            raise Gone(f"{key.environment}: no such pull was ever opened here")
        return book, book.pulls[key.number]

    def _book(self, repository: Path) -> Book:
        return recall(self._place(repository)) or Book(path=repository)

    def _place(self, repository: Path) -> Path:
        return self._folder / _id(repository)

    def _store(self, repository: Path) -> Path:
        return _store(self._place(repository))

    def _comment(self, key: PullKey) -> Path:
        return self._folder / key.repository / f"pull-{key.number}.md"


def _store(place: Path) -> Path:
    return place / "snapshot.git"


def _pull(key: PullKey, book: Book, entry: Entry, head: Sha | None) -> Pull:
    """A pull whose branch is there no more is closed."""
    return Pull(
        key=key,
        repository=book.path.name,
        branch=entry.branch,
        head=head or entry.head,
        base=entry.base,
        author=entry.author,
        open=entry.open and head is not None,
        fork=False,
        labels=None,
    )


def _id(repository: Path) -> str:
    return hashlib.sha256(bytes(repository)).hexdigest()[:12]


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as containers have them
        return "local"


def _branches(repository: Path) -> Mapping[str, Sha]:
    if not repository.is_dir():
        raise Unavailable(f"{repository} is not there: bring it back, or close its pulls")
    return git.branches(repository)


def _head(repository: Path, branch: str) -> Sha:
    known = git.branches(repository)
    if branch not in known:
        raise Misused(f"{branch}: no such branch in {repository}; {_nearest(branch, known)}")
    return known[branch]


def _base(repository: Path, branch: str) -> str:
    likely = (git.current(repository), "main", "master")
    return next((name for name in likely if name and name != branch), "")


def _open_number(book: Book, branch: str) -> int:
    number = book.number(branch)
    if number is None or not book.pulls[number].open:
        known = [entry.branch for number, entry in book.pulls.items() if entry.open and number != SNAPSHOT]
        hint = _nearest(branch, known) if known else f"open it: matinee pull open {shlex.quote(branch)}"
        raise Misused(f"{branch}: no pull of it is open in {book.path}; {hint}")
    return number


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=3) or sorted(known)[:10]
    return f"there are {', '.join(near)}" if near else "there are none: commit something first"


def create(settings: Mapping[str, str]) -> LocalForge:
    """The pulls remembered under the state folder."""
    return LocalForge(Path(settings["state"]).resolve() / "local")

"""From a repository's address and a commit id to that commit: one bare mirror per repository."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

from bot.core.errors import Denied, Gone, Overtaken, Unavailable
from bot.core.names import SHA, Sha
from bot.core.telling.checkup import Check, ok, tried
from bot.core.wire import Cancel
from builders._child import Stopped
from builders._commit import Fetched
from builders._git import Ran, Remote, git, reason
from builders._lock import held
from builders._scratch import sweep
from builders.base import Commit

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between two looks for a commit that the forge announced and does not show yet."""

OLDEST = (2, 36)
"""The git from which on all that is asked of it is known."""

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_LONGEST = 600.0
_LATE = re.compile(r"not our ref|couldn't find remote ref|repository '[^']*' not found")
_SAID_NO = {
    re.compile(r"Authentication failed|could not read (?:Username|Password)"): 401,
    re.compile(r"repository '[^']*' not found"): 404,
    re.compile(r"returned error: (30[12378]|40[134]|410)"): 0,
}
"""How git tells that it will not be let in, with the status that each is of; 0: it is told."""
_SHA1 = 40


class Sources:
    """The mirrors below one folder; any number of processes may share it."""

    def __init__(self, folder: Path, *, pauses: Sequence[float] = PAUSES) -> None:
        self._mirrors = folder.absolute()
        self._exports = folder.absolute() / "exports"
        self._pauses = pauses
        self._swept = False

    def checks(self) -> Iterator[Check]:
        """Look whether git is there and new enough; nothing that goes wrong is raised."""
        yield tried("git", self._git)

    def fetch(self, origin_url: str, header: str | None, *, repository: str, sha: Sha, cancel: Cancel) -> Commit:
        """Have exactly this commit here; waits a minute for one that is late, then raises `Gone`.

        Raises `Overtaken` when cancelled.
        """
        if not SHA.fullmatch(sha):
            raise ValueError(f"{sha!r} is no full commit id")
        if not _REPOSITORY.fullmatch(repository):
            raise ValueError(f"{repository!r} is no repository id")
        remote = Remote(url=origin_url, header=header)
        self._sweep()
        mirror = self._mirrors / f"{repository}-{_hash(sha)}.git"
        if not _whole(mirror, sha):
            with held(mirror.with_suffix(".lock"), cancel) as ours:
                if not ours:
                    raise _given_up(remote)
                if not _whole(mirror, sha):
                    self._bring(mirror, remote, sha, cancel)
        return Fetched(repository=repository, sha=sha, mirror=mirror, exports=self._exports)

    def resolve(self, origin_url: str, header: str | None, *, ref: str | None, cancel: Cancel) -> Sha | None:
        """The commit that a branch or tag names there now, a full commit id itself, or the default branch's; else None.

        Asked of the repository each time, so that what is here is given to nobody who may not read it there. Raises
        `Denied` where that is so, or where there is no such repository; `Overtaken` when cancelled.
        """
        remote = Remote(url=origin_url, header=header)
        self._mirrors.mkdir(parents=True, exist_ok=True, mode=0o700)
        given = Sha(ref) if ref is not None and SHA.fullmatch(ref) else None
        names = ["HEAD"] if ref is None or given else [f"refs/heads/{ref}", f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}"]
        look = (*remote.flags, "ls-remote", "--quiet", "--", remote.url, *names)
        ran = git(self._mirrors, *look, cancel=cancel, seconds=60, environment=remote.environment)
        if ran.code:
            raise _failure(remote, replace(ran, err=remote.hide(ran.err)))
        if given:
            return given
        lines = (line.split("\t", 1) for line in ran.out.decode(errors="replace").splitlines() if "\t" in line)
        found = {name: sha for sha, name in lines}
        return next((Sha(found[name]) for name in names if SHA.fullmatch(found.get(name, ""))), None)

    def _git(self) -> Check:
        self._mirrors.mkdir(parents=True, exist_ok=True, mode=0o700)
        said = git(self._mirrors, "--version", cancel=Event(), seconds=10).out.decode(errors="replace").strip()
        number = re.search(r"(\d+)\.(\d+)", said)
        if number is None or (int(number[1]), int(number[2])) < OLDEST:
            raise Unavailable(f"git is too old: {said or 'it tells no version'}; install git 2.36 or later")
        return ok("git", said)

    def _bring(self, mirror: Path, remote: Remote, sha: Sha, cancel: Cancel) -> None:
        mirror.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = git(mirror, "init", "-q", "--bare", "--template=", f"--object-format={_hash(sha)}", cancel=cancel)
        if made.code:
            raise _given_up(remote) if made.stopped else Unavailable(f"{mirror} cannot be made: {reason(made)}")
        for pause in (*self._pauses, None):
            ran = _fetch_once(mirror, remote, sha, cancel)
            if ran.code == 0:
                return
            if not _LATE.search(ran.err):
                raise _failure(remote, ran)
            if pause is None:
                raise Gone(f"{remote.url} has no commit {sha}: {reason(ran)}; was its branch deleted or overwritten?")
            if cancel.wait(pause):
                raise _given_up(remote)

    def _sweep(self) -> None:
        if not self._swept:
            self._swept = True
            sweep(self._exports)


def _hash(sha: Sha) -> str:
    return "sha1" if len(sha) == _SHA1 else "sha256"


def _reference(sha: Sha) -> str:
    return f"refs/commits/{sha}"


def _whole(mirror: Path, sha: Sha) -> bool:
    # Git writes the reference when all that it needs has come; the commit alone may be there without its files.
    return (mirror / _reference(sha)).is_file()


def _fetch_once(mirror: Path, remote: Remote, sha: Sha, cancel: Cancel) -> Ran:
    flags = ("--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--quiet")
    what = (remote.url, f"+{sha}:{_reference(sha)}")
    fetch = (*remote.flags, "fetch", *flags, "--", *what)
    ran = git(mirror, *fetch, cancel=cancel, seconds=_LONGEST, environment=remote.environment)
    return replace(ran, err=remote.hide(ran.err))


def _failure(remote: Remote, ran: Ran) -> Exception:
    match ran.stopped:
        case Stopped.CANCELLED:
            return _given_up(remote)
        case Stopped.TOO_LONG:
            return Unavailable(f"{remote.url} sent no whole commit in {_LONGEST:.0f} s; is it large, or the line slow?")
        case None:
            return _refusal(remote, ran)


def _refusal(remote: Remote, ran: Ran) -> Unavailable:
    status = _status(ran.err)
    if status in (401, 403, 410):
        why = f"{remote.url} refuses this token: {reason(ran)}; check the forge's token and its rights"
    else:
        why = f"{remote.url} cannot be fetched: {reason(ran)}; is the address right and the forge up?"
    return Denied(why, status=status) if status else Unavailable(why)


def _status(said: str) -> int:
    """With which HTTP status it was refused; 0 where it was not."""
    found = ((sign.search(said), status) for sign, status in _SAID_NO.items())
    return next((status or int(match[1]) for match, status in found if match), 0)


def _given_up(remote: Remote) -> Overtaken:
    return Overtaken(f"the fetch from {remote.url} was given up")

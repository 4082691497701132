"""GitLab CI, in a job of which this process runs: the merge request in; variables, links and mistakes out."""

import re
import secrets
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.core.errors import Misused
from bot.core.events import ActorId, Event, Happening, Ignored, Malformed, PullKey, Tidings
from bot.core.names import SHA, Sha
from bot.core.telling.annotation import Annotation
from bot.core.telling.result import Result
from bot.forges._gitlab import job_report
from bot.forges._gitlab.dotenv import dotenv
from bot.forges._gitlab.payload import LOGIN
from bot.forges._gitlab.places import FULL_PATH
from bot.forges.base import Forge

VARIABLES = "matinee.env"
LINKS = "matinee-links.json"
PROBLEMS = "matinee-problems.json"
"""The files that the component declares as reports, in the job's folder."""
_ID = r"[1-9][0-9]{0,17}"
_FORMS = {
    "CI_MERGE_REQUEST_PROJECT_ID": _ID,
    "CI_MERGE_REQUEST_IID": r"[1-9][0-9]{0,8}",
    "CI_MERGE_REQUEST_PROJECT_PATH": FULL_PATH,
    "GITLAB_USER_ID": _ID,
    "GITLAB_USER_LOGIN": LOGIN,
}


class GitLabCI:
    """One job of GitLab CI."""

    forge = "gitlab"

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._folder = Path(environment.get("CI_PROJECT_DIR") or ".")

    @property
    def settings(self) -> Mapping[str, str]:
        """Which GitLab it is. The job's own token may write no note, so that it is of no use."""
        url = self._environment.get("CI_SERVER_URL", "")
        return {"gitlab_url": url} if url else {}

    def tidings(self, forge: Forge) -> Tidings | Ignored | Malformed:
        """The merge request had a push: whether it is still open and which commit is its newest, the turn looks up."""
        del forge
        given = self._environment.get
        if not given("CI_MERGE_REQUEST_IID"):
            return Ignored("the pipeline is none of a merge request; give the job the component's rules")
        if given("CI_PROJECT_ID") != given("CI_MERGE_REQUEST_PROJECT_ID"):
            return Ignored("the pipeline runs in a fork: only the project itself has previews")
        sha = given("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or given("CI_COMMIT_SHA", "")
        wrong = [name for name, form in _FORMS.items() if not re.fullmatch(form, given(name, ""), re.ASCII)]
        if wrong or not SHA.fullmatch(sha):
            return Malformed(f"{', '.join(wrong) or 'CI_COMMIT_SHA'}: not as GitLab sets it")
        project, number, path, account, login = (self._environment[name] for name in _FORMS)
        return Event(
            delivery=str(uuid.uuid4()),
            happening=Happening.PUSHED,
            key=PullKey(forge=self.forge, repository=project, number=int(number)),
            repository=path,
            sha=Sha(sha),
            actor=login,
            actor_id=ActorId(account),
        )

    def hide(self, values: Iterable[str]) -> None:
        """GitLab masks what its own settings name and can be told of nothing more: what we print, we mask."""

    @contextmanager
    def foreign(self) -> Iterator[None]:
        """A section of the log that nobody else can end, for they do not know its name."""
        name = f"matinee_{secrets.token_hex(8)}"
        _mark("start", name, "Preview")
        try:
            yield
        finally:
            _mark("end", name, "")

    def annotate(self, annotations: Sequence[Annotation]) -> None:
        """Leave them for the merge request's report of code quality, which shows them in the diff."""
        self._write(PROBLEMS, job_report.problems(annotations))

    def warn(self, sentences: Sequence[str]) -> None:
        """GitLab has no place for them but the log, where they stand."""

    def publish(self, result: Result | None, summary: str) -> None:
        """Leave variables and links; a summary GitLab has no place for, and the note says it all."""
        del summary
        if result is None:
            return
        report = dotenv(job_report.variables(result))
        self._write(VARIABLES, report.text)
        self._write(LINKS, job_report.links(result))
        for each in report.left_out:
            sys.stderr.write(f"matinee: no later job gets {each.name}: {each.why}\n")

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        try:
            path.unlink(missing_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError as error:
            raise Misused(f"{path} cannot be written: {error.strerror}") from error


def _mark(which: str, name: str, title: str) -> None:
    sys.stderr.write(f"\x1b[0Ksection_{which}:{int(time.time())}:{name}\r\x1b[0K{title}\n")
    sys.stderr.flush()

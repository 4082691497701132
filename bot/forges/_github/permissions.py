"""What we need of a repository on GitHub, and why: one table for tokens, manifest, doctor and docs/github.md."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEVELS = ("none", "read", "write", "admin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One permission of an App or of a fine-grained token, as the REST API and, then, as GitHub's pages name it."""

    name: str
    title: str
    level: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One event of a webhook, as payloads and as GitHub's pages name it, and the permission that it takes."""

    name: str
    title: str
    permission: str
    why: str

    @property
    def of_app(self) -> bool:
        """Whether only an App has anything to hear."""
        return self.permission == "checks"


PERMISSIONS = (
    Permission(
        name="metadata", title="Metadata", level="read", why="see the repository, and what an actor may do in it"
    ),
    Permission(
        name="contents", title="Contents", level="read", why="fetch commits, and see from where pulls branched off"
    ),
    Permission(
        name="pull_requests",
        title="Pull requests",
        level="write",
        why="read pulls, write the one comment, answer and react to what reviews say",
    ),
    Permission(name="issues", title="Issues", level="write", why="hear of comments on pulls and react to them"),
    Permission(name="statuses", title="Commit statuses", level="write", why="say on the commit how its preview is"),
    Permission(name="checks", title="Checks", level="write", why="show mistakes at their line, with a re-run button"),
    Permission(name="deployments", title="Deployments", level="write", why="show the preview's URL as a deployment"),
)
EVENTS = (
    Hook(name="pull_request", title="Pull requests", permission="pull_requests", why="pulls open, change and close"),
    Hook(
        name="issue_comment", title="Issue comments", permission="issues", why="commands in the conversation of a pull"
    ),
    Hook(
        name="pull_request_review",
        title="Pull request reviews",
        permission="pull_requests",
        why="commands in what a review says",
    ),
    Hook(
        name="pull_request_review_comment",
        title="Pull request review comments",
        permission="pull_requests",
        why="commands beside a line of the diff",
    ),
    Hook(name="check_run", title="Check runs", permission="checks", why="the re-run button"),
    Hook(name="repository", title="Repositories", permission="metadata", why="renamed, transferred or deleted"),
)
"""Those of installations come to an App unasked."""
FETCHING = {"contents": "read", "metadata": "read"}
"""What git is given."""
TELLING = {each.name: each.level for each in PERMISSIONS}
"""What the REST API is asked with."""


def common(wanted: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What of it is given, as far as it is: GitHub makes no token with more."""
    lower = {name: min(level, given.get(name, "none"), key=LEVELS.index) for name, level in wanted.items()}
    return {name: level for name, level in lower.items() if level != "none"}


def lacking(given: Mapping[str, str]) -> tuple[Permission, ...]:
    """What is not given, or not far enough."""
    return tuple(each for each in PERMISSIONS if common({each.name: each.level}, given).get(each.name) != each.level)


def line(permission: str) -> str:
    """That it is a line of a workflow, where a job's token can have it, to be said after its name."""
    known = {each.name.replace("_", "-") for each in PERMISSIONS if each.name != "metadata"}
    written = permission.partition(":")[0] in known
    return f"; in a workflow it is the line `{permission}` under `permissions:`" if written else ""


def unheard(events: Iterable[str]) -> tuple[Hook, ...]:
    """The events of which nobody would tell us."""
    told = set(events)
    return () if "*" in told else tuple(each for each in EVENTS if each.name not in told)

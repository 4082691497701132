"""What the tests of GitLab's adapter begin with."""

from bot.core.names import Sha
from bot.core.report import Report, State
from tests.world.gitlab_merge_request import MergeRequest


def report(pull: MergeRequest, state: State = State.RUNNING, *, sha: Sha | None = None, why: str = "") -> Report:
    """A report on its head."""
    return Report(
        key=pull.key,
        repository=pull.project.full_name,
        generation=1,
        state=state,
        sha=sha or pull.head,
        why=why,
    )

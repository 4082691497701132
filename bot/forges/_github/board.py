"""All that one pull shows of us: the comment, the commit's status, its check run, its deployments."""

import logging
from collections.abc import Callable

from bot.core.errors import Gone, Limited, MatineeError
from bot.core.events import PullKey
from bot.core.names import Sha
from bot.core.report import Report
from bot.core.telling.channel import ALL, Channel
from bot.core.telling.check_run import CheckRun, check_run, overtaken
from bot.core.telling.comment import comment
from bot.core.telling.deployment import Deployments, deployments
from bot.core.telling.status import Status, status
from bot.forges._github import check_run as runs
from bot.forges._github import comment as comments
from bot.forges._github import deployment, pull
from bot.forges._github.api import Api
from bot.forges._github.request import Forbidden, Rejected

log = logging.getLogger(__name__)
LASTING = (Gone, Rejected, Forbidden)
"""Refusals that asking for the same again does not change."""


class Board:
    """Of one pull, told by one thread at a time; what it remembers spares calls, and losing it does no harm."""

    def __init__(self, key: PullKey, channels: frozenset[Channel] = ALL) -> None:
        self._key = key
        self._channels = channels
        self._generation = 0
        self._comment: tuple[int, str] | None = None
        self._status: tuple[Sha, Status] | None = None
        self._check_run: tuple[int | None, CheckRun] | None = None
        self._doubtful = True
        """Whether the check run may show something else: another bot may have changed it, or an answer was lost."""
        self._deployments: Deployments | None = None
        self._over: set[int] = set()

    def show(self, api: Api, report: Report, *, check_runs: bool) -> None:
        """Show the report; what only adorns it is let go where it cannot be shown.

        Where our rights do not go far enough for one, the others are shown all the same.
        """
        if report.generation != self._generation:
            self._doubt(report.generation)
        forbidden: list[Forbidden] = []
        for channel, show in ((Channel.COMMENT, self._show_comment), (Channel.STATUS, self._show_status)):
            try:
                if channel in self._channels:
                    show(api, report)
            except Forbidden as error:
                forbidden.append(error)
        if check_runs and Channel.STATUS in self._channels:
            self._adorned("check run", lambda: self._show_check_run(api, report))
        if Channel.DEPLOYMENT in self._channels:
            self._adorned("deployment", lambda: self._show_deployments(api, report))
        if forbidden:
            raise Forbidden("; ".join(map(str, forbidden)))

    def _doubt(self, generation: int) -> None:
        """Trust nothing but where the comment is: another bot may have told something since."""
        self._generation = generation
        self._comment = self._comment and (self._comment[0], "")
        self._status = self._deployments = None
        self._doubtful = True

    def _show_comment(self, api: Api, report: Report) -> None:
        body = comment(report)
        known, shown = self._comment or (None, "")
        if shown != body:
            self._comment = comments.show(api, self._key, body, known=known), body

    def _show_status(self, api: Api, report: Report) -> None:
        if report.sha is None or self._status == (report.sha, status(report)):
            return
        told = report.sha, status(report)
        try:
            pull.mark(api, self._key, *told, doubtful=self._status is None)
        except pull.Unmarkable as error:
            log.warning("no status on commit %s: %s", report.sha, error)
        except MatineeError:
            self._status = None
            raise
        self._status = told

    def _show_check_run(self, api: Api, report: Report) -> None:
        run = check_run(report)
        known, shown = self._check_run or (None, None)
        if shown is not None and not shown.over and (run is None or run.sha != shown.sha):
            self._check_run = None
            if known is not None:
                runs.show(api, self._key, overtaken(shown), known=known)
            shown = None
        if run is None or (run == shown and not self._doubtful):
            return
        goes_on = shown is not None and not shown.over and not self._doubtful
        self._check_run, self._doubtful = (None, run), False
        try:
            self._check_run = runs.show(api, self._key, run, known=known if goes_on else None), run
        except LASTING:
            raise
        except MatineeError:
            self._doubtful = True
            raise

    def _show_deployments(self, api: Api, report: Report) -> None:
        wanted = deployments(report)
        if wanted is None or wanted == self._deployments:
            return
        self._deployments = wanted
        try:
            deployment.show(api, self._key, wanted, over=self._over)
        except LASTING:
            raise
        except MatineeError:
            self._deployments = None
            raise

    def _adorned(self, what: str, show: Callable[[], None]) -> None:
        try:
            show()
        except Limited:
            raise
        except MatineeError as error:
            log.warning("%s has no %s: %s", self._key.environment, what, error)

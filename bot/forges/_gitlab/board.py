"""All that one pull shows of us: the note, the commit's status, its deployments."""

import logging

from bot.core.errors import Gone, Limited, MatineeError
from bot.core.events import Pull
from bot.core.names import Sha
from bot.core.report import Report
from bot.core.telling.channel import ALL, Channel
from bot.core.telling.comment import comment
from bot.core.telling.deployment import Deployments, deployments
from bot.core.telling.status import Status, status
from bot.forges._gitlab import commit_status, deployment, notes
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.request import Forbidden, Rejected

log = logging.getLogger(__name__)
LASTING = (Gone, Rejected, Forbidden)
"""Refusals that asking for the same again does not change."""


class Board:
    """Of one pull, told by one thread at a time; what it remembers spares calls, and losing it does no harm."""

    def __init__(self, channels: frozenset[Channel] = ALL) -> None:
        self._channels = channels
        self._generation = 0
        self._note: tuple[int, str] | None = None
        self._status: tuple[Sha, Status] | None = None
        self._mark: tuple[Sha, commit_status.Mark] | None = None
        self._deployments: Deployments | None = None
        self._complaint = ""
        """What was said last of why deployments cannot be shown: once is enough."""

    def show(self, api: Api, pull: Pull, report: Report) -> None:
        """Show the report; deployments, which only adorn it, are let go where they cannot be shown."""
        if report.generation != self._generation:
            self._doubt(report.generation)
        if Channel.COMMENT in self._channels:
            self._show_note(api, pull, comment(report))
        if Channel.STATUS in self._channels:
            self._show_status(api, pull, report)
        if Channel.DEPLOYMENT in self._channels:
            self._show_deployments(api, pull, report)

    def _doubt(self, generation: int) -> None:
        """Trust nothing but where things are: another bot may have told something since."""
        self._generation = generation
        self._note = self._note and (self._note[0], "")
        self._status = self._deployments = None

    def _show_note(self, api: Api, pull: Pull, body: str) -> None:
        known, shown = self._note or (None, "")
        if shown != body:
            self._note = notes.show(api, pull.key, body, known=known), body

    def _show_status(self, api: Api, pull: Pull, report: Report) -> None:
        if report.sha is None or self._status == (report.sha, status(report)):
            return
        sha, told = report.sha, status(report)
        known = self._mark[1] if self._mark and self._mark[0] == sha else None
        try:
            self._mark = sha, commit_status.mark(api, pull, sha, told, known)
        except commit_status.Unmarkable as error:
            log.warning("no status on commit %s: %s", sha, error)
        except MatineeError:
            self._status = None
            raise
        self._status = sha, told

    def _show_deployments(self, api: Api, pull: Pull, report: Report) -> None:
        wanted = deployments(report)
        if wanted is None or wanted == self._deployments:
            return
        self._deployments = wanted
        try:
            deployment.show(api, pull, wanted)
        except LASTING as error:
            self._complain(pull, error)
        except MatineeError as error:
            self._deployments = None
            # GitLab cannot be told when to stop an environment of itself: to stop it is tried until it is done.
            if wanted.over or isinstance(error, Limited):
                raise
            self._complain(pull, error)

    def _complain(self, pull: Pull, error: MatineeError) -> None:
        if str(error) != self._complaint:
            log.warning("%s has no deployment: %s", pull.key.environment, error)
        self._complaint = str(error)

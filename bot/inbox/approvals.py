"""For which commits somebody has given their word."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.core.approval import Allowed, Approval
from bot.core.names import EnvironmentId, Sha
from bot.inbox.schema import approvals
from bot.inbox.texts import APPROVAL


def keep(connection: Connection, environment: EnvironmentId, approval: Approval) -> None:
    """Keep an approval in the place of an earlier one of the same commit."""
    connection.execute(delete(approvals).filter_by(environment=environment, sha=approval.sha))
    _insert(connection, environment, approval)


def vouch(connection: Connection, environment: EnvironmentId, allowed: Allowed, now: datetime) -> None:
    """Keep who let a commit run, unless somebody's word for it is kept already."""
    if find(connection, environment, allowed.sha) is None:
        word = Approval(sha=allowed.sha, by=allowed.by, by_id=allowed.by_id, at=now, ground=allowed.ground)
        _insert(connection, environment, word)


def find(connection: Connection, environment: EnvironmentId, sha: Sha) -> Approval | None:
    """The word for this very commit."""
    query = select(approvals.c.approval).filter_by(environment=environment, sha=sha)
    text = connection.execute(query).scalar()
    return APPROVAL.read(text) if text else None


def _insert(connection: Connection, environment: EnvironmentId, approval: Approval) -> None:
    """Where another's has come in between, the database says so, and the transaction begins anew."""
    row = {"environment": environment, "sha": approval.sha, "approval": APPROVAL.of(approval)}
    connection.execute(insert(approvals).values(row))

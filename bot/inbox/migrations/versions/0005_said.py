"""Answered remarks in a table of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """They were beside the deliveries, their numbers like `review comment 12 of github-17-3`; no other has a blank."""
    said = op.create_table(
        "said",
        sa.Column("environment", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("remark", sa.String(64), primary_key=True),
        sa.Column("answered_at", sa.BigInteger, nullable=False),
    )
    deliveries = sa.table("deliveries", sa.column("delivery", sa.String), sa.column("received_at", sa.BigInteger))
    marks = deliveries.c.delivery.like("% of %")
    rows = op.get_bind().execute(sa.select(deliveries).where(marks)).all()
    if rows:
        op.bulk_insert(said, [_row(mark, received_at) for mark, received_at in rows])
    op.execute(sa.delete(deliveries).where(marks))


def _row(mark: str, at: int) -> dict[str, str | int]:
    which, _, environment = mark.rpartition(" of ")
    kind, _, remark = which.rpartition(" ")
    return {"environment": environment, "kind": kind, "remark": remark, "answered_at": at}

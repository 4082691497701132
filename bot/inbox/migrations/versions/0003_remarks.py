"""Remarks that may be commands, approvals, decisions, and what has its time."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Lanes of before neither sleep nor expire until their next deploy."""
    for name in ("sleeps_at", "warns_at", "expires_at"):
        op.add_column("lanes", sa.Column(name, sa.BigInteger))
    op.create_table(
        "remarks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("environment", sa.String(64), nullable=False),
        sa.Column("remark", sa.Text, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.String(255)),
        sa.Column("lease_until", sa.BigInteger),
    )
    op.create_index("remarks_due", "remarks", ["due_at"])
    op.create_table(
        "approvals",
        sa.Column("environment", sa.String(64), primary_key=True),
        sa.Column("sha", sa.String(64), primary_key=True),
        sa.Column("approval", sa.Text, nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("environment", sa.String(64), nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
    )
    op.create_index("decisions_environment", "decisions", ["environment", "id"])
    op.create_table(
        "chores",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.String(255)),
        sa.Column("lease_until", sa.BigInteger),
    )

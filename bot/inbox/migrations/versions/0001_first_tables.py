"""The first tables. Written out, not taken from the schema: a migration stays what it was."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    _deliveries()
    _lanes()
    _outcomes()
    _chunks()
    op.create_table(
        "bots",
        sa.Column("owner", sa.String(255), primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("forge", sa.String(32), nullable=False),
        sa.Column("delivery", sa.String(255), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("environment", sa.String(64), nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer),
        sa.Column("ignored", sa.Text),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("forge", "delivery", name="deliveries_once"),
        sa.UniqueConstraint("forge", "digest", name="deliveries_one_body"),
    )


def _lanes() -> None:
    op.create_table(
        "lanes",
        sa.Column("environment", sa.String(64), primary_key=True),
        sa.Column("wish", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("settled", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("owner", sa.String(255)),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("report", sa.Text),
        sa.Column("report_generation", sa.Integer),
    )
    op.create_index("lanes_due", "lanes", ["due_at"])


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column(
            "environment", sa.String(64), sa.ForeignKey("lanes.environment", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("generation", sa.Integer, primary_key=True),
        sa.Column("step", sa.String(255), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )


def _chunks() -> None:
    op.create_table(
        "chunks",
        sa.Column("environment", sa.String(64), primary_key=True),
        sa.Column("generation", sa.Integer, primary_key=True),
        sa.Column("step", sa.String(255), primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("first", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("lines", sa.LargeBinary, nullable=False),
        sa.Column("began", sa.BigInteger, nullable=False),
    )

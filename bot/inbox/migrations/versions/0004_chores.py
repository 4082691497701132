"""How chores ended; until when a preview was asked to stay."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """No chore was ever done by a matinee of before."""
    op.add_column("lanes", sa.Column("kept_until", sa.BigInteger))
    op.create_index("lanes_sleep", "lanes", ["sleeps_at"])
    op.create_index("lanes_warn", "lanes", ["warns_at"])
    op.create_index("lanes_expire", "lanes", ["expires_at"])
    op.add_column("chores", sa.Column("done_at", sa.BigInteger))
    op.add_column("chores", sa.Column("note", sa.Text, nullable=False, server_default=""))

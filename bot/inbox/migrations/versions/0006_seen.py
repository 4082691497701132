"""What of a pull a turn has looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Of lanes of before it is known from their next deploy on."""
    op.add_column("lanes", sa.Column("seen", sa.Text))

"""What a lane does beside the state that is wanted of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Lanes of before have no errands."""
    op.add_column("lanes", sa.Column("errands", sa.Text))

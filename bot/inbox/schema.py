"""The tables. A change here comes with a file in `migrations/versions` and a new `HEAD`; a test compares the two."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

HEAD = "0006"
"""The newest file in `migrations/versions`, known here so that a database that is up to date needs no alembic."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """A moment as whole microseconds since 1970: sorts and compares alike in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse a moment without a time zone by failing to subtract."""
        return None if value is None else (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Always in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


metadata = MetaData()

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("forge", String(32), nullable=False),
    Column("delivery", String(255), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("environment", String(64), nullable=False),
    Column("event", Text, nullable=False),
    Column("generation", Integer),
    Column("ignored", Text),
    Column("received_at", Moment, nullable=False),
    UniqueConstraint("forge", "delivery", name="deliveries_once"),
    UniqueConstraint("forge", "digest", name="deliveries_one_body"),
)

lanes = Table(
    "lanes",
    metadata,
    Column("environment", String(64), primary_key=True),
    Column("wish", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("state", String(32), nullable=False),
    Column("due_at", Moment),
    Column("owner", String(255)),
    Column("lease_until", Moment),
    Column("turn", Integer, nullable=False),
    Column("report", Text),
    Column("report_generation", Integer),
    Column("errands", Text),
    Column("sleeps_at", Moment),
    Column("warns_at", Moment),
    Column("expires_at", Moment),
    Column("kept_until", Moment),
    Column("seen", Text),
    Index("lanes_due", "due_at"),
    Index("lanes_sleep", "sleeps_at"),
    Index("lanes_warn", "warns_at"),
    Index("lanes_expire", "expires_at"),
)

remarks = Table(
    "remarks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("environment", String(64), nullable=False),
    Column("remark", Text, nullable=False),
    Column("answer", Text),
    Column("tries", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("owner", String(255)),
    Column("lease_until", Moment),
    Index("remarks_due", "due_at"),
)

said = Table(
    "said",
    metadata,
    Column("environment", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("remark", String(64), primary_key=True),
    Column("answered_at", Moment, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("environment", String(64), primary_key=True),
    Column("sha", String(64), primary_key=True),
    Column("approval", Text, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("environment", String(64), nullable=False),
    Column("decision", Text, nullable=False),
    Index("decisions_environment", "environment", "id"),
)

chores = Table(
    "chores",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column("owner", String(255)),
    Column("lease_until", Moment),
    Column("done_at", Moment),
    Column("note", Text, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("environment", ForeignKey("lanes.environment", ondelete="CASCADE"), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("step", String(255), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("recorded_at", Moment, nullable=False),
)

bots = Table(
    "bots",
    metadata,
    Column("owner", String(255), primary_key=True),
    Column("until", Moment, nullable=False),
)

chunks = Table(
    "chunks",
    metadata,
    Column("environment", String(64), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("step", String(255), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
    Column("lines", LargeBinary, nullable=False),
    Column("began", Moment, nullable=False),
)

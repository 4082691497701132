"""Bring a database's tables to what this code knows; cheap where they are so already."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from bot.core.errors import Misused
from bot.inbox.database import Database
from bot.inbox.schema import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x6D6174696E6565


def upgrade(database: Database) -> None:
    """Migrate under a lock, so that processes that start at once do it once."""
    if database.read(_version) != HEAD:
        database.write(lambda connection: _migrate(connection, database.place))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _migrate(connection: Connection, place: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    # SQLite's one write lock does the same for it.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    migrations = steps(connection)
    version = _version(connection)
    known = {script.revision for script in ScriptDirectory.from_config(migrations).walk_revisions()}
    if version is not None and version not in known:
        raise Misused(
            f"{place} was written by a newer matinee (its version is {version}, this one knows {HEAD}): "
            "install that matinee, or name another database in MATINEE_DATABASE_URL"
        )
    command.upgrade(migrations, "head")


def steps(connection: Connection) -> "Config":
    """All migrations there are, to be run on this connection and in its transaction."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config

"""SQLite as it has to be set up: a write-ahead log, every commit on the disk, one writer at a time."""

import sqlite3
import time
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from bot.core.errors import Misused, Unavailable

BUSY = 10.0
"""Seconds to wait for another process's transaction."""


def lite_engine(url: URL) -> Engine:
    """An engine over one file, whose folder is made."""
    if not url.database or url.database == ":memory:":
        raise Misused("the inbox outlives its process: name a file, as in sqlite:////var/lib/matinee/matinee.db")
    if not url.query.get("uri"):
        _make_folder(Path(url.database).parent)
    engine = create_engine(url, connect_args={"timeout": BUSY}, pool_size=20)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Unavailable(
            f"the database's folder {folder} cannot be made: {error.strerror}; "
            "set MATINEE_STATE to a folder that this user may write"
        ) from error


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    # The driver begins no transaction of its own: it would begin late, and commit before DDL.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        _write_ahead(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    # SQLite does not wait for its lock here, as it does everywhere else.
    end = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait: so whoever will write says so at once.
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

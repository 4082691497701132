"""One database: how to reach it, one transaction at a time, and what is said when it does not answer."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, Update, create_engine, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.core.errors import Misused, Unavailable
from bot.inbox.commits import Commits
from bot.inbox.sqlite import lite_engine

T = TypeVar("T")

_OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
_TRIES = 5
_CROSSED = frozenset({"40001", "40P01"})
"""PostgreSQL: two transactions cannot be put in an order; each of two waits for the other."""
_NEXT = (
    ("locked", "end the process that writes to it for so long"),
    ("readonly", "give this user the right to write there"),
    ("unable to open", "give this user the right to write there"),
    ("full", "free some space there"),
    ("disk I/O", "free some space there, or look after the disk"),
    ("not a database", "move that file away, or name another one in MATINEE_DATABASE_URL"),
    ("malformed", "bring back a copy of that file, or move it away"),
    ("password", "set the right one in MATINEE_DATABASE_URL"),
)


class Database:
    """An engine with one writer (SQLite) or many (PostgreSQL)."""

    def __init__(self, engine: Engine, *, place: str, secret: str | None) -> None:
        self.place = place
        self._engine = engine
        self._secret = secret
        self._commits = Commits(self._begin) if engine.dialect.name == "sqlite" else None

    @classmethod
    def at(cls, url: str) -> "Database":
        """Name a database; it is reached at the first use."""
        try:
            where = make_url(url)
        except ArgumentError as error:
            raise Misused(f"the database URL cannot be read: {_FORMS}") from error
        match where.get_backend_name():
            case "sqlite":
                return cls(lite_engine(where), place=f"the database {where.database}", secret=None)
            case "postgresql":
                return cls(_server_engine(where), place=_place(where), secret=_password(where))
            case other:
                raise Misused(f"matinee keeps nothing in {other}: {_FORMS}")

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do `work` on one consistent view."""
        with self._speaking(), self._engine.connect() as connection:
            return work(connection.execution_options(reads=True))

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in one transaction, durable on return; it touches nothing else, as it may be done again."""
        with self._speaking():
            return self._commits.add(work) if self._commits else self._write_alone(work)

    def execute(self, statement: Update) -> None:
        """Carry out one statement, in a transaction of its own."""
        self.write(lambda connection: connection.execute(statement))

    def scrub(self) -> None:
        """Let nothing of what was overwritten rest in SQLite's write-ahead log; its file is clean by itself."""
        if self._commits is not None:
            with self._speaking(), closing(self._engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def _write_alone(self, work: Callable[[Connection], T]) -> T:
        for _ in range(_TRIES - 1):
            try:
                return self._write_once(work)
            except DBAPIError as error:
                if not _crossed(error):
                    raise
        return self._write_once(work)

    def _write_once(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
            if isinstance(error, _OURS):
                raise
            raise Unavailable(self._sentence(error)) from error

    def _sentence(self, error: Exception) -> str:
        said = str(error.orig if isinstance(error, DBAPIError) else error).strip() or type(error).__name__
        reason = said.splitlines()[0].replace(self._secret or "\0", "***").rstrip(".")
        after = next((advice for mark, advice in _NEXT if mark in reason), "see that it runs and can be reached")
        return f"{self.place} cannot be used: {reason}; {after}"


_FORMS = "give sqlite:////path/to/matinee.db or postgresql://user@host/name in MATINEE_DATABASE_URL"


def _server_engine(url: URL) -> Engine:
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args={"connect_timeout": 5}
        )
    except ModuleNotFoundError as error:
        raise Misused("PostgreSQL needs a driver: install matinee[postgres]") from error


def _crossed(error: DBAPIError) -> bool:
    """Whether somebody wrote the same rows at the same time: the next try finds what they did."""
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in _CROSSED


def _place(url: URL) -> str:
    port = f":{url.port}" if url.port else ""
    host = url.host or url.query.get("host", "this machine")
    return f"the database {url.database} at {host}{port}"


def _password(url: URL) -> str | None:
    given = url.password or url.query.get("password")
    return str(given) if given else None

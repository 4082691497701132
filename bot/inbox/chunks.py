"""Logs in SQL: compressed chunks of numbered lines; each number is in one chunk at most."""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from bot.core.names import EnvironmentId, StepId
from bot.inbox.schema import chunks

T = TypeVar("T")
Read = Callable[[Callable[[Connection], T]], T]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKey:
    """Which log: one attempt of one step."""

    environment: EnvironmentId
    generation: int
    step: StepId
    attempt: int

    @property
    def row(self) -> dict[str, Any]:
        """As columns."""
        return {
            "environment": self.environment,
            "generation": self.generation,
            "step": self.step,
            "attempt": self.attempt,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines that follow each other, the first one's number before them."""

    first: int
    lines: tuple[str, ...]

    @property
    def last(self) -> int:
        """The last one's number."""
        return self.first + len(self.lines) - 1


def put(
    connection: Connection, key: LogKey, new: Sequence[Lines], *, left_out: tuple[int, int] | None, began: datetime
) -> None:
    """Write lines over whatever had their numbers; remove the chunks that lie wholly between two numbers."""
    for lines in new:
        _clear(connection, key, lines, began=began)
        _insert(connection, key, lines, began=began)
    if left_out is not None:
        after, before = left_out
        between = and_(chunks.c.first > after, chunks.c.last < before)
        connection.execute(delete(chunks).where(_of(key), between))


def lines(read: Read[Row[Any] | None], key: LogKey, *, start: int) -> Iterator[tuple[int, str]]:
    """Each line with its number, one chunk in memory at a time; where some are missing, a line that says so."""
    number = start
    while row := read(partial(_chunk_from, key=key, number=number)):
        if row.first > number:
            yield number, f"… {row.first - number:,} lines left out …"
        number = max(number, row.first)
        yield from enumerate(_unpack(row.lines)[number - row.first :], number)
        number = row.last + 1


def logged(connection: Connection, environment: EnvironmentId) -> tuple[tuple[int, StepId, int], ...]:
    """Every (generation, step, attempt) with lines, in the order in which they began."""
    which = (chunks.c.generation, chunks.c.step, chunks.c.attempt)
    query = (
        select(*which)
        .where(chunks.c.environment == environment)
        .group_by(*which)
        .order_by(chunks.c.generation, func.min(chunks.c.began), chunks.c.step, chunks.c.attempt)
    )
    return tuple((row.generation, row.step, row.attempt) for row in connection.execute(query))


def rewrite(connection: Connection, environment: EnvironmentId, step: StepId, how: Callable[[str], str]) -> bool:
    """Write every line of a step anew, of all its runs and attempts; whether anything changed."""
    key = (chunks.c.environment, chunks.c.generation, chunks.c.step, chunks.c.attempt, chunks.c.first)
    places = connection.execute(select(*key).filter_by(environment=environment, step=step)).all()
    changed = [_rewritten(connection, dict(place._mapping), how) for place in places]
    return any(changed)


def _rewritten(connection: Connection, place: dict[str, Any], how: Callable[[str], str]) -> bool:
    old = _unpack(connection.execute(select(chunks.c.lines).filter_by(**place)).scalar_one())
    new = [how(line) for line in old]
    if new != old:
        connection.execute(update(chunks).filter_by(**place).values(lines=_pack(new)))
    return new != old


def _chunk_from(connection: Connection, key: LogKey, number: int) -> Row[Any] | None:
    query = select(chunks).where(_of(key), chunks.c.last >= number).order_by(chunks.c.first).limit(1)
    return connection.execute(query).first()


def _clear(connection: Connection, key: LogKey, new: Lines, *, began: datetime) -> None:
    touches = and_(_of(key), chunks.c.first <= new.last, chunks.c.last >= new.first)
    partly = and_(touches, (chunks.c.first < new.first) | (chunks.c.last > new.last))
    kept = list(connection.execute(select(chunks).where(partly)))
    connection.execute(delete(chunks).where(touches))
    for row in kept:
        old = tuple(_unpack(row.lines))
        if row.first < new.first:
            before = Lines(first=row.first, lines=old[: new.first - row.first])
            _insert(connection, key, before, began=began)
        if row.last > new.last:
            after = Lines(first=new.last + 1, lines=old[new.last + 1 - row.first :])
            _insert(connection, key, after, began=began)


def _insert(connection: Connection, key: LogKey, new: Lines, *, began: datetime) -> None:
    values = {**key.row, "first": new.first, "last": new.last, "lines": _pack(new.lines), "began": began}
    connection.execute(insert(chunks).values(values))


def _of(key: LogKey) -> ColumnElement[bool]:
    return and_(*(chunks.c[name] == value for name, value in key.row.items()))


def _pack(lines: Sequence[str]) -> bytes:
    # JSON keeps whatever a program prints: line ends, NUL, half a surrogate pair.
    return zlib.compress(json.dumps(lines).encode(), level=4)


def _unpack(packed: bytes) -> list[str]:
    unpacked: list[str] = json.loads(zlib.decompress(packed))
    return unpacked

"""What the forges delivered: each once, kept in the same transaction as the wish that it became."""

from datetime import datetime
from typing import assert_never

from sqlalchemy import Connection, bindparam, insert, or_, select

from bot.core import events
from bot.core.deciding.facts import unheard
from bot.core.events import ActorId, Commented, Event, Happening, Ignored, Removed, Renamed, Tidings, Wish
from bot.core.names import EnvironmentId, Sha
from bot.inbox import decisions, lanes, remarks
from bot.inbox.schema import deliveries
from bot.inbox.texts import EVENT
from bot.inbox.values import Stored

# Built once: building a statement costs more than carrying it out.
_KEEP = insert(deliveries)
_SAME = (
    select(deliveries.c.id)
    .where(deliveries.c.forge == bindparam("forge"))
    .where(or_(deliveries.c.delivery == bindparam("delivery"), deliveries.c.digest == bindparam("digest")))
    .limit(1)
)


def receive(connection: Connection, told: Tidings, digest: str, now: datetime) -> Stored | Ignored:
    """Keep the delivery and take up what it tells; a repeated one changes nothing."""
    forge = told.key.forge if isinstance(told, Event | Commented) else told.forge
    if _known(connection, forge, told.delivery, digest):
        return Ignored("this delivery was received already")
    taken = _taken(connection, told, now)
    row = {
        "forge": forge,
        "delivery": told.delivery,
        "digest": digest,
        "environment": told.key.environment if isinstance(told, Event | Commented) else "",
        "event": EVENT.of(told) if isinstance(told, Event) else "",
        "generation": taken.generation if isinstance(taken, Stored) else None,
        "ignored": taken.why if isinstance(taken, Ignored) else None,
        "received_at": now,
    }
    connection.execute(_KEEP, row)
    return taken


def commits(connection: Connection, environment: EnvironmentId) -> frozenset[Sha]:
    """Every commit that deliveries have told this environment of."""
    told = connection.execute(select(deliveries.c.event).filter_by(environment=environment)).scalars()
    return frozenset(EVENT.read(text).sha for text in told if text)


def bringers(connection: Connection, environment: EnvironmentId, sha: Sha) -> tuple[tuple[str, ActorId], ...]:
    """Whose opening or push of the pull had this commit, the newest first."""
    query = select(deliveries.c.event).filter_by(environment=environment).order_by(deliveries.c.id.desc())
    told = (EVENT.read(text) for text in connection.execute(query).scalars() if text)
    ours = (event for event in told if event.sha == sha and event.happening in (Happening.OPENED, Happening.PUSHED))
    return tuple(dict.fromkeys((event.actor, event.actor_id) for event in ours))


def _taken(connection: Connection, told: Tidings, now: datetime) -> Stored | Ignored:
    match told:
        case Event():
            return _wished(connection, events.wish(told), now)
        case Commented():
            return remarks.keep(connection, told, now)
        case Renamed():
            return lanes.rename(connection, told)
        case Removed():
            return lanes.remove(connection, told, now)
        case _:
            assert_never(told)


def _wished(connection: Connection, wish: Wish, now: datetime) -> Stored | Ignored:
    """Take it up; where a rule keeps it away, whoever asks for the reason is to find it."""
    taken = lanes.wish(connection, wish, now)
    if isinstance(taken, Ignored) and taken.rule:
        decisions.keep(connection, wish.key.environment, unheard(wish, taken, now=now))
    return taken


def _known(connection: Connection, forge: str, delivery: str, digest: str) -> bool:
    what = {"forge": forge, "delivery": delivery, "digest": digest}
    return connection.execute(_SAME, what).first() is not None

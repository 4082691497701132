"""What the forges delivered: each once, kept in the same transaction as the wish that it became."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, or_, select

from bot.core import events
from bot.core.events import Event, Ignored
from bot.core.names import EnvironmentId, Sha
from bot.inbox import lanes
from bot.inbox.rows import event_text, read_event
from bot.inbox.schema import deliveries
from bot.inbox.values import Stored

# Built once: building a statement costs more than carrying it out.
_KEEP = insert(deliveries)
_SAME = (
    select(deliveries.c.id)
    .where(deliveries.c.forge == bindparam("forge"))
    .where(or_(deliveries.c.delivery == bindparam("delivery"), deliveries.c.digest == bindparam("digest")))
    .limit(1)
)


def receive(connection: Connection, event: Event, digest: str, now: datetime) -> Stored | Ignored:
    """Keep the delivery and take its wish up; a repeated one changes nothing."""
    if _known(connection, event, digest):
        return Ignored("this delivery was received already")
    taken = lanes.wish(connection, events.wish(event), now)
    row = {
        "forge": event.key.forge,
        "delivery": event.delivery,
        "digest": digest,
        "environment": event.key.environment,
        "event": event_text(event),
        "generation": taken.generation if isinstance(taken, Stored) else None,
        "ignored": taken.why if isinstance(taken, Ignored) else None,
        "received_at": now,
    }
    connection.execute(_KEEP, row)
    return taken


def commits(connection: Connection, environment: EnvironmentId) -> frozenset[Sha]:
    """Every commit that deliveries have told this environment of."""
    told = connection.execute(select(deliveries.c.event).filter_by(environment=environment)).scalars()
    return frozenset(read_event(text).sha for text in told)


def _known(connection: Connection, event: Event, digest: str) -> bool:
    what = {"forge": event.key.forge, "delivery": event.delivery, "digest": digest}
    return connection.execute(_SAME, what).first() is not None

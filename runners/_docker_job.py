"""One attempt of a job: created once by its name, adopted by whoever comes later, read when it has ended well."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.core.group import Ended, Fate, Group, Home
from bot.core.wire import Cancel, Log
from runners import _docker_names as names
from runners import _docker_network as network
from runners import _docker_output as output
from runners import _docker_volumes as volumes
from runners._docker_candidate import GONE
from runners._docker_engine import Engine, Seen, allowed
from runners._docker_fate import fate
from runners._docker_recipe import container as recipe
from runners._docker_records import Records
from runners._docker_stream import Told, Watch

_GLANCE = 0.1
_DYING = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """All that one attempt needs."""

    engine: Engine
    records: Records
    home: Home
    group: Group
    number: int
    cancel: Cancel

    @property
    def name(self) -> str:
        """Its container's name."""
        return names.attempt(self.home, self.group, self.number)


def run(attempt: Attempt, log: Log) -> Ended:
    """Run the attempt, or adopt it where it has begun or is over."""
    told = Told(log)
    if not _settled_older(attempt):
        return Ended(fate=Fate.CANCELLED)
    with attempt.records.held(attempt.home.environment, attempt.name):
        begun = _begun(attempt, told)
    if isinstance(begun, Ended):
        return begun
    killed = _awaited(attempt, begun)
    seen = attempt.engine.seen(attempt.name)
    if seen is None:
        return Ended(fate=Fate.EXITED, detail=GONE)
    ended = Ended(fate=killed, code=seen.code) if killed else fate(seen, attempt.group, last_line=told.last)
    return replace(ended, output=output.read(attempt.engine, seen.id)) if ended.succeeded else ended


def _begun(attempt: Attempt, log: Log) -> Watch | Ended:
    seen = attempt.engine.seen(attempt.name)
    if seen and seen.began:
        return Watch(attempt.engine, seen.id, log, attached=False)
    if attempt.cancel.is_set():
        return Ended(fate=Fate.CANCELLED)
    made = seen.id if seen else allowed(lambda: _created(attempt))
    if isinstance(made, Ended):
        return made
    output.prepare(attempt.engine, made)
    watch = Watch(attempt.engine, made, log, attached=True)
    refused = allowed(lambda: attempt.engine.api.start(made))
    if isinstance(refused, Ended):
        watch.drop()
        return refused
    return watch


def _created(attempt: Attempt) -> str:
    engine, home, group = attempt.engine, attempt.home, attempt.group
    folder = volumes.output(engine, home, group, container=attempt.name, path=output.FOLDER)
    body = recipe(
        group,
        network=network.ensured(engine, attempt.records, home),
        labels=names.labels(home, group),
        mounts=(*volumes.ensured(engine, home, group), folder),
        aliases=(),
        cpus=engine.cpus,
    )
    return engine.create(body, attempt.name)


def _awaited(attempt: Attempt, watch: Watch) -> Fate | None:
    """Wait for the end; what we killed it for, if we did."""
    interruptible = attempt.group.interruptible
    ends = time.monotonic() + _left(attempt)
    while not watch.over.is_set():
        left = ends - time.monotonic()
        if left <= 0:
            return _killed(attempt, watch, Fate.TIMED_OUT)
        if interruptible and attempt.cancel.is_set():
            return _killed(attempt, watch, Fate.CANCELLED)
        watch.over.wait(min(left, _GLANCE) if interruptible else left)
    watch.result(0)
    return None


def _left(attempt: Attempt) -> float:
    seen = attempt.engine.seen(attempt.name)
    began = seen.began if seen and seen.began else datetime.now(UTC)
    return (began + timedelta(seconds=attempt.group.max_duration) - datetime.now(UTC)).total_seconds()


def _killed(attempt: Attempt, watch: Watch, why: Fate) -> Fate | None:
    killed = attempt.engine.kill(attempt.name)
    watch.result(_DYING)
    return why if killed else None


def _settled_older(attempt: Attempt) -> bool:
    """Let attempts of older generations come to their end, and remove what the last run of this event left."""
    for seen in _older(attempt, job=attempt.group.name):
        if not _outwaited(attempt, seen):
            return False
    for seen in _older(attempt, job=attempt.group.name, event=attempt.group.event or ""):
        attempt.engine.vanish(seen.id)
        volumes.vanish(attempt.engine, f"{seen.name}-output")
    return True


def _older(attempt: Attempt, **of: str) -> tuple[Seen, ...]:
    listed = attempt.engine.listed(names.ours(attempt.home.environment, **of))
    return tuple(seen for seen in listed if int(seen.labels[names.GENERATION]) < attempt.home.generation)


def _outwaited(attempt: Attempt, older: Seen) -> bool:
    ends = timedelta(seconds=int(older.labels[names.ENDS_WITHIN]))
    while (seen := attempt.engine.seen(older.id)) and seen.running and seen.began:
        if datetime.now(UTC) >= seen.began + ends:
            attempt.engine.vanish(seen.id)
        elif attempt.cancel.wait(_GLANCE * 5):
            return False
    return True

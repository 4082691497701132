"""The poststop tasks of a group: owed from its beginning, run once at its end, told how it ended.

What is owed is kept in the cluster, whole: a record with the pod of each, and the Secrets that it is given. So nobody
need know the group any more, and a newer generation takes it over with the rest.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core.group import Ended, Ending, Fate, Group
from bot.core.model import Hook
from bot.core.wire import Log
from runners._ends import dumped, loaded_ended
from runners._kubernetes import names
from runners._kubernetes import owed as manifest
from runners._kubernetes.container import Part, part
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, going, labels_of, name_of
from runners._kubernetes.names import Role
from runners._kubernetes.passing import Passing, passed
from runners._kubernetes.pod import ALLOC, claim, kept, ownership, passing, rehearsed
from runners._kubernetes.refusals import allowed
from runners._kubernetes.storage import stored
from runners._kubernetes.watch import Watch
from runners._telling import of_task

_ALLOC = 2**30
"""Bytes asked for a folder that outlives its pod."""
_PATIENCE = 60.0
_NOTED, _ENDING, _FAILURES = "noted", "ending", "failures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """A group's end: how it ended, and who is to hear what is printed then."""

    hold: Hold
    ending: Ending
    log: Log


def owe(hold: Hold, group: Group, *, of: str) -> Ended | None:
    """Record what the group whose object is called `of` will owe; why not, where the cluster does not take it.

    Its `/alloc` has to be the one that `alloc` gives.
    """
    tasks = group.hooked(Hook.POSTSTOP)
    if not tasks or hold.read(Kind.CONFIG, manifest.called(of)):
        return None
    labels = names.labels(hold.home, group, of=of)
    parts = [part(task, hold.terms, labels=labels, mounts=[ALLOC]) for task in tasks]
    folder = alloc(hold, group, of=of)
    acts = [manifest.act(hold.terms, task, one, folder) for task, one in zip(tasks, parts, strict=True)]
    for act in acts:
        act["pod"]["securityContext"] |= ownership(group)
    refused = next((why for act in acts if (why := _rehearsed(hold, act, labels))), None)
    if refused:
        return refused
    record = manifest.record(of, labels, acts, begun_by=hold.home.generation)
    written = allowed(lambda: _written(hold, parts, record))
    return written if isinstance(written, Ended) else None


def alloc(hold: Hold, group: Group, *, of: str) -> Body:
    """The volume of the group's `/alloc`: one that outlives its pods, where it owes something and the cluster can."""
    if not group.hooked(Hook.POSTSTOP) or not stored(hold.api):
        return passing(ALLOC.volume)
    wanted = claim(hold.home, manifest.folder(of), _ALLOC, names.labels(hold.home, group, of=of))
    if going(hold.ensure(wanted)):
        _await_going(hold, of)
        hold.ensure(wanted)
    return kept(ALLOC.volume, manifest.folder(of))


def owed(hold: Hold, **of: str) -> tuple[str, ...]:
    """The groups that owe something, by the names of their objects; `service`, `job` or `group` narrow it."""
    return tuple(labels_of(body)[names.GROUP] for body in hold.listed(Kind.CONFIG, role=Role.OWED, **of))


def note(hold: Hold, of: str, ending: Ending) -> None:
    """Remember how a group ended, for whoever does what it owes without having seen its end."""
    if hold.read(Kind.CONFIG, manifest.called(of)):
        hold.patch(Kind.CONFIG, manifest.called(of), manifest.written(_NOTED, ending))


def noted(hold: Hold, of: str) -> Ending | None:
    """How this group ended, if anybody noted it."""
    record = hold.read(Kind.CONFIG, manifest.called(of))
    return manifest.ending(record, _NOTED) if record else None


def performed(farewell: Farewell, of: str) -> tuple[Ended, ...]:
    """Run what this group owes, each once, or adopt it; those that failed. All of its mains have to be dead."""
    hold = farewell.hold
    record = hold.read(Kind.CONFIG, manifest.called(of))
    if record is None:
        return ()
    if _FAILURES in record["data"]:
        return tuple(loaded_ended(each) for each in json.loads(record["data"][_FAILURES]))
    if manifest.ending(record, _ENDING) is None:
        change = manifest.written(_ENDING, farewell.ending)
        record = hold.patch(Kind.CONFIG, name_of(record), change) or record
    told = replace(farewell, ending=manifest.ending(record, _ENDING) or farewell.ending)
    with hold.watch(Kind.POD, group=of, role=Role.POSTSTOP) as pods:
        ends = [_performed(told, record, act, pods) for act in manifest.acts(record)]
    failures = tuple(ended for ended in ends if not ended.succeeded)
    _pay(hold, of, failures)
    return failures


def forget(hold: Hold, of: str) -> None:
    """Remove all that is left of what this group owes or owed; what is not there is fine."""
    for body in hold.listed(Kind.JOB, group=of, role=Role.POSTSTOP):
        hold.delete(Kind.JOB, name_of(body))
    _spent(hold, of)
    hold.delete(Kind.CONFIG, manifest.called(of))


def _await_going(hold: Hold, of: str) -> None:
    """Let the folder of the same group's life before go."""
    ends = time.monotonic() + _PATIENCE
    with hold.watch(Kind.CLAIM, group=of) as claims:
        while any(going(body) for body in claims.seen.values()) and time.monotonic() < ends:
            claims.changed(1.0)


def _rehearsed(hold: Hold, act: Body, labels: Mapping[str, str]) -> Ended | None:
    refused = hold.rehearse(rehearsed(act["pod"], name=act["task"], labels=labels))
    return replace(refused, task=act["task"]) if refused else None


def _written(hold: Hold, parts: Sequence[Part], record: Body) -> None:
    """Write what the record needs first: where there is a record, there is all of it."""
    for secret in (secret for one in parts for secret in one.secrets):
        hold.ensure(manifest.relabelled(secret, Role.OWED))
    hold.ensure(record)


def _performed(farewell: Farewell, record: Body, act: Body, pods: Watch) -> Ended:
    """Try it until it succeeds or no try is left."""
    task, ended = act["task"], Ended(fate=Fate.NOT_STARTED)
    for job in manifest.jobs(record, act, farewell.ending):
        one = Passing(
            hold=farewell.hold,
            pods=pods,
            job=job,
            container=names.task(task),
            limit=act["limit"],
            log=of_task(farewell.log, task),
        )
        ended = passed(one)
        if ended.succeeded:
            break
    return replace(ended, task=task)


def _pay(hold: Hold, of: str, failures: Sequence[Ended]) -> None:
    """Note that it is done, and let go of what it took; what ran stays to be looked at."""
    paid = {"metadata": {"labels": {names.ROLE: Role.PAID}}}
    told = {"data": {_FAILURES: json.dumps([dumped(one) for one in failures])}}
    hold.patch(Kind.CONFIG, manifest.called(of), {**paid, **told})
    _spent(hold, of)


def _spent(hold: Hold, of: str) -> None:
    for secret in hold.listed(Kind.SECRET, group=of, role=Role.OWED):
        hold.delete(Kind.SECRET, name_of(secret))
    hold.delete(Kind.CLAIM, manifest.folder(of))

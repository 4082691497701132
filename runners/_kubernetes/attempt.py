"""One attempt of a job in the cluster's own words: a Job whose main is an init container, and its order. Pure.

The only container proper is the collector: it begins when the main has ended well, and holds the pod until what the
main left has been read. What comes before the main and may fail, or be tried again, runs beside a gate that waits.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.group import Ended, Group, Home, Task
from bot.core.model import Hook
from runners import _output as output
from runners._kubernetes import container, names, tool
from runners._kubernetes.container import Mount, Part, part
from runners._kubernetes.kinds import Body, Kind, manifest
from runners._kubernetes.names import Role
from runners._kubernetes.pod import ALLOC, in_memory, kept, ownership, rehearsed, spec, template, volumes
from runners._kubernetes.terms import Terms

OUTPUT = Mount(volume="output", path=output.FOLDER)
HELD = 3600
"""Seconds for which an attempt is held at least until what it left has been read."""
_ROOM = "4Mi"
_SPARE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Which one, and on what terms."""

    home: Home
    group: Group
    number: int
    terms: Terms
    companion: str
    """The image of our own containers."""

    @property
    def name(self) -> str:
        """What its Job is called."""
        return names.attempt(self.home, self.group, self.number)

    @property
    def labels(self) -> Mapping[str, str]:
        """What all of it carries."""
        return names.labels(self.home, self.group, of=self.name)

    def part(self, one: Group | Task) -> Part:
        """One of its containers."""
        own = (OUTPUT, *(mount for mount, _ in volumes(self.group))) if one is self.group else ()
        mounts = (*own, ALLOC) if self.group.tasks else own
        return part(one, self.terms, labels=self.labels, mounts=mounts)


def unfit(group: Group, *, version: int) -> Ended | None:
    """Why a cluster of this version cannot run this group whatever happens."""
    lasting = next((task.name for task in group.tasks if task.sidecar), None)
    if lasting is not None or group.port is not None:
        what = f"the sidecar {lasting}" if lasting else "the port of a job"
        if old := container.too_old(version, what, task=lasting or ""):
            return old
    kinds = "as poststart tasks do and prestart tasks with restarts or on_failure: warn"
    given = next((task for task in group.tasks if task.files and joins(task)), None)
    return container.unfit(group) or (container.joins_without_files(given, kinds) if given else None)


def joins(task: Task) -> bool:
    """Whether it is added to the pod when its time has come: an init container could fail but once, and for good."""
    if task.sidecar or task.hook not in (Hook.PRESTART, Hook.POSTSTART):
        return False
    return task.hook is Hook.POSTSTART or task.restarts > 0 or not task.required


def gates(task: Task) -> tuple[str, ...]:
    """The gates that hold back what comes after it, one for each try."""
    if task.hook is not Hook.PRESTART:
        return ()
    if task.sidecar:
        tries = 0 if task.required or task.health is None else 1
    else:
        tries = task.restarts + 1 if joins(task) else 0
    return tuple(names.fitted(f"gate-{number}-{task.name}") for number in range(1, tries + 1))


def opened(task: Task) -> str:
    """The file that lets all of a task's gates pass."""
    return f"past-{task.name}"


def joining(task: Task, number: int, one: Part) -> Body:
    """A try of a task that is added to the pod; beside a gate it ends with that gate at the latest."""
    body = {key: value for key, value in one.body.items() if key != "resources"}
    behind = gates(task)
    target = {"targetContainerName": behind[number - 1]} if behind else {}
    return {**body, "name": names.fitted(f"try-{number}-{task.name}"), **target}


def job(attempt: Attempt, alloc: Body | None) -> Body:
    """The Job of the cluster; `alloc`: the volume that the tasks share, if there are any."""
    labels = {**attempt.labels, names.ROLE: Role.ATTEMPT}
    body = manifest(Kind.JOB, attempt.name, labels, spec={"backoffLimit": 0})
    body["spec"]["template"] = template(pod(attempt, alloc), labels)
    begun = {names.BEGUN_BY: str(attempt.home.generation), names.LIMIT: str(attempt.group.max_duration)}
    body["metadata"]["annotations"] = begun
    return body


def rehearsal(attempt: Attempt, alloc: Body | None) -> Body:
    """The same as a pod, to ask whether the cluster would take it."""
    return rehearsed(pod(attempt, alloc), name=attempt.name, labels=attempt.labels)


def longest(group: Group) -> int:
    """Seconds that an attempt may take, all in all, if nothing has to be waited for."""
    before = (task for task in group.tasks if task.hook is not Hook.POSTSTOP and not task.sidecar)
    return group.max_duration + sum(task.max_duration * (task.restarts + 1) for task in before) + _SPARE


def pod(attempt: Attempt, alloc: Body | None) -> Body:
    """The pod of the attempt."""
    collector = tool.tool(
        tool.COLLECTOR,
        attempt.companion,
        tool.waiting(tool.COLLECTOR, [tool.GO]),
        attempt.terms,
        mounts=[Mount(volume=OUTPUT.volume, path=OUTPUT.path, fixed=True), tool.RELEASE],
    )
    claims = [kept(mount.volume, claim) for mount, claim in volumes(attempt.group)]
    passing = [in_memory(OUTPUT.volume, _ROOM), in_memory(tool.RELEASE.volume, "64Ki")]
    body = spec(
        attempt.terms,
        first=list(_first(attempt)),
        then=[Part(body=collector)],
        volumes=[*passing, *claims, *([alloc] if alloc else [])],
    )
    body["securityContext"] |= ownership(attempt.group)
    return {"restartPolicy": "Never", "activeDeadlineSeconds": longest(attempt.group) + HELD, **body}


def secrets(attempt: Attempt) -> Iterator[Body]:
    """What its containers are given; poststop tasks have their own."""
    yield from attempt.part(attempt.group).secrets
    for task in attempt.group.tasks:
        if task.hook is not Hook.POSTSTOP:
            yield from attempt.part(task).secrets


def _first(attempt: Attempt) -> Iterator[Part]:
    """Everything up to the main, in the order in which the cluster begins it."""
    group = attempt.group
    lasting = group.hooked(Hook.PRESTART, sidecar=True)
    yield from (_lasting(attempt.part(task), task) for task in lasting)
    for task in (*lasting, *group.hooked(Hook.PRESTART)):
        yield from (_gate(attempt, task, name) for name in gates(task))
        if not task.sidecar and not joins(task):
            yield attempt.part(task)
    if group.port is not None:
        yield Part(body=tool.asker(attempt.companion, group.port, attempt.terms))
    yield from (_lasting(attempt.part(task), task) for task in group.hooked(Hook.POSTSTART, sidecar=True))
    yield attempt.part(group)


def _lasting(one: Part, task: Task) -> Part:
    """A sidecar: where it has to be healthy, all that comes after it waits for that."""
    asked: Body = {}
    if task.health and task.hook is Hook.PRESTART:
        failures = math.ceil(task.max_duration / max(1, round(task.health.every))) + _SPARE
        probe = container.probe(task.health, failures=failures)
        asked = {"startupProbe" if task.required else "readinessProbe": probe}
    return Part(body={**one.body, **asked, "restartPolicy": "Always"}, secrets=one.secrets, volumes=one.volumes)


def _gate(attempt: Attempt, task: Task, name: str) -> Part:
    """What holds back the rest; room is made in it for the task that runs beside it."""
    command: Sequence[str] = tool.waiting(name, [name, opened(task)])
    body = tool.tool(name, attempt.companion, command, attempt.terms, mounts=[tool.RELEASE])
    room = {} if task.sidecar else {"resources": container.resources(task, attempt.terms)}
    return Part(body={**body, **room})

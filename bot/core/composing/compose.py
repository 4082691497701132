"""From a spec's node to the group that a runner is given: every value filled in, limits in numbers, a fingerprint."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from bot.core import model
from bot.core.composing.filling import Filling, Stuck, fitting
from bot.core.composing.surroundings import Surroundings, all_outputs, built_in, for_jobs
from bot.core.composing.variables import Unfilled
from bot.core.group import Container, Exposure, Group, Probe, ProbeKind, Task
from bot.core.model import Build, Health, Job, JobEvent, OnFailure, Service, Spec
from bot.core.names import Name
from bot.core.units import cores, seconds, size

C = TypeVar("C", bound=Container)

OUTPUT_FILE = "/qovery-output/qovery-output.json"


def exposures(spec: Spec) -> Mapping[Name, Exposure]:
    """What each service asks of its address."""
    return {name: Exposure(port=service.port, public=service.public) for name, service in spec.services.items()}


def build_order(build: Build, around: Surroundings) -> Build | Unfilled:
    """The build with its arguments filled in; nothing secret, for they stay in the image's history."""
    try:
        return build.model_copy(update={"args": Filling(around).plain(build.args, "build.args")})
    except Stuck as stuck:
        return Unfilled(stuck.why)


def service_group(name: Name, images: Mapping[str, str], around: Surroundings) -> Group | Unfilled:
    """The service as it is to run in this environment."""
    try:
        return _service(name, around.spec.services[name], images, around)
    except Stuck as stuck:
        return Unfilled(stuck.why)


def job_group(name: Name, event: JobEvent, images: Mapping[str, str], around: Surroundings) -> Group | Unfilled:
    """The job as it is to run at this event."""
    try:
        return _job(name, around.spec.jobs[name], event, images, around)
    except Stuck as stuck:
        return Unfilled(stuck.why)


def job_runs(name: Name, images: Mapping[str, str], around: Surroundings) -> Mapping[JobEvent, Group] | Unfilled:
    """The job at each of its events."""
    runs: dict[JobEvent, Group] = {}
    for event in around.spec.jobs[name].on:
        group = job_group(name, event, images, around)
        if isinstance(group, Unfilled):
            return group
        runs[event] = group
    return runs


def _service(name: Name, service: Service, images: Mapping[str, str], around: Surroundings) -> Group:
    filling, where = Filling(around), f"services.{name}"
    bare = Group(
        name=name,
        image=images[""],
        version="",
        health=_probe(service.health, service.port, filling, f"{where}.health"),
        restarts=service.restarts,
        tasks=_tasks(service.tasks, images, filling, where),
        volumes={path: size(asked) for path, asked in service.volumes.items()},
        address=around.stands.addresses[name],
        replicas=service.replicas,
    )
    group = _commanded(_furnished(bare, service, filling, where), service, filling, where)
    return _told(group, built_in(around) | all_outputs(around))


def _job(name: Name, job: Job, event: JobEvent, images: Mapping[str, str], around: Surroundings) -> Group:
    filling, where, trigger = Filling(around), f"jobs.{name}", job.on[event]
    bare = Group(
        name=name,
        image=images[""],
        event=event.value,
        version="",
        restarts=trigger.restarts,
        max_duration=trigger.max_duration,
        tasks=_tasks(job.tasks, images, filling, where),
        port=trigger.port,
        interruptible=trigger.interruptible,
    )
    group = _commanded(_furnished(bare, job, filling, where), trigger, filling, f"{where}.on.{event}")
    told = _told(group, built_in(around) | for_jobs(name, event, around) | all_outputs(around))
    return replace(told, variables={**told.variables, "MATINEE_OUTPUT_FILE": OUTPUT_FILE})


def _tasks(
    tasks: Mapping[Name, model.Task], images: Mapping[str, str], filling: Filling, where: str
) -> tuple[Task, ...]:
    return tuple(_task(name, task, images[name], filling, f"{where}.tasks.{name}") for name, task in tasks.items())


def _task(name: Name, task: model.Task, image: str, filling: Filling, where: str) -> Task:
    bare = Task(
        name=name,
        image=image,
        hook=task.hook,
        sidecar=task.sidecar,
        health=_probe(task.health, task.port, filling, f"{where}.health"),
        restarts=task.restarts,
        max_duration=task.max_duration,
        required=task.on_failure is OnFailure.FAIL,
    )
    return _commanded(_furnished(bare, task, filling, where), task, filling, where)


def _furnished(bare: C, spec: model.Container, filling: Filling, where: str) -> C:
    """With what every container is given."""
    return replace(
        bare,
        variables=filling.environment() | filling.variables(spec.variables, f"{where}.variables"),
        files=filling.files(spec.files, f"{where}.files"),
        user=None if spec.user is None else str(spec.user),
        cpu=cores(spec.resources.cpu),
        memory=size(spec.resources.memory),
    )


def _commanded(bare: C, spec: Service | model.Task | model.Trigger, filling: Filling, where: str) -> C:
    """With the command that it runs."""
    entrypoint = filling.words(spec.entrypoint, f"{where}.entrypoint")
    return replace(bare, entrypoint=entrypoint, args=filling.words(spec.args, f"{where}.args"))


def _told(group: Group, given: Mapping[str, str]) -> Group:
    """The group with its fingerprint, and with what each of its containers is told besides its own variables."""
    tasks = tuple(replace(task, variables={**given, **task.variables}) for task in group.tasks)
    told = replace(group, version=_fingerprint(group), variables={**given, **group.variables}, tasks=tasks)
    for each in (told, *tasks):
        fitting(each.variables, (*(each.entrypoint or ()), *(each.args or ())), each.name)
    return told


def _fingerprint(group: Group) -> str:
    """Of what the user wrote, as filled in; built-in variables and long output names redeploy nothing by themselves."""
    return hashlib.sha256(json.dumps(list(_parts(group)), sort_keys=True).encode()).hexdigest()[:16]


def _parts(group: Group) -> Iterator[Any]:
    for each in (group, *group.tasks):
        yield [each.name, each.image, each.entrypoint, each.args, dict(each.variables), dict(each.files)]
        yield [each.user, each.cpu, each.memory, repr(each.health)]
    yield from ([str(task.hook), task.sidecar, task.restarts, task.max_duration, task.required] for task in group.tasks)
    yield [dict(group.volumes), repr(group.address), group.replicas]


def _probe(health: Health | None, port: int | None, filling: Filling, where: str) -> Probe | None:
    if health is None:
        return None
    every, timeout, after = seconds(health.every), seconds(health.timeout), seconds(health.after)
    if health.tcp is not None:
        probe = Probe(kind=ProbeKind.TCP, port=health.tcp)
    elif health.http is not None:
        probe = Probe(kind=ProbeKind.HTTP, port=port or 0, path=filling.word(health.http, f"{where}.http"))
    else:
        probe = Probe(kind=ProbeKind.EXEC, command=filling.words(health.exec, f"{where}.exec") or ())
    return replace(probe, every=every, timeout=timeout, after=after)

"""A service in one version, in the cluster's own words: its Deployments, and what their pods are given. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from bot.core.group import Container, Ended, Group, Home, Task
from bot.core.model import Hook
from runners._kubernetes import container, names
from runners._kubernetes import pod as pods
from runners._kubernetes.container import Mount, Part, called, part, probe
from runners._kubernetes.kinds import Body, Kind, manifest
from runners._kubernetes.names import Role
from runners._kubernetes.terms import Terms

STANDS = 3
"""Seconds that a main without a probe must have run to count as up: of its end the cluster tells two seconds late."""
_FAILURES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One Deployment of a service: all of its replicas; or one of them, where each has an end of its own."""

    home: Home
    group: Group
    terms: Terms
    name: str
    replicas: int
    alloc: Body
    """The volume that its containers share."""

    @property
    def labels(self) -> dict[str, str]:
        """What it and its pods carry."""
        return {**names.labels(self.home, self.group, of=self.name), names.ROLE: Role.REPLICA}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A Deployment, and what has to be there before it."""

    deployment: Body
    secrets: tuple[Body, ...]
    rehearsal: Body
    """A pod of it, to ask whether the cluster would take it."""


def sizes(group: Group) -> dict[str, int]:
    """The names of its Deployments, and how many pods each has."""
    if group.hooked(Hook.POSTSTOP):
        return {names.replica(group, number): 1 for number in range(1, group.replicas + 1)}
    return {names.service(group): group.replicas}


def mains(group: Group) -> tuple[Container, ...]:
    """Its own container and the tasks without a hook."""
    return (group, *group.hooked(None))


def unfit(group: Group, *, version: int) -> Ended | None:
    """Why a cluster of this version cannot run this service whatever happens."""
    for task in group.hooked(Hook.PRESTART, sidecar=True):
        if old := container.too_old(version, f"the sidecar {task.name}", task=task.name):
            return old
    given = next((task for task in group.hooked(Hook.POSTSTART) if task.files), None)
    return container.unfit(group) or (container.joins_without_files(given, "as poststart tasks do") if given else None)


def made(cast: Cast) -> Made:
    """All that one Deployment takes."""
    group = cast.group
    first = [*_beside_first(cast), *(_part(cast, task) for task in group.hooked(Hook.PRESTART))]
    then = [*(_main(cast, one) for one in mains(group)), *_beside_then(cast)]
    later = [_part(cast, task) for task in group.hooked(Hook.POSTSTART)]
    volumes = [*_volumes(cast), *(volume for each in later for volume in each.volumes)]
    pod = pods.spec(cast.terms, first=first, then=then, volumes=volumes)
    pod["securityContext"] |= pods.ownership(group)
    return Made(
        deployment=_deployment(cast, pod),
        secrets=tuple(secret for each in (*first, *then, *later) for secret in each.secrets),
        rehearsal=pods.rehearsed(pod, name=cast.name, labels=cast.labels),
    )


def without_lost(group: Group, deployment: Body) -> Group:
    """The group without the tasks that this Deployment of it goes on without."""
    spec = deployment["spec"]["template"]["spec"]
    there = {each["name"] for each in (*spec.get("initContainers", ()), *spec["containers"])}
    kept = (task for task in group.tasks if not _woven_in(task) or called(task) in there)
    return replace(group, tasks=tuple(kept))


def passing(cast: Cast, task: Task, *, number: int) -> Body:
    """A poststart task that ends, as a container that is added to a pod; each try has a name of its own."""
    body = _part(cast, task).body
    kept = {key: value for key, value in body.items() if key != "resources"}
    return {**kept, "name": names.again(called(task), number)}


def _part(cast: Cast, one: Container, *mounts: Mount) -> Part:
    shared = (pods.ALLOC,) if cast.group.tasks else ()
    return part(one, cast.terms, labels=cast.labels, mounts=(*shared, *mounts))


def _main(cast: Cast, one: Container) -> Part:
    volumes = [mount for mount, _ in pods.volumes(cast.group)] if one is cast.group else []
    it = _part(cast, one, *volumes)
    if one.health is None:
        return it
    return replace(it, body={**it.body, "readinessProbe": probe(one.health, failures=_FAILURES)})


def _beside_first(cast: Cast) -> Iterator[Part]:
    """The prestart sidecars: what comes after one of them waits until it is healthy."""
    for task in cast.group.hooked(Hook.PRESTART, sidecar=True):
        it = _part(cast, task)
        health = {}
        if task.health is not None:
            asked = probe(task.health, failures=1)
            health = {"startupProbe": {**asked, "failureThreshold": _patience(task, asked["periodSeconds"])}}
        yield replace(it, body={**it.body, "restartPolicy": "Always", **health})


def _beside_then(cast: Cast) -> Iterator[Part]:
    yield from (_part(cast, task) for task in cast.group.hooked(Hook.POSTSTART, sidecar=True))


def _woven_in(task: Task) -> bool:
    """Whether it is in a pod from the pod's beginning."""
    return task.hook is Hook.PRESTART or (task.hook is Hook.POSTSTART and task.sidecar)


def _patience(task: Task, every: int) -> int:
    """Failures after which the cluster itself starts it anew: we have given it up by then, or are away."""
    return ceil(task.max_duration / every) + 1


def _volumes(cast: Cast) -> Sequence[Body]:
    kept = [pods.kept(mount.volume, claim) for mount, claim in pods.volumes(cast.group)]
    return [*([cast.alloc] if cast.group.tasks else []), *kept]


def _deployment(cast: Cast, pod: Body) -> Body:
    chosen = {key: cast.labels[key] for key in (names.ENVIRONMENT, names.GROUP, names.ROLE)}
    spec: Body = {
        "replicas": cast.replicas,
        "revisionHistoryLimit": 0,
        # A version never changes: the next one is another Deployment, and this one serves until that does.
        "strategy": {"type": "Recreate"},
        "selector": {"matchLabels": chosen},
        "template": pods.template(pod, cast.labels),
    }
    if any(one.health is None for one in mains(cast.group)):
        spec["minReadySeconds"] = STANDS
    return manifest(Kind.DEPLOYMENT, cast.name, cast.labels, spec=spec)

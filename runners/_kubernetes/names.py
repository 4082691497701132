"""What our objects in a cluster are called and labelled: derived from ids, so that a second bot finds them. Pure."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum

from bot.core.group import Group, Home
from bot.core.names import EnvironmentId

MANAGED = "app.kubernetes.io/managed-by"
ENVIRONMENT = "matinee.dev/environment"
SERVICE = "matinee.dev/service"
JOB = "matinee.dev/job"
EVENT = "matinee.dev/event"
GENERATION = "matinee.dev/generation"
"""On an object: the generation that answers for it. On the namespace, as an annotation: the one that is remembered."""
VERSION = "matinee.dev/version"
GROUP = "matinee.dev/group"
"""The name of the group's own object, on everything that goes when the group goes."""
ROLE = "matinee.dev/role"
UP = "matinee.dev/up"
"""On a Deployment, as an annotation: it has been up, and is not given up any more."""
TASK = "matinee.dev/task"
LIMIT = "matinee.dev/ends-within"
"""Seconds that it has from its start."""
BEGUN_BY = "matinee.dev/begun-by"
"""The generation that began an attempt, whoever answers for it by now."""
SENTENCE = "matinee.dev/ended-because"
"""On a pod that we ended: as what."""
ROOM = "matinee.dev/room"
"""On the namespace: the fingerprint of what is laid around every preview in it."""

HELD = "matinee.dev/held"
"""On a namespace that goes, as an annotation: what in it had finalizers."""

ACCOUNT = "preview"
"""The service account of every pod: it may nothing."""
PULLING = "registry"
"""The Secret that images are fetched with."""
OWN = "main"
"""The container that is a group's own."""
_LONGEST = 63


class Role(StrEnum):
    """What an object is for, where its kind does not say it."""

    ANCHOR = "anchor"
    """Owns what its generation made."""
    STANDING = "standing"
    """What is remembered of the environment."""
    PART = "part"
    """A piece of that."""
    ATTEMPT = "attempt"
    """One attempt of a job."""
    END = "end"
    """How an attempt ended, and what it left."""
    OWED = "owed"
    """Poststop tasks to come, with all that they are made of."""
    PAID = "paid"
    """The same, once they have run."""
    POSTSTOP = "poststop"
    """A poststop task."""
    REPLICA = "replica"
    """What serves: a service's Deployment and its pods."""
    GIVEN = "given"
    """Variables and files of a container."""
    PULLING = "pulling"
    """What images are fetched with."""


def fitted(name: str, longest: int = _LONGEST) -> str:
    """The name itself; where it is too long, as much of it as fits and a digest of it all."""
    if len(name) <= longest:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: longest - 9].rstrip('-')}-{digest}"


def namespace(prefix: str, environment: EnvironmentId) -> str:
    """The environment's one namespace."""
    return fitted(f"{prefix}{environment}")


def service(group: Group) -> str:
    """What a service in this version is called, short enough for what the cluster appends."""
    return fitted(f"{group.name}-{version(group)[:8]}", 46)


def replica(group: Group, number: int) -> str:
    """What one of several is called that each have an end of their own."""
    return f"{service(group)}-{number}"


def attempt(home: Home, group: Group, number: int) -> str:
    """What one attempt of a job is called."""
    return fitted(f"{group.name}-{group.event}-g{home.generation}-{number}", 57)


def task(name: str) -> str:
    """The container of a task; no container of ours is called so."""
    return f"task-{name}"


def task_of(container: str) -> str:
    """The task whose container is called so; empty for a group's own."""
    return container.removeprefix("task-") if container.startswith("task-") else ""


def again(container: str, number: int) -> str:
    """A container of a further try, where each needs a name of its own."""
    return container if number == 1 else fitted(f"try-{number}-{task_of(container)}")


def claim(group: Group, path: str) -> str:
    """The volume of a service at a path, whatever the version."""
    return fitted(f"{group.name}-{hashlib.sha256(path.encode()).hexdigest()[:8]}")


def anchor(generation: int) -> str:
    """What owns all that a generation made."""
    return f"generation-{generation}"


def version(group: Group) -> str:
    """A group's version as a label can hold it."""
    return hashlib.sha256(group.version.encode()).hexdigest()[:16]


def ours(environment: EnvironmentId) -> Mapping[str, str]:
    """What everything of an environment carries, whatever the generation."""
    return {MANAGED: "matinee", ENVIRONMENT: environment}


def of_group(group: Group) -> Mapping[str, str]:
    """What everything of a service or job carries; not its version, for volumes have none."""
    return {SERVICE: group.name} if group.event is None else {JOB: group.name, EVENT: group.event}


def labels(home: Home, group: Group, *, of: str) -> Mapping[str, str]:
    """What all of a group's pods and objects carry, `of` being the name of its own object.

    A generation is not among them: it would roll a Deployment's pods at every push.
    """
    return {**ours(home.environment), **of_group(group), VERSION: version(group), GROUP: of}

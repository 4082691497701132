"""What our objects on an engine are called and labelled: derived from ids, so that a second bot finds the same ones."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum

from bot.core.group import Group, Home
from bot.core.names import EnvironmentId, Name

MANAGED = "app.kubernetes.io/managed-by=matinee"
ENVIRONMENT = "matinee.dev/environment"
SERVICE = "matinee.dev/service"
JOB = "matinee.dev/job"
EVENT = "matinee.dev/event"
GENERATION = "matinee.dev/generation"
VERSION = "matinee.dev/version"
GATE = "matinee.dev/gate"
OWNER = "matinee.dev/volume-of"
GROUP = "matinee.dev/group"
"""The name of the group's own container, on everything that goes when the group goes."""
ROLE = "matinee.dev/role"
TASK = "matinee.dev/task"
ENDS_WITHIN = "matinee.dev/ends-within"
RESTARTS = "matinee.dev/restarts"
ORDER = "matinee.dev/order"
LINKS = "matinee.dev/links"
END = "matinee.dev/end"


class Role(StrEnum):
    """What a container is in its group."""

    OWN = "own"
    MAIN = "main"
    """One more main task."""
    SIDECAR = "sidecar"
    PASSING = "passing"
    """A task that ends, before the mains or beside them."""
    OWED = "owed"
    """A poststop task to come: never started, it holds all that the task is made of."""
    POSTSTOP = "poststop"
    HOLDER = "holder"
    FILLER = "filler"
    """Never started: it has a volume of files writable while they are put there."""
    END = "end"
    """Never started: its labels say how the group ended."""


def network(environment: EnvironmentId) -> str:
    """The environment's one network."""
    return f"matinee-{environment}"


def service(home: Home, group: Group, replica: int = 1) -> str:
    """The own container of a service in this version."""
    digest = hashlib.sha256(group.version.encode()).hexdigest()[:12]
    name = f"matinee-{home.environment}-{group.name}-{digest}"
    return name if replica == 1 else f"{name}_{replica}"


def attempt(home: Home, group: Group, number: int) -> str:
    """The own container of one attempt of a job."""
    return f"matinee-{home.environment}-{group.name}-{group.event}-g{home.generation}-{number}"


def task(group: str, name: str, number: int | None = None) -> str:
    """The container of a task; `number` counts the tries of one that is to end."""
    return f"{group}.{name}" if number is None else f"{group}.{name}.{number}"


def beside(group: str, what: str) -> str:
    """Something else of the group; no task can be called so."""
    return f"{group}_{what}"


def gate(environment: EnvironmentId, name: Name) -> str:
    """The container that owns a public service's host port."""
    return f"matinee-{environment}-{name}-gate"


def volume(home: Home, group: Group, path: str) -> str:
    """The volume of a service at a path, whatever the version."""
    return f"matinee-{home.environment}-{group.name}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"


def labels(home: Home, group: Group | None = None) -> Mapping[str, str]:
    """What every object of ours carries."""
    key, _, value = MANAGED.partition("=")
    common = {key: value, ENVIRONMENT: home.environment, GENERATION: str(home.generation)}
    if group is None:
        return common
    if group.event is None:
        return {**common, SERVICE: group.name, VERSION: group.version}
    return {**common, JOB: group.name, EVENT: group.event, VERSION: group.version}


def ours(environment: EnvironmentId, **of: str) -> list[str]:
    """The label filter that finds an environment's objects; `service`, `job`, `event` or `group` narrow it."""
    return [MANAGED, f"{ENVIRONMENT}={environment}", *(f"matinee.dev/{key}={value}" for key, value in of.items())]

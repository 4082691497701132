"""What our objects on an engine are called and labelled: derived from ids, so that a second bot finds the same ones."""

import hashlib
from collections.abc import Mapping

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
ENDS_WITHIN = "matinee.dev/ends-within"


def network(environment: EnvironmentId) -> str:
    """The environment's one network."""
    return f"matinee-{environment}"


def service(home: Home, group: Group) -> str:
    """The container of a service in this version."""
    digest = hashlib.sha256(group.version.encode()).hexdigest()[:12]
    return f"matinee-{home.environment}-{group.name}-{digest}"


def attempt(home: Home, group: Group, number: int) -> str:
    """The container of one attempt of a job."""
    return f"matinee-{home.environment}-{group.name}-{group.event}-g{home.generation}-{number}"


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
    ends = str(group.max_duration)
    return {**common, JOB: group.name, EVENT: group.event, VERSION: group.version, ENDS_WITHIN: ends}


def ours(environment: EnvironmentId, **of: str) -> list[str]:
    """The label filter that finds an environment's objects; `service`, `job` or `event` narrow it."""
    return [MANAGED, f"{ENVIRONMENT}={environment}", *(f"matinee.dev/{key}={value}" for key, value in of.items())]

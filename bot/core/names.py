"""Names are derived, never random: environment ids, DNS labels, environment variable names."""

import hashlib
import re
from typing import NewType

Name = NewType("Name", str)
"""A service's or job's name: a DNS label of at most 40 characters."""
Sha = NewType("Sha", str)
"""A full commit id: 40 or 64 lower-case hexadecimal digits."""
Url = NewType("Url", str)
EnvironmentId = NewType("EnvironmentId", str)
"""`<forge>-<repository id>-<pull number>`: a DNS label, the same for ever."""
StepId = NewType("StepId", str)
"""What a step does, readable and unique in its plan: `run seed on deploy`."""

NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
ENVIRONMENT = re.compile(r"[a-z][a-z0-9]*-[0-9a-z]{1,32}-[0-9]{1,10}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
HUB = "docker.io"
"""Where the name of an image leads that names no registry."""
TOLD = ("MATINEE_", "QOVERY_OUTPUT_JOB_")
"""How the names of variables begin that a container is given without having asked."""


def environment_id(forge: str, repository: str, number: int) -> EnvironmentId:
    """Name the environment of a pull by numeric ids only, so that no rename can split it in two."""
    name = f"{forge}-{repository}-{number}"
    if not ENVIRONMENT.fullmatch(name):
        raise ValueError(f"{name!r} is no environment id")
    return EnvironmentId(name)


def owner_of(environment: EnvironmentId) -> str:
    """The repository whose pull an environment is of, as operators write it: `github:1296269`."""
    return environment.rpartition("-")[0].replace("-", ":", 1)


def job_id(repository: str, job: Name) -> str:
    """8 hexadecimal digits, upper case: the same in every environment of a repository (Qovery's JOB_ID)."""
    return hashlib.sha256(f"{repository}/{job}".encode()).hexdigest()[:8].upper()


def output_variable(repository: str, job: Name, output: str) -> str:
    """The long name under which an output reaches every later node (Qovery's documented form)."""
    return f"QOVERY_OUTPUT_JOB_{job_id(repository, job)}_{output}"


def registry_of(image: str) -> str:
    """The registry that has the image of this name."""
    first, slash, _ = image.partition("/")
    return first if slash and (first == "localhost" or "." in first or ":" in first) else HUB


def shouted(name: Name) -> str:
    """The name as part of an environment variable: `my-db` becomes `MY_DB`."""
    return name.upper().replace("-", "_")

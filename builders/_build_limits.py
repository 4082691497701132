"""What one step of a build may use of the daemon's machine, as buildx is told it."""

import re
from collections.abc import Mapping

from bot.core.errors import Misused
from bot.core.units import cores, size

_MEMORY = re.compile(r"[1-9]\d{0,9}[KMGT]i")
_CPUS = re.compile(r"[1-9]\d{0,5}m|\d{1,4}(?:\.\d{1,3})?")
_PERIOD = 100_000


def limits(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The flags: none where nothing is set."""
    memory, cpus = settings.get("buildkit_memory", ""), settings.get("buildkit_cpus", "")
    if memory and not _MEMORY.fullmatch(memory):
        raise Misused(f"MATINEE_BUILDKIT_MEMORY: {memory!r} is no amount of memory; write it as 4Gi")
    if cpus and not (_CPUS.fullmatch(cpus) and cores(cpus) >= 0.01):
        raise Misused(f"MATINEE_BUILDKIT_CPUS: {cpus!r} is no number of CPUs; write it as 2 or 500m")
    # Without a limit on both, what is over it is swapped instead.
    ram = [f"--resource={kind}={size(memory)}" for kind in ("memory", "memory-swap") if memory]
    share = (f"--resource=cpu-period={_PERIOD}", f"--resource=cpu-quota={round(cores(cpus) * _PERIOD)}") if cpus else ()
    return (*ram, *share)

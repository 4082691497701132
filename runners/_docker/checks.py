"""Whether the engine answers, and can do what previews take."""

import os
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.telling.checkup import Check, Health, ok, tried, warning
from bot.core.units import in_words
from runners._docker.engine import Engine, host

SOON = 8
"""Seconds within which an engine that is well answers a question."""
_SPACE = 5 * 2**30
_LIMITS = {"MemoryLimit": "memory", "CpuCfsQuota": "cpu", "PidsLimit": "processes"}


def checks(engine: Engine, companion: str) -> Iterator[Check]:
    """The engine, and where it answers, what it has and can."""
    there = tried("docker engine", lambda: _version(engine))
    yield there
    if there.state is not Health.FAILED:
        yield tried("companion image", lambda: _companion(engine, companion))
        yield tried("resource limits", lambda: _limits(_info(engine)))
        yield tried("engine disk", lambda: _disk(str(_info(engine).get("DockerRootDir") or "")))


def _version(engine: Engine) -> Check:
    with engine.answering():
        shown = engine.api.version()
    return ok("docker engine", f"version {shown.get('Version')}, API {shown.get('ApiVersion')}, at {host()}")


def _info(engine: Engine) -> Mapping[str, Any]:
    with engine.answering():
        found: Mapping[str, Any] = engine.api.info()
    return found


def _companion(engine: Engine, image: str) -> Check:
    from docker.errors import ImageNotFound

    with engine.answering():
        try:
            engine.api.inspect_image(image)  # type: ignore[no-untyped-call] # the stub has no types
        except ImageNotFound:
            why = f"{image} is not here yet, and is fetched when the first service starts"
            return warning("companion image", why, f"docker pull {image}, or name another in MATINEE_COMPANION_IMAGE")
    return ok("companion image", f"{image} is here")


def _limits(info: Mapping[str, Any]) -> Check:
    lacking = [limit for key, limit in _LIMITS.items() if not info.get(key)]
    version = info.get("CgroupVersion") or "1"
    if lacking:
        why = f"the engine cannot limit {' and '.join(lacking)} (cgroup {version}), so one preview can starve the rest"
        return warning("resource limits", why, "switch these cgroup controllers on, or use another engine")
    return ok("resource limits", f"memory, cpu and processes are limited (cgroup {version})")


def _disk(folder: str) -> Check:
    if not host().startswith("unix:") or not os.access(folder, os.R_OK):
        return ok("engine disk", "how much room the engine has cannot be told from here")
    free = shutil.disk_usage(folder).free
    if free < _SPACE:
        why = f"{in_words(free)} are left for images and volumes in {folder}"
        return warning("engine disk", why, "free some space there; `docker image prune` may help")
    return ok("engine disk", f"{in_words(free)} are left in {folder}")

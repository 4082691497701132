"""Images by the Docker engine's own BuildKit, through buildx; kept in the engine under the content's key."""

import json
from collections.abc import Container, Iterator, Mapping
from copy import copy
from functools import partial
from pathlib import Path

from bot.core.errors import Unavailable
from bot.core.model import Build
from bot.core.names import EnvironmentId
from bot.core.telling.checkup import Check, ok, tried
from bot.core.wire import Cancel, Log
from bot.keeping.credentials import Credentials, credentials
from builders._buildx import TO_THE_ENGINE, unreached
from builders._buildx_checks import checks
from builders._docker_images import Images
from builders._order import Into
from builders._waiting import awaited
from builders._workshop import Making, Workshop, bases, put
from builders.base import NONE, Built, Commit, Unbuilt
from builders.content import FORKS, TRUSTED, Content, content


class DockerBuilder:
    """Builds and pulls on one engine: the one that `DOCKER_HOST` names, else this machine's."""

    def __init__(
        self,
        state: Path,
        *,
        trust: str = TRUSTED,
        buildx: str | None = None,
        longest: float | None = None,
        pulling: Credentials | None = None,
    ) -> None:
        self._workshop = Workshop(state, passed_on=TO_THE_ENGINE, trust=trust, buildx=buildx, longest=longest)
        self._images = Images(pulling, forks=trust == FORKS)
        self._pulling = pulling

    def checks(self) -> Iterator[Check]:
        """Look at buildx, and at the BuildKit that answers it."""
        yield from checks(self._workshop.room, "default")
        if self._pulling is not None:
            yield tried("pull credentials", partial(_known, self._pulling))

    def of(self, environment: EnvironmentId) -> "DockerBuilder":
        """The same, with the entries of the pull credentials that are for this environment."""
        if self._pulling is None:
            return self
        made = copy(self)
        made._pulling = self._pulling.of(environment)
        made._images = Images(made._pulling, forks=self._workshop.trust == FORKS)
        return made

    def build(
        self, commit: Commit, build: Build, *, secrets: Mapping[str, str] = NONE, log: Log, cancel: Cancel
    ) -> Built | Unbuilt:
        """Build unless this very content was built before; two builds of the same content become one."""
        found = content(commit, build, trust=self._workshop.trust)
        if isinstance(found, Unbuilt):
            return found
        tag = _tag(commit, found)
        if there := self._there(tag, log):
            return there
        with self._workshop.turn(found.key, cancel) as ours:
            if not ours or cancel.is_set():
                return Unbuilt(why="cancelled before it began", cancelled=True)
            making = Making(commit=commit, build=build, found=found, trust=self._workshop.trust, secrets=secrets)
            return self._there(tag, log) or self._make(making, tag, log=log, cancel=cancel)

    def known(self, commit: Commit, build: Build) -> str | Unbuilt | None:
        """The image that the engine has under the content's key."""
        found = content(commit, build, trust=self._workshop.trust)
        return found if isinstance(found, Unbuilt) else self._images.id(_tag(commit, found))

    def here(self, image: str) -> str | None:
        """The image that the engine has under that name."""
        return self._images.here(image)

    def pin(self, image: str, *, wait: float = 0.0, log: Log, cancel: Cancel) -> Built | Unbuilt:
        """Find the digest that this name stands for now, fetching the image where it is not here yet."""
        return awaited(
            lambda: self._images.pin(image, log=log, cancel=cancel), image, seconds=wait, log=log, cancel=cancel
        )

    def hold(self, image: str, environment: EnvironmentId) -> bool:
        """Keep the image on the engine for as long as the environment needs it."""
        return self._images.hold(image, environment)

    def release(self, environment: EnvironmentId, kept: Container[str]) -> None:
        """Remove what was built and nobody needs any more; what was fetched stays with the engine."""
        self._images.release(environment, kept)

    def _there(self, tag: str, log: Log) -> Built | None:
        image = self._images.id(tag)
        if image is None:
            return None
        log(f"built before: {tag}")
        return Built(image=image, fresh=False, tag=tag)

    def _make(self, making: Making, tag: str, *, log: Log, cancel: Cancel) -> Built | Unbuilt:
        into = Into(builder="default", flags=("--load", f"--tag={tag}"))
        with self._workshop.room() as buildx:
            if self._pulling is not None:
                put(buildx.room / "config.json", json.dumps({"auths": self._pulling.fitting(bases(making))}))
            output = self._workshop.make(making, into, buildx, log=log, cancel=cancel)
        if isinstance(output, Unbuilt):
            return output
        if output.code == 0 and (image := self._images.id(tag)):
            return Built(image=image, fresh=True, tag=tag)
        why = unreached(output) or "it was built, and is gone"
        raise Unavailable(f"the Docker engine did not build {tag}: {why}; look at the engine, then try again")


def _known(pulling: Credentials) -> Check:
    hosts = ", ".join(pulling.hosts())
    return ok("pull credentials", f"images of {hosts} are fetched with MATINEE_{pulling.setting.upper()}")


def _tag(commit: Commit, found: Content) -> str:
    return f"matinee/{commit.repository.lower()}:{found.key}"


def create(settings: Mapping[str, str]) -> DockerBuilder:
    """Build on the engine that `DOCKER_HOST` names; `buildx` may name that program."""
    return DockerBuilder(
        Path(settings["state"]),
        trust=settings.get("trust", TRUSTED),
        buildx=settings.get("buildx"),
        pulling=credentials(settings, "registry_pull_credentials_file"),
    )

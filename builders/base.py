"""The port: what the core needs of whatever makes images."""

from collections.abc import Container, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from bot.core.model import Build
from bot.core.names import EnvironmentId, Sha
from bot.core.telling.checkup import Check
from bot.core.wire import Cancel, Log


class Commit(Protocol):
    """One commit of one repository, already fetched; nothing of it is on disk as files until `export`."""

    @property
    def sha(self) -> Sha:
        """Its full id."""
        ...

    @property
    def repository(self) -> str:
        """The forge and numeric id of the repository: `github-1296269`."""
        ...

    def read(self, path: str, *, limit: int) -> bytes | None:
        """A regular file's bytes, None where there is none; ValueError for a link, a folder, or more than `limit`."""
        ...

    def identities(self, paths: tuple[str, ...]) -> Mapping[str, tuple[str, str] | None]:
        """Path → (mode, object id) in this commit, None where there is nothing: a tree's content without a checkout."""
        ...

    def files(self, name: str) -> tuple[str, ...]:
        """Every file of that name whatever its case, nearest to the root first."""
        ...

    def tree(self) -> Mapping[str, str]:
        """Every file of the commit by its path, with what stands for its content: an object's id and mode."""
        ...

    def export(self, path: str) -> AbstractContextManager[Path]:
        """The folder at `path` as files, with fresh times, in a folder of random name that vanishes at the end."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """An image that is there to be run. `image` is a digest or an id; `fresh` is False where it was there before."""

    image: str
    fresh: bool
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbuilt:
    """The user's build failed, or its paths are wrong: in one sentence, with `file:line` where known."""

    why: str
    file: str = ""
    line: int | None = None
    cancelled: bool = False


NONE: Mapping[str, str] = MappingProxyType({})
"""No secrets."""


class Builder(Protocol):
    """Makes images. A daemon that does not answer raises `Unavailable`."""

    def checks(self) -> Iterator[Check]:
        """Look at all that it needs, and say how it is; nothing that goes wrong is raised."""
        ...

    def of(self, environment: EnvironmentId) -> "Builder":
        """The same, fetching images with what may be used for this environment."""
        ...

    def build(
        self, commit: Commit, build: Build, *, secrets: Mapping[str, str] = NONE, log: Log, cancel: Cancel
    ) -> Built | Unbuilt:
        """Build unless this very content was built before; two builds of the same content become one.

        `secrets` has the values that `build.secrets` names: in no image, and another value is no other content.
        """
        ...

    def known(self, commit: Commit, build: Build) -> str | Unbuilt | None:
        """The image that `build` would find made; None where it would have to make it. Makes and fetches nothing."""
        ...

    def here(self, image: str) -> str | None:
        """What `pin` would find for this name without fetching; None where it would have to fetch."""
        ...

    def pin(self, image: str, *, wait: float = 0.0, log: Log, cancel: Cancel) -> Built | Unbuilt:
        """Find the digest that this name stands for now, fetching the image where the runner needs it here.

        One that is not there yet is waited for, `wait` seconds at most.
        """
        ...

    def hold(self, image: str, environment: EnvironmentId) -> bool:
        """Keep an image for as long as the environment needs it; False where it is gone already."""
        ...

    def release(self, environment: EnvironmentId, kept: Container[str]) -> None:
        """Let the environment's images go but for those kept; what was built, and nobody holds any more, is removed."""
        ...

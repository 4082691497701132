"""A build as words for buildx: nothing of a user's becomes a flag, and no secret a word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.model import Build

_GUARDED = "MATINEE_BUILD_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Into:
    """Who builds, by buildx's name for it; within which limits, and what becomes of the image."""

    builder: str
    flags: tuple[str, ...]
    policy: Path | None = None
    """What says which sources may not be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One build as buildx is told it: folders on this machine, and where the image goes."""

    into: Into
    context: Path
    dockerfile: Path
    scope: str
    """Whose caches a `RUN --mount=type=cache` may share."""
    build: Build
    contexts: Mapping[str, Path] = field(default_factory=dict)
    """Further contexts by name."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def environment(self) -> Mapping[str, str]:
        """For the child: secrets, where nobody else reads them, under names that mean nothing to it; and the policy."""
        policy = {} if self.into.policy is None else {"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": str(self.into.policy)}
        return {**{f"{_GUARDED}{name}": value for name, value in self.secrets.items()}, **policy}

    @property
    def flags(self) -> tuple[str, ...]:
        """The command line; every value of a user is part of one word that begins with our flag."""
        build = self.build
        arguments = {**build.args, "BUILDKIT_CACHE_MOUNT_NS": self.scope}
        return (
            *("build", f"--builder={self.into.builder}", "--progress=rawjson", *self.into.flags),
            *(f"--file={self.dockerfile}", "--label=app.kubernetes.io/managed-by=matinee"),
            *(f"--build-arg={name}={value}" for name, value in sorted(arguments.items())),
            *(f"--build-context={name}={folder}" for name, folder in sorted(self.contexts.items())),
            *(f"--secret=id={name},env={_GUARDED}{name}" for name in sorted(self.secrets)),
            *((f"--target={build.target}",) if build.target is not None else ()),
            *((f"--platform={build.platform}",) if build.platform is not None else ()),
            *("--", str(self.context)),
        )

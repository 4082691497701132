"""The registry that images are pushed to: its names, its credentials, and asking it and others for digests."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from bot.core.errors import Misused, Unavailable
from bot.core.names import HUB, EnvironmentId, registry_of
from bot.core.wire import Cancel
from bot.keeping.credentials import Credentials, credentials, key
from builders._buildx import Buildx, ask

NAME = "registries"
"""Buildx's name for the settings with which registries are asked."""

_PREFIX = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*")
_MIRROR = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[a-z0-9._-]+)*")
_LONGEST = 60.0


class Kind(StrEnum):
    """Why there is no digest."""

    ABSENT = "absent"
    DENIED = "denied"
    NOWHERE = "no such registry"
    DOWN = "down"
    CANCELLED = "cancelled"


_KINDS = {
    Kind.ABSENT: re.compile(r": not found$|MANIFEST_UNKNOWN|NAME_UNKNOWN"),
    Kind.DENIED: re.compile(r"40[13] |40[13]$|[Uu]nauthorized|denied|authorization failed|insufficient_scope"),
    Kind.NOWHERE: re.compile(r"no such host"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfound:
    """There is no digest to be had."""

    kind: Kind
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """`prefix` is what our images' names begin with: `registry.example/previews`."""

    prefix: str
    insecure: bool = False
    """It and the mirror have no TLS, or a certificate of unknown origin."""
    mirror: str = ""
    """Asked first for what Docker Hub has."""
    credentials: Credentials | None = None
    pulling: Credentials | None = None
    """What images are fetched with that are not ours."""
    caches: bool = True
    """Whether every build leaves all of its steps there, for daemons that have not built them."""

    @property
    def host(self) -> str:
        """Who has to let us in."""
        return registry_of(f"{self.prefix}/")

    @property
    def option(self) -> str:
        """What each place in it needs behind its name."""
        return ",registry.insecure=true" if self.insecure else ""

    @property
    def node(self) -> Mapping[str, object]:
        """These settings as buildx keeps them; with the daemon, where nobody builds."""
        return {"Name": NAME, "Endpoint": "unix:///nowhere", "Files": {"buildkitd.toml": _encoded(self.toml)}}

    @property
    def toml(self) -> str:
        """How registries are asked, in the words of BuildKit's own configuration; Docker Hub is never without TLS."""
        ours = {self.host, registry_of(f"{self.mirror}/") if self.mirror else HUB} - {HUB}
        lines = [f'[registry."{name}"]\n  http = true\n  insecure = true\n' for name in sorted(ours) if self.insecure]
        mirrors = f'[registry."{HUB}"]\n  mirrors = ["{self.mirror}"]\n' if self.mirror else ""
        return "".join(lines) + mirrors

    def of(self, environment: EnvironmentId) -> Self:
        """The same, with what is for this environment."""
        credentials = self.credentials and self.credentials.of(environment)
        return replace(self, credentials=credentials, pulling=self.pulling and self.pulling.of(environment))

    def config(self, images: Iterable[str] = (), *, pushes: bool = False) -> str:
        """Docker's configuration with the credentials for these images and nothing else, read anew.

        Who pushes is let into our registry by what may push; what else is fetched from there, is fetched with it too.
        """
        named = tuple(images)
        pushing = self.credentials.fitting((f"{self.prefix}/", *named)) if self.credentials else {}
        pulling = self.pulling.fitting(named) if self.pulling else {}
        own = key(self.host)
        auths = {**pushing, **pulling, **({own: pushing[own]} if pushes and own in pushing else {})}
        return json.dumps({"auths": auths} if auths else {}, sort_keys=True)

    def digest(self, image: str, buildx: Buildx, cancel: Cancel) -> str | Unfound:
        """What this name stands for now, asked of its registry."""
        words = ("imagetools", "inspect", f"--builder={NAME}", "--format={{json .Manifest}}", "--", image)
        answer = ask(buildx, words, cancel=cancel, seconds=_LONGEST)
        if cancel.is_set():
            return Unfound(kind=Kind.CANCELLED, why="cancelled")
        if answer.stopped:
            return Unfound(kind=Kind.DOWN, why=f"no answer within {_LONGEST:.0f} s")
        if answer.code == 0:
            return str(json.loads(answer.out)["digest"])
        return _unfound(answer.err)

    def refuses(self, why: str) -> Unavailable:
        """The error where it takes or tells nothing."""
        if _KINDS[Kind.DENIED].search(why):
            hint = "check MATINEE_REGISTRY_CREDENTIALS_FILE, and that they may push"
            return Unavailable(f"the registry {self.host} does not let us in: {why}; {hint}")
        return Unavailable(f"the registry {self.host} does not answer: {why}; is it up, and MATINEE_REGISTRY right?")


def registry(settings: Mapping[str, str]) -> Registry:
    """The registry that the settings name."""
    prefix, mirror = settings.get("registry", "").rstrip("/"), settings.get("registry_mirror", "").rstrip("/")
    if not prefix:
        raise Misused(
            "MATINEE_REGISTRY: not set, and BuildKit's images go there; write it as registry.example/previews"
        )
    if not _PREFIX.fullmatch(prefix):
        raise Misused(f"MATINEE_REGISTRY: {prefix!r} is no place in a registry; write it as registry.example/previews")
    if mirror and not _MIRROR.fullmatch(mirror):
        raise Misused(f"MATINEE_REGISTRY_MIRROR: {mirror!r} is no registry; write it as mirror.example:5000")
    return Registry(
        prefix=prefix,
        insecure=_truth(settings, "registry_insecure", default="false"),
        mirror=mirror,
        credentials=credentials(settings, "registry_credentials_file"),
        pulling=credentials(settings, "registry_pull_credentials_file"),
        caches=_truth(settings, "registry_cache", default="true"),
    )


def _truth(settings: Mapping[str, str], name: str, *, default: str) -> bool:
    text = settings.get(name, default).lower()
    if text not in ("true", "false"):
        raise Misused(f"MATINEE_{name.upper()}: {settings[name]!r} is neither true nor false")
    return text == "true"


def _unfound(said: str) -> Unfound:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    why = (lines or ["buildx gave no reason"])[-1].removeprefix("ERROR: ")[:300]
    return Unfound(kind=next((kind for kind, sign in _KINDS.items() if sign.search(why)), Kind.DOWN), why=why)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()

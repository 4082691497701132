"""Credentials for registries: a config.json of Docker, read anew each time, for they may be short-lived."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from bot.core.errors import Misused
from bot.core.names import HUB, EnvironmentId, owner_of, registry_of
from bot.keeping.vault import OWNER

_HUB_KEY = "https://index.docker.io/v1/"
_HUB = frozenset(("docker.io", "index.docker.io", "registry-1.docker.io"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The file that a setting names."""

    setting: str
    file: Path
    host: str = ""
    """The one registry that is of interest; empty: all that the file has."""
    owner: str = ""
    """Whose pulls they are for: `github:1296269`; empty: anybody's."""

    def of(self, environment: EnvironmentId) -> Self:
        """Those for this environment: an entry that the file's `pulls` lists is for the repositories named there."""
        return replace(self, owner=owner_of(environment))

    def config(self) -> str:
        """Docker's configuration with these credentials and nothing else; the same file gives the same text."""
        auths = self._auths()
        ours = {name: auth for name, auth in auths.items() if not self.host or _same(_host(name), self.host)}
        if not ours:
            raise Misused(f'{self._where} has no credentials for {self.host} under "auths"; log in there as well')
        return json.dumps({"auths": ours}, sort_keys=True)

    def fitting(self, images: Iterable[str] = ()) -> Mapping[str, Any]:
        """One entry for each registry, for programs that know no paths: the nearest to the first image that has one.

        Of a registry that none of the images is of, the entry for all of it. Where the nearest is for others' pulls
        only, there is none: so a part can be kept from whom has the rest.
        """
        found: dict[str, dict[tuple[str, ...], Any]] = {}
        ours = self._auths()
        for name in self._all()[0]:
            host, *path = _place(name)
            found.setdefault(host, {})[tuple(path)] = ours.get(name)
        wanted = [_image(image) for image in images]
        best = {host: _nearest(keys, [path for at, *path in wanted if at == host]) for host, keys in found.items()}
        return {key(host): auth for host, auth in best.items() if auth is not None}

    def login(self, image: str) -> Mapping[str, str]:
        """What an engine is given to fetch this image with; nothing where there is nothing for it."""
        host = _image(image)[0]
        auth = self.fitting([image]).get(key(host))
        if auth is None:
            return {}
        try:
            user, _, password = base64.b64decode(auth.get("auth", "")).decode().partition(":")
        except (AttributeError, ValueError, TypeError):
            raise Misused(
                f"{self._where}: the entry for {host} is none of docker login's; log in there again"
            ) from None
        tokens = {name: str(auth[name]) for name in ("identitytoken", "registrytoken") if name in auth}
        return {"username": user, "password": password, "serveraddress": host, **tokens}

    def hosts(self) -> tuple[str, ...]:
        """The registries that they are for."""
        listed = {_host(name) for name in self._all()[0]}
        return tuple(sorted(each for each in listed if not self.host or _same(each, self.host)))

    @property
    def _where(self) -> str:
        return f"MATINEE_{self.setting.upper()}: {self.file}"

    def _auths(self) -> Mapping[str, Any]:
        auths, pulls = self._all()
        return {name: auth for name, auth in auths.items() if name not in pulls or self.owner in pulls[name]}

    def _all(self) -> tuple[Mapping[str, Any], Mapping[str, list[str]]]:
        """Every entry, and whose pulls some of them are kept for."""
        try:
            document = json.loads(self.file.read_text(encoding="utf-8"))
        except OSError as error:
            raise Misused(f"{self._where} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError):
            raise Misused(f"{self._where} is no JSON; give a config.json as docker login writes it") from None
        auths = document.get("auths") if isinstance(document, dict) else None
        if not isinstance(auths, dict) or not any(auths.values()):
            raise Misused(f'{self._where} has no credentials under "auths"; one of a credential helper cannot be used')
        pulls = document.get("pulls", {})
        if why := _unfit(pulls, auths):
            raise Misused(f'{self._where}: "pulls": {why}')
        return {name: auth for name, auth in auths.items() if auth}, pulls


def credentials(settings: Mapping[str, str], setting: str, *, host: str = "") -> Credentials | None:
    """Those that this setting names; None where it names none."""
    file = settings.get(setting)
    return Credentials(setting=setting, file=Path(file).absolute(), host=host) if file else None


def _unfit(pulls: Any, auths: Mapping[str, Any]) -> str:
    """What is wrong with it: a slip there would give to all what is for some."""
    if not isinstance(pulls, dict):
        return 'it is to be like {"registry.example/group": ["github:1296269"]}'
    if stray := sorted(pulls.keys() - auths.keys()):
        return f'{stray[0]!r} is no entry of "auths"; write it as it stands there'
    for name, owners in pulls.items():
        if not isinstance(owners, list) or not all(isinstance(each, str) and OWNER.fullmatch(each) for each in owners):
            return f"{name!r} is to have a list of repositories, each like github:1296269, with its number"
    return ""


def key(registry: str) -> str:
    """What Docker's own programs call a registry in this file."""
    return _HUB_KEY if registry in _HUB else registry


def _host(name: str) -> str:
    """`https://registry.example/v2/` as `registry.example`."""
    return name.rpartition("://")[2].partition("/")[0]


def _place(name: str) -> tuple[str, ...]:
    """A key as a registry and the path that it is for: `registry.example/group`."""
    host, *path = name.rpartition("://")[2].rstrip("/").split("/")
    return (HUB if host in _HUB else host, *(() if path in (["v1"], ["v2"]) else path))


def _image(image: str) -> tuple[str, ...]:
    """An image's name in the same way, without tag and digest."""
    host, name = registry_of(image), image.partition("@")[0]
    *path, last = name.removeprefix(f"{host}/").split("/")
    path = path or ["library"] if host in _HUB else path
    return (HUB if host in _HUB else host, *path, last.partition(":")[0])


def _nearest(keys: Mapping[tuple[str, ...], Any], paths: Iterable[list[str]]) -> Any:
    for path in paths:
        if fitting := [key for key in keys if key == tuple(path[: len(key)])]:
            return keys[max(fitting, key=len)]
    return keys.get(())


def _same(one: str, other: str) -> bool:
    return one == other or {one, other} <= _HUB

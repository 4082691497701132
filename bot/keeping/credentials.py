"""Credentials for registries: a config.json of Docker, read anew each time, for they may be short-lived."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.errors import Misused

_HUB = frozenset(("docker.io", "index.docker.io", "registry-1.docker.io"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The file that a setting names."""

    setting: str
    file: Path
    host: str = ""
    """The one registry that is of interest; empty: all that the file has."""

    def config(self) -> str:
        """Docker's configuration with these credentials and nothing else; the same file gives the same text."""
        auths = self._auths()
        ours = {name: auth for name, auth in auths.items() if not self.host or _same(_host(name), self.host)}
        if not ours:
            raise Misused(f'{self._where} has no credentials for {self.host} under "auths"; log in there as well')
        return json.dumps({"auths": ours}, sort_keys=True)

    def hosts(self) -> tuple[str, ...]:
        """The registries that they are for."""
        return tuple(sorted({_host(name) for name in json.loads(self.config())["auths"]}))

    @property
    def _where(self) -> str:
        return f"MATINEE_{self.setting.upper()}: {self.file}"

    def _auths(self) -> Mapping[str, Any]:
        try:
            document = json.loads(self.file.read_text(encoding="utf-8"))
        except OSError as error:
            raise Misused(f"{self._where} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError):
            raise Misused(f"{self._where} is no JSON; give a config.json as docker login writes it") from None
        auths = document.get("auths") if isinstance(document, dict) else None
        if not isinstance(auths, dict) or not any(auths.values()):
            raise Misused(f'{self._where} has no credentials under "auths"; one of a credential helper cannot be used')
        return {name: auth for name, auth in auths.items() if auth}


def credentials(settings: Mapping[str, str], setting: str, *, host: str = "") -> Credentials | None:
    """Those that this setting names; None where it names none."""
    file = settings.get(setting)
    return Credentials(setting=setting, file=Path(file).absolute(), host=host) if file else None


def _host(name: str) -> str:
    """`https://registry.example/v2/` as `registry.example`."""
    return name.rpartition("://")[2].partition("/")[0]


def _same(one: str, other: str) -> bool:
    return one == other or {one, other} <= _HUB

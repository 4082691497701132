"""Whose is what lies in our registry: nothing is made of what another repository's builds have left there."""

import json
import re
from dataclasses import dataclass

from bot.core.names import HUB, registry_of

LEFT = "is what builds of another repository have left; name an image that is none of this bot's"
"""Why it is not taken."""

_HUBS = r"(?:docker\.io|index\.docker\.io|registry-1\.docker\.io)"
# Images by digest or by a key as builds have it: what else may lie there under such a name has tags of its own.
_BUILDS = r"(?:cache[:@]|[a-z][a-z0-9]*-[0-9a-z_-]+(?::[0-9a-f]{32}$|(?::[^@]*)?@))"
_DENIED = re.compile(r'source "docker-image://(\S+?)" denied by policy')


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """All but `repository`, of those whose images and caches are below `prefix`."""

    prefix: str
    repository: str

    def have(self, image: str) -> bool:
        """Whether it is theirs."""
        host = registry_of(image)
        name = f"{host}/{image.removeprefix(f'{host}/')}"
        return re.match(self._theirs, name) is not None and re.match(self._own, name) is None

    @property
    def policy(self) -> str:
        """The same for BuildKit, which holds every source against it, by whatever detour a Dockerfile names one."""
        rules = (("DENY", self._theirs), ("ALLOW", self._own))  # the last that fits counts
        return json.dumps({"version": 1, "rules": [_rule(action, names) for action, names in rules]})

    @property
    def _theirs(self) -> str:
        return f"{self._place}{_BUILDS}"

    @property
    def _own(self) -> str:
        return f"{self._place}{re.escape(self.repository.lower())}[:@]"

    @property
    def _place(self) -> str:
        host = registry_of(f"{self.prefix}/")
        path = self.prefix.removeprefix(host).strip("/")
        return f"(?i){_HUBS if host == HUB else re.escape(host)}/{re.escape(path)}{'/' if path else ''}"


def denied(error: str) -> str:
    """The image that BuildKit was told not to take; empty where that is not what it says."""
    found = _DENIED.search(error)
    return found[1] if found else ""


def _rule(action: str, names: str) -> dict[str, object]:
    return {"action": action, "selector": {"identifier": f"^docker-image://{names}", "match_type": "REGEX"}}

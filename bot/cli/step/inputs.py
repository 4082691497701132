"""What a step of a CI is given that is no setting: contents in the place of files, which go with its scratch folder."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.errors import Misused
from bot.core.telling.channel import Channel
from bot.settings import PREFIX, timespan, truth, variables

OWN = f"{PREFIX}ACTION_"
_LONG = re.compile(r"[^\s\"',{}\[\]]{16,}")
"""What in a kubeconfig may be a token or a key; to mask `name:` would blacken a whole log."""
_HUB = "https://index.docker.io/v1/"
_TOKEN = "github_token"  # noqa: S105 - a name
"""What GitHub adds by itself to all secrets of a workflow; it is for this step, and not for previews."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What `MATINEE_ACTION_…` say."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The operator's for previews of this repository, but not of forks, by name."""
    hidden: tuple[str, ...] = field(default=(), repr=False)
    """All that is secret here, in the lines in which it could be printed."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """By environment variable; they name files in the scratch folder."""
    timeout: float | None = None
    """Seconds."""


def inputs(environment: Mapping[str, str], scratch: Path) -> Inputs:
    """Read them, and put into files what is to be one."""
    given = {name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(OWN)}
    secrets = {name: value for name, value in variables(given, "action_secrets").items() if name.lower() != _TOKEN}
    settings: dict[str, str] = {}
    if secrets:
        settings[f"{PREFIX}SECRETS_FILE"] = str(scratch / "secrets.json")
    if kubeconfig := given.get("action_kubeconfig"):
        settings[f"{PREFIX}KUBECONFIG"] = _private(scratch / "kubeconfig", kubeconfig)
    if password := given.get("action_registry_password"):
        registry = environment.get(f"{PREFIX}REGISTRY", "")
        text = _config(registry, given.get("action_registry_username", ""), password)
        settings[f"{PREFIX}REGISTRY_CREDENTIALS_FILE"] = _private(scratch / "registry.json", text)
    if any(f"action_{each}" in given for each in Channel):
        told = [each for each in Channel if truth({f"action_{each}": "true", **given}, f"action_{each}")]
        settings[f"{PREFIX}TELL"] = " ".join(told) or "false"
    return Inputs(
        secrets=secrets,
        hidden=(*secrets.values(), *_LONG.findall(kubeconfig or ""), *([password] if password else ())),
        settings=settings,
        timeout=timespan(given, "action_timeout").total_seconds() if "action_timeout" in given else None,
    )


def _private(file: Path, text: str) -> str:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")
    return str(file)


def _config(registry: str, username: str, password: str) -> str:
    """As `docker login` writes it."""
    if not registry or not username:
        raise Misused(f"{OWN}REGISTRY_PASSWORD: it needs the registry and the username that it is for")
    host = registry.partition("/")[0]
    auth = base64.b64encode(f"{username}:{password}".encode()).decode()
    return json.dumps({"auths": {_HUB if host == "docker.io" else host: {"auth": auth}}})

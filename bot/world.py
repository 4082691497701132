"""All that a turn acts on, opened from settings by the doors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot import plugins
from bot.core.errors import Misused
from bot.core.events import ActorId
from bot.core.names import EnvironmentId
from bot.core.telling.channel import channels
from bot.forges.base import Forge
from bot.forks import Forks, forks
from bot.inbox import Inbox
from bot.keeping.cipher import cipher
from bot.keeping.grants import Grants
from bot.keeping.shelf import FileShelf
from bot.keeping.vault import Vault
from bot.settings import accounts, number, path, secrets, timespan, variables
from builders.base import Builder
from builders.source import Sources
from runners.base import Runner


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeps:
    """How often it is looked for what no event told, and how far that may go."""

    every: timedelta
    percent: int
    """More previews than this share are not deleted at once before somebody has said so."""
    longest: timedelta
    """How far from now the end of a preview may be put off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The adapters that settings chose; none of them has connected to anything yet, but for the inbox."""

    forges: Mapping[str, Forge]
    runner: Runner
    builder: Builder
    forks: Forks
    sources: Sources
    inbox: Inbox
    vault: Vault
    secrets: tuple[str, ...]
    build_hosts: frozenset[str]
    """Hosts, with their port where they have one, from which a build may fetch another repository."""
    grants: Grants
    """Tokens for these, and whose pulls may use them."""
    lease: float
    """Seconds for which a claimed lane stays ours without a heartbeat."""
    hooked: frozenset[str]
    """The forges that send us events, and so may lose some."""
    sweeps: Sweeps
    trusted: frozenset[str] = frozenset()
    """Accounts that count as if they could write: `github:49699333`."""
    spec: str = "matinee.yaml"
    """Where repositories have their spec."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """For every service and job; a spec's own count before them, and forks get none."""
    tells: bool = True
    """Whether pulls are told what happens in any way; what they ask is answered all the same."""

    def forge(self, name: str) -> Forge:
        """The forge of that name; one that there is not is said so."""
        if name not in self.forges:
            raise Misused(f"the forge {name!r} is unknown here; known are {', '.join(sorted(self.forges))}")
        return self.forges[name]

    def builder_for(self, environment: EnvironmentId, *, fork: bool) -> Builder:
        """Who builds there: for a pull from a fork a builder of the forks' own, or none."""
        if not fork:
            return self.builder.of(environment)
        if self.forks.builder is None:
            raise Misused(f"nothing is built for pulls from forks here: {self.forks.against}")
        return self.forks.builder.of(environment)

    def trusts(self, forge: str, actor: ActorId) -> bool:
        """Whether the operator's settings name this account."""
        return f"{forge}:{actor}" in self.trusted


def world(settings: Mapping[str, str]) -> World:
    """Open what the settings name, where it can work together."""
    plugins.paired(settings)
    return World(
        forges={name: plugins.create("forges", name, settings) for name in plugins.choices("forges")},
        runner=plugins.create("runners", settings["runner"], settings),
        builder=plugins.create("builders", settings["builder"], settings),
        forks=forks(settings),
        sources=Sources(Path(settings["state"]) / "mirrors"),
        inbox=Inbox.open(settings["database_url"]),
        vault=vault(settings),
        secrets=secrets(settings),
        build_hosts=frozenset(settings.get("build_hosts", "").lower().replace(",", " ").split()),
        grants=grants(settings),
        lease=float(number(settings, "lease")),
        hooked=plugins.hooked(settings),
        sweeps=sweeps(settings),
        trusted=accounts(settings, "trusted_actors"),
        spec=path(settings, "spec"),
        variables=variables(settings, "variables"),
        tells=bool(channels(settings["tell"])),
    )


def sweeps(settings: Mapping[str, str]) -> Sweeps:
    """As the settings say."""
    return Sweeps(
        every=timespan(settings, "sweep_every"),
        percent=number(settings, "sweep_percent"),
        longest=timespan(settings, "extend_most"),
    )


def grants(settings: Mapping[str, str]) -> Grants:
    """The tokens in the file that the settings name."""
    file = settings.get("build_credentials_file")
    return Grants(Path(file).absolute() if file else None)


def vault(settings: Mapping[str, str]) -> Vault:
    """The operator's secrets, in the file or the Secret that the settings name."""
    if settings.get("secrets_secret"):
        from runners._kubernetes.shelf import shelf

        return Vault(shelf(settings), cipher(settings))
    return Vault(FileShelf(Path(settings["secrets_file"])), cipher(settings))

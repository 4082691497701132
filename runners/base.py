"""The port: what the core needs of a place where groups run, and nothing more."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from bot.core.group import Address, Ended, Exposure, Group, Home, Leftovers, Up
from bot.core.names import Name
from bot.core.standing import Standing
from bot.core.wire import Cancel, Log


class Runner(Protocol):
    """Runs whole groups and keeps what is remembered of each environment.

    Every act may be repeated. An engine that does not answer raises `Unavailable`; a home whose remembered generation
    is newer than the one given raises `Overtaken`, whatever the act.
    """

    def addresses(
        self, home: Home, wanted: Mapping[Name, Exposure], known: Mapping[Name, Address]
    ) -> Mapping[Name, Address]:
        """Give each service its address, before anything runs; a known one that still fits is kept."""
        ...

    def run(self, home: Home, group: Group, *, attempt: int, log: Log, cancel: Cancel) -> Ended:
        """Run a job's group once. The same generation, event and attempt again is adopted, never started twice.

        `log` gets every line from the first, also after an adoption.
        """
        ...

    def start(self, home: Home, group: Group, *, log: Log, cancel: Cancel) -> Up | Ended:
        """Bring a service up in this version; what served before goes on serving until this one is healthy."""
        ...

    def stop(self, home: Home, name: Name) -> None:
        """Take a service down and keep its volumes; stopping what is down is fine."""
        ...

    def discard(self, home: Home, name: Name) -> None:
        """Take a service away for good but for its volumes, which stay until `remove`."""
        ...

    def remove(self, home: Home) -> Leftovers:
        """Remove everything of this environment; removing nothing is fine."""
        ...

    def logs(self, home: Home, name: Name, *, follow: bool) -> Iterator[str]:
        """The lines of a service that runs now, oldest first; with `follow`, until it ends."""
        ...

    def recall(self, home: Home) -> Standing | None:
        """What was remembered last, of whatever generation; None where nothing stands."""
        ...

    def remember(self, home: Home, standing: Standing) -> None:
        """Keep this with the environment, whole or not at all; after return it survives a power cut."""
        ...

    def homes(self) -> Iterator[Home]:
        """Every environment that has anything of ours on this runner, with its remembered generation (0: unknown)."""
        ...

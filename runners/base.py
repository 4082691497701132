"""The port: what the core needs of a place where groups run, and nothing more."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.core.group import Address, Ended, Ending, Exposure, Group, Home, Leftovers, Up
from bot.core.names import Name
from bot.core.standing import Standing
from bot.core.telling.checkup import Check
from bot.core.wire import Cancel, Log

_UNSAID = (
    "this runner does not say that it keeps what strangers wrote apart; the operator can set another MATINEE_RUNNER"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkTerms:
    """How an adapter takes pulls from forks: what its `fork_terms(settings)` says, where it has one."""

    against: str = ""
    """Why it takes none, with what to set."""
    out: bool = False
    """Whether what they run may call out."""

    @classmethod
    def of(cls, adapter: object, settings: Mapping[str, str]) -> "ForkTerms":
        """What this adapter says; one that says nothing was not made to keep strangers in, and takes none."""
        said: Callable[[Mapping[str, str]], ForkTerms] | None = getattr(adapter, "fork_terms", None)
        return said(settings) if said else cls(against=_UNSAID)


class Runner(Protocol):
    """Runs whole groups and keeps what is remembered of each environment.

    Every act may be repeated. An engine that does not answer raises `Unavailable`; a home whose remembered generation
    is newer than the one given raises `Overtaken`, whatever the act.
    """

    def checks(self) -> Iterator[Check]:
        """Look at all that it needs, and say how it is; nothing that goes wrong is raised."""
        ...

    def addresses(
        self, home: Home, wanted: Mapping[Name, Exposure], known: Mapping[Name, Address]
    ) -> Mapping[Name, Address]:
        """Give each service its address, before anything runs; a known one that still fits is kept."""
        ...

    def run(self, home: Home, group: Group, *, attempt: int, log: Log, cancel: Cancel) -> Ended:
        """Run a job's group once, but for its poststop tasks. The same generation, event and attempt again is adopted.

        `log` gets every line from the first, also after an adoption; a task's lines begin with `<task> | `.
        """
        ...

    def finish(self, home: Home, group: Group, *, attempt: int, ending: Ending, log: Log) -> tuple[Ended, ...]:
        """End a job's group after its last attempt: run its poststop tasks, told how it ended; those that failed.

        What was begun before is adopted; `/alloc` is as that attempt left it.
        """
        ...

    def start(self, home: Home, group: Group, *, log: Log, cancel: Cancel) -> Up | Ended:
        """Bring a service up in this version; what served before goes on serving until this one is healthy.

        Whatever group ends by this runs its poststop tasks: the version before, or this one where it never came up.
        """
        ...

    def stop(self, home: Home, name: Name, *, log: Log) -> tuple[Ended, ...]:
        """Take a service down and keep its volumes, then run its poststop tasks; those that failed.

        Stopping what is down is fine; the runner itself remembers which poststop tasks are owed.
        """
        ...

    def discard(self, home: Home, name: Name, *, log: Log) -> tuple[Ended, ...]:
        """Take a service or job away for good, as `stop` does; a service's volumes stay until `remove`."""
        ...

    def empty(self, home: Home, name: Name) -> None:
        """Throw away what is in the volumes of a service that is down; no volumes is fine."""
        ...

    def remove(self, home: Home, *, log: Log) -> Leftovers:
        """Remove everything of this environment; removing nothing is fine. Poststop tasks still owed are run first."""
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

    def roomless(self) -> str:
        """Why nothing here makes room for volumes, in words; empty where something does."""
        ...

    def reseal(self) -> int:
        """Encrypt all that is remembered with the newest key, and nothing else of it; how many environments."""
        ...

    def homes(self) -> Iterator[Home]:
        """Every environment that has anything of ours on this runner, with its remembered generation (0: unknown)."""
        ...

"""The services of all environments in memory: which version serves, and how one takes over from another."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.core.group import Ended, Ending, Group, Result, Up
from bot.core.names import EnvironmentId, Name
from bot.core.wire import Log
from runners._memory.hooks import Lost, Unwanted
from runners._memory.instance import Instance
from runners._memory.network import Ports
from runners._memory.service import Version


class Services:
    """By environment and name."""

    def __init__(self) -> None:
        self._serving: dict[tuple[EnvironmentId, str], Version] = {}

    def rolled_out(
        self,
        environment: EnvironmentId,
        group: Group,
        replica: Callable[[Log], Instance],
        log: Log,
        unwanted: Unwanted,
    ) -> Up | Ended:
        """Bring this version up, unless it serves; what served before is touched only after."""
        place = (environment, group.name)
        serving = self._serving.get(place)
        if serving and serving.group.version == group.version:
            return Up(changed=False)
        # One with a volume lets go of it before the next version begins.
        before = self.ended(*place, Result.REPLACED, log) if group.volumes else ()
        version = Version(group, replica)
        old = self._serving.setdefault(place, version)
        after = version.up(log, unwanted)
        if isinstance(after, Ended):
            if old is version:
                self._serving.pop(place, None)
            return replace(after, lost=(*before, *after.lost))
        self._serving[place] = version
        retired = () if old is version else old.ended(Ending(result=Result.REPLACED), log)
        return Up(changed=True, lost=(*before, *after, *retired))

    def ended(self, environment: EnvironmentId, name: str, how: Result, log: Log) -> Lost:
        """Take a service down, with what it owes; those of its poststop tasks that failed. None is fine."""
        version = self._serving.pop((environment, name), None)
        return version.ended(Ending(result=how), log) if version else ()

    def gone(self, environment: EnvironmentId, log: Log) -> None:
        """Take all services of an environment down."""
        for ours, name in list(self._serving):
            if ours == environment:
                self.ended(ours, name, Result.STOPPED, log)

    def ports(self, environment: EnvironmentId, name: str) -> Ports | None:
        """Those of one replica, each in its turn."""
        version = self._serving.get((environment, name))
        return version.ports() if version else None

    def lines(self, environment: EnvironmentId, name: Name, *, follow: bool) -> Iterator[str]:
        """What has been printed by what goes on; with `follow`, until it ends."""
        if version := self._serving.get((environment, name)):
            yield from version.lasting.follow(lambda: version.gone or not follow)

    def environments(self) -> Iterator[EnvironmentId]:
        """Each that has one."""
        yield from {environment for environment, _ in self._serving}

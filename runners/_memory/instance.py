"""One group as it stands in memory: an attempt of a job, or one replica of a service in one version."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.core import group as core
from bot.core.group import Ended, Group, NoOutput, Output, Task, Unfit
from bot.core.wire import Log
from runners._memory.container import Container
from runners._memory.disk import Disk, Files, Hollow
from runners._memory.network import Network

OUTPUT = "/qovery-output/qovery-output.json"
LIMIT = 2**20


@dataclass(slots=True, kw_only=True)
class Instance:
    """Its containers share network and `/alloc`; its own alone has the volumes."""

    group: Group
    network: Network
    volumes: Mapping[str, Files]
    lasting: Log
    """Takes the lines of what goes on."""
    alloc: Files = field(default_factory=dict)
    mains: list[Container] = field(default_factory=list)
    """Those that began, and tasks that are to end."""
    sidecars: list[Container] = field(default_factory=list)

    def begun(self, one: core.Container, log: Log) -> Container:
        """A new container for itself or one of its tasks, which runs unless it is refused."""
        made = self._made(one, log)
        (self.sidecars if isinstance(one, Task) and one.sidecar else self.mains).append(made)
        made.begin()
        return made

    def quiet(self) -> None:
        """Let the mains end, then the sidecars."""
        for container in (*self.mains, *self.sidecars):
            if not container.over:
                container.stop()

    def _made(self, one: core.Container, log: Log) -> Container:
        shared = {"/alloc": self.alloc, **(self.volumes if one is self.group else {})}
        lasts = _lasts(one)

        def take(line: str) -> None:
            named = f"{one.name} | {line}" if isinstance(one, Task) else line
            log(named)
            if lasts:
                self.lasting(named)

        disk = Disk(volumes=shared, given=one.files)
        return Container(one=one, lasts=lasts, disk=disk, network=self.network, log=take)


def _lasts(one: core.Container) -> bool:
    match one:
        case Task(hook=hook, sidecar=sidecar):
            return sidecar or hook is None
        case Group(event=event):
            return event is None
        case _:
            return False


def told(one: core.Container, ended: Ended) -> Ended:
    """The same, with the task's name where it is a task's."""
    return replace(ended, task=one.name) if isinstance(one, Task) else ended


def output(container: Container) -> Output:
    """The output file of a job that has ended well."""
    found = container.disk.find(OUTPUT)
    match found:
        case None | b"" | Hollow(size=0):
            return NoOutput()
        case bytes() if len(found) <= LIMIT:
            return found
        case bytes() | Hollow():
            size = found.size if isinstance(found, Hollow) else len(found)
            return Unfit(f"the output file has {size} bytes; at most {LIMIT} are read")
        case _:
            return Unfit(f"the output file is {found}; write a regular file")

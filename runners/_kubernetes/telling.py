"""What the containers of a pod print, told to one log while it comes up: every run of each, each line once."""

from collections.abc import Iterator

from bot.core.group import Group
from bot.core.model import Hook
from bot.core.wire import Log
from runners._kubernetes import names
from runners._kubernetes.container import called
from runners._kubernetes.deployment import mains
from runners._kubernetes.exec import Spot
from runners._kubernetes.hold import Hold
from runners._kubernetes.logs import Following
from runners._kubernetes.seen import Pod
from runners._telling import of_task


class Telling:
    """The lines of one pod."""

    def __init__(self, hold: Hold, group: Group, log: Log) -> None:
        self._hold = hold
        self._log = log
        self._tasks = dict(_tasks(group))
        self._allowed = dict(_allowed(group))
        """The last run that counts of what is not to be started again for ever: the cluster does not stop there."""
        self._followed: dict[tuple[str, int], Following] = {}
        self._over: set[tuple[str, int]] = set()

    def follow(self, pod: Pod) -> None:
        """Take the lines of every run that is new; of those before, the cluster keeps the last one only."""
        for name, vessel in pod.vessels.items():
            newest = min(vessel.restarts, self._allowed.get(name, vessel.restarts))
            for number in range(max(vessel.restarts - 1, 0), newest + 1):
                ended = number < vessel.restarts or vessel.last is not None
                if vessel.began and (ended or vessel.running):
                    self._run(pod, name, number, ended=ended)

    def told(self) -> None:
        """Take what is there by now, and no more."""
        for key, following in self._followed.items():
            if key in self._over:
                following.rest()
            else:
                following.so_far()

    def _run(self, pod: Pod, container: str, number: int, *, ended: bool) -> None:
        key = (container, number)
        if key not in self._followed:
            spot = Spot(namespace=self._hold.namespace, pod=pod.name, container=container)
            before = self._followed.get((container, number - 1))
            log = self._named(container)
            self._followed[key] = Following(self._hold.api, spot, log, number=number, before=before)
        if ended:
            self._over.add(key)

    def _named(self, container: str) -> Log:
        task = self._tasks.get(container)
        return of_task(self._log, task) if task else self._log


def _allowed(group: Group) -> Iterator[tuple[str, int]]:
    for one in (*mains(group), *group.hooked(Hook.PRESTART)):
        yield called(one), one.restarts


def _tasks(group: Group) -> Iterator[tuple[str, str]]:
    """The task that each container is of."""
    for task in group.tasks:
        for number in range(1, task.restarts + 2):
            yield names.again(called(task), number), task.name

"""What has begun in the pods of one environment, however often they are taken away: the cluster itself soon forgets."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.names import EnvironmentId
from runners._kubernetes import names
from runners._kubernetes.api import Api, selector
from runners._kubernetes.kinds import Kind
from runners._kubernetes.names import Role
from runners._kubernetes.seen import pod
from runners._kubernetes.watch import Watch
from tests.world import cluster


class Pods:
    """Every pod so far; ask as often as wanted."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def begun(self, role: Role) -> Counter[str]:
        """How often what is called so has begun to run: an attempt by its Job, a poststop task by its Job as well."""
        bodies = {**self._watch.gone, **self._watch.seen}.values()
        mine = [each for each in map(pod, bodies) if each.labels.get(names.ROLE) == role]
        return Counter(
            f"{each.labels[names.GROUP]} {each.labels.get(names.TASK, '')}".strip()
            for each in mine
            for name, vessel in each.vessels.items()
            if vessel.began and name in (names.OWN, names.task(each.labels.get(names.TASK, "")))
            for _ in range(vessel.restarts + 1)
        )


@contextmanager
def pods(environment: EnvironmentId, folder: Path) -> Iterator[Pods]:
    """Look while the block lasts."""
    api = Api(kubeconfig=cluster.kubeconfig(), context="", folder=folder)
    with Watch(api, Kind.POD, "", labels=selector(names.ours(environment))) as watch:
        yield Pods(watch)

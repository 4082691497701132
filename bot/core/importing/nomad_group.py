"""A group of a Nomad job: its ports, and the tasks that are mains or hooks."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.importing.entry import Entry
from bot.core.importing.hcl_names import Names, blocks, labelled

DYNAMIC = 8080
"""The first port of those that Nomad would have drawn."""
WORKED_OUT = "its blocks are worked out there; write them out"
CLUSTER = (
    {"dynamic": WORKED_OUT}
    | dict.fromkeys(("constraint", "affinity", "spread"), "where previews run is the operator's setting")
    | dict.fromkeys(("update", "migrate", "reschedule", "disconnect"), "a new version takes over when it is up")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group, and what its tasks share."""

    name: str
    entry: Entry
    batch: bool
    names: Names
    ports: Mapping[str, int]
    meta: tuple[tuple[str, Entry], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """When a task runs; no hook is a main task."""

    hook: str = ""
    sidecar: bool = False


def ports_of(group: Entry, names: Names) -> Mapping[str, int]:
    """Each port by its label: where it leads to, else where it is reached, else one that is chosen here."""
    found: dict[str, int] = {}
    for network in [*blocks(group, "network"), *_old_networks(group)]:
        for label, port in labelled(network, "port"):
            given = port.take("to") or port.take("static")
            number = names.number(given) if given else None
            found[label] = number if number and number > 0 else _free(found)
            port.taken |= {"to", "static", "host_network"}
            port.rest()
        alike = dict.fromkeys(("mode", "mbits", "dns", "hostname"), "every node of a preview is in one network")
        network.rest({**alike, "dynamic": WORKED_OUT})
    return found


def _old_networks(group: Entry) -> list[Entry]:
    """Before Nomad 1.0 each task had its own, under its resources."""
    tasks = [inner for _, inner in labelled(group, "task")]
    return [
        network for task in tasks for resources in blocks(task, "resources") for network in blocks(resources, "network")
    ]


def _free(found: Mapping[str, int]) -> int:
    return next(port for port in range(DYNAMIC, 2**16) if port not in found.values())


def lifecycle(task: Entry, names: Names) -> Lifecycle:
    """What its lifecycle block says."""
    for block in blocks(task, "lifecycle"):
        hook = (names.fixed(given) if (given := block.take("hook")) else "") or ""
        asked = block.take("sidecar")
        sidecar = names.fixed(asked) == "true" if asked else False
        block.rest()
        if sidecar and asked and hook == "poststop":
            asked.leave("a poststop task runs when all else is over, so that it cannot be a sidecar")
            sidecar = False
        return Lifecycle(hook=hook, sidecar=sidecar)
    return Lifecycle()

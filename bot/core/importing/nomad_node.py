"""A group of a Nomad job → a service or job with its tasks."""

from collections.abc import Iterator

from bot.core.importing.draft import Draft, free, named
from bot.core.importing.entry import Entry
from bot.core.importing.hcl_names import Names, blocks, labelled
from bot.core.importing.nomad_check import checks
from bot.core.importing.nomad_group import CLUSTER, Group, Lifecycle, lifecycle
from bot.core.importing.nomad_task import task
from bot.core.reading.yaml_marks import Path

_GROUP = {
    **CLUSTER,
    **dict.fromkeys(("vault", "consul"), "secrets are given by `matinee secrets set`"),
    "ephemeral_disk": "the containers of a group share /alloc",
    "shutdown_delay": "the engine's own time to stop is used",
    "scaling": "a preview has as many replicas as it says",
}
_NO_MAIN = "it has no main task, so that there is nothing for its hooks to go with"
_WEB = ("http", "https", "web", "ui", "www")
_TAGGED = ("traefik.enable=true", "urlprefix-")
_PUBLIC = "it gets a URL; take this out where only other services call it"


def node(group: Group) -> None:
    """Write the whole group; further mains of a batch group are jobs of their own."""
    found = [(name, each, lifecycle(each, group.names)) for name, each in labelled(group.entry, "task")]
    mains = [(name, each) for name, each, when in found if not when.hook]
    if not mains:
        group.entry.leave(_NO_MAIN)
        return
    draft, kind = group.names.draft, "jobs" if group.batch else "services"
    label = draft.free_name(group.name)
    path: Path = (kind, label)
    main, entry = _leader(mains)
    _write(group, main, entry, path)
    for name, each, when in found:
        if name != main and not (group.batch and not when.hook):
            _beside(group, name, each, when, path)
    for name, each in mains if group.batch else ():
        if name != main:
            each.leave(f"a job has one main task; this one is a job of its own, and shares nothing with {label}")
            _write(group, name, each, ("jobs", draft.free_name(f"{group.name}-{name}")))
    _of_the_group(group, path)


def _leader(mains: list[tuple[str, Entry]]) -> tuple[str, Entry]:
    for name, each in mains:
        if (leader := each.take("leader")) and leader.value is True:
            return name, each
    return mains[0]


def _write(group: Group, name: str, entry: Entry, path: Path) -> None:
    """A main task as the node's own container."""
    draft, names = group.names.draft, group.names
    command = (*path, "on", "deploy") if group.batch else path
    draft.put(path, {}, entry)
    if group.batch:
        draft.put(command, {}, entry)
    labels = task(entry, path, command, group)
    if not group.batch:
        _port(group, labels or list(group.ports)[:1], entry, path)
    for restart in (*blocks(group.entry, "restart"), *blocks(entry, "restart")):
        _restarts(restart, names, command)
    if not group.batch:
        checks(group, entry, path)
    for service in (*blocks(group.entry, "service"), *blocks(entry, "service")) if group.batch else ():
        service.leave("a job has no address and no health; it runs and ends")
    entry.taken |= {"leader", "lifecycle"}


def _beside(group: Group, name: str, entry: Entry, when: Lifecycle, path: Path) -> None:
    draft = group.names.draft
    taken = draft.at(*map(str, path), "tasks")
    names = {str(path[1]), *(taken if isinstance(taken, dict) else ())}
    label = free(named(name), names)
    place: Path = (*path, "tasks", label)
    draft.put(place, {}, entry)
    if when.hook:
        draft.put((*place, "hook"), when.hook, entry)
    if when.sidecar:
        draft.flag((*place, "sidecar"), entry)
    labels = task(entry, place, place, group)
    if labels and (when.sidecar or not when.hook) and group.ports[labels[0]] != draft.at(*map(str, path), "port"):
        draft.put((*place, "port"), group.ports[labels[0]], entry)
    for restart in blocks(entry, "restart"):
        _restarts(restart, group.names, place)
    checks(group, entry, place, own_only=True)


def _port(group: Group, labels: list[str], entry: Entry, path: Path) -> None:
    draft = group.names.draft
    known = [label for label in labels if label in group.ports]
    if not known:
        _port_of_service(group, entry, path)
        return
    label = next((each for each in known if each in _WEB), known[0])
    draft.put((*path, "port"), group.ports[label], entry)
    if label in _WEB or any(tag.startswith(_TAGGED) for tag in _tags(group)):
        draft.flag((*path, "public"), entry, remark=_PUBLIC)


def _port_of_service(group: Group, entry: Entry, path: Path) -> None:
    """A service of a mesh names its port by number."""
    for service in (*blocks(group.entry, "service"), *blocks(entry, "service")):
        given = service.take("port")
        text = group.names.fixed(given) if given else None
        if given and text and text.isdecimal() and text.isascii():
            group.names.draft.put((*path, "port"), int(text[:9]), given)
            return


def _tags(group: Group) -> Iterator[str]:
    for holder in (group.entry, *(each for _, each in labelled(group.entry, "task"))):
        for service in blocks(holder, "service"):
            tags = service.take("tags")
            yield from (text for item in tags.items() if (text := group.names.text(item))) if tags else ()


def _restarts(restart: Entry, names: Names, path: Path) -> None:
    if (attempts := restart.take("attempts")) and (number := names.number(attempts)) is not None:
        names.draft.put((*path, "restarts"), number, attempts)
    restart.rest(dict.fromkeys(("interval", "delay", "mode"), "the pauses between attempts are matinee's"))


def _of_the_group(group: Group, path: Path) -> None:
    entry, names = group.entry, group.names
    if count := entry.take("count"):
        number = names.number(count)
        if group.batch:
            count.leave("a job runs once at each event")
        elif number is not None:
            names.draft.put((*path, "replicas"), number, count)
    entry.taken |= {"network", "task", "service", "restart", "meta"}
    for kind, volume in labelled(entry, "volume"):
        mounted = kind in _mounted(names.draft, entry)
        volume.leave("a preview has volumes of its own, which begin empty" if mounted else "no task mounts it")
    entry.rest(_GROUP)


def _mounted(draft: Draft, group: Entry) -> set[str]:
    tasks = (each for _, each in labelled(group, "task"))
    return {mount.told("volume") for each in tasks for mount in blocks(each, "volume_mount")}

"""What makes one version of a group another, in words and without a value."""

from collections.abc import Iterator, Mapping, Sequence

from bot.core.group import Container, Group
from bot.core.names import TOLD

_LISTED = 5


def changes(old: Group, new: Group) -> tuple[str, ...]:
    """Everything that redeploys the group: `image`, `variable LOG_LEVEL`, `task fluentd: args`; nothing for equals."""
    return () if old.version == new.version else tuple(_changes(old, new)) or ("its settings",)


def listed(found: Sequence[str]) -> str:
    """The changes for one short line."""
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return ", ".join(found[:_LISTED]) + more


def _changes(old: Group, new: Group) -> Iterator[str]:
    yield from _of_container(old, new)
    before, after = {task.name: task for task in old.tasks}, {task.name: task for task in new.tasks}
    yield from (f"task {name} is new" for name in after.keys() - before.keys())
    yield from (f"task {name} is gone" for name in before.keys() - after.keys())
    for name in (task.name for task in new.tasks if task.name in before):
        yield from (f"task {name}: {change}" for change in _of_container(before[name], after[name]))
    parts = (("volumes", old.volumes, new.volumes), ("address", old.address, new.address))
    yield from (name for name, was, now in parts if was != now)
    if old.replicas != new.replicas:
        yield f"replicas: {old.replicas} to {new.replicas}"


def _of_container(old: Container, new: Container) -> Iterator[str]:
    for name in ("image", "entrypoint", "args", "user", "cpu", "memory", "health"):
        if getattr(old, name) != getattr(new, name):
            yield name
    yield from (f"variable {name}" for name in _differing(old.variables, new.variables) if not name.startswith(TOLD))
    yield from (f"file {path}" for path in _differing(old.files, new.files))


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))

"""A check of a Nomad service → `health`."""

from bot.core.importing.entry import Entry
from bot.core.importing.hcl_names import blocks
from bot.core.importing.nomad_group import Group
from bot.core.reading.yaml_marks import Path

_SERVICE = {
    "connect": "there is no mesh; a service is reached by its name",
    "provider": "a service is reached by its name",
    "canary_tags": "there are no canaries in a preview",
}


def checks(group: Group, task: Entry, path: Path, *, own_only: bool = False) -> None:
    """Write the first check that can be written; list the others, and what else the services say."""
    holders = [task] if own_only else [group.entry, task]
    done = False
    for service in (each for holder in holders for each in blocks(holder, "service")):
        wanted = service.take("task")
        if wanted and wanted.value != task.path[-1]:
            continue
        label = group.names.fixed(named) if (named := service.take("port")) else None
        for check in blocks(service, "check"):
            if done:
                check.leave("there is one health check")
            else:
                done = _check(check, label or "", group, path)
        _about(service, group, path)


def _about(service: Entry, group: Group, path: Path) -> None:
    if (name := service.take("name")) and (text := group.names.fixed(name)) != path[1] and text:
        name.leave(f"it is reached as {path[1]} here")
    if tags := service.take("tags"):
        tags.leave("there is nothing that reads tags; see public and domain for routes")
    service.rest(_SERVICE)


def _check(check: Entry, label: str, group: Group, path: Path) -> bool:
    names, draft = group.names, group.names.draft
    kind = names.fixed(each) if (each := check.take("type")) else None
    label = (names.fixed(each) if (each := check.take("port")) else None) or label
    port = group.ports.get(label, int(label) if label.isdecimal() and label.isascii() and len(label) < 6 else 0)
    way = check.take("path")
    command = check.take("command")
    if kind == "http" and port and port == draft.at(*map(str, path), "port"):
        draft.put((*path, "health", "http"), (names.text(way) if way else None) or "/", way or check)
    elif kind in ("tcp", "http") and port:
        draft.put((*path, "health", "tcp"), port, check)
        if kind == "http":
            (way or check).leave(
                f"it asks at port {port}, and health.http at the service's own; it asks for the port alone"
            )
    elif kind == "script" and command:
        args = names.texts(given) if (given := check.take("args")) else []
        draft.put((*path, "health", "exec"), [names.text(command) or "", *args], command)
    else:
        known = kind not in ("http", "tcp") or not label or port
        why = f"a check of type {kind or 'none'} cannot be asked here"
        check.leave(why if known else f"it asks at a port {label} that the group has not; write health")
        return False
    for key, ours in (("interval", "every"), ("timeout", "timeout")):
        if (given := check.take(key)) and (text := names.fixed(given)):
            draft.put((*path, "health", ours), text, given)
    check.taken |= {"name", "args", "task", "expose", "address_mode"}
    check.rest({"check_restart": "a service is not restarted because of its health", "method": "it asks by GET"})
    return True

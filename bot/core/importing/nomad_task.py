"""A task of a Nomad group → a container of the spec."""

import posixpath
import re

from bot.core.importing.asked import secret_reference
from bot.core.importing.entry import Entry
from bot.core.importing.hcl_names import blocks
from bot.core.importing.nomad_group import CLUSTER, Group
from bot.core.importing.sizes import cpu, mebibytes
from bot.core.reading.yaml_marks import Path

_DRIVERS = ("docker", "podman", "containerd-driver", "nerdctl")
_CONFIG = {
    "network_mode": "every node of a preview is in one network",
    "privileged": "no container of a preview has rights of the machine",
    "cap_add": "no container of a preview has rights of the machine",
    "auth": "the operator gives credentials of registries to the bot",
    "labels": "there is nothing that reads labels",
    "logging": "what it prints is kept as it is",
    "force_pull": "its registry is asked at each deploy",
    "work_dir": "the image's own is used; set WORKDIR in its Dockerfile",
}
_TASK = {
    **CLUSTER,
    **dict.fromkeys(("vault", "consul", "identity"), "secrets are given by `matinee secrets set`"),
    "artifact": "nothing is downloaded; copy it into the image",
    "kill_timeout": "the engine's own time to stop is used",
    "kill_signal": "the image's own STOPSIGNAL is used",
    "shutdown_delay": "the engine's own time to stop is used",
    "logs": "what it prints is kept as it is",
    "dispatch_payload": "nothing is dispatched",
}
_BOUND = "a folder of the machine is not there; write its files as files, or copy them into the image"
_MHZ = "Nomad counts MHz; choose"
_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ENV = re.compile(r"\{\{-?\s*env\s+\"([A-Za-z_][A-Za-z0-9_]*)\"\s*-?\}\}")
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


def task(entry: Entry, path: Path, command: Path, group: Group) -> list[str]:
    """Write it; its entrypoint and arguments at `command`. Returns the labels of its ports."""
    names, draft = group.names, group.names.draft
    driver = names.fixed(given) if (given := entry.take("driver")) else "docker"
    if given and driver not in _DRIVERS:
        given.leave(f"a container needs an image, and {driver} has none; give it one")
    ports = [label for config in blocks(entry, "config") for label in _config(config, path, command, group)]
    for name, each in group.meta:
        if (text := names.text(each)) is not None:
            draft.put((*path, "variables", f"NOMAD_META_{name}"), text, each)
    for block in (*blocks(entry, "meta"), *blocks(entry, "env")):
        prefix = "NOMAD_META_" if block.path[-2] == "meta" or block.path[-1] == "meta" else ""
        for name, each in block.entries():
            if (text := names.text(each)) is not None:
                draft.put((*path, "variables", f"{prefix}{name}"), text, each)
    moved = _moved(entry, group)
    for template in blocks(entry, "template"):
        _template(template, path, group, moved)
    _unmoved(moved)
    _resources(entry, path, group)
    _volumes(entry, path, group)
    if (user := entry.take("user")) and (text := names.fixed(user)):
        draft.put((*path, "user"), int(text) if re.fullmatch(r"[0-9]{1,12}", text) else text, user)
    entry.taken |= {"lifecycle", "leader", "service", "restart"}
    entry.rest(_TASK)
    return ports


def _config(config: Entry, path: Path, command: Path, group: Group) -> list[str]:
    names, draft = group.names, group.names.draft
    if (image := config.take("image")) and (text := names.fixed(image)):
        draft.put((*path, "image"), text.removeprefix("docker://").removeprefix("https://"), image)
    if given := config.take("entrypoint"):
        draft.put((*command, "entrypoint"), [*names.texts(given)], given)
    first, args = config.take("command"), config.take("args")
    words = [*([names.text(first) or ""] if first else []), *(names.texts(args) if args else [])]
    if (origin := first or args) and words:
        draft.put((*command, "args"), [*words], origin)
    ports = config.take("ports")
    labels = names.texts(ports) if ports else []
    for block in blocks(config, "port_map"):
        for label, each in block.entries():
            labels.append(label)
            if (number := names.number(each)) is not None and isinstance(group.ports, dict):
                group.ports[label] = number
    config.taken |= {"volumes", "mount", "mounts"}
    config.rest(_CONFIG)
    return [label for label in labels if label in group.ports]


def _resources(entry: Entry, path: Path, group: Group) -> None:
    names, draft = group.names, group.names.draft
    for resources in blocks(entry, "resources"):
        if (given := resources.take("cpu")) and (number := names.number(given)):
            draft.put((*path, "resources", "cpu"), cpu(str(number / 1000), given), given, remark=_MHZ)
        if (given := resources.take("cores")) and (number := names.number(given)):
            draft.put((*path, "resources", "cpu"), str(number), given)
        if (given := resources.take("memory")) and (number := names.number(given)) and number > 0:
            draft.put((*path, "resources", "memory"), mebibytes(number), given)
        resources.taken |= {"network"}
        resources.rest({"memory_max": "memory is the limit", "disk": "a container's own file system is not limited"})


def _volumes(entry: Entry, path: Path, group: Group) -> None:
    for mount in blocks(entry, "volume_mount"):
        target = group.names.fixed(given) if (given := mount.take("destination")) else None
        if target and path[0] == "services" and "tasks" not in path:
            group.names.draft.put(
                (*path, "volumes", posixpath.normpath(target)), "1Gi", mount, remark="choose its size"
            )
            mount.taken |= {"volume"}
        else:
            mount.leave("only a service's own container has volumes; the containers of a group share /alloc")
            continue
        mount.rest({"read_only": "a volume can be written to"})
    entry.taken |= {"volume_mount"}


def _moved(entry: Entry, group: Group) -> dict[str, tuple[str, Entry]]:
    """Files of the task that its config mounts elsewhere: `local/site.conf` → its place in the container."""
    found: dict[str, tuple[str, Entry]] = {}
    for config in blocks(entry, "config"):
        volumes = config.take("volumes")
        for item in group.names.settled(volumes).items() if volumes else ():
            source, _, target = (group.names.fixed(item) or "").partition(":")
            found[_absolute(source)] = (target.partition(":")[0], item)
        for mount in (*blocks(config, "mount"), *blocks(config, "mounts")):
            parts = {key: group.names.fixed(each) or "" for key in ("source", "target") if (each := mount.take(key))}
            found[_absolute(parts.get("source", ""))] = (parts.get("target", ""), mount)
    return found


def _unmoved(moved: dict[str, tuple[str, Entry]]) -> None:
    for _, item in moved.values():
        item.leave(_BOUND)


def _absolute(path: str) -> str:
    return posixpath.normpath(posixpath.join("/", path))


def _template(template: Entry, path: Path, group: Group, moved: dict[str, tuple[str, Entry]]) -> None:
    names, draft = group.names, group.names.draft
    data, place = template.take("data"), template.take("destination")
    env = template.take("env")
    text = _data(data, group) if data else None
    if data is None or text is None:
        (template.take("source") or template).leave("its text is not in this file; write it as files")
    elif env and env.value is True:
        _variables(text, data, path, group)
    elif place and (target := names.fixed(place)):
        where, _ = moved.pop(_absolute(target), (_absolute(target), template))
        draft.put((*path, "files", where), text, data)
        if _ACTION.search(text):
            data.leave("what stands in {{ }} is not filled in; write its value, or ${secrets.NAME}")
            draft.remark((*path, "files", where), "write values where {{ }} stands")
    elif place is None:
        template.leave("it names no destination")
    template.rest(
        dict.fromkeys(
            ("change_mode", "change_signal", "change_script", "splay", "wait", "once"), "files change at a deploy only"
        )
        | dict.fromkeys(("perms", "uid", "gid"), "files are mounted read-only, for everybody to read")
    )


def _data(data: Entry, group: Group) -> str | None:
    text = group.names.text(data)
    own = group.names.own
    return None if text is None else _ENV.sub(lambda found: own(found[1]) or found[0], text)


def _variables(text: str, data: Entry, path: Path, group: Group) -> None:
    draft = group.names.draft
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#") or re.fullmatch(r"\s*(?:\{\{.*?\}\}\s*)+", line):
            continue
        read = _LINE.fullmatch(line)
        if read is None:
            data.leave("a line of it is no NAME=value")
        elif "{{" in read[2]:
            data.leave(f"what stands in {{{{ }}}} is not filled in; {read[1]} is a secret that is to be given")
            draft.put((*path, "variables", read[1]), secret_reference(read[1], draft, data), data)
        else:
            draft.put((*path, "variables", read[1]), read[2].strip().strip("\"'"), data)

"""What a compose file mounts into a service: volumes, secrets, configs."""

import posixpath
import re
from typing import TYPE_CHECKING

from bot.core.importing.asked import escaped, fixed, referring, secret_reference
from bot.core.importing.beside import Beside, Unread, within
from bot.core.importing.entry import Entry
from bot.core.importing.held import FORMS
from bot.core.reading.yaml_marks import Path

if TYPE_CHECKING:
    from bot.core.importing.compose_container import Compose

SIZE = "choose its size"
_BOUND = "a folder or file of the machine is not there; copy it into the image, or write it as files"
_NOTHING = "it keeps nothing that the image does not make anew"
_LARGEST = 2**16
_IN_A_JOB = "a job has no volumes; let it write into a service"


def mounts(service: Entry, compose: "Compose", path: Path, *, job: bool) -> None:
    """Write volumes and files; list what is of the machine."""
    given = service.take("volumes")
    for item in given.items() if given else ():
        _volume(item, compose, path, job=job)
    if tmpfs := service.take("tmpfs"):
        tmpfs.leave("a container's own file system is writable")
    for key in ("secrets", "configs"):
        mounted = service.take(key)
        for item in mounted.items() if mounted else ():
            _file(item, key, compose, path)


def _volume(item: Entry, compose: "Compose", path: Path, *, job: bool) -> None:
    kind, source, target = _long(item) if item.fields else _short(fixed(item) or "")
    if kind == "bind" or source.startswith((".", "/", "~")):
        item.leave(_BOUND)
    elif kind != "volume" or not source:
        item.leave(_NOTHING)
    elif job:
        item.leave(_IN_A_JOB)
    else:
        taken = compose.shared.setdefault(source, path)
        if taken != path:
            item.leave(f"{taken[-1]} has the volume {source}; this one is another, for no two services share one")
        folder = posixpath.normpath(target) if target.startswith("/") else target
        compose.draft.put((*path, "volumes", folder), "1Gi", item, remark=SIZE)


def _long(item: Entry) -> tuple[str, str, str]:
    kind = item.told("type") or "volume"
    found = [fixed(each) or "" if each else "" for each in (item.take("source"), item.take("target"))]
    item.rest()
    return kind, found[0], found[1]


def _short(text: str) -> tuple[str, str, str]:
    first, sign, rest = text.partition(":")
    return "volume", first if sign else "", rest.partition(":")[0] if sign else first


def _file(item: Entry, key: str, compose: "Compose", path: Path) -> None:
    source = item.told("source") if item.fields else item.text() or ""
    target = item.told("target") if item.fields else ""
    if item.fields:
        item.rest({"uid": "files are mounted for everybody to read", "gid": "", "mode": "files are mounted read-only"})
    folder = "/run/secrets" if key == "secrets" else ""
    place = posixpath.normpath(posixpath.join(folder or "/", target or source))
    top = (compose.secrets if key == "secrets" else compose.configs).get(source)
    if key == "secrets":
        name = re.sub(r"[^A-Za-z0-9_]", "_", source)
        compose.draft.put((*path, "files", place), secret_reference(name, compose.draft, item), item)
        if top:
            top.taken |= {"file", "environment", "external", "name"}
            top.rest()
        return
    content, file = (top.take("content"), top.take("file")) if top else (None, None)
    why = "it names no content and no file"
    if top and content and (text := content.text()) is not None:
        compose.draft.put((*path, "files", place), referring(text, compose.draft, content), content)
        top.rest()
        return
    if top and file:
        found = _read(within(compose.folder, fixed(file) or "."), compose.beside)
        if not isinstance(found, Unread):
            compose.draft.put((*path, "files", place), escaped(found), file)
            top.rest()
            return
        why = found.why
    item.leave(f"{why}; write the text of the config {source} as files: {{{place}: …}}")


def _read(path: str, beside: Beside) -> str | Unread:
    """A config's text, which is copied; a key in it is not."""
    file = beside.read(path)
    if isinstance(file, Unread):
        return file
    try:
        text = file.decode()
    except UnicodeDecodeError:
        return Unread(f"{path} is no text")
    if len(file) > _LARGEST:
        return Unread(f"{path} is over {_LARGEST // 2**10} KiB")
    return Unread(f"{path} seems to hold a key") if FORMS.search(text) else text

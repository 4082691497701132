"""At which port a compose file's service listens, and whether it is for browsers."""

import re
from typing import TYPE_CHECKING

from bot.core.importing.asked import fixed
from bot.core.importing.beside import Beside, within
from bot.core.importing.commented import Json
from bot.core.importing.entry import Entry
from bot.core.importing.known import answers_browsers, known
from bot.core.reading.yaml_marks import Path
from bot.core.reading.zero import DOCKERFILE, Bare, bare

if TYPE_CHECKING:
    from bot.core.importing.compose_container import Compose

_SHORT = re.compile(r"(?:.*:)?([0-9]{1,6})(?:-[0-9]{1,6})?(?:/([a-z]+))?")
PUBLIC = "it gets a URL; take this out where only other services call it"
_ONE = "a service has one port here; others of it are reached inside, and none has a URL"


def ports(service: Entry, compose: "Compose", path: Path, image: str) -> None:
    """Write the first TCP port; `public` where the machine published it and a browser may ask there."""
    draft = compose.draft
    published, exposed = _ports(service, "ports"), _ports(service, "expose")
    found = [*published, *exposed]
    if not found:
        if of_image := known(image):
            draft.put((*path, "port"), of_image.port, service, remark="the port of this image; the file names none")
        elif port := _exposed(draft.at(*map(str, path), "build"), compose.beside):
            draft.put((*path, "port"), port, service, remark="the port that its Dockerfile exposes")
        return
    port, entry = next(((port, entry) for port, entry in published if answers_browsers(port)), found[0])
    draft.put((*path, "port"), port, entry)
    if published and answers_browsers(port):
        draft.flag((*path, "public"), entry, remark=PUBLIC)
    for other, each in found:
        if other != port:
            each.leave(_ONE)


def _exposed(build: Json | None, beside: Beside) -> int:
    """The port that the Dockerfile of this repository names for what is built; 0 for none."""
    if not isinstance(build, dict) or "repository" in build:
        return 0
    path = within(str(build.get("root", ".")), str(build.get("dockerfile", DOCKERFILE)))
    file = beside.read(path)
    read = bare(file.decode(errors="replace"), str(build.get("target", ""))) if isinstance(file, bytes) else None
    return read.port if isinstance(read, Bare) else 0


def _ports(service: Entry, key: str) -> list[tuple[int, Entry]]:
    given = service.take(key)
    found = ((_port(item), item) for item in given.items()) if given else ()
    return [(port, item) for port, item in found if port is not None]


def _port(item: Entry) -> int | None:
    if item.fields:
        target, protocol = item.take("target"), item.told("protocol") or "tcp"
        item.taken |= {"published", "mode", "name", "app_protocol", "host_ip"}
        item.rest()
        text = f"{fixed(target) if target else ''}/{protocol}"
    else:
        text = fixed(item) or ""
    read = _SHORT.fullmatch(text)
    if read is None:
        item.leave(f"{text} names no port")
        return None
    if (read[2] or "tcp") != "tcp":
        item.leave(f"only TCP ports are reached; this is {read[2]}")
        return None
    return int(read[1])

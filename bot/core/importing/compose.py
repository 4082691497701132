"""Compose files → a spec: services, one-shot services as jobs, and what they have at the top."""

import posixpath
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from bot.core.importing.asked import fixed
from bot.core.importing.beside import Beside, Reader, nothing
from bot.core.importing.compose_container import Compose, container
from bot.core.importing.compose_extends import Extends
from bot.core.importing.compose_file import Shelf
from bot.core.importing.compose_project import Project
from bot.core.importing.draft import Draft, Imported, Unimportable, free, named, unimportable
from bot.core.importing.entry import Entry, whole
from bot.core.importing.left_out import LeftOut
from bot.core.reading.yaml_events import Stop

_TOP = {
    "networks": "every service of a preview is in one network of its own",
    "models": "models are no part of a preview",
}
_ELSEWHERE = "what it extends is not read, so that nothing says what to run"
_MADE = "Made from a compose file. Limits are cpu 500m and memory 512Mi where none stand."
_SAID = "What files of variables say stands here, but for what looked like a secret: read it before you commit it."
FILE = "compose.yaml"


def read(
    file: bytes,
    *,
    path: str = FILE,
    over: Mapping[str, bytes] = MappingProxyType({}),
    reader: Reader = nothing,
    profiles: Collection[str] = (),
) -> Imported | Unimportable:
    """The spec of a compose file at this path from the repository's root; no bytes of any form raise.

    `over` are the files that go over it, by their paths; the reader is asked for what they name.
    """
    journal: list[LeftOut] = []
    shelf = Shelf(beside=Beside(reader=reader), journal=journal)
    folder = posixpath.dirname(posixpath.normpath(path)) or "."
    files = [(file, path, ""), *((text, name, name) for name, text in over.items())]
    try:
        tree, scope = Project(shelf=shelf, extends=Extends(shelf=shelf)).whole(files, folder)
    except Stop as stop:
        return unimportable(stop.mistake)
    top = whole(tree, journal)
    draft = Draft(journal=journal, head=tuple(_head(shelf, over)), held=shelf.held.names)
    started = frozenset(profiles) | frozenset(scope.values.get("COMPOSE_PROFILES", "").split(","))
    services = {name: each for name, each in _entries(top, "services").items() if _wanted(each, started)}
    compose = Compose(
        draft=draft,
        folder=folder,
        names=_names(services),
        ending=_ending(services),
        volumes=_entries(top, "volumes"),
        secrets=_entries(top, "secrets"),
        configs=_entries(top, "configs"),
        beside=shelf.beside,
    )
    _named(top, draft)
    for name, each in services.items():
        container(name, each, compose)
    _drivers(compose.volumes)
    top.taken |= {"version"}
    top.rest(_TOP, without="x-")
    return draft.finished()


def _named(top: Entry, draft: Draft) -> None:
    name = top.take("name")
    if name and (text := fixed(name)):
        draft.put(("name",), text, name)


def _entries(top: Entry, key: str) -> Mapping[str, Entry]:
    found = top.take(key)
    return dict(found.entries()) if found else {}


def _head(shelf: Shelf, over: Collection[str]) -> Iterator[str]:
    yield _MADE
    if others := (*over, *shelf.beside.found):
        yield f"Read with it: {', '.join(dict.fromkeys(others))}."
    if shelf.held.lines:
        yield _SAID


def _wanted(service: Entry, started: frozenset[str]) -> bool:
    """Whether `docker compose up` would start it; what it does not start is left out."""
    profiles = service.take("profiles")
    named = profiles.texts() if profiles else []
    if profiles and "*" not in started and not started & set(named):
        service.leave(f"it starts with --profile {' or '.join(named)} only; give that to `matinee import compose` too")
        return False
    if service.take("extends") and not service.fields.keys() & {"image", "build"}:
        service.leave(_ELSEWHERE)
        return False
    return True


def _names(services: Mapping[str, Entry]) -> Mapping[str, str]:
    """What each service is called here: a DNS label, unlike all others."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name, each in services.items():
        label = free(named(name), taken)
        taken.add(label)
        found[name] = label
        if label != name:
            each.leave(f"it is called {label} here, and reached by that name; change what names it otherwise")
    return found


def _ending(services: Mapping[str, Entry]) -> frozenset[str]:
    """The services of which others wait for the end: jobs."""
    found = set()
    for each in services.values():
        needs = each.fields.get("depends_on")
        for name, need in getattr(needs.value, "fields", {}).items() if needs else ():
            condition = getattr(need.value, "fields", {}).get("condition")
            if condition and getattr(condition.value, "text", "") == "service_completed_successfully":
                found.add(name)
    return frozenset(found)


def _drivers(volumes: Mapping[str, Entry]) -> None:
    for each in volumes.values():
        each.taken |= {"name", "labels"}
        each.rest({"external": "a preview has volumes of its own only"})

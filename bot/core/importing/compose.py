"""Compose files → a spec: services, one-shot services as jobs, and what they have at the top."""

import posixpath
from collections.abc import Mapping
from types import MappingProxyType

from bot.core.importing.asked import fixed
from bot.core.importing.compose_container import Compose, container
from bot.core.importing.draft import Draft, Imported, Unimportable, free, named, unimportable
from bot.core.importing.entry import Entry, whole
from bot.core.importing.left_out import LeftOut
from bot.core.importing.yaml_source import parse
from bot.core.reading.mistakes import Mistake

_TOP = {
    "networks": "every service of a preview is in one network of its own",
    "include": "the other file is not read; import it too, and join the results",
    "models": "models are no part of a preview",
}
_PROFILED = "it starts with --profile only; take it over by hand if previews need it"
_ELSEWHERE = "what it extends is not read; write its image or build here, and import again"


def read(
    file: bytes, *, folder: str = ".", exposed: Mapping[str, int] = MappingProxyType({})
) -> Imported | Unimportable:
    """The spec of a compose file that stands in this folder of the repository; no bytes of any form raise.

    `exposed` is what is known of Dockerfiles: path from the repository's root → the port that it exposes.
    """
    tree = parse(file)
    if isinstance(tree, Mistake):
        return unimportable(tree)
    journal: list[LeftOut] = []
    top = whole(tree, journal)
    draft = Draft(
        journal=journal, head=("Made from a compose file. Limits are cpu 500m and memory 512Mi where none stand.",)
    )
    services = {name: each for name, each in _entries(top, "services").items() if _wanted(each)}
    compose = Compose(
        draft=draft,
        folder=posixpath.normpath(folder),
        names=_names(services),
        ending=_ending(services),
        volumes=_entries(top, "volumes"),
        secrets=_entries(top, "secrets"),
        configs=_entries(top, "configs"),
        exposed=exposed,
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


def _wanted(service: Entry) -> bool:
    """Whether `docker compose up` would start it; what it does not start is left out."""
    if service.take("profiles"):
        service.leave(_PROFILED)
        return False
    if service.take("extends") and not service.fields.keys() & {"image", "build"}:
        service.leave(_ELSEWHERE)
        return False
    service.taken.discard("extends")
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

"""Qovery's services (Terraform resources, or JSON of its API) → a spec: lifecycle jobs above all."""

import re
from collections import Counter
from collections.abc import Iterator

from bot.core.importing.databases import ENGINES, Database
from bot.core.importing.draft import Draft, Imported, Unimportable, unimportable
from bot.core.importing.entry import Entry, whole
from bot.core.importing.hcl_names import Names, declared, labelled
from bot.core.importing.hcl_source import parse
from bot.core.importing.left_out import LeftOut
from bot.core.importing.qovery_api import resources as of_api
from bot.core.importing.qovery_node import UNROLLED, node
from bot.core.importing.qovery_place import KINDS, Resource, Whole
from bot.core.importing.qovery_stages import Stages
from bot.core.importing.qovery_variables import shared
from bot.core.importing.yaml_source import parse_json
from bot.core.reading.mistakes import Mistake

_ENGINE = {"POSTGRESQL": "postgres", "MYSQL": "mysql", "MONGODB": "mongo", "REDIS": "redis"}
_SHARED = ("qovery_environment", "qovery_project")
_TOP = {
    "module": "the files of a module are not read; import them too, and join the results",
    **dict.fromkeys(("moved", "import", "removed", "check"), "previews are not Terraform's to keep"),
}
_ONLY_THERE = {
    "qovery_helm": "charts are not deployed; write what it makes as services",
    "qovery_terraform_service": "write it as a job whose image has Terraform",
    "qovery_cluster": "where previews run is the operator's setting",
    "qovery_deployment": "a preview is deployed at each push",
}
_QUIET = ("qovery_container_registry", "qovery_deployment_stage")
"""Looked up by those that name them."""


def read(file: bytes) -> Imported | Unimportable:
    """The spec of Terraform or of JSON; no bytes of any form raise."""
    json = file.lstrip()[:1] in (b"{", b"[")
    tree = parse_json(file) if json else parse(file)
    if isinstance(tree, Mistake):
        return unimportable(tree)
    journal: list[LeftOut] = []
    top = whole(tree, journal)
    draft = Draft(journal=journal, head=("Made from services of Qovery.",))
    found = tuple(of_api(top) if json else _resources(top))
    values, asked = ({}, frozenset[str]()) if json else declared(top)
    at_all = _named(found, draft)
    names = Names(draft=draft, values=values, asked=asked, own=at_all.own, plain=json)
    with_names = Whole(names=names, resources=at_all.resources, databases=at_all.databases, here=_here(found, names))
    for each in found:
        if each.kind in _SHARED:
            shared(each, with_names)
    for each in found:
        _write(each, with_names)
    Stages(found).write(with_names)
    if not json:
        top.taken |= {"terraform", "provider", "data", "output", "resource"}
        top.rest(_TOP)
    return draft.finished()


def _resources(top: Entry) -> Iterator[Resource]:
    for kind, group in labelled(top, "resource"):
        for label, entry in group.entries():
            line = entry.line if entry.line > 1 else group.line
            inner = Entry(tree=entry.tree, path=("resource", kind, label), line=line, journal=entry.journal)
            yield Resource(kind=kind, label=label, entry=inner)


def _named(found: tuple[Resource, ...], draft: Draft) -> Whole:
    """Give each a name, before any names another."""
    resources: dict[str, Resource] = {}
    databases: dict[str, Database] = {}
    for each in found:
        if each.kind not in KINDS:
            continue
        name = draft.free_name(_name(each))
        kind = "jobs" if each.kind == "qovery_job" else "services"
        draft.put((kind, name), {}, each.entry)
        resources[f"{each.kind}.{each.label}"] = Resource(kind=each.kind, label=each.label, entry=each.entry, name=name)
        engine = _ENGINE.get(_text(each.entry, "type").upper())
        if each.kind == "qovery_database" and engine:
            databases[f"{each.kind}.{each.label}"] = Database(name=name, engine=ENGINES[engine])
    return Whole(names=Names(draft=draft), resources=resources, databases=databases)


def _name(resource: Resource) -> str:
    """What it is called; where that is worked out, what the file calls it."""
    given = _text(resource.entry, "name")
    return resource.label if not given or "${each." in given or "${count." in given else given


def _text(entry: Entry, key: str) -> str:
    """What stands there, without taking it."""
    found = entry.fields.get(key)
    return str(getattr(found.value, "text", "")) if found else ""


def _here(found: tuple[Resource, ...], names: Names) -> str:
    """The repository that most are built from: it is taken for the one whose pulls are previewed."""
    urls = Counter(url for each in found for url in _urls(each.entry, names))
    return urls.most_common(1)[0][0] if urls else ""


def _urls(entry: Entry, names: Names) -> Iterator[str]:
    source = entry.fields.get("source")
    docker = getattr(source.value, "fields", {}).get("docker") if source else None
    holder = getattr(docker.value, "fields", {}) if docker else entry.fields
    repository = holder.get("git_repository")
    url = getattr(repository.value, "fields", {}).get("url") if repository else None
    if url is not None:
        quiet = Entry(tree=url.value, path=(), line=1, journal=[])
        yield names.fixed(quiet) or ""


def _write(resource: Resource, at_all: Whole) -> None:
    if resource.kind in KINDS:
        named = at_all.resources[f"{resource.kind}.{resource.label}"]
        database = at_all.databases.get(f"{resource.kind}.{resource.label}")
        if database is None and named.kind == "qovery_database":
            at_all.draft.drop("services", named.name)
            named.entry.leave("no database of this type is known here; write it as a service")
        elif database is None:
            node(named, at_all)
        else:
            _database(named.entry, database, at_all)
    elif resource.kind not in (*_SHARED, *_QUIET):
        ours = re.match("qovery_", resource.kind)
        resource.entry.leave(
            _ONLY_THERE.get(resource.kind, "it is no service or job" if ours else "it is none of Qovery's")
        )


def _database(entry: Entry, database: Database, at_all: Whole) -> None:
    version = at_all.names.fixed(given) if (given := entry.take("version")) else ""
    storage = at_all.names.number(given) if (given := entry.take("storage")) else None
    database.write(at_all.draft, entry, version=version or "", size=f"{storage}Gi" if storage else "1Gi")
    mode = entry.take("mode")
    if mode and mode.value == "MANAGED":
        mode.leave(
            f"a preview has a container of its own, {database.name}; for a managed one write a job that makes it"
        )
    entry.taken |= {
        "name",
        "type",
        "environment_id",
        "id",
        "deployment_stage_id",
        "accessibility",
        "icon_uri",
        "service_type",
    }
    for key in ("cpu", "memory"):
        at_all.limit(entry, key, ("services", database.name))
    entry.rest({**UNROLLED, "instance_type": "a preview has a container of its own"})

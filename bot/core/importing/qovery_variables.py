"""Variables, secrets, aliases and files of Qovery's → `variables`, `files`, and secrets by name."""

import re

from bot.core.importing.asked import CHOOSE, secret_reference
from bot.core.importing.commented import Json
from bot.core.importing.entry import Entry
from bot.core.importing.known import made_here
from bot.core.importing.qovery_place import Resource, Whole
from bot.core.reading.yaml_marks import Path

_TO_GIVE = "its value is not copied; give it by `matinee secrets set`"
_QUIET = {
    *(
        "id",
        "name",
        "environment_id",
        "organization_id",
        "project_id",
        "cluster_id",
        "description",
        "created_at",
        "updated_at",
    ),
    *("organization", "project", "environment", "mode"),
}


def shared(resource: Resource, at_all: Whole) -> None:
    """Variables of an environment or project: of every service and job."""
    entry = resource.entry
    variables(entry, (), at_all)
    entry.taken |= _QUIET
    entry.rest({"deployment_rules": "preview.ttl and preview.sleep say for how long a preview runs"})


def variables(entry: Entry, path: Path, at_all: Whole) -> None:
    """Write all of them at this node; the empty path is the whole environment."""
    for key in ("environment_variables", "environment_variable_overrides"):
        for item in _listed(entry, key):
            _variable(item, path, at_all)
    for key in ("secrets", "secret_overrides", "external_secrets"):
        for item in _listed(entry, key):
            _secret(item, path, at_all)
    for key, secret in (("environment_variable_files", False), ("secret_files", True), ("external_secret_files", True)):
        for item in _listed(entry, key):
            _file(item, path, at_all, secret=secret)
    for key in ("environment_variable_aliases", "secret_aliases"):
        for item in _listed(entry, key):
            _alias(item, path, at_all)


def _listed(entry: Entry, key: str) -> list[Entry]:
    found = entry.take(key)
    return list(found.items()) if found else []


def _key(item: Entry) -> str:
    named = item.take("key")
    item.taken |= {
        "id",
        "description",
        "scope",
        "created_at",
        "updated_at",
        "service_id",
        "service_type",
        "variable_type",
        "owned_by",
    }
    return (named.text() if named else "") or ""


def _variable(item: Entry, path: Path, at_all: Whole) -> None:
    """One of Terraform's, or of the API's, which says itself what it is and of which service."""
    kind, node = item.told("variable_type").upper(), item.told("service_name")
    place = _owner(node, at_all) if node else path
    if place is None:
        item.leave(f"there is no service {node} here")
    elif kind == "BUILT_IN":
        return
    elif kind == "ALIAS" or "aliased_variable" in item.fields:
        aliased = item.take("aliased_variable")
        _aliased(_key(item), aliased.told("key") if aliased else item.told("value"), item, place, at_all)
    elif (hidden := item.take("is_secret")) and hidden.value is True:
        _secret(item, place, at_all)
    elif "mount_path" in item.fields and item.fields["mount_path"].value and kind == "FILE":
        _file(item, place, at_all, secret=False)
    else:
        name, value = _key(item), item.take("value")
        text = at_all.names.text(value) if value else ""
        _put(name, text or "", item, place, at_all)
        item.taken |= {"mount_path", "overridden_variable"}
        item.rest()


def _owner(node: str, at_all: Whole) -> Path | None:
    for each in at_all.resources.values():
        if str(getattr(each.entry.fields["name"].value, "text", "")) == node if "name" in each.entry.fields else False:
            return ("jobs" if each.kind == "qovery_job" else "services", each.name)
    return None


def _put(name: str, value: Json, item: Entry, path: Path, at_all: Whole) -> None:
    if not path and isinstance(value, str) and (alone := re.fullmatch(r"\$\{variables\.(\w+)\}", value)):
        value = at_all.draft.at("variables", alone[1]) or ""
        at_all.draft.put(("variables", name), value, item, remark="" if value else CHOOSE)
        return
    at_all.draft.put((*path, "variables", name), value, item)


def _secret(item: Entry, path: Path, at_all: Whole) -> None:
    name = _key(item)
    item.taken |= item.fields.keys()
    _put(name, secret_reference(name, at_all.draft, item), item, path, at_all)
    if not made_here(name):
        item.leave(_TO_GIVE)


def _file(item: Entry, path: Path, at_all: Whole, *, secret: bool) -> None:
    name = _key(item)
    place = at_all.names.fixed(given) if (given := item.take("mount_path")) else None
    value = item.take("value")
    if not place or not path:
        item.leave("a file is mounted into one service or job; write it there")
        return
    text = secret_reference(name, at_all.draft, item) if secret else (at_all.names.text(value) if value else "")
    at_all.draft.put((*path, "files", place), text or "", item)
    _put(name, place, item, path, at_all)
    if secret and not made_here(name):
        item.leave(_TO_GIVE)
    item.taken |= item.fields.keys()


def _alias(item: Entry, path: Path, at_all: Whole) -> None:
    name, value = _key(item), item.take("value")
    target = (at_all.names.fixed(value) if value else "") or ""
    item.rest()
    _aliased(name, target, item, path, at_all)


def _aliased(name: str, target: str, item: Entry, path: Path, at_all: Whole) -> None:
    item.taken |= item.fields.keys()
    draft = at_all.draft
    found = draft.at(*map(str, path), "variables", target) or draft.at("variables", target) or at_all.built_in(target)
    if found is None:
        item.leave(f"{target} is not known here; write services.NAME.host, .port or .url, or jobs.NAME.outputs.NAME")
    else:
        _put(name, found, item, path, at_all)

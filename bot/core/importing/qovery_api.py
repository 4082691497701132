"""JSON of Qovery's API → the resources that Terraform has: of one service, a list, `{"results": …}`, lists by name."""

from collections.abc import Iterator

from bot.core.importing.entry import Entry
from bot.core.importing.qovery_place import Resource
from bot.core.reading.yaml_marks import Field, Listing, Path, Scalar, Table

_DEEPEST = 6


def resources(top: Entry) -> Iterator[Resource]:
    """Everything in it that is a service, a job or a database; what is nothing of these is left out."""
    return _resources(top, 0)


def _resources(entry: Entry, depth: int) -> Iterator[Resource]:
    if isinstance(entry.tree, Listing):
        for item in entry.items():
            yield from _resources(item, depth + 1)
    elif kind := _kind(entry):
        yield Resource(kind=kind, label=f"line {entry.line}", entry=entry)
    elif isinstance(entry.tree, Table) and depth < _DEEPEST and _holds(entry):
        for key, inner in entry.entries():
            if key in ("page", "page_size", "total"):
                continue
            if key in ("environment", "project") and not _kind(inner):
                yield Resource(kind=f"qovery_{key}", label=key, entry=inner)
            elif key in ("variables", "environment_variables", "secrets") and isinstance(inner.tree, Listing):
                yield Resource(kind="qovery_environment", label=key, entry=_wrapped(inner, key))
            else:
                yield from _resources(inner, depth + 1)
    elif entry.given:
        entry.leave("it is no service, job or database")


def _holds(entry: Entry) -> bool:
    return "id" not in entry.fields and any(isinstance(each.value, Table | Listing) for each in entry.fields.values())


def _kind(entry: Entry) -> str:
    keys = entry.fields.keys()
    if "schedule" in keys and "source" in keys:
        return "qovery_job"
    if "image_name" in keys and "tag" in keys:
        return "qovery_container"
    if "git_repository" in keys:
        return "qovery_application"
    return "qovery_database" if {"type", "version", "mode"} <= keys else ""


def _wrapped(inner: Entry, key: str) -> Entry:
    """A list of variables as an environment that has them."""
    above: Path = inner.path[:-1]
    name = "environment_variables" if key == "variables" else key
    named = Scalar(at=inner.tree.at, text=name, quoted=True, source="")
    tree = Table(at=inner.tree.at, fields={name: Field(key=named, value=inner.tree)})
    return Entry(tree=tree, path=above, line=inner.line, journal=inner.journal)

"""Paths of a compose file's service, as the file of another folder has to write them."""

import posixpath
from collections.abc import Callable
from dataclasses import replace

from bot.core.importing.compose_merge import keyed
from bot.core.reading.yaml_marks import Field, Listing, Scalar, Table, Tree

_ELSEWHERE = ("/", "~", "git@", "service:")
Change = Callable[[Tree], Tree]


def moved(service: Tree, here: str, there: str) -> Tree:
    """The service or config of a file in the first folder, as it is written in the second one."""
    if here == there or not isinstance(service, Table):
        return service

    def path(tree: Tree) -> Tree:
        if not isinstance(tree, Scalar) or not tree.text or "://" in tree.text or tree.text.startswith(_ELSEWHERE):
            return tree
        return replace(tree, text=posixpath.relpath(posixpath.join(here, tree.text), there), quoted=True)

    fields = dict(service.fields)
    for key, change in (("build", _build), ("env_file", _files), ("file", _files)):
        if key in fields:
            fields[key] = replace(fields[key], value=change(fields[key].value, path))
    return Table(at=service.at, fields=fields)


def _build(tree: Tree, path: Change) -> Tree:
    if not isinstance(tree, Table):
        return path(tree)
    fields = dict(tree.fields)
    here = Scalar(at=tree.at, text=".", quoted=True, source=".")
    context = fields.get("context") or Field(key=replace(here, text="context"), value=here)
    fields["context"] = replace(context, value=path(context.value))
    if further := fields.get("additional_contexts"):
        named = {key: replace(each, value=path(each.value)) for key, each in keyed(further.value).items()}
        fields["additional_contexts"] = replace(further, value=Table(at=further.value.at, fields=named))
    return Table(at=tree.at, fields=fields)


def _files(tree: Tree, path: Change) -> Tree:
    match tree:
        case Listing(at=at, items=items):
            return Listing(at=at, items=tuple(_files(each, path) for each in items))
        case Table(at=at, fields=fields):
            named = {"path": replace(fields["path"], value=path(fields["path"].value))} if "path" in fields else {}
            return Table(at=at, fields={**fields, **named})
        case _:
            return path(tree)

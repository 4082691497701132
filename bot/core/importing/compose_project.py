"""All files of a compose project → one tree: overrides, `include`, `env_file`, and what `.env` says."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.core.composing.variables import shown
from bot.core.importing.beside import Unread, within
from bot.core.importing.compose_environment import Environments, passed_on
from bot.core.importing.compose_extends import Extends
from bot.core.importing.compose_file import Shelf, put
from bot.core.importing.compose_merge import kept, merged, told
from bot.core.importing.compose_paths import moved
from bot.core.importing.interpolation import Scope
from bot.core.reading.yaml_events import Stop, stray
from bot.core.reading.yaml_marks import Field, Listing, Mark, Scalar, Table, Tree, below, fields, plain

_DEEPEST = 8
_INSTEAD = "import it too, and join the results"
_SHARED = ("services", "volumes", "networks", "secrets", "configs", "models")
_NOT_COPIED = ("name", "version", "include")
Given = tuple[bytes, str, str]
"""A file, its path from the root, and the name to tell of it by."""
Steps = tuple[str, ...]
"""The files that include one another."""


@dataclass(slots=True, kw_only=True)
class Project:
    """A project while its files are put together."""

    shelf: Shelf
    extends: Extends
    scopes: dict[str, Scope] = field(default_factory=dict)
    """Each service, and the variables that its file is filled in with."""

    def whole(self, files: list[Given], folder: str) -> tuple[Tree, Scope]:
        """One tree, and what whoever runs it would have as variables; raises `Stop` where it cannot be read."""
        scope = self._scope([within(folder, ".env")], Scope(), None)
        tree = self._joined(files, folder, scope, (files[0][1],))
        return Environments(shelf=self.shelf, folder=folder, scopes=self.scopes).written(tree), scope

    def _joined(self, files: list[Given], folder: str, scope: Scope, steps: Steps) -> Tree:
        opened = [self.shelf.read(text, path, told, folder, scope) for text, path, told in files]
        first, *others = (self.extends.resolved(each).tree for each in opened)
        tree = kept(first)
        for other in others:
            tree = merged(tree, other)
        for name in fields(tree, "services"):
            self.scopes.setdefault(name, scope)
        return self._included(passed_on(tree, scope.values), folder, scope, steps)

    def _included(self, tree: Tree, folder: str, scope: Scope, steps: Steps) -> Tree:
        given = fields(tree).get("include")
        for at, item in _items(given) if given else ():
            if (other := self._other(at, item, folder, scope, steps)) is not None:
                tree = self._copied(tree, *other, folder)
        left = {key: each for key, each in fields(tree).items() if key != "include"}
        return Table(at=tree.at, fields=left) if isinstance(tree, Table) else tree

    def _other(self, at: Mark, item: Tree, folder: str, scope: Scope, steps: Steps) -> tuple[Tree, str] | None:
        """The project that is included, and its folder; None, and listed, where it cannot be read."""
        paths = [within(folder, each) for each in _texts(below(item, "path") or item)]
        if not paths:
            self.shelf.leave(at, "include", "it names no file; a text, or {path: FILE}")
            return None
        if paths[0] in steps:
            raise Stop(stray(at, f"it includes itself: {' → '.join(map(shown, (*steps, paths[0])))}"))
        if len(steps) > _DEEPEST:
            raise Stop(stray(at, f"more than {_DEEPEST} files that include one another are refused"))
        read = [(path, self.shelf.beside.read(path)) for path in paths]
        for _, text in read:
            if isinstance(text, Unread):
                self.shelf.leave(at, "include", f"{text.why}; {_INSTEAD}")
                return None
        home = next(iter(_texts_at(item, "project_directory")), "")
        inner = within(folder, home) if home else posixpath.dirname(paths[0]) or "."
        named = [within(folder, each) for each in _texts_at(item, "env_file")]
        own = self._scope(named or [within(inner, ".env")], scope, at if named else None)
        files = [(text, path, path) for path, text in read if isinstance(text, bytes)]
        return self._joined(files, inner, own, (*steps, paths[0])), inner

    def _scope(self, paths: list[str], outer: Scope, at: Mark | None) -> Scope:
        """What these files say, and over it what the project says that includes them."""
        said: dict[str, str] = {}
        for path in paths:
            found = self.shelf.environment(path, outer)
            if isinstance(found, Unread):
                if at or not found.absent:
                    self.shelf.leave(at or Mark(1, 1), "include" if at else "", found.why)
            else:
                said |= found
        return Scope({**said, **outer.values})

    def _copied(self, tree: Tree, other: Tree, inner: str, folder: str) -> Tree:
        """All that is included beside what is there; of two with one name the one that is there."""
        for key, each in fields(other).items():
            here = fields(tree).get(key)
            if key in _SHARED and isinstance(each.value, Table):
                there = fields(other, key)
                if key in ("services", "configs"):
                    there = {name: replace(own, value=moved(own.value, inner, folder)) for name, own in there.items()}
                tree = put(tree, key, self._beside(key, fields(tree, key), there))
            elif here is None and key not in _NOT_COPIED and isinstance(tree, Table):
                tree = Table(at=tree.at, fields={**tree.fields, key: each})
        return tree

    def _beside(self, key: str, here: Mapping[str, Field], there: Mapping[str, Field]) -> Mapping[str, Field]:
        found = dict(here)
        for name, each in there.items():
            if name not in found:
                found[name] = each
            elif plain(found[name].value) != plain(each.value):
                first = told(found[name].key.at)
                self.shelf.leave(each.key.at, f"{key}.{name}", f"it stands at {first} too, and that one is taken")
        return found


def _items(given: Field) -> Iterator[tuple[Mark, Tree]]:
    if isinstance(given.value, Listing):
        yield from ((each.at, each) for each in given.value.items)
    else:
        yield given.key.at, given.value


def _texts(tree: Tree) -> list[str]:
    items = tree.items if isinstance(tree, Listing) else (tree,)
    return [each.text for each in items if isinstance(each, Scalar) and each.text]


def _texts_at(item: Tree, key: str) -> list[str]:
    found = fields(item).get(key)
    return _texts(found.value) if found else []

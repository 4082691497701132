"""Variables of compose services that stand elsewhere: in an `env_file`, or with whoever runs compose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.core.importing.beside import Unread, within
from bot.core.importing.compose_file import Shelf, put
from bot.core.importing.compose_merge import keyed
from bot.core.importing.held import MOST_LINES
from bot.core.importing.interpolation import Scope, Values
from bot.core.reading.yaml_events import Stop, stray
from bot.core.reading.yaml_marks import Field, Listing, Mark, Scalar, Table, Tree, fields

_ABSENT = "write what it says into variables, and what is secret into secrets"
Said = tuple[str, Mark, str | None]
"""A variable, where it stands, and its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environments:
    """The services of a project whose variables are still in files."""

    shelf: Shelf
    folder: str
    scopes: Mapping[str, Scope]
    scopes_after: dict[tuple[Scope, str], Scope] = field(default_factory=dict)

    def written(self, tree: Tree) -> Tree:
        """The tree with all variables where `environment` would say them."""
        services = fields(tree, "services")
        read: dict[str, list[Said]] = {}
        for name, each in services.items():
            if _named(each.value):
                read[name] = list(self._said(name, each.value))
            if sum(map(len, read.values())) > MOST_LINES:
                raise Stop(stray(each.key.at, f"more than {MOST_LINES:,} variables of files are refused"))
        whole = {name: self._service(each, read[name]) if name in read else each for name, each in services.items()}
        return put(tree, "services", whole) if read else tree

    def _said(self, name: str, service: Tree) -> Iterator[Said]:
        """What its files say, in their order; secrets are known only when all files were read."""
        place, scope = f"services.{name}.env_file", self.scopes.get(name, Scope())
        for item in _items(fields(service)["env_file"].value):
            path, needed, raw = self._file(item, place)
            found = self.shelf.variables(within(self.folder, path), scope, raw=raw) if path else {}
            if not isinstance(found, Unread):
                scope = self._after(scope, path, found)
                yield from ((variable, *each) for variable, each in found.items())
            elif needed or not found.absent:
                self.shelf.leave(item.at, place, f"{found.why}; {_ABSENT}")

    def _file(self, item: Tree, place: str) -> tuple[str, bool, bool]:
        """Its path, whether it must be there, and whether it is taken as it is."""
        if isinstance(item, Scalar) and item.text:
            return item.text, True, False
        said = {key: each.value for key, each in fields(item).items()}
        path, required, form = (said.get(key) for key in ("path", "required", "format"))
        for key in said.keys() - {"path", "required", "format"}:
            self.shelf.leave(said[key].at, f"{place}.{key}", "it has no counterpart")
        raw = isinstance(form, Scalar) and form.text == "raw"
        if isinstance(form, Scalar) and form.text and not raw:
            self.shelf.leave(form.at, f"{place}.format", f"{form.text} is no form of such a file; there is raw")
        if not isinstance(path, Scalar) or not path.text:
            self.shelf.leave(item.at, place, "it names no file")
            return "", True, raw
        return path.text, not (isinstance(required, Scalar) and required.value is False), raw

    def _after(self, scope: Scope, path: str, found: Mapping[str, tuple[Mark, str | None]]) -> Scope:
        """What the file after this one may speak of."""
        if (scope, path) not in self.scopes_after:
            said = {name: text for name, (_, text) in found.items() if text is not None}
            self.scopes_after[scope, path] = Scope({**scope.values, **said})
        return self.scopes_after[scope, path]

    def _service(self, service: Field, said: list[Said]) -> Field:
        own = fields(service.value).get("environment")
        given = {name: self._field(name, at, text) for name, at, text in said}
        table = Table(at=service.value.at, fields={**given, **(keyed(own.value) if own else {})})
        whole = put(service.value, "environment", table.fields)
        left = {key: each for key, each in fields(whole).items() if key != "env_file"}
        return replace(service, value=Table(at=service.value.at, fields=left))

    def _field(self, name: str, at: Mark, text: str | None) -> Field:
        key = Scalar(at=at, text=name, quoted=True, source=name)
        shown = self.shelf.held.hidden(name, text) if text is not None else ""
        return Field(key=key, value=replace(key, text=shown, quoted=text is not None))


def passed_on(tree: Tree, values: Values) -> Tree:
    """Variables and build arguments of which only the name stands get the value that is known."""
    services = fields(tree, "services").items() if values else ()
    passed = {name: replace(each, value=_passed(each.value, values)) for name, each in services}
    return put(tree, "services", passed) if passed else tree


def _passed(service: Tree, values: Values) -> Tree:
    service = _filled(service, "environment", values)
    build = fields(service).get("build")
    if build and isinstance(service, Table):
        built = replace(build, value=_filled(build.value, "args", values))
        return Table(at=service.at, fields={**service.fields, "build": built})
    return service


def _filled(tree: Tree, key: str, values: Values) -> Tree:
    found = fields(tree).get(key)
    given = keyed(found.value) if found else {}
    known = {name: _told(each, values[name]) for name, each in given.items() if _open(each.value) and name in values}
    return put(tree, key, {**given, **known}) if known else tree


def _told(given: Field, text: str) -> Field:
    return replace(given, value=replace(given.key, text=text, quoted=True))


def _open(value: Tree) -> bool:
    return isinstance(value, Scalar) and value.value is None


def _named(service: Tree) -> bool:
    return "env_file" in fields(service)


def _items(tree: Tree) -> tuple[Tree, ...]:
    if isinstance(tree, Listing):
        return tree.items
    return () if _open(tree) else (tree,)

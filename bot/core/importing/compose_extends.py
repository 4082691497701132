"""`extends` of compose: a service over the one that it names, of its own file or another."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.core.composing.variables import shown
from bot.core.importing.beside import Unread, within
from bot.core.importing.compose_file import ComposeFile, Shelf
from bot.core.importing.compose_merge import SERVICE, merged
from bot.core.importing.compose_paths import moved
from bot.core.reading.yaml_events import Stop, stray
from bot.core.reading.yaml_marks import Field, Mark, Scalar, Table, Tree

_MOST_STEPS = 16
_INSTEAD = "write its image or build here"
Step = tuple[str, str]
"""A file and a service of it."""


@dataclass(slots=True, kw_only=True)
class Extends:
    """All services of the files that are read, each with what it extends."""

    shelf: Shelf
    done: dict[tuple[ComposeFile, str], Tree] = field(default_factory=dict)

    def resolved(self, file: ComposeFile) -> ComposeFile:
        """The file, its services whole."""
        services = file.services.items()
        whole = {name: replace(each, value=self._service(name, file, ())) for name, each in services}
        return file.with_services(whole) if whole else file

    def _service(self, name: str, file: ComposeFile, steps: tuple[Step, ...]) -> Tree:
        known = (file, name)
        if known not in self.done:
            self.done[known] = self._whole(name, file, steps)
        return self.done[known]

    def _whole(self, name: str, file: ComposeFile, steps: tuple[Step, ...]) -> Tree:
        service = file.services[name].value
        given = service.fields.get("extends") if isinstance(service, Table) else None
        if given is None or not isinstance(service, Table):
            return service
        step = (file.path, name)
        if step in steps:
            raise Stop(stray(given.key.at, f"it extends itself: {_told((*steps[steps.index(step) :], step))}"))
        if len(steps) >= _MOST_STEPS:
            raise Stop(stray(given.key.at, f"more than {_MOST_STEPS} services that extend one another are refused"))
        base = self._base(given.value, given.key.at, name, file, (*steps, step))
        if base is None:
            return service
        own = {key: each for key, each in service.fields.items() if key != "extends"}
        return merged(base, Table(at=service.at, fields=own), SERVICE)

    def _base(self, given: Tree, at: Mark, name: str, file: ComposeFile, steps: tuple[Step, ...]) -> Tree | None:
        """What it extends, as this file would write it; None, and listed, where that cannot be read."""
        place = f"services.{name}.extends"
        words = _words(given)
        if words is None:
            self.shelf.leave(at, place, "it names no service; {service: NAME}, and a file where it stands in another")
            return None
        service, path = words
        other = self.shelf.opened(within(file.folder, path), file.scope) if path else file
        if isinstance(other, Unread):
            self.shelf.leave(at, place, f"{other.why}; {_INSTEAD}")
            return None
        if service not in other.services:
            self.shelf.leave(at, place, f"there is no service {service} in {other.path}; {_INSTEAD}")
            return None
        return moved(self._service(service, other, steps), other.folder, file.folder)


def _words(given: Tree) -> tuple[str, str] | None:
    """The service and the file that are named."""
    if isinstance(given, Scalar):
        return (given.text, "") if given.text else None
    fields: Mapping[str, Field] = given.fields if isinstance(given, Table) else {}
    service, path = (fields[key].value if key in fields else None for key in ("service", "file"))
    if not isinstance(service, Scalar) or not (path is None or isinstance(path, Scalar)):
        return None
    return service.text, path.text if path else ""


def _told(steps: tuple[Step, ...]) -> str:
    return " → ".join(f"{shown(service)} in {shown(path)}" for path, service in steps)

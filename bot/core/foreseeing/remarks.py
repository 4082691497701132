"""What is worth knowing of a node before it is deployed, beside what happens to it."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from bot.core.composing.variables import Reference, references, texts
from bot.core.foreseeing.sight import Sight
from bot.core.model import Hook, Job, JobEvent, Rerun, Service, Spec
from bot.core.names import Name

_COMMIT = "git.sha"


def remarks(name: Name, node: Service | Job, sight: Sight) -> tuple[str, ...]:
    """Where a clone comes from, what is not used or not to be had here, and what each push redoes."""
    return (
        *_origin(name, sight),
        *_domain(name, node, sight),
        *_roomless(node, sight),
        *_redone(node, sight.around.spec),
    )


def _origin(name: Name, sight: Sight) -> Iterator[str]:
    if clone := sight.around.stands.overlay.clones.get(name):
        yield f"a clone of {clone.origin}"


def _domain(name: Name, node: Service | Job, sight: Sight) -> Iterator[str]:
    """The runner's word is the address that it gives."""
    if not isinstance(node, Service) or node.domain is None:
        return
    address = sight.around.stands.addresses.get(name)
    if address is None or urlsplit(address.url).hostname != node.domain:
        yield f"its domain {node.domain} is not used here; it is reached at {address.url if address else 'none'}"


def _roomless(node: Service | Job, sight: Sight) -> Iterator[str]:
    """Where there is no room for volumes, some of it fails and some of it is forgotten."""
    if not sight.roomless:
        return
    if isinstance(node, Service) and node.volumes:
        yield f"it has volumes and would not start: {sight.roomless}"
    last = [name for name, task in node.tasks.items() if task.hook is Hook.POSTSTOP]
    if last:
        yield f"{', '.join(last)} would find /alloc empty: {sight.roomless}"


def _redone(node: Service | Job, spec: Spec) -> Iterator[str]:
    """A commit's id is another one at each push, and so is whatever it is filled into."""
    shared = {f"variables.{name}" for name, text in spec.variables.items() if _named([text], {_COMMIT})}
    names = {_COMMIT, *shared}
    builds = [each.build for each in node.containers.values() if each.build is not None]
    if _named((text for build in builds for text in build.args.values()), names):
        yield "its build names ${git.sha}, so that each push builds it anew"
    if (shared or _named(texts(node), names)) and (again := _again(node)):
        yield f"{'it' if not shared else 'its environment'} names ${{git.sha}}, so that each push {again}"


def _again(node: Service | Job) -> str:
    if isinstance(node, Service):
        return "restarts it"
    on_change = JobEvent.DEPLOY in node.on and node.on[JobEvent.DEPLOY].run is Rerun.ON_CHANGE
    return "runs it again" if on_change else ""


def _named(said: Iterable[str], names: set[str]) -> bool:
    return any(isinstance(part, Reference) and part.name in names for text in said for part in references(text))

"""What a deploy would do for each image: build it, fetch it, or find it."""

from collections.abc import Iterator, Mapping
from typing import assert_never

from bot.core.deciding.difference import listed
from bot.core.foreseeing.outlook import ImageRow, Prospect, Verb
from bot.core.foreseeing.sight import Hopeless, Missing, Sight, There
from bot.core.model import Build, Container
from bot.core.names import Name

_PLAIN = ("repository", "ref", "root", "dockerfile", "target", "platform", "secrets")


def image_rows(node: Name, sight: Sight) -> tuple[ImageRow, ...]:
    """One row for each container of the node; none for a clone, which keeps the images that it came with."""
    if node in sight.around.stands.overlay.clones:
        return ()
    containers = sight.around.spec.nodes[node].containers
    return tuple(ImageRow(task=task, prospect=_prospect(node, task, each, sight)) for task, each in containers.items())


def _prospect(node: Name, task: Name, container: Container, sight: Sight) -> Prospect:
    match sight.of(node, task, container):
        case Hopeless(why):
            return Prospect(verb=Verb.FAIL, why=why)
        case There(image):
            placed = sight.placed(node)
            known = "this very content is built already" if container.build else "it is here already"
            moved = placed is not None and placed.images.get(task) not in (None, image)
            return Prospect(verb=Verb.UNCHANGED, why=f"{known}, though not what stands" if moved else known)
        case Missing() if container.build is not None:
            return Prospect(verb=Verb.BUILD, why=_anew(container.build, node, task, sight))
        case Missing():
            wait = f", and waited for up to {container.wait}" if container.wait else ""
            return Prospect(verb=Verb.PULL, why=f"{container.image} is not here yet{wait}")
        case other:
            assert_never(other)


def _anew(build: Build, node: Name, task: Name, sight: Sight) -> str:
    """Why there is no image of it, as far as the two specs tell it."""
    before = sight.build_before(node, task)
    if before is None:
        return "first time"
    if changed := tuple(_changes(before, sight.build(build))):
        return f"{listed(changed)} changed"
    return f"what is in {'the repository' if build.root in ('', '.') else build.root} was not built before"


def _changes(before: Build, now: Build) -> Iterator[str]:
    yield from (name for name in _PLAIN if getattr(before, name) != getattr(now, name))
    yield from (f"argument {name}" for name in _differing(before.args, now.args))
    yield from (f"context {name}" for name in _differing(before.contexts, now.contexts))


def _differing(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))

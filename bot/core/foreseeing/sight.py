"""All that can be known of a deploy before it begins, without making, fetching or changing anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.composing.compose import build_order
from bot.core.composing.surroundings import Surroundings, surroundings
from bot.core.composing.variables import Unfilled
from bot.core.deciding.plan import Build as BuildImage
from bot.core.deciding.plan import Pull, step_id
from bot.core.model import Build, Container
from bot.core.names import Name, StepId
from bot.core.overlay import laid_over
from bot.core.standing import Placed, Standing

UNKNOWN = "(not known yet)"
"""Stands for an image or a value that there is none of yet: equal to none that there was."""


@dataclass(frozen=True, slots=True)
class There:
    """The image that the step would find without any work."""

    image: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The image would have to be built or fetched."""


@dataclass(frozen=True, slots=True)
class Hopeless:
    """The step would fail, for this reason."""

    why: str


Found = There | Missing | Hopeless


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a deploy would see before its first step."""

    around: Surroundings
    """Filled as it would be then; outputs are those of the last runs."""
    before: Standing | None
    """What stands now."""
    found: Mapping[StepId, Found]
    """Of each step that builds or pulls an image."""
    tree: Mapping[str, str] = field(default_factory=dict)
    """The files of the commit, where the spec asks for any."""
    roomless: str = ""
    """Why the runner makes no room for volumes; empty where it does."""

    def placed(self, node: Name) -> Placed | None:
        """The node as it stands now."""
        return self.before.nodes.get(node) if self.before else None

    def of(self, node: Name, task: Name, container: Container) -> Found:
        """What there is of a container's image."""
        return self.found[step_id(BuildImage(node, task) if container.build else Pull(node, task))]

    def images(self, node: Name) -> Mapping[str, str]:
        """The images of a node's containers, `UNKNOWN` where one is yet to be made or fetched."""
        if clone := self.around.stands.overlay.clones.get(node):
            return clone.images
        containers = self.around.spec.nodes[node].containers
        found = {task: self.of(node, task, each) for task, each in containers.items()}
        return {task: each.image if isinstance(each, There) else UNKNOWN for task, each in found.items()}

    def build(self, build: Build) -> Build:
        """With its arguments filled in, as far as they can be."""
        return _filled(build, self.around)

    def build_before(self, node: Name, task: Name) -> Build | None:
        """What the container was built from last; None where it was not."""
        stands = self.before
        if stands is None or stands.spec is None or stands.pull is None:
            return None
        old = laid_over(stands.spec, stands.overlay).nodes.get(node)
        container = old.containers.get(task) if old else None
        if container is None or container.build is None:
            return None
        return _filled(container.build, surroundings(stands.spec, stands.pull, stands, stands.given))


def _filled(build: Build, around: Surroundings) -> Build:
    order = build_order(build, around)
    return build if isinstance(order, Unfilled) else order

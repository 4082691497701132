"""Copies a service or job out of an environment as it stands, to be put anywhere: the same for every door."""

from dataclasses import dataclass

from bot.core.composing.variables import listed, nearest
from bot.core.group import Home
from bot.core.model import Job, Service
from bot.core.names import EnvironmentId, Name
from bot.core.overlay import Clone, laid_over
from bot.world import World


@dataclass(frozen=True, slots=True)
class Uncopied:
    """Why there is no copy."""

    why: str


def copied(world: World, source: EnvironmentId, name: Name) -> Clone | Uncopied:
    """The service or job with its images; its `domain` stays where it is."""
    stands = world.runner.recall(Home(environment=source, generation=0))
    if stands is None or stands.spec is None:
        return Uncopied(f"nothing stands in {source}; deploy it first")
    nodes = laid_over(stands.spec, stands.overlay).nodes
    if name not in nodes:
        there = sorted(nodes)
        return Uncopied(f"{source} has no service or job {name}; it has {listed(there)}{nearest(name, there)}")
    placed = stands.nodes.get(name)
    if placed is None or not placed.images:
        return Uncopied(f"no deploy has reached {name} in {source} yet, so that it has no image; deploy first")
    fork = stands.pull is None or stands.pull.fork
    return Clone(node=_alone(nodes[name]), images=placed.images, origin=f"{name} of {source}", fork=fork)


def _alone(node: Service | Job) -> Service | Job:
    return node.model_copy(update={"domain": None}) if isinstance(node, Service) else node

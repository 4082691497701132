"""What people changed by hand in one environment, laid over its spec."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.model import Job, Service, Spec
from bot.core.names import Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """A service or job that somebody put here by hand, as it was where it came from."""

    node: Service | Job
    images: Mapping[str, str]
    """Its digest or image id under `""`, and each task's under the task's name."""
    origin: str
    """Where it came from, for people: `web of github-1296269-7`."""
    fork: bool = True
    """Whether it came from the preview of a fork's pull; where nobody said, it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """Clones and deletions: a push undoes nothing of it, the environment's end all."""

    clones: Mapping[Name, Clone] = field(default_factory=dict)
    deleted: frozenset[Name] = frozenset()


def laid_over(spec: Spec, overlay: Overlay) -> Spec:
    """The spec as it counts in this environment: without what was deleted here, and with what was cloned here.

    What needed a deleted node no longer waits for it.
    """
    nodes = {name: node for name, node in spec.nodes.items() if name not in overlay.deleted}
    nodes |= {name: clone.node for name, clone in overlay.clones.items() if name not in overlay.deleted}
    kept = {name: node.model_copy(update={"needs": _there(node.needs, nodes)}) for name, node in nodes.items()}
    services = {name: node for name, node in kept.items() if isinstance(node, Service)}
    jobs = {name: node for name, node in kept.items() if isinstance(node, Job)}
    return spec.model_copy(update={"services": services, "jobs": jobs})


def _there(needs: tuple[Name, ...], nodes: Mapping[Name, object]) -> tuple[Name, ...]:
    return tuple(need for need in needs if need in nodes)

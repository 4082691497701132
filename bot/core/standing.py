"""What stands: all that is remembered with an environment, to stop and delete it without its repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter

from bot.core.approval import Allowed
from bot.core.events import Pull, PullKey
from bot.core.group import Address, Group
from bot.core.lifetime import Lifetime
from bot.core.model import JobEvent, Outputs, Spec
from bot.core.names import Name, Sha
from bot.core.overlay import Overlay

FORMER = 1000
"""How many secret values of old are still hidden, and how many characters they may have together."""
FORMER_SIZE = 128 * 2**10


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One output variable of a job."""

    name: str
    value: str = field(repr=False)
    sensitive: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A service or job as it stands, with its place in the deploy order."""

    name: Name
    needs: frozenset[Name] = frozenset()
    service: Group | None = None
    """The group that was brought up last; None for a job."""
    pinned: Mapping[JobEvent, Group] = field(default_factory=dict)
    """A job's stop and delete runs, as they were when it last succeeded."""
    images: Mapping[str, str] = field(default_factory=dict)
    """Its digest or image id under `""`, and each task's under the task's name, as they were deployed last."""
    expects: Outputs = field(default_factory=Outputs)
    """What a job's output file is to hold, also at its stop and delete runs."""
    inputs: str = ""
    """Of a job: a fingerprint of all that went into its last successful deploy run; empty before the first."""
    ingredients: Mapping[str, str] = field(default_factory=dict)
    """The same part by part, so that it can be told which one changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One environment's memory. Values inside are secret: it is printed nowhere."""

    key: PullKey
    repository: str
    generation: int
    sha: Sha
    """The commit that was deployed last, well or badly."""
    serving: Sha | None = None
    """The commit that the last wholly successful deploy brought up."""
    down: bool = False
    """Its services were stopped."""
    asleep: bool = False
    """They were because its time had come, not because somebody said so."""
    lifetime: Lifetime = field(default_factory=Lifetime)
    addresses: Mapping[Name, Address] = field(default_factory=dict)
    nodes: Mapping[Name, Placed] = field(default_factory=dict)
    outputs: Mapping[Name, tuple[Variable, ...]] = field(default_factory=dict)
    spec: Spec | None = None
    """As it was deployed last, without the overlay."""
    pull: Pull | None = None
    """As it was when it was deployed last."""
    allowed: Allowed | None = None
    """Who let the commit run that was deployed last; None where nobody had to be asked yet."""
    by_hand: bool = False
    """A person had it deployed: what filters would have left out then, they leave alone."""
    overlay: Overlay = field(default_factory=Overlay)
    generated: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets that were made here, by name."""
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The operator's secrets as the last deploy had them, by name."""
    former: tuple[str, ...] = field(default=(), repr=False)
    """Secret values of old that something which still runs may print."""

    @property
    def hidden(self) -> tuple[str, ...]:
        """Every value here that is secret by itself."""
        variables = (each for job in self.outputs.values() for each in job)
        sensitive = (each.value for each in variables if each.sensitive)
        return (*sensitive, *self.generated.values(), *self.given.values(), *self.former)

    @property
    def images(self) -> frozenset[str]:
        """Every image that something here runs, or is to run at its stop or delete."""
        groups = (group for node in self.nodes.values() for group in (node.service, *node.pinned.values()) if group)
        run = (each.image for group in groups for each in (group, *group.tasks))
        kept = [node.images for node in self.nodes.values()]
        kept += [clone.images for clone in self.overlay.clones.values()]
        return frozenset((*run, *(image for images in kept for image in images.values())))

    def leaving(self, job: Name, variables: tuple[Variable, ...]) -> "Standing":
        """The same, with these outputs of the job; what was secret of those before is still hidden."""
        return self._still_hidden_in(replace(self, outputs={**self.outputs, job: variables}))

    def holding(self, given: Mapping[str, str]) -> "Standing":
        """The same, with these secrets of the operator's; those that they were before are still hidden."""
        return self if given == self.given else self._still_hidden_in(replace(self, given=dict(given)))

    def placing(self, node: Placed) -> "Standing":
        """The same, with this node as it is now."""
        return replace(self, nodes={**self.nodes, node.name: node})

    def without(self, name: Name) -> "Standing":
        """The same, with this node gone."""
        return replace(self, nodes={other: node for other, node in self.nodes.items() if other != name})

    def noticing(self, pull: Pull | None) -> "Standing":
        """The same, with what filters look at as it is now: only what changes from here on is a change to them."""
        if pull is None or self.pull is None:
            return self
        return replace(self, pull=replace(self.pull, draft=pull.draft, labels=pull.labels))

    def _still_hidden_in(self, now: "Standing") -> "Standing":
        """What was secret before, and is no more, may still be printed by what was given it."""
        known = set(now.hidden)
        return replace(now, former=_newest((*now.former, *(value for value in self.hidden if value not in known))))


def _newest(values: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(values))[-FORMER:]
    size = sum(map(len, kept))
    gone = 0
    while size > FORMER_SIZE:
        size -= len(kept[gone])
        gone += 1
    return kept[gone:]


_ADAPTER = TypeAdapter(Standing)
_OUTPUTS = TypeAdapter(tuple[Variable, ...])


def dumps(standing: Standing) -> bytes:
    """The standing as JSON."""
    return _ADAPTER.dump_json(standing)


def loads(text: bytes) -> Standing:
    """The standing that `dumps` wrote; ValueError on anything else."""
    return _ADAPTER.validate_json(text)


def dumps_outputs(variables: tuple[Variable, ...]) -> bytes:
    """One job's outputs as JSON, where they are kept apart from the rest."""
    return _OUTPUTS.dump_json(variables)


def loads_outputs(text: bytes) -> tuple[Variable, ...]:
    """The outputs that `dumps_outputs` wrote; ValueError on anything else."""
    return _OUTPUTS.validate_json(text)

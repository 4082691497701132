"""What every act of one turn holds on to: the adapters, the memory, the log, and the way to name a loss."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.core.composing.surroundings import Surroundings, surroundings
from bot.core.composing.variables import secret_references
from bot.core.deciding.outcome import Cancelled, Failed, Outcome, Succeeded
from bot.core.deciding.plan import Build, step_id
from bot.core.deciding.plan import Pull as PullImage
from bot.core.events import Pull
from bot.core.group import Ended, Fate, Group, Home
from bot.core.model import Build as BuildSpec
from bot.core.model import Container, Spec
from bot.core.names import Name, StepId
from bot.core.standing import Placed
from bot.core.telling.reasons import reason
from bot.core.wire import Cancel
from bot.ledger import Ledger
from bot.masks import Masks
from bot.tail import Book, Tail
from builders.base import Builder, Commit, Unbuilt
from runners.base import Runner

T = TypeVar("T")

OVERTAKEN = "a newer wish took over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """What a deploy has that a stop or a delete does not need."""

    spec: Spec
    pull: Pull
    commit: Commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Grip:
    """One turn's grip on the world."""

    home: Home
    runner: Runner
    builder: Builder
    ledger: Ledger
    deploy: Deploy | None
    book: Callable[[StepId, int], Book]
    elsewhere: Callable[[BuildSpec], Commit | Unbuilt]
    """The commit of a build that is not of the pull's own."""
    rewrite: Callable[[StepId, Callable[[str], str]], None]
    """Writes all that a step has ever logged anew, line by line."""
    guarded: tuple[str, ...]
    """The bot's own secrets: values that are given to nobody."""
    secrets: Mapping[str, str]
    """The operator's for this environment, by name."""
    cancel: Cancel
    spent: Mapping[StepId, int]
    """Attempts that earlier tries of the same step have used up, so that each has a number of its own."""
    masks: Masks = field(init=False)
    """Hides the bot's own secrets, the operator's, and whatever is secret here by now."""

    def __post_init__(self) -> None:
        masks = Masks((*self.guarded, *self.secrets.values()), lambda: self.ledger.standing)
        object.__setattr__(self, "masks", masks)

    @property
    def deploying(self) -> Deploy:
        """What a deploy brought; to ask is right only in one."""
        if self.deploy is None:
            raise LookupError("only a deploy has a commit")
        return self.deploy

    @property
    def around(self) -> Surroundings:
        """What values are filled from at this moment."""
        stands, deploy = self.ledger.present, self.deploy
        spec, pull = (deploy.spec, deploy.pull) if deploy else (stands.spec, stands.pull)
        if spec is None or pull is None:
            raise LookupError("nothing was deployed here")
        return surroundings(spec, pull, stands, self.secrets)

    def images(self, node: Name, outcomes: Mapping[StepId, Outcome]) -> Mapping[str, str]:
        """The images of a node's containers, as the steps before found them; its own under `""`."""
        if clone := self.ledger.present.overlay.clones.get(node):
            return clone.images
        containers = self.deploying.spec.nodes[node].containers
        return {task: _image(node, task, each, outcomes) for task, each in containers.items()}

    def place(self, placed: Placed) -> None:
        """Remember what stands from now on, and the operator's secrets that it was given."""
        named = sorted(secret_references(self.around.spec) & self.secrets.keys())
        given = {name: self.secrets[name] for name in named}
        self.ledger.change(lambda stands: stands.placing(placed).holding(given))

    def logged(self, step: StepId, act: Callable[[Tail], T], *, attempt: int = 1) -> T:
        """Do it with a log that is masked and kept."""
        book = self.book(step, attempt)
        try:
            return act(Tail(book, self.masks))
        finally:
            book.close()

    def hide(self, step: StepId, *, known: frozenset[str]) -> None:
        """Mask what a step has logged, where something is secret by now that was not `known` to be when it began."""
        if not known.issuperset(self.masks.hidden):
            self.rewrite(step, self.masks)


def lost(ended: Ended, group: Group, log: Tail) -> Outcome:
    """The outcome of a group that did not come to its good end."""
    if ended.fate is Fate.CANCELLED:
        return Cancelled(why=OVERTAKEN)
    return Failed(why=reason(ended, group, log.last), tail=log.last, printed=log.count)


def regretted(ended: tuple[Ended, ...], group: Group | None) -> str:
    """What to say of tasks that failed without failing their group."""
    return "; ".join(f"its task {each.task} failed: {reason(each, group)}" for each in ended if group is not None)


def _image(node: Name, task: Name, container: Container, outcomes: Mapping[StepId, Outcome]) -> str:
    outcome = outcomes[step_id(Build(node, task) if container.build else PullImage(node, task))]
    return outcome.image if isinstance(outcome, Succeeded) else ""

"""What every act of one turn holds on to: the adapters, the memory, the log, and the way to name a loss."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.core.compose import Surroundings
from bot.core.decide import step_id
from bot.core.events import Pull
from bot.core.group import Ended, Fate, Group, Home
from bot.core.masking import Masker
from bot.core.model import Container, Spec
from bot.core.names import Name, StepId
from bot.core.outcome import Cancelled, Failed, Outcome, Succeeded
from bot.core.plan import Build
from bot.core.plan import Pull as PullImage
from bot.core.reasons import reason
from bot.core.wire import Cancel
from bot.ledger import Ledger
from bot.tail import Book, Tail
from builders.base import Builder, Commit
from runners.base import Runner

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
    guarded: tuple[str, ...]
    """The bot's own secrets: values that are given to nobody."""
    secrets: Mapping[str, str]
    """The operator's for this environment, by name."""
    cancel: Cancel
    spent: Mapping[StepId, int]
    """Attempts that earlier tries of the same step have used up, so that each has a number of its own."""

    @property
    def deploying(self) -> Deploy:
        """What a deploy brought; to ask is right only in one."""
        if self.deploy is None:
            raise LookupError("only a deploy has a commit")
        return self.deploy

    @property
    def around(self) -> Surroundings:
        """What values are filled from at this moment."""
        deploy = self.deploying
        return Surroundings(spec=deploy.spec, pull=deploy.pull, stands=self.ledger.present, secrets=self.secrets)

    def images(self, node: Name, outcomes: Mapping[StepId, Outcome]) -> Mapping[str, str]:
        """The images of a node's containers, as the steps before found them; its own under `""`."""
        containers = self.deploying.spec.nodes[node].containers
        return {task: _image(node, task, each, outcomes) for task, each in containers.items()}

    def logged(self, step: StepId, act: Callable[[Tail], Outcome], *, attempt: int = 1) -> Outcome:
        """Do it with a log that is masked and kept."""
        book = self.book(step, attempt)
        try:
            return act(Tail(book, self.masker()))
        finally:
            book.close()

    @property
    def hidden(self) -> tuple[str, ...]:
        """Every value that is known to be secret now."""
        stands = self.ledger.standing
        return (*self.guarded, *self.secrets.values(), *(stands.hidden if stands else ()))

    def masker(self) -> Masker:
        """Of all that is known to be secret now."""
        return Masker(self.hidden)


def lost(ended: Ended, group: Group, log: Tail) -> Outcome:
    """The outcome of a group that did not come to its good end."""
    if ended.fate is Fate.CANCELLED:
        return Cancelled(why=OVERTAKEN)
    return Failed(why=reason(ended, group, log.last), tail=log.last)


def regretted(ended: tuple[Ended, ...], group: Group | None) -> str:
    """What to say of tasks that failed without failing their group."""
    return "; ".join(f"its task {each.task} failed: {reason(each, group)}" for each in ended if group is not None)


def _image(node: Name, task: Name, container: Container, outcomes: Mapping[StepId, Outcome]) -> str:
    outcome = outcomes[step_id(Build(node, task) if container.build else PullImage(node, task))]
    return outcome.image if isinstance(outcome, Succeeded) else ""

"""What the steps and services of an environment print, also while they do, without what is secret by now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.core.group import Home
from bot.core.names import EnvironmentId, StepId
from bot.core.telling.markdown import plain
from bot.masks import masks
from bot.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One attempt's log."""

    generation: int
    step: StepId
    attempt: int


class Printed:
    """Remembers how far each log was read."""

    def __init__(self, world: World, environment: EnvironmentId) -> None:
        self._world = world
        self._environment = environment
        self._read: dict[Book, int] = {}

    def books(self) -> tuple[Book, ...]:
        """Every log that there is by now, as they began."""
        logged = self._world.inbox.logs.kept(self._environment)
        return tuple(Book(generation=each[0], step=each[1], attempt=each[2]) for each in logged)

    def news(self, wanted: Callable[[Book], bool]) -> Iterator[tuple[Book, int, str]]:
        """The lines that came since the last look, each with its number."""
        clean = cleaner(self._world, self._environment)
        for book in filter(wanted, self.books()):
            start = self._read.get(book, 0)
            lines = self._world.inbox.logs.lines(
                self._environment, book.generation, book.step, book.attempt, start=start
            )
            for number, line in lines:
                self._read[book] = number + 1
                yield book, number, clean(line)


def cleaner(world: World, environment: EnvironmentId) -> Callable[[str], str]:
    """Masks what turned out to be secret, also after the line was kept, and what would drive the terminal."""
    hide = masks(world.runner, Home(environment=environment, generation=0), world.secrets)
    return lambda line: plain(hide(line))


def meant(name: str, step: str) -> bool:
    """Whether the name is this step's, or that of the job that it runs."""
    return name == step or step.startswith(f"run {name} on ")


def services(world: World, environment: EnvironmentId) -> set[str]:
    """The services that stand."""
    stands = world.runner.recall(Home(environment=environment, generation=0))
    return {name for name, node in stands.nodes.items() if node.service} if stands else set()

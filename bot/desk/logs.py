"""The last lines of a service, a job or a step, for a reply."""

import time
from collections import deque
from collections.abc import Iterable, Iterator

from bot.core.group import Home
from bot.core.judging import Hearing, Part, no
from bot.core.names import EnvironmentId, Name
from bot.core.telling.answers.logs import MOST, logs_answer, no_log
from bot.core.telling.answers.logs import Printed as Shown
from bot.core.telling.markdown import code
from bot.masks import masks
from bot.printed import Book, Printed, meant, services
from bot.world import World

PATIENCE = 10.0
"""Seconds for which a log is read."""


def logs(name: str, at: Hearing, world: World, *, limit: int) -> Part:
    """What it has printed lately: a service that stands, else the newest attempt of the step or job."""
    environment = at.told.key.environment
    home = Home(environment=environment, generation=0)
    status = world.inbox.lane(environment)
    steps = {step.name for step in status.report.steps} if status and status.report else set()
    books, running = Printed(world, environment).books(), services(world, environment)
    if name in running:
        shown = _last(world.runner.logs(home, Name(name), follow=False), name)
    elif book := next((book for book in reversed(books) if meant(name, book.step)), None):
        shown = _last(_kept(world, environment, book), book.step, attempt=book.attempt)
    elif name in steps:
        shown = Shown(name=name, lines=(), number=0)
    else:
        return no(no_log(name, sorted({*running, *(book.step for book in books)}), limit=limit))
    if shown is None:
        return no(f"{code(name, limit=100)} has printed too much for here; `matinee logs {environment}` shows it all.")
    return Part(body=logs_answer(shown, masks(world.runner, home, world.secrets), limit=limit))


def _kept(world: World, environment: EnvironmentId, book: Book) -> Iterator[str]:
    for _, line in world.inbox.logs.lines(environment, book.generation, book.step, book.attempt):
        yield line


def _last(lines: Iterable[str], name: str, *, attempt: int = 0) -> Shown | None:
    """The last lines of all; None where reading them takes too long."""
    end = time.monotonic() + PATIENCE
    kept: deque[str] = deque(maxlen=MOST)
    number = 0
    for line in lines:
        kept.append(line)
        number += 1
        if time.monotonic() > end:
            return None
    return Shown(name=name, lines=tuple(kept), number=number, attempt=attempt)

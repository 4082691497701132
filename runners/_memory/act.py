"""Something under way in a thread of its own: whoever awaits it gets every line from the first, and what came of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from threading import Condition, Thread
from typing import Generic, TypeVar

from bot.core.wire import Log

_GLANCE = 0.02

Result = TypeVar("Result")


class Transcript:
    """Lines as they come."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._news = Condition()

    def take(self, line: str) -> None:
        """Take one more."""
        with self._news:
            self.lines.append(line)
            self._news.notify_all()

    def nudge(self) -> None:
        """Let those that follow look whether it is over."""
        with self._news:
            self._news.notify_all()

    def follow(self, over: Callable[[], bool]) -> Iterator[str]:
        """Every line from the first, until it is over and all are told."""
        told = 0
        while True:
            last = over()
            with self._news:
                if not last and told == len(self.lines):
                    self._news.wait(_GLANCE)
                news = self.lines[told:]
            yield from news
            told += len(news)
            if last and not news:
                return


class Act(Generic[Result]):
    """Begun as it is made."""

    def __init__(self, work: Callable[[Log], Result]) -> None:
        self._transcript = Transcript()
        self._future = begun(lambda: work(self._transcript.take))
        self._future.add_done_callback(lambda _: self._transcript.nudge())

    def awaited(self, log: Log, glance: Callable[[], None] = lambda: None) -> Result:
        """What came of it; `glance` is called now and then until it is over."""

        def over() -> bool:
            glance()
            return self._future.done()

        for line in self._transcript.follow(over):
            log(line)
        return self._future.result()


def begun(work: Callable[[], Result]) -> "Future[Result]":
    """Let it go on in a thread that holds no process back from its end."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 # handed to whoever asks for the result
            future.set_exception(error)

    Thread(target=run, name="memory act", daemon=True).start()
    return future

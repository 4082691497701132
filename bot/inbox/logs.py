"""The logs of all that was ever run: each a book while it is written, and lines from then on."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from threading import Lock
from weakref import WeakSet

from bot.core.names import EnvironmentId, StepId
from bot.inbox import chunks
from bot.inbox.chunks import Lines, LogKey
from bot.inbox.database import Database
from bot.inbox.logbook import LogBook


class Logs:
    """Every method may be called from any thread."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._listing = Lock()
        self._books: WeakSet[LogBook] = WeakSet()

    def begin(self, environment: EnvironmentId, generation: int, step: StepId, attempt: int) -> LogBook:
        """Begin, or begin again, the log of one attempt."""
        key = LogKey(environment=environment, generation=generation, step=step, attempt=attempt)
        began = self._clock()

        def write(new: Sequence[Lines], left_out: tuple[int, int] | None) -> None:
            self._database.write(lambda connection: chunks.put(connection, key, new, left_out=left_out, began=began))

        book = LogBook(write, self._clock)
        with self._listing:
            self._books.add(book)
        return book

    def keep_up(self) -> None:
        """Bring every book that is being written up to date."""
        with self._listing:
            books = tuple(self._books)
        for book in books:
            book.keep_up()

    def rewrite(self, environment: EnvironmentId, step: StepId, how: Callable[[str], str]) -> None:
        """Write every line that a step has ever logged anew; of what was there before nothing is left."""
        if self._database.write(lambda connection: chunks.rewrite(connection, environment, step, how)):
            self._database.scrub()

    def lines(
        self, environment: EnvironmentId, generation: int, step: StepId, attempt: int, *, start: int = 0
    ) -> Iterator[tuple[int, str]]:
        """The lines of one attempt from number `start` on, each with its number; what was dropped is said."""
        key = LogKey(environment=environment, generation=generation, step=step, attempt=attempt)
        return chunks.lines(self._database.read, key, start=start)

    def kept(self, environment: EnvironmentId) -> tuple[tuple[int, StepId, int], ...]:
        """Every (generation, step, attempt) that has a log, as they began."""
        return self._database.read(lambda connection: chunks.logged(connection, environment))

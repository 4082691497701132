"""GitHub's rate limits: until when a refusal asks to wait, and the gate that all writes of one forge pass."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from bot.core.errors import Limited

LEAST = timedelta(seconds=60)
MOST = timedelta(hours=1)
"""No limit of GitHub's lasts longer."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Limit:
    """What a refusal says of when to try again; `wait` is None where it says nothing."""

    words: str
    wait: timedelta | None = None


def limit(headers: Mapping[str, str], message: str, now: datetime) -> Limit | None:
    """The limit that refuses; None where it is something else. Header names are in lower case."""
    retry = headers.get("retry-after", "")
    if _number(retry):
        return Limit(f"in {int(retry)} seconds", _within(float(retry)))
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and _number(reset):
        words = f"at {datetime.fromtimestamp(int(reset), UTC):%H:%M:%S} UTC"
        return Limit(words, _within(int(reset) - now.timestamp()))
    return Limit("in 60 seconds") if "rate limit" in message.lower() else None


class Gate:
    """Shut while GitHub limits us; whoever would write then is refused here and asks nothing."""

    def __init__(self, now: Callable[[], datetime] = _now) -> None:
        self.now = now
        self._lock = Lock()
        self._until: datetime | None = None
        self._silent = 0

    def enter(self, doing: str) -> None:
        """Go through; raises `Limited` while it is shut."""
        with self._lock:
            until = self._until
        if until is not None and self.now() < until:
            message = f"GitHub's rate limit is used up, wanted to {doing}; try again at {until:%H:%M:%S} UTC"
            raise Limited(message, until=until)

    def shut(self, limit: Limit) -> datetime:
        """Let nobody through for as long as the limit says, or each time twice as long where it says nothing."""
        with self._lock:
            wait = limit.wait
            if wait is None:
                wait = min(LEAST * 2**self._silent, MOST)
                self._silent = min(self._silent + 1, 6)
            until = self.now() + wait
            self._until = max(until, self._until or until)
            return self._until

    def passed(self) -> None:
        """A write has succeeded: the next limit that says nothing is a first one again."""
        with self._lock:
            self._silent = 0


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 12


def _within(seconds: float) -> timedelta:
    return max(timedelta(seconds=1), min(timedelta(seconds=seconds), MOST))

"""Values as JSON text, as columns hold them, and back."""

from typing import Generic, TypeVar

from pydantic import TypeAdapter

from bot.core.approval import Approval
from bot.core.deciding.missed import Seen
from bot.core.decision import Decision
from bot.core.events import Answer, Commented, Event, Wish

T = TypeVar("T")


class Text(Generic[T]):
    """How one kind of value is written."""

    def __init__(self, kind: type[T]) -> None:
        self._adapter = TypeAdapter(kind)

    def of(self, value: T) -> str:
        """The value as JSON."""
        return self._adapter.dump_json(value).decode()

    def read(self, text: str) -> T:
        """The value that `of` wrote."""
        return self._adapter.validate_json(text)


WISH = Text(Wish)
EVENT = Text(Event)
REMARK = Text(Commented)
ANSWER = Text(Answer)
APPROVAL = Text(Approval)
DECISION = Text(Decision)
SEEN = Text(Seen)

"""A webhook as GitHub has it: where it leads, what it tells, and what became of what it delivered last."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.core.telling.checkup import Check, ok, warning
from bot.forges._github.api import Api
from bot.forges._github.permissions import Hook
from bot.forges._github.places import ROUTE
from bot.forges._github.request import Request

LAST = "?per_page=30"


class Config(BaseModel):
    """How it is set."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    url: str = ""
    content_type: str = "json"

    @property
    def ours(self) -> bool:
        """Whether it leads to a bot."""
        return urlsplit(self.url).path.endswith(ROUTE)


class _Delivered(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    guid: str
    status_code: int

    @property
    def arrived(self) -> bool:
        return 200 <= self.status_code < 300


_DELIVERIES = TypeAdapter(list[_Delivered])


def unheard_of(title: str, missing: Iterable[Hook]) -> Check | None:
    """What it does not tell of."""
    if not missing:
        return None
    names = ", ".join(f"{each.title} ({each.why})" for each in missing)
    return warning(title, f"it does not tell of {names}", "choose these events in its settings")


def delivered(api: Api, title: str, asked: Request) -> Check:
    """What became of what it delivered last; what arrived when it was sent again has arrived."""
    newest: dict[str, _Delivered] = {}
    for attempt in api.ask(asked, _DELIVERIES):
        newest.setdefault(attempt.guid, attempt)
    sent = list(newest.values())
    wrong = [each for each in sent if not each.arrived]
    if not wrong:
        return ok(title, f"the last {len(sent)} deliveries arrived" if sent else "it has delivered nothing yet")
    answer = wrong[0].status_code or "nothing"
    why = f"{len(wrong)} of the last {len(sent)} deliveries failed; the newest of them was answered with {answer}"
    if sent[0] is not wrong[0]:
        return ok(title, f"{why}; later ones arrived")
    return warning(title, why, _mending(wrong[0].status_code))


def _mending(code: int) -> str:
    if code == 401:
        return "set MATINEE_GITHUB_WEBHOOK_SECRET to the secret that the webhook has"
    return "see that its address leads to the bot, then redeliver them in the webhook's settings"

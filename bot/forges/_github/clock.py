"""This machine's clock beside GitHub's."""

from bot.core.telling.checkup import Check
from bot.forges import _clock
from bot.forges._github.api import Api
from bot.forges._github.request import Request


def clock(api: Api, asked: Request) -> Check:
    """What GitHub says that the time is when it answers this."""
    before = _clock.now()
    said = api.headers(asked).get("date", "")
    return _clock.beside("github clock", "GitHub", said, before, _clock.now())

"""Our answer to one remark: a comment of its own, found again by its marker."""

from bot.core.events import PullKey, Remark
from bot.core.telling.answer import answer
from bot.forges._github import comment
from bot.forges._github.api import Api


def reply(api: Api, key: PullKey, to: Remark | None, body: str) -> None:
    """Answer it once, however often this is called: what is there already is edited where it says something else."""
    comment.show(api, key, answer(key.environment, to, body))

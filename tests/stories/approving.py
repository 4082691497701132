"""Approves a commit as the bot does when somebody comments `/preview approve <sha>`."""

import hashlib
import uuid
from datetime import UTC, datetime

from bot.core.approval import Approval
from bot.core.events import ActorId, Commented, Want, Wish
from bot.core.names import Sha
from bot.core.permission import Permission
from tests.stories.bot import StoryBot
from tests.world.github_repository import Pull


def approve(bot: StoryBot, pull: Pull, *, by: str = "ana", sha: Sha | None = None) -> None:
    """Let somebody say it; it counts where they may write."""
    number = ActorId(str(pull.repository.world.person(by)))
    wanted = sha or pull.head
    told = Commented(
        delivery=str(uuid.uuid4()),
        key=pull.key,
        repository=pull.repository.full_name,
        actor=by,
        actor_id=number,
        text=f"/preview approve {wanted}",
        remark=None,
    )
    inbox = bot.world.inbox
    inbox.receive(told, hashlib.sha256(told.delivery.encode()).hexdigest())
    heard = inbox.hear("story", lease=60)
    assert heard is not None
    if bot.world.forge("github").permission(pull.key, number, by) < Permission.WRITE:
        inbox.answered(heard)
        return
    approval = Approval(sha=wanted, by=by, by_id=number, at=datetime.now(UTC))
    wish = Wish(
        key=pull.key,
        repository=pull.repository.full_name,
        want=Want.DEPLOY,
        sha=wanted,
        actor=by,
        actor_id=number,
        why=f"{by} approved {wanted[:7]}",
        person=True,
        afresh=True,
    )
    inbox.answered(heard, wishes=(wish,), approved=(approval,))

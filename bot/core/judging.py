"""What a command that somebody said comes to: a wish, a question to look into, or a no. Looks nothing up itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from bot.core.approval import Approval
from bot.core.chat.commands import (
    Approve,
    Cancel,
    Clone,
    Command,
    Delete,
    Deploy,
    Extend,
    Help,
    Logs,
    Plan,
    Reset,
    Run,
    Start,
    Status,
    Stop,
    Why,
)
from bot.core.chat.grammar import PREFIX
from bot.core.chat.table import row_of
from bot.core.deciding.trust import Trust, Untrusted, judged
from bot.core.errand import Cancel as Cancelling
from bot.core.errand import Drop, Errand, Force
from bot.core.errand import Reset as Resetting
from bot.core.events import Answer, Commented, Ignored, Pull, Sign, Want, Wish
from bot.core.lifetime import Extension
from bot.core.permission import Permission
from bot.core.telling.answers.refusals import lacking, on_closed
from bot.core.telling.answers.reply import reply
from bot.core.telling.markdown import code, harmless, sentence
from bot.core.telling.wording import short

_WIDTH = 600
Question = Help | Logs | Status | Plan | Why | Clone
"""A command that needs a look at more than the pull."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """All that a command is judged by, read fresh."""

    told: Commented
    pull: Pull | None
    """None: the forge shows none."""
    permission: Permission
    """What whoever said it may do in the pull's repository."""
    trust: Trust
    """What is kept for and against its head."""
    now: datetime
    longest: timedelta
    """How far from now the end of a preview may be put off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one command comes to."""

    body: str = ""
    """What is to be replied."""
    refused: bool = False
    wish: Wish | Extension | None = None
    approval: Approval | None = None


def judge(command: Command, at: Hearing) -> Part | Question:
    """One rule a line, the first that applies."""
    row = row_of(command)
    if at.permission < row.takes:
        return no(lacking(row, actor=at.told.actor, has=at.permission))
    if not row.closed and not (at.pull and at.pull.open):
        return no(on_closed(row))
    match command:
        case Help() | Logs() | Status() | Plan() | Why() | Clone():
            return command
        case Deploy() | Start() | Reset():
            return _deployed(command, at)
        case Approve():
            return _approved(command, at)
        case Stop() | Delete() | Cancel() | Run():
            return Part(wish=_wish(command, at))
        case Extend():
            environment = at.told.key.environment
            return Part(wish=Extension(environment=environment, by=command.time, most=at.longest))
        case _:
            assert_never(command)


def wished(command: Command, at: Hearing, want: Want, errand: Errand | None = None) -> Wish:
    """The wish of whoever said it, for the pull as it is."""
    return Wish(
        key=at.told.key,
        repository=at.pull.repository if at.pull else at.told.repository,
        want=want,
        sha=at.pull.head if at.pull and want is Want.DEPLOY else None,
        actor=at.told.actor,
        actor_id=at.told.actor_id,
        why=f"{at.told.actor} said {PREFIX} {row_of(command).name}",
        person=True,
        errand=errand,
    )


def no(why: str) -> Part:
    """A refusal, in the reply's markup."""
    return Part(body=why, refused=True)


def answer(parts: Sequence[Part], taken: Iterable[object]) -> Answer:
    """All that is to be told, once it is known what became of the wishes, in their order."""
    became = iter(taken)
    ends = [(part, next(became) if part.wish else None) for part in parts]
    bodies = [body for part, end in ends if (body := _body(part, end))]
    refused = any(part.refused or (isinstance(end, Ignored) and _errand(part)) for part, end in ends)
    return Answer(body=reply(bodies) if bodies else "", sign=Sign.CONFUSED if refused else Sign.DONE)


def _body(part: Part, end: object) -> str:
    return f"Nothing changes: {harmless(end.why)}." if isinstance(end, Ignored) else part.body


def _errand(part: Part) -> bool:
    """Whether it was one thing to be done, and not a state that may be so already."""
    return isinstance(part.wish, Extension) or (part.wish is not None and part.wish.want is Want.ERRAND)


def _wish(command: Stop | Delete | Cancel | Run, at: Hearing) -> Wish:
    match command:
        case Stop():
            return wished(command, at, Want.STOP)
        case Delete(name=str() as name):
            return wished(command, at, Want.ERRAND, Drop(name=name))
        case Delete():
            return replace(wished(command, at, Want.DELETE), force=command.force)
        case Cancel():
            return wished(command, at, Want.ERRAND, Cancelling())
        case Run(job=job, event=event):
            return wished(command, at, Want.ERRAND, Force(job=job, event=event))
        case _:
            assert_never(command)


def _deployed(command: Deploy | Start | Reset, at: Hearing) -> Part:
    errand = Resetting(services=command.services) if isinstance(command, Reset) else None
    wish = wished(command, at, Want.DEPLOY, errand)
    if at.pull and at.pull.fork and isinstance(found := judged(wish, at.pull, at.trust), Untrusted):
        return no(f"Not deployed: {sentence(found.why, limit=_WIDTH)}")
    return Part(wish=wish)


def _approved(command: Approve, at: Hearing) -> Part:
    if at.pull is None or not at.pull.head.startswith(command.sha):
        head = short(at.pull.head) if at.pull else "not to be found"
        return no(
            f"The pull's newest commit is {code(head)} and not {code(command.sha, limit=12)}, so nothing was approved. "
            f"Look at what has changed, and then approve that."
        )
    if at.pull.fork and at.trust.no_forks:
        return no(f"Nothing was approved, for this bot runs no pull from a fork: {sentence(at.trust.no_forks)}")
    approval = Approval(sha=at.pull.head, by=at.told.actor, by_id=at.told.actor_id, at=at.now)
    # A turn that is under way may have looked before there was an approval.
    return Part(wish=replace(wished(command, at, Want.DEPLOY), afresh=True), approval=approval)

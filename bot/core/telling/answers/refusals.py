"""What a command is answered with that is not carried out: a mistake, too little permission, a closed pull."""

from collections.abc import Iterable

from bot.core.chat.commands import Mistake
from bot.core.chat.grammar import PREFIX
from bot.core.chat.table import Row
from bot.core.permission import Permission
from bot.core.telling.markdown import code, harmless, sentence


def mistakes(found: Iterable[Mistake]) -> str:
    """Every mistake of a comment: what was written, what is wrong with it, and what to write instead."""
    return "\n".join(f"- {_mistake(each)}" for each in found)


def lacking(row: Row, *, actor: str, has: Permission) -> str:
    """Who said it, what they may do, and what the command takes."""
    allowed = "has no permission in this repository" if has is Permission.NONE else f"has {has} permission"
    takes = f"{_said(row)} takes {row.takes} permission; {harmless(actor, limit=100)} {allowed}"
    return f"{takes}. Somebody with {row.takes} permission can say it."


def on_closed(row: Row) -> str:
    """The pull is closed, and this acts on open ones only."""
    return f"{_said(row)} is not for a closed pull. Reopen it first; {code(f'{PREFIX} delete')} may be said now, too."


def _mistake(mistake: Mistake) -> str:
    said = f"{code(mistake.said, limit=200)}: " if mistake.said else ""
    usage = f" Write {code(mistake.usage)}." if mistake.usage else ""
    return f"{said}{sentence(mistake.why)}{usage}"


def _said(row: Row) -> str:
    return code(f"{PREFIX} {row.name}")

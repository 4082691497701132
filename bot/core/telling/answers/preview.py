"""What `status` is answered with: the preview as it is now."""

from bot.core.chat.grammar import PREFIX
from bot.core.report import Report
from bot.core.telling.comment import LIMIT, body
from bot.core.telling.markdown import code


def status_answer(report: Report | None, *, limit: int = LIMIT) -> str:
    """What the one comment says, at this moment; None where nothing was ever told of this pull."""
    if report is None:
        why, deploy = code(f"{PREFIX} why"), code(f"{PREFIX} deploy")
        return f"**There is no preview** of this pull. {why} says the reason, and {deploy} asks for one."
    return body(report, limit=limit).rstrip("\n")

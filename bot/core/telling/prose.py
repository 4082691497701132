"""Sentences of ours with commands in them, as Markdown that nothing in them can misuse."""

from bot.core.telling.markdown import bounded, code, harmless, line


def prose(text: str, *, limit: int) -> str:
    """What stands between two backticks is shown as code, to be copied; all else as `harmless` has it.

    Nothing for nothing. It is safe whoever wrote the backticks: code means nothing to a forge.
    """
    parts = bounded(line(text), limit).split("`")
    if len(parts) % 2 == 0:
        parts = [*parts[:-2], "`".join(parts[-2:])]
    return "".join(_code(part) if at % 2 else _words(part) for at, part in enumerate(parts))


def _code(text: str) -> str:
    return code(text) if text.strip() else ""


def _words(text: str) -> str:
    before, after = (" " if text[:1] == " " else ""), (" " if text[-1:] == " " else "")
    words = text.strip()
    return f"{before}{harmless(words, limit=len(words) * 2)}{after}" if words else before

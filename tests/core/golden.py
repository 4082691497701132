"""Write the golden texts anew: `python -m tests.core.golden`; read the difference before it is kept."""

from pathlib import Path

from bot.core.chat.help import BEGIN, END, page_table
from bot.core.telling.comment import comment
from tests.core.answered import ANSWERS
from tests.core.reports import ALL

COMMENTS = Path(__file__).parent / "comments"
REPLIES = Path(__file__).parent / "answers"
PAGE = Path(__file__).parents[2] / "docs" / "chatops.md"

if __name__ == "__main__":
    COMMENTS.mkdir(exist_ok=True)
    for name, report in ALL.items():
        (COMMENTS / f"{name}.md").write_text(comment(report), encoding="utf-8")
    REPLIES.mkdir(exist_ok=True)
    for name, text in ANSWERS.items():
        (REPLIES / f"{name}.md").write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page[: page.index(BEGIN)] + page_table() + page[page.index(END) + len(END) :], encoding="utf-8")

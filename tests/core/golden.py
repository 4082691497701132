"""Write the golden comments anew: `python -m tests.core.golden`; read the difference before it is kept."""

from pathlib import Path

from bot.core.telling.comment import comment
from tests.core.reports import ALL

COMMENTS = Path(__file__).parent / "comments"

if __name__ == "__main__":
    COMMENTS.mkdir(exist_ok=True)
    for name, report in ALL.items():
        (COMMENTS / f"{name}.md").write_text(comment(report), encoding="utf-8")

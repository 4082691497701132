"""A picture of a report, for those who have not run it yet: it looks like a comment on a pull."""

from io import StringIO

from rich.console import Console
from rich.padding import Padding
from rich.terminal_theme import TerminalTheme

from bot.core.report import Report
from bot.screen.drawing import summary

WIDTH = 96
INK = (31, 35, 40)
PAPER = TerminalTheme(
    (255, 255, 255),
    INK,
    [INK, (207, 34, 46), (26, 127, 55), (154, 103, 0), (9, 105, 218), (130, 80, 223), (5, 80, 174), (89, 99, 110)],
)
CARD = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img" aria-label="A comment by matinee">
<style>
.{unique_id}-matrix, .{unique_id}-head {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
.{unique_id}-matrix {{ font-size: {char_height}px; }}
.{unique_id}-head {{ font-size: 17px; fill: #59636e; }}
.{unique_id}-head tspan {{ font-weight: bold; fill: #1f2328; }}
{styles}
</style>
<defs>
{lines}
</defs>
<rect width="100%" height="100%" rx="9" fill="#d1d9e0"/>
<svg x="1" y="1" width="99.8%" height="99.7%">
<rect width="100%" height="100%" rx="8" fill="#ffffff"/>
<rect width="100%" height="36" rx="8" fill="#f6f8fa"/>
<rect y="20" width="100%" height="16" fill="#f6f8fa"/>
<rect y="36" width="100%" height="1" fill="#d1d9e0"/>
</svg>
<circle cx="22" cy="19" r="11" fill="#8250df"/>
<text x="22" y="24" text-anchor="middle" font-family="sans-serif" font-size="14" fill="#ffffff">m</text>
<text x="42" y="25" class="{unique_id}-head"><tspan>matinee</tspan> commented</text>
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture(report: Report) -> str:
    """The report as an SVG that needs nothing from elsewhere."""
    console = Console(
        record=True,
        width=WIDTH,
        file=StringIO(),
        color_system="truecolor",
        force_terminal=True,
        markup=False,
        highlight=False,
        emoji=False,
    )
    console.print(Padding(summary(report, chat=True), (1, 1, 0, 1)))
    return console.export_svg(title="", theme=PAPER, code_format=CARD, unique_id="matinee")

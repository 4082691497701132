"""A report on a person's screen: drawn in place where there is one, else a line for each change. Decides nothing."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self, TextIO

from bot.core.report import Report, StepLine, StepState
from bot.core.telling.markdown import line, plain
from bot.core.telling.wording import HEADLINES, duration, ending, place

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

WIDTH = 120
"""Of the last summary where there is no screen to ask."""


class Terminal:
    """Shows one report after the other. What it holds is the screen, so it is closed."""

    def __init__(
        self,
        *,
        quiet: bool = False,
        drawn: bool = True,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without `drawn` there are lines alone, also on a screen: nobody looks at it while it is drawn."""
        self._may_draw = drawn
        self._quiet = quiet
        self._stream = stream or sys.stderr
        self._clock = clock
        self._report: Report | None = None
        self._began: dict[str, float] = {}
        self._live: Live | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def show(self, report: Report) -> None:
        """Show this newer report in place of the last one."""
        if self._quiet or report == self._report:
            return
        before, self._report = self._report, report
        self._time(report)
        if not self._screen:
            self._write(*changes(before, report))
        elif self._live is None:
            self._live = self._started()
        else:
            self._live.refresh()

    def log(self, text: str) -> None:
        """Show one line of output, above what is drawn."""
        if self._quiet:
            return
        if self._live is not None:
            from rich.text import Text

            self._live.console.print(Text(plain(text)), soft_wrap=True)
        else:
            self._write(plain(text))

    def finish(self, report: Report) -> None:
        """Show the last report whole, and draw no more."""
        self.close()
        if self._quiet:
            return
        from bot.screen.drawing import summary

        if self._screen:
            self._console().print(summary(report))
        else:
            self._write(*_flat(summary(report, steps=self._report is None)))

    def close(self) -> None:
        """Leave the screen as it was; closing twice is fine."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    @property
    def _screen(self) -> bool:
        encoding = (getattr(self._stream, "encoding", "") or "").lower()
        return self._may_draw and self._stream.isatty() and encoding.startswith("utf")

    def _time(self, report: Report) -> None:
        running = {step.name for step in report.steps if step.state is StepState.RUNNING}
        self._began = {name: self._began.get(name, self._clock()) for name in running}

    def _started(self) -> "Live":
        from rich.live import Live

        live = Live(
            get_renderable=self._drawn,
            console=self._console(),
            refresh_per_second=10,
            transient=True,
            redirect_stdout=False,
        )
        live.start()
        return live

    def _drawn(self) -> "RenderableType":
        from bot.screen.drawing import under_way

        if self._report is None:
            return ""
        return under_way(self._report, {name: self._clock() - began for name, began in self._began.items()})

    def _console(self) -> "Console":
        from rich.console import Console

        return Console(file=self._stream, markup=False, highlight=False, emoji=False)

    def _write(self, *lines: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        for each in lines:
            self._stream.write(each.encode(encoding, "replace").decode(encoding) + "\n")
        self._stream.flush()


def changes(before: Report | None, after: Report) -> tuple[str, ...]:
    """One line for each thing that is new in the later report."""
    known = {step.name: step.state for step in before.steps} if before else {}
    width = max((len(step.name) for step in after.steps), default=0)
    fresh = [step for step in after.steps if step.state not in (StepState.WAITING, known.get(step.name))]
    said = () if before and before.state is after.state else (HEADLINES[after.state],)
    return (*said, *(_told(step, width) for step in fresh))


def _told(step: StepLine, width: int) -> str:
    parts = (line(step.name).ljust(width), ending(step), duration(step.seconds), place(step), line(step.why))
    return "  ".join(part for part in parts if part)


def _flat(drawing: "RenderableType") -> tuple[str, ...]:
    from io import StringIO

    from rich.console import Console

    console = Console(file=StringIO(), width=WIDTH, color_system=None, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(drawing, soft_wrap=True)
    return tuple(each.rstrip() for each in captured.get().rstrip("\n").split("\n"))

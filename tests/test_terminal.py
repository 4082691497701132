import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot.core.report import OutputLine, StepState
from bot.screen.drawing import summary, under_way
from bot.screen.picture import picture
from bot.screen.terminal import Terminal, changes
from tests.core.any_report import reports
from tests.core.reports import (
    ALL,
    BUILD_FAILED,
    DEPLOYING,
    HOSTILE,
    JOB_FAILED,
    QUEUED,
    REFUSED_SPEC,
    RUNNING,
    WAITING_TO_DEPLOY,
)


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


class AsciiFile(io.StringIO):
    encoding = "ascii"


def drawn(drawing, width=100):
    console = Console(width=width, file=io.StringIO(), markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(drawing)
    return captured.get()


def test_where_nobody_looks_nothing_is_drawn_on_a_screen_either():
    stream = Screen()
    terminal = Terminal(stream=stream, drawn=False)
    for report in (QUEUED, DEPLOYING):
        terminal.show(report)
    terminal.log("a line")
    terminal.close()
    assert stream.getvalue().startswith("Preview is queued\n")
    assert stream.getvalue().endswith("a line\n")
    assert "\x1b" not in stream.getvalue()


def test_without_a_screen_each_change_is_one_plain_line():
    stream = io.StringIO()
    terminal = Terminal(stream=stream)
    for report in (QUEUED, WAITING_TO_DEPLOY, DEPLOYING, DEPLOYING, BUILD_FAILED):
        terminal.show(report)
    assert stream.getvalue().splitlines() == [
        "Preview is queued",
        "Preview is being deployed",
        "build web           succeeded  4.2 s",
        "build api           succeeded  0.2 s  the same content was built before",
        "pull db             succeeded  31 ms",
        "start db            succeeded  1.4 s",
        "run seed on deploy  running",
        "Preview failed",
        "build web           failed  0.9 s  web/Dockerfile:9  RUN /build.sh ended with exit code 1",
        "run seed on deploy  succeeded  2.1 s  3 outputs",
        "start api           succeeded  0.9 s",
        "start web           skipped  build web did not succeed",
    ]


def test_the_end_is_told_whole_without_a_screen():
    stream = io.StringIO()
    Terminal(stream=stream).finish(BUILD_FAILED)
    text = stream.getvalue()
    assert "Commit 0ddba11 goes on serving at http://127.0.0.1:4312\n" in text
    assert "build web failed at web/Dockerfile:9: RUN /build.sh ended with exit code 1\n" in text
    assert "  │ #9 0.871 web/main.c:14:3: error: expected ';' before 'return'\n" in text
    assert "  matinee logs github-1296269-7 'build web'  shows all that it printed\n" in text
    assert "\x1b" not in text


def test_what_was_told_line_by_line_is_not_told_again_at_the_end():
    stream = io.StringIO()
    terminal = Terminal(stream=stream)
    terminal.show(DEPLOYING)
    terminal.show(RUNNING)
    terminal.finish(RUNNING)
    told = [line for line in stream.getvalue().splitlines() if line.split()[:2] == ["start", "web"]]
    assert len(told) == 1, told


def test_a_sensitive_output_is_hidden_even_if_its_value_is_there():
    leaking = replace(RUNNING, outputs=(OutputLine(job="seed", name="KEY", value="hunter22", sensitive=True),))
    stream = io.StringIO()
    Terminal(stream=stream).finish(leaking)
    assert "KEY  •••" in stream.getvalue()
    assert "hunter22" not in stream.getvalue() + picture(leaking)


def test_the_spec_s_problems_are_told_with_their_place_and_what_is_allowed():
    assert (
        "matinee.yaml:9:5 services.web.prot: there is no such key; did you mean port? "
        "(allowed: image, build, port, public)" in drawn(summary(REFUSED_SPEC), width=200)
    )


def test_a_quiet_terminal_says_nothing():
    screen = Screen()
    terminal = Terminal(quiet=True, stream=screen)
    terminal.show(DEPLOYING)
    terminal.log("hello")
    terminal.finish(RUNNING)
    assert screen.getvalue() == ""


def test_on_a_screen_the_report_is_drawn_and_log_lines_stay_above_it():
    screen = Screen()
    with Terminal(stream=screen) as terminal:
        terminal.show(DEPLOYING)
        terminal.log("compiling \x1b[31mred")
        terminal.show(RUNNING)
        terminal.finish(RUNNING)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue())
    assert "compiling red\n" in text
    assert "4 of 7 steps done" in text
    assert text.index("compiling red") < text.rindex("Preview is running")


def test_the_seconds_of_a_running_step_are_counted():
    assert "1 min 5 s" in drawn(under_way(DEPLOYING, {"run seed on deploy": 65.0}))


def test_a_terminal_may_be_closed_twice_and_without_having_shown_anything():
    terminal = Terminal(stream=Screen())
    terminal.close()
    terminal.show(DEPLOYING)
    terminal.close()
    terminal.close()


def test_a_screen_that_is_interrupted_gets_its_cursor_back():
    screen = Screen()
    with suppress(KeyboardInterrupt), Terminal(stream=screen) as terminal:
        terminal.show(DEPLOYING)
        raise KeyboardInterrupt
    assert screen.getvalue().rindex("\x1b[?25h") > screen.getvalue().rindex("\x1b[?25l")


def test_a_stream_that_knows_only_ascii_is_no_reason_to_fail():
    stream = AsciiFile()
    terminal = Terminal(stream=stream)
    terminal.show(DEPLOYING)
    terminal.log("naïve")
    terminal.finish(RUNNING)
    assert "na?ve\n" in stream.getvalue()
    assert stream.getvalue().isascii()


def test_text_from_outside_draws_nothing_of_its_own():
    text = drawn(summary(HOSTILE))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[x](javascript:alert(1))" in text


def test_a_long_tail_is_cut_and_said_to_be():
    text = drawn(summary(JOB_FAILED))
    assert "5 lines above are hidden" in text
    assert "row 184 of 1000" not in text
    assert "row 224 of 1000" in text


def test_a_step_is_told_again_only_when_it_changes():
    assert changes(DEPLOYING, DEPLOYING) == ()
    assert changes(None, WAITING_TO_DEPLOY) == ("Preview is being deployed",)


@pytest.mark.parametrize("name", ALL)
def test_a_picture_is_whole_and_needs_nothing_from_elsewhere(name):
    elements = list(ET.fromstring(picture(ALL[name])).iter())
    assert not [each for each in elements if each.attrib.keys() & {"href", "src"} or each.tag.endswith("script")]
    assert not [each for each in elements if re.search(r"url\((?!#)|@import", each.text or "")]


@settings(max_examples=40)
@given(reports(st.text(max_size=20), most=2))
def test_any_report_can_be_drawn_told_and_pictured(report):
    stream = io.StringIO()
    terminal = Terminal(stream=stream)
    terminal.show(report)
    terminal.finish(report)
    assert "\x1b" not in stream.getvalue()
    assert stream.getvalue().encode()
    assert drawn(under_way(report, {step.name: 1.0 for step in report.steps if step.state is StepState.RUNNING}))


def test_a_terminal_costs_no_rich_before_it_draws():
    code = "import sys, bot.screen.terminal; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

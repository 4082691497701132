import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.core.names import Url
from bot.core.report import OutputLine, State, StepLine
from bot.core.telling.comment import LIMIT, comment
from bot.core.telling.markdown import size
from tests.core.any_report import LONG, reports
from tests.core.reports import ALL, BUILD_FAILED, DEPLOYING, JOB_FAILED, QUEUED, RUNNING

COMMENTS = Path(__file__).parent / "comments"
MARKER = "<!-- matinee:v1 github-1296269-7 -->"


@pytest.mark.parametrize("name", ALL)
def test_a_comment_reads_as_its_golden_twin(name):
    assert comment(ALL[name]) == (COMMENTS / f"{name}.md").read_text(encoding="utf-8")


def test_every_golden_comment_has_its_report():
    assert {path.stem for path in COMMENTS.glob("*.md")} == ALL.keys()


def test_every_state_has_a_golden_comment():
    assert {report.state for report in ALL.values()} == set(State)


@settings(max_examples=40)
@given(reports(st.text(max_size=200) | LONG, most=60))
def test_any_report_becomes_a_comment_that_fits_and_that_none_of_its_texts_can_misuse(report):
    text = comment(report)
    assert text.split("\n", 1)[0] == MARKER
    assert text.count("<!--") == 1
    assert size(text) < LIMIT
    assert text.encode().decode() == text
    assert not [line for line in text.split("\n") if line.lstrip().startswith("/")]
    assert html(text) == ["<details><summary>", "</details>"] * (len(html(text)) // 2)


def html(text: str) -> list[str]:
    blocks = [token.content for token in MarkdownIt("commonmark").parse(text) if token.type == "html_block"]
    return [re.sub(r"(?<=<summary>).*", "", block).strip() for block in blocks if not block.startswith("<!--")]


def test_a_sensitive_value_is_never_shown_even_if_it_is_there():
    leaking = OutputLine(job="seed", name="KEY", value="hunter22", sensitive=True)
    assert "hunter22" not in comment(replace(RUNNING, outputs=(leaking,)))


def test_tails_are_cut_first_and_said_to_be():
    loud = replace(JOB_FAILED.steps[4], tail=("\U0001f600" * 1000,) * 400)
    text = comment(replace(JOB_FAILED, steps=(loud,) * 5, outputs=RUNNING.outputs))
    assert "its last 15 lines (385 hidden)" in text
    assert "left out" not in text


def test_outputs_are_cut_before_steps_and_said_to_be():
    many = tuple(OutputLine(job="seed", name=f"N{i}", value="x" * 5000, sensitive=False) for i in range(1000))
    text = comment(replace(RUNNING, outputs=many, steps=RUNNING.steps * 20))
    assert "more outputs left out here" in text
    assert "more steps" not in text


def test_a_thousand_steps_are_cut_and_said_to_be():
    steps = tuple(StepLine(name=f"start s{i}", kind="start", why="w" * 5000) for i in range(1000))
    assert "more steps left out here" in comment(replace(DEPLOYING, steps=steps))


def test_a_failed_push_names_the_commit_that_goes_on_serving_and_where():
    text = comment(BUILD_FAILED)
    assert "Commit `0ddba11` goes on serving at [http://127.0.0.1:4312](http://127.0.0.1:4312)." in text


def test_a_first_deploy_that_failed_shows_no_address():
    assert "http" not in comment(replace(JOB_FAILED, urls=(("web", Url("http://127.0.0.1:4312")),)))


def test_a_commit_that_is_not_known_is_not_named():
    assert "Commit" not in comment(replace(QUEUED, sha=None))

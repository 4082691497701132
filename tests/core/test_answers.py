import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.core.chat.parse import parse
from bot.core.telling.answers.logs import Printed, logs_answer
from bot.core.telling.answers.reply import reply, room
from bot.core.telling.comment import LIMIT, body, comment
from bot.core.telling.markdown import size
from tests.core.answered import ANSWERS, PRINTED, WITH
from tests.core.reports import ALL, RUNNING
from tests.world.hostile import TEXTS as HOSTILE

GOLDEN = Path(__file__).parent / "answers"
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
PLAIN = {
    *("paragraph_open", "paragraph_close", "inline", "text", "text_special", "softbreak", "code_inline", "fence"),
    *("strong_open", "strong_close", "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *(f"{part}_{edge}" for part in ("table", "thead", "tbody", "tr", "th", "td") for edge in ("open", "close")),
    *("html_block", "link_open", "link_close"),
}
FOLD = re.compile(r"<details><summary>[^<>&]*(?:&[a-z0-9#]+;[^<>&]*)*</summary>\n|</details>\n?")


def tokens(text):
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def assert_harmless(text, *links):
    """Nothing in it is shown as anything but text, code, lists, tables and our folds, nor acted on by a forge."""
    found = list(tokens(text))
    assert {token.type for token in found} <= PLAIN
    assert {token.attrGet("href") for token in found if token.type == "link_open"} <= {RUNNING.url, *links}
    assert all(FOLD.fullmatch(token.content) for token in found if token.type == "html_block")
    assert not re.search(r"@[\w.-]|#\d|GH-\d|(?<!\\)!\d|<!--", text.replace("&#x27;", ""), re.IGNORECASE)
    assert not re.search(r"^\s*/", text, re.MULTILINE)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", text)
    assert text.encode().decode() == text
    assert parse(text) == ()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_reads_as_its_golden_twin(name):
    assert ANSWERS[name].rstrip("\n") + "\n" == (GOLDEN / f"{name}.md").read_text(encoding="utf-8")


def test_every_golden_answer_has_its_case():
    assert {path.stem for path in GOLDEN.glob("*.md")} == ANSWERS.keys()


@pytest.mark.parametrize("name", sorted(ANSWERS.keys() - {"two"}))
def test_every_answer_is_harmless(name):
    assert_harmless(ANSWERS[name], "https://docs.example/shop")


@pytest.mark.parametrize("kind", WITH)
def test_no_text_of_a_stranger_means_anything_in_an_answer(kind):
    for text in HOSTILE:
        answer = WITH[kind](text, room(1))
        assert_harmless(answer, *([text] if kind == "status" else []))
        assert size(answer) <= room(1), text[:100]


@pytest.mark.parametrize("kind", WITH)
def test_ten_answers_fit_into_one_reply_whatever_is_in_them(kind):
    for text in HOSTILE:
        assert size(reply([WITH[kind](text, room(10))] * 10)) <= LIMIT, text[:100]


@settings(max_examples=30)
@given(st.text(max_size=300), st.sampled_from(sorted(WITH)))
def test_any_text_is_harmless_in_any_answer(text, kind):
    assert_harmless(WITH[kind](text, LIMIT), text)


def test_there_are_at_least_sixty_hostile_texts():
    assert len(set(HOSTILE)) == len(HOSTILE) >= 60


@pytest.mark.parametrize("name", ALL)
def test_the_status_says_what_the_comment_says(name):
    _, _, said = comment(ALL[name]).partition("\n")
    assert body(ALL[name], limit=LIMIT) == said


def test_what_is_secret_is_masked_before_lines_are_cut():
    secret = "hunter22" * 100
    printed = Printed(name="web", lines=["x" * 499 + secret, "\x1b[31mhunter22\x1b[0m"], number=2)
    answer = logs_answer(printed, lambda line: line.replace("hunter22", "•••"))
    assert "hunter" not in answer


def test_a_log_that_is_long_is_told_by_its_last_lines():
    answer = logs_answer(PRINTED, str)
    assert "row 2313 of 2314" in answer
    assert "row 2233 of 2314" not in answer
    assert "Its last 80 lines (2,234 hidden)" in answer


def test_a_log_that_shares_its_reply_is_shorter_and_says_so():
    wide = Printed(name="web", lines=["w" * 400] * 80, number=80)
    assert "Its last 10 lines (70 hidden)" in logs_answer(wide, str, limit=room(10))

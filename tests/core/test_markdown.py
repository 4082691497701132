import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.core.telling.markdown import (
    GAP,
    address,
    bounded,
    cell,
    code,
    fenced,
    harmless,
    line,
    link,
    plain,
    prose,
    size,
)

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
VISIBLE = r"""
    @ann #12 !3 ~bug %v1 $9 GH-4 acme/shop#5 /close /merge ``` ```` ~~~ `x` | || \| \\| <b> </details> <!-- -->
    ![i](u) [a](b) [^1] [[w]] [issue:5] &amp; &#64; &commat; * ** _a_ __b__ a_b # > - + 1. 2) === --- :tada: $a$
    https://x.example www.x.example a@b.example 3f2c1aa0 fixes 5%
"""
INVISIBLE = ["\x1b[31m", "\x1b]0;t\x07", "\u202e", "\u2066", "\u2028", "\r", "\r\n", "\n", "\t", "\x00", "\ud800"]
NASTY = st.sampled_from([*VISIBLE.split(), *INVISIBLE, "\U0001f600"])
TEXTS = st.one_of(
    st.text(),
    st.lists(NASTY | st.text(max_size=4), max_size=12).map(" ".join),
    st.lists(NASTY, max_size=8).map("".join),
)


def seen(text: str) -> str:
    return text.replace(GAP, "")


def rendered(markdown: str) -> list[str]:
    return [token.type for token in MARKDOWN.parse(markdown)]


def shown(markdown: str) -> str:
    (inline,) = [token for token in MARKDOWN.parse(markdown) if token.type == "inline"]
    assert {child.type for child in inline.children or ()} <= {"text", "text_special"}
    return seen("".join(child.content for child in inline.children or ()))


@given(TEXTS)
def test_harmless_text_is_one_paragraph_that_reads_as_it_was(text):
    assert rendered(harmless(text, limit=10_000)) == ["paragraph_open", "inline", "paragraph_close"]
    assert shown(harmless(text, limit=10_000)).split() == line(text).split()


@given(TEXTS)
def test_a_sentence_has_text_and_code_and_nothing_else(text):
    assert rendered(prose(text, limit=10_000)) == ["paragraph_open", "inline", "paragraph_close"]
    (inline,) = [token for token in MARKDOWN.parse(prose(text, limit=10_000)) if token.type == "inline"]
    assert {child.type for child in inline.children or ()} <= {"text", "text_special", "code_inline"}
    shown_there = seen("".join(child.content for child in inline.children or ())).replace("\\|", "|")
    assert re.sub(r"[`\s]", "", shown_there) == re.sub(r"[`\s]", "", seen(line(text)).replace("\\|", "|"))


def test_a_command_in_a_sentence_can_be_copied():
    said = prose("say `/preview approve 3f2c1aa3f2c1aa` for 3f2c1aa3f2c1aa`")
    assert said == f"say `/preview approve 3f2c1aa3f2c1aa` for 3f2c1a{GAP}a3f2c1{GAP}aa\\`"


@given(TEXTS, TEXTS)
def test_a_table_keeps_its_columns_whatever_stands_in_them(one, two):
    table = f"| a | b | c |\n|:--|:--|:--|\n| {cell(one)} | {code(two)} | end |\n"
    inlines = [token for token in MARKDOWN.parse(table) if token.type == "inline"]
    assert len(inlines) == 6
    assert seen(inlines[3].content) != "end"
    assert inlines[5].content == "end"
    assert [child.type for child in inlines[4].children or ()] == ["code_inline"]


@given(TEXTS)
def test_code_shows_the_text_itself(text):
    (inline,) = [token for token in MARKDOWN.parse(f"x {code(text, limit=10_000)} y") if token.type == "inline"]
    _, child, _ = inline.children or ()
    assert child.type == "code_inline"
    expected = plain(text).replace("\n", "↵").replace("\t", " ") or " "
    assert seen(child.content).replace("\\|", "|").strip() == expected.strip()


@given(st.lists(TEXTS, max_size=6))
def test_no_line_can_leave_its_fence(lines):
    (token, *rest) = MARKDOWN.parse(fenced(lines, limit=10_000))
    assert token.type == "fence"
    assert not rest
    assert seen(token.content) == seen("\n".join(plain(each) for each in lines) + "\n")


@given(st.lists(TEXTS, max_size=6))
def test_no_line_begins_with_a_slash(lines):
    text = "\n".join([fenced(lines), *(harmless(each) for each in lines), *(cell(each) for each in lines)])
    assert not re.search(r"^\s*/", text, re.MULTILINE)


@given(TEXTS)
def test_nobody_is_mentioned_and_nothing_referred_to(text):
    for inert in (harmless(text), prose(text), cell(text), code(text), fenced([text])):
        assert not re.search(r"@[\w.-]|#\d|GH-\d|(?<!\\)!\d|<!--", inert, re.IGNORECASE)


@given(TEXTS)
def test_prose_links_nowhere(text):
    assert not re.search(r"://|www\.|\b[0-9a-f]{7,40}\b", harmless(text), re.IGNORECASE)


@given(TEXTS)
def test_plain_text_can_be_printed_and_is_plain_already(text):
    cleaned = plain(text)
    assert plain(cleaned) == cleaned
    assert cleaned.encode().decode() == cleaned
    assert all(char in "\n\t\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs") for char in cleaned)


@given(st.text(), st.integers(1, 50))
def test_bounded_text_keeps_within_its_bound_in_utf_16(text, limit):
    cut = bounded(plain(text), limit)
    assert size(cut) <= limit
    assert len(cut.encode("utf-16-le")) // 2 == size(cut)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("\x1b[31mred\x1b[0m", "red", id="colours"),
        pytest.param("\x1b]8;;http://x.example\x1b\\link\x1b]8;;\x1b\\", "link", id="terminal links"),
        pytest.param("\x1b]0;never ended", "", id="an escape without an end"),
        pytest.param("10%\r55%\r100%\r\ndone", "100%\ndone", id="progress"),
        pytest.param("a\x00b\x07c\x08", "abc", id="control characters"),
        pytest.param("\u202egnp.exe\u202c", "gnp.exe", id="direction overrides"),
        pytest.param("\ud800x", "\ufffdx", id="half a pair"),
        pytest.param("a\u2028b\x85c", "a\nb\nc", id="rare line ends"),
        pytest.param("نمی\u200cخواهم", "نمی\u200cخواهم", id="joiners that a script needs"),
    ],
)
def test_plain_text_is_what_a_reader_would_have_seen(text, expected):
    assert plain(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "@ann",
        "x@ann",
        "#12",
        "acme/shop#12",
        "GH-12",
        "gh-12",
        "!12",
        "$12",
        "&12",
        "~bug",
        '~"a bug"',
        "%v1",
        "[issue:1]",
    ],
)
def test_a_reference_is_broken_in_prose_code_and_fences(text):
    for inert in (harmless(text), code(text), fenced([text])):
        assert text not in inert
        assert GAP in inert


def test_a_quick_action_is_none_in_a_fence_of_four_ticks():
    assert fenced(["```", "/close", " \t/merge"]) == f"````text\n```\n{GAP}/close\n{GAP} \t/merge\n````"


def test_text_without_tricks_stays_readable_as_source():
    assert harmless("build web ended with exit code 1; see API_KEY") == "build web ended with exit code 1; see API_KEY"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4312",
        "https://shop.example/a/b?c=d&e=f#g",
        "http://[::1]:8080/",
        "https://shop.example/(a)|b*c",
    ],
)
def test_a_web_address_is_linked(url):
    (inline,) = [token for token in MARKDOWN.parse(link(url)) if token.type == "inline"]
    assert next(child.type for child in inline.children or ()) == "link_open"
    assert seen("".join(child.content for child in inline.children or ())) == url
    assert "|" not in link(url).replace("\\|", "")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//x.example",
        "ftp://x.example",
        "http://",
        "https://ann:pw@x.example/",
        "https://x.example/ y",
        "https://x.example/\ny",
        "https://x.exаmple/",
        "https://forge.example/acme/shop/issues/1",
        "https://forge.example/acme/shop/-/merge_requests/1",
        "http://x.example/\u202e",
    ],
)
def test_what_is_no_safe_web_address_is_not_linked(url):
    assert address(url) is None
    assert link(url).startswith("`")


@given(TEXTS)
def test_a_link_breaks_no_line_and_no_table(text):
    for url in (text, f"https://x.example/{text}"):
        row = f"| a | b |\n|:--|:--|\n| {link(url)} | end |\n"
        inlines = [token for token in MARKDOWN.parse(row) if token.type == "inline"]
        assert [token.content for token in inlines][3:] == ["end"]

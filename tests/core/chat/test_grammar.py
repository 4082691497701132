"""The grammar of commands, point by point."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.core.chat.commands import Clone, Delete, Deploy, Extend, Help, Logs, Mistake, Reset, Run, Status, Stop
from bot.core.chat.grammar import LONGEST
from bot.core.chat.parse import parse
from bot.core.chat.table import TABLE
from bot.core.choices import JobEvent


def mistake(text):
    (found,) = parse(text)
    assert isinstance(found, Mistake)
    return found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("/preview deploy\r\n", id="the line ends of a browser"),
        pytest.param("/preview deploy\r\r\n", id="two of them"),
        pytest.param("thanks\r\n/preview deploy\r\nbye\r\n", id="amid others"),
        pytest.param("thanks\r/preview deploy\rbye", id="of an old Mac"),
        pytest.param("\ufeff/preview deploy", id="a byte order mark"),
        pytest.param("\u200b\u200d/preview deploy\u2060 \u200c", id="no width at both edges"),
        pytest.param("/preview\tdeploy \t ", id="tabs"),
        pytest.param("/preview\u00a0deploy", id="a space that does not break"),
        pytest.param("\n\n  \n/preview    deploy", id="empty lines before it"),
    ],
)
def test_point_1_line_ends_and_edges_without_width_are_normalised(text):
    assert parse(text) == (Deploy(),)


def test_point_1_composed_and_decomposed_letters_are_the_same():
    composed, decomposed = (mistake(f"/preview {unicodedata.normalize(form, 'ñandú')}") for form in ("NFC", "NFD"))
    assert composed.why == decomposed.why == "there is no command ñandú"


def test_point_1_what_has_no_width_is_dropped_at_edges_only():
    assert mistake("/preview dep\u200bloy").why == "there is a character in it that is not seen (U+200B)"
    assert parse("/pre\u200bview deploy") == ()


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param("```\n/preview stop\n```", id="fence"),
        pytest.param("```sh title\n/preview stop\n```", id="fence with a language"),
        pytest.param("~~~\n/preview stop\n~~~", id="fence of tildes"),
        pytest.param("   ```\n/preview stop\n   ```", id="fence indented by three"),
        pytest.param("`````\n/preview stop\n```\n/preview stop\n`````", id="longer fence"),
        pytest.param("~~~\n```\n/preview stop\n```\n/preview stop\n~~~", id="fence in a fence"),
        pytest.param("```\n\u200b```\n/preview stop\n```", id="fence that only seems to end"),
        pytest.param("- a list\n  ```\n  x\n  ```\n```\n/preview stop\n```", id="fence after one in a list"),
        pytest.param("<div>\n```\n</div>\n\n```\n/preview stop\n```", id="fence after ticks in HTML"),
        pytest.param("    /preview stop", id="indented code"),
        pytest.param("\t/preview stop", id="code indented by a tab"),
        pytest.param("> /preview stop\n>/preview stop\n> > /preview stop", id="quotes"),
        pytest.param(">>>\n/preview stop\n\n/preview stop\n>>>", id="GitLab's quote"),
        pytest.param("<!-- /preview stop -->\n\n<!--\n/preview stop\n\n/preview stop\n-->", id="HTML comments"),
        pytest.param("text <!--\n/preview stop\n--> text", id="HTML comment in a text"),
        pytest.param("<pre>\n/preview stop\n\n/preview stop\n</pre>", id="preformatted HTML"),
        pytest.param("see `\n/preview stop\n` there", id="inline code over lines"),
        pytest.param("see ``a ` b\n/preview stop\n`` there", id="inline code of two ticks"),
        pytest.param("`/preview stop`, they said", id="inline code at column 0"),
    ],
)
def test_point_2_what_is_code_quote_or_comment_commands_nothing(hidden):
    assert parse(hidden) == ()
    assert parse(f"/preview deploy\n\n{hidden}\n\n/preview status") == (Deploy(), Status())


@pytest.mark.parametrize("opening", ["```", "~~~~", "<!--", "<script>", ">>>"])
def test_point_2_what_is_opened_and_never_closed_hides_all_that_follows(opening):
    assert parse(f"/preview deploy\n\n{opening}\n/preview stop\n\n/preview stop") == (Deploy(),)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("> quoted", id="a quote"),
        pytest.param("- an entry", id="an entry of a list"),
        pytest.param("a `word` and a ` tick", id="a lone tick"),
        pytest.param("``` no fence: it has a ` in it", id="what is no fence"),
        pytest.param("\\`", id="a tick that is none"),
        pytest.param("1. do\n   ```\n   x\n   ```\n", id="a fence in a list"),
        pytest.param("<details><summary>log</summary>\n\n```\nx\n```\n\n</details>\n", id="a fold"),
        pytest.param("# A heading", id="a heading"),
        pytest.param("a | b\n--|--\n1 | 2\n", id="a table"),
    ],
)
def test_point_2_a_command_below_other_text_counts(before):
    assert parse(f"{before}\n/preview deploy\nthanks") == (Deploy(),)


def test_point_2_a_command_between_two_pieces_of_inline_code_counts():
    assert parse("This mends `web`.\n/preview deploy\nSee `api`, too.") == (Deploy(),)


@pytest.mark.parametrize(
    "text", ["`/preview deploy`", "``/preview deploy``", " `/preview deploy` \r\n", "` /preview deploy `"]
)
def test_point_2_a_comment_that_is_one_command_as_code_counts(text):
    assert parse(text) == (Deploy(),)


def test_point_2_a_comment_of_two_commands_as_code_is_code():
    assert parse("`/preview deploy`\n`/preview stop`") == ()
    assert parse("`/preview deploy` `/preview stop`") == ()


@pytest.mark.parametrize(
    "text",
    [
        " /preview deploy",
        "please /preview deploy",
        "- /preview deploy",
        "/previewer deploy",
        "/preview-deploy",
        "/preview.deploy",
        "/Preview deploy",
        "/deploy",
        "//preview deploy",
        "preview deploy",
        "@matinee deploy",
        "",
    ],
)
def test_point_3_only_a_line_that_begins_with_the_word_in_column_0_is_a_command(text):
    assert parse(text) == ()


def test_point_3_each_such_line_is_one_in_the_order_in_which_they_stand():
    assert parse("/preview stop\nand then\n/preview deploy\n\n/preview status") == (Stop(), Deploy(), Status())


@pytest.mark.parametrize("command", ['logs "build web"', "logs 'build web'", r"logs build\ web", 'logs bui"ld we"b'])
def test_point_4_words_are_split_as_a_shell_splits_them(command):
    assert parse(f"/preview {command}") == (Logs(name="build web"),)


@pytest.mark.parametrize("word", ["$HOME", "$(id)", "`id`", "~", "*", "{a,b}", "a;b", "a&&b", "a|b", ">x", "#x", "!!"])
def test_point_4_nothing_is_expanded(word):
    assert mistake(f"/preview logs {word}").why.startswith(f"{word} is no service, job or step")


@pytest.mark.parametrize("line", ['logs "web', "logs 'web", "deploy, don't you think", "logs web\\"])
def test_point_4_a_quote_that_is_not_closed_is_told_in_one_line(line):
    found = mistake(f"/preview {line}")
    assert found.why == "a quotation mark is not closed, or a backslash stands at the end"
    assert found.said == f"/preview {line}"


def test_point_5_a_comment_has_ten_commands_and_not_one_more():
    assert parse("/preview status\n" * 10) == (Status(),) * 10
    assert mistake("/preview status\n" * 11).why == "these are 11 commands; a comment has at most 10, so none was done"


def test_point_5_a_command_has_fifty_arguments_and_not_one_more():
    names = tuple(f"s{number}" for number in range(50))
    assert parse(f"/preview reset {' '.join(names)}") == (Reset(services=names),)
    assert mistake(f"/preview reset {' '.join(names)} s50").why == "it has 51 arguments; at most 50 are read"


def test_point_5_an_argument_has_a_kilobyte_and_not_one_more():
    assert "is no" in mistake(f"/preview logs {'ä' * 512}").why
    assert mistake(f"/preview logs {'ä' * 512}b").why == "an argument has more than 1,024 bytes"
    assert mistake(f"/preview reset {'a ' * 3000}").why == "the line has 6,014 characters; at most 4,096 are read"


@pytest.mark.parametrize("char", ["\x00", "\x1b", "\x07", "\x0b", "\x0c", "\x85", "\u202e", "\u2028", "\ud800"])
def test_point_5_no_character_that_is_not_seen_is_taken(char):
    found = mistake(f"/preview logs we{char}b")
    assert found.why == f"there is a character in it that is not seen (U+{ord(char):04X})"


def test_point_5_an_argument_may_be_given_by_its_key():
    clone = Clone(name="web", new="web2", environment="github-1296269-9")
    assert parse("/preview clone web as web2 to github-1296269-9") == (clone,)
    assert parse("/preview clone web to=github-1296269-9 as=web2") == (clone,)
    assert parse("/preview clone name=web as=web2 to github-1296269-9") == (clone,)
    assert parse("/preview run event=stop job=backup") == (Run(job="backup", event=JobEvent.STOP),)
    assert parse("/preview reset services=db services=cache") == (Reset(services=("db", "cache")),)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("clone web ass=web2", "clone has no key ass; it has name, as, to; did you mean as?"),
        ("clone web =web2", "clone has no key ; it has name, as, to"),
        ("deploy sha=3f2c1aa", "deploy has no key sha; it has none"),
        ("delete web yes=true", "delete has no key yes; it has name"),
        ("delete web --yess", "delete has no option --yess; it has --yes, --force; did you mean --yes?"),
        ("delete web --yes=1", "delete has no option --yes=1; it has --yes, --force; did you mean --yes?"),
    ],
)
def test_point_5_an_unknown_key_or_option_is_told(line, why):
    assert mistake(f"/preview {line}").why == why


def test_point_6_a_key_with_its_value_is_never_taken_for_a_name():
    assert mistake("/preview logs foo=bar").why == "logs has no key foo; it has name"
    assert mistake("/preview reset db foo=bar").why == "reset has no key foo; it has services"
    assert mistake("/preview delete --yes foo=bar").why == "delete has no key foo; it has name"


@pytest.mark.parametrize(
    "text",
    [
        "{{ 7*7 }}",
        "{{trigger_comment}}",
        "${{ github.token }}",
        "${secrets.KEY}",
        "{0.__class__}",
        "%(x)s",
        "%s",
        "$$",
        "\\n",
    ],
)
def test_point_7_what_looks_like_a_template_stays_what_it_is(text):
    assert mistake(f"/preview logs '{text}'").why.startswith(f"{text} is no service, job or step")
    assert mistake(f"/preview '{text}'").why.startswith(f"there is no command {text}")


def test_point_10_on_a_closed_pull_only_delete_acts_and_only_what_changes_nothing_answers():
    assert {row.name for row in TABLE if row.closed and row.answer == "state"} == {"delete"}
    assert {row.name for row in TABLE if row.closed and row.answer == "reply"} == {"help", "logs", "status", "why"}


def test_point_12_a_command_that_there_is_not_is_answered_with_the_nearest():
    found = mistake("/preview depoly")
    assert (found.why, found.usage) == ("there is no command depoly; did you mean deploy?", "/preview help")
    assert mistake("/preview Deploy").why == "there is no command Deploy; did you mean deploy?"
    assert mistake("/preview xyzzy").why == "there is no command xyzzy"
    assert mistake("/preview help depoly").why == "there is no command depoly; did you mean deploy?"


@pytest.mark.parametrize("text", ["/close", "/deploy", "/prevew deploy", "/ok-to-test", ".deploy", "atlantis plan"])
def test_point_12_what_is_not_of_our_namespace_is_not_answered(text):
    assert parse(text) == ()


def test_the_word_alone_asks_for_help():
    assert parse("/preview") == parse("/preview\r\n") == parse("`/preview`") == (Help(),)


def test_good_and_bad_commands_of_one_comment_are_told_apart():
    deploy, wrong, extend, delete = parse(
        "/preview deploy\n/preview 'x\n/preview extend 90m\n/preview delete web --yes"
    )
    assert isinstance(wrong, Mistake)
    assert deploy == Deploy()
    assert isinstance(extend, Extend)
    assert extend.time.total_seconds() == 5400
    assert delete == Delete(name="web", yes=True)


LINES = """
    ``` ```` ~~~ ~~~~ `a` ` `` \\` ``` a` <!-- --> <div> </div> <pre> </pre> <b> <b <?x ?> <a@b.c`>
    > >> >>> - 1. # === --- \\
"""
PIECES = st.sampled_from(
    [*LINES.split(), "", " ", "a", "  a", "   ```", "    ```", "  - a", "- ```", "> ```", "<b x='`", "'>", "[a]: b"]
)
COMMANDED = st.lists(st.lists(PIECES, max_size=3).map(" ".join) | st.just("/preview logs N"), min_size=1, max_size=14)
FORGE = MarkdownIt("commonmark", {"html": True})


@settings(max_examples=400)
@given(COMMANDED)
@example(["<div>", "```", "</div>", "", "```", "/preview logs N", "```"])
@example(["- a", "  ```", "x", "```", "/preview logs N"])
@example(["a ` b", "===", "c `", "/preview logs N", "`"])
def test_no_line_that_a_forge_shows_as_code_or_not_at_all_is_a_command(lines):
    text = "\n".join(line.replace("N", f"n{number}") for number, line in enumerate(lines))
    found = [each.name for each in parse(text) if isinstance(each, Logs)]
    children = [child for token in FORGE.parse(text) for child in token.children or () if child.type == "text"]
    shown = re.findall(r"logs (n\d+)", " ".join(child.content for child in children))
    assert set(found) <= set(shown)


TEXTS = st.text(st.characters(codec=None) | st.sampled_from("/`~<>-=\"'\\\r\n\t \u200b\ud800\ue000"))


@settings(max_examples=300)
@given(st.lists(TEXTS | st.sampled_from([f"/preview {row.name} " for row in TABLE]), max_size=8).map("".join))
def test_whatever_is_written_is_understood_or_told_to_be_wrong(text):
    for found in parse(text):
        assert not isinstance(found, Mistake) or (found.why and "\n" not in found.said)


def test_a_comment_that_is_too_long_to_be_read_says_so_where_it_is_for_us():
    text = "/preview deploy\n" + "x" * LONGEST
    assert mistake(text).why == "commands are not looked for in a comment of 65,552 characters, only in 65,536"
    assert parse(text.removeprefix("/preview deploy")) == ()

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.chat.grammar import PREFIX
from bot.core.chat.table import ROWS
from bot.core.events import PullKey, Remark, RemarkKind
from bot.core.names import Sha, Url
from bot.core.report import OutputLine, Problem, Report, State, StepLine, StepState
from bot.core.telling.comment import comment
from bot.forges import gitlab
from bot.forges._gitlab.notes import inert
from bot.forges.gitlab import GitLab
from tests.forges.gitlab_fixtures import report
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_merge_request import MergeRequest
from tests.world.gitlab_quick_actions import NAMES, carried_out, now, of_old
from tests.world.hostile import HOSTILE

WAYS = (
    "{}",
    "\n{}",
    "\n\n{}\n\n",
    "ends\r\n{}\r\n",
    "overwritten\r{}",
    "```\n```\n{}",
    "````\n{}\n````",
    "~~~\n{}\n~~~",
    "`\n{}\n`",
    ">>>\n>>>\n{}",
    "</details>\n\n{}",
    "<div>\n</div>\n{}",
    "-->\n{}",
    "| a |\n{}",
    "\u2028{}\u2029",
    "\x0b{}",
    "\x85{}",
    "\x1b[0m{}",
    "a\x00\n{}",
    "\u200b\n{}",
    "\ufeff{}",
    "- x\n\n{}",
)
"""How a line of somebody's may come to its beginning."""
KEY = PullKey(forge="gitlab", repository="15", number=1)


def everywhere(text: str) -> Report:
    """A report with this text in every place that a stranger can write to."""
    step = StepLine(
        name=text, kind="build", state=StepState.FAILED, why=text, tail=(text, text), printed=9, file=text, line=3
    )
    return Report(
        key=KEY,
        repository="acme/shop",
        generation=1,
        state=State.FAILED,
        sha=Sha("a" * 40),
        urls=((text, Url(text)), (text, Url(f"https://web.example/{text}"))),
        why=text,
        steps=(step, replace(step, state=StepState.RUNNING)),
        outputs=(OutputLine(job=text, name=text, value=text, sensitive=False, description=text),),
        problems=(Problem(path=text, line=1, column=1, message=text, allowed=(text,)),),
    )


@pytest.fixture
def world() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        yield world


@pytest.fixture
def pull(world: GitLabWorld) -> MergeRequest:
    return world.repository("acme/shop").open_pull()


@pytest.fixture
def forge(world: GitLabWorld) -> GitLab:
    return gitlab.create(world.settings)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("/close", ["close"], ["close"]),
        ("/CLOSE now", ["close"], ["close"]),
        ("look:\n/label ~bug\n/merge", ["label", "merge"], ["label", "merge"]),
        ("look:\r\n/close\r\n", ["close"], ["close"]),
        (" /close", [], []),
        ("\u200b/close", [], []),
        ("/closet", [], []),
        ("see /close", [], []),
        ("/preview deploy", [], []),
        ("`/close`", [], []),
        ("```\n/close\n```", [], []),
        ("````\n/close\n````", ["close"], []),
        ("```text\n/close\n```", ["close"], []),
        ("~~~\n/close\n~~~", ["close"], []),
        ("```\nlog\n```\n/close\n```\n", ["close"], ["close"]),
        ("> quoted\n\n/close", ["close"], ["close"]),
        ("- item\n/close", ["close"], []),
        ("<details>\n/close\n</details>", [], []),
    ],
)
def test_the_rules_of_gitlab_old_and_new(text: str, old: list[str], new: list[str]) -> None:
    assert (of_old(text), now(text)) == (old, new)


@pytest.mark.parametrize("way", WAYS)
def test_no_line_of_a_stranger_commands_wherever_it_is_shown(way: str) -> None:
    lines = "\n".join(f"/{name}" for name in NAMES)
    for text in (way.format("/close"), way.format(lines), way.format("/merge @all\n/close")):
        shown = comment(everywhere(text))
        assert carried_out(shown) == []
        assert not any(line.startswith("/") for line in shown.split("\n"))
        assert inert(shown) == shown


@settings(max_examples=300, deadline=None)
@given(
    parts=st.lists(
        st.sampled_from(
            ["/close", "/merge", "\n", "\r", "\r\n", "```", "````", "~~~", "`", ">>>", "<a>", "</a>", " ", "|"]
        )
        | st.text(max_size=3),
        max_size=12,
    )
)
def test_no_text_commands(parts: list[str]) -> None:
    text = "".join(parts)
    assert carried_out(comment(everywhere(text))) == []
    assert carried_out(inert(text)) == []


@pytest.mark.parametrize("way", WAYS)
def test_gitlab_carries_out_nothing_of_what_the_bot_tells(forge: GitLab, pull: MergeRequest, way: str) -> None:
    hostile = replace(everywhere(way.format("/merge")), key=pull.key, sha=pull.head)
    for state in (State.DEPLOYING, State.FAILED, State.REFUSED, State.DELETE_FAILED):
        forge.tell(forge.pull(pull.key), replace(hostile, state=state))
    assert pull.comment.edits == 3
    assert pull.project.world.actions == []
    assert pull.state == "opened"


@pytest.mark.parametrize("what", HOSTILE)
def test_gitlab_carries_out_nothing_of_a_hostile_text(forge: GitLab, pull: MergeRequest, what: str) -> None:
    forge.tell(forge.pull(pull.key), replace(everywhere(HOSTILE[what]), key=pull.key, sha=pull.head))
    forge.reply(pull.key, Remark(id=HOSTILE[what], kind=RemarkKind.COMMENT), f"{HOSTILE[what]}\n{HOSTILE[what]}")
    assert len(pull.comments) == 2
    assert pull.project.world.actions == []


@pytest.mark.parametrize("name", NAMES)
def test_gitlab_carries_out_nothing_of_an_answer(forge: GitLab, pull: MergeRequest, name: str) -> None:
    said = Remark(id="7", kind=RemarkKind.COMMENT)
    forge.reply(pull.key, said, f"/{name}\n\n/{name} x\r/{name}\n\n~~~\n/{name}\n~~~")
    assert len(pull.comments) == 1
    assert pull.project.world.actions == []


@pytest.mark.parametrize("name", ROWS)
def test_gitlab_takes_none_of_our_commands_for_its_own(name: str) -> None:
    assert PREFIX.removeprefix("/") not in NAMES
    for example in ROWS[name].examples or ("",):
        said = f"{PREFIX} {name} {example}".rstrip()
        for text in (said, f"please\n{said}\n", f"{said}\r\n{PREFIX}\r\n", f"> why?\n\n{said}"):
            assert carried_out(text) == []


def test_the_fake_gitlab_carries_out_what_a_bot_without_care_would_write(
    world: GitLabWorld, pull: MergeRequest
) -> None:
    pull.say("ana", "please\n/label ~preview")
    pull.say(world.bot, "The log:\n````\n/close\n````")
    assert world.actions == [("ana", "label"), (world.bot, "close")]
    world.actions.clear()


def test_a_text_without_commands_is_told_as_it_is(pull: MergeRequest) -> None:
    said = comment(report(pull))
    assert inert(said) == said

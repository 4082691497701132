"""What a stranger writes has no effect, whichever place it leaves by."""

from collections.abc import Iterator

import pytest

from bot.core.events import Remark, RemarkKind
from bot.core.names import Url
from bot.core.report import OutputLine, Problem, Report, State, StepLine, StepState
from bot.core.telling.answer import answer
from bot.core.telling.answers.reply import room
from bot.core.telling.check_run import check_run
from bot.core.telling.comment import LIMIT, comment
from bot.core.telling.deployment import deployments
from bot.core.telling.markdown import address, size
from bot.core.telling.status import status
from tests.core.answered import WITH
from tests.core.reports import KEY, NEW, OLD, RUNNING
from tests.world import judge
from tests.world.hostile import HOSTILE

EACH = pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
KNOWN = (NEW[:7], OLD[:7])


def reports(text: str) -> Iterator[Report]:
    """In every state, with the text in every place that a stranger can fill."""
    for state in State:
        for urls in (((text, Url(text)),), ((text, Url(f"https://web.example/{text}")), (text, Url(text)))):
            yield Report(
                key=KEY,
                repository=text,
                generation=1,
                state=state,
                sha=NEW,
                serving=OLD,
                urls=urls,
                why=text,
                steps=tuple(
                    StepLine(
                        name=text,
                        kind="build",
                        state=each,
                        why=text,
                        tail=(text, f"x {text}", text),
                        printed=9,
                        file=file,
                        line=3,
                    )
                    for each in (StepState.RUNNING, StepState.FAILED)
                    for file in (text, f"web/{text}")
                ),
                outputs=(OutputLine(job=text, name=text, value=text, sensitive=False, description=text),),
                problems=(Problem(path=text, line=2, column=1, message=text, allowed=(text, text)),),
            )


def linked(report: Report, text: str) -> frozenset[str]:
    """What may be linked: the preview's own URLs, and a value that is an address from its first to its last letter."""
    ours = [url for _, url in report.urls if url.startswith("https://web.example/")]
    destinations = (address(each) for each in (*ours, text) if each)
    return frozenset(each.replace("&amp;", "&") for each in destinations if each)


def wrong(description: str, report: Report) -> list[str]:
    """All that is wrong with one short line; our own URL in it may be cut."""
    said = "Preview is running at "
    if description.startswith(said) and report.url and address(report.url):
        assert f"{said}{report.url}".startswith(description.removesuffix("…"))
        return []
    return judge.plain(description, limit=140, known=KNOWN)


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 60
    assert len(set(HOSTILE.values())) == len(HOSTILE)


@EACH
def test_the_comment(text: str) -> None:
    for report in reports(text):
        body = comment(report)
        assert judge.markdown(body, links=linked(report, text)) == []
        assert size(body) < LIMIT


@EACH
def test_the_commit_status(text: str) -> None:
    for report in reports(text):
        told = status(report)
        assert wrong(told.description, report) == []
        assert told.url is None or address(told.url)


@EACH
def test_the_check_run_with_its_annotations(text: str) -> None:
    for report in reports(text):
        run = check_run(report)
        assert run is not None
        assert wrong(run.title, report) == []
        assert judge.markdown(run.summary, links=linked(report, text)) == []
        assert "<!--" not in run.summary
        assert run.url is None or address(run.url)
        for each in run.annotations:
            assert judge.plain(each.title, limit=255) == []
            assert judge.plain(each.message, limit=2000) == []
            assert judge.plain(each.path, limit=255) == []
            assert not each.path.startswith("/")
            assert ".." not in each.path.split("/")
            assert each.title
            assert each.message


@EACH
def test_the_deployments(text: str) -> None:
    for report in reports(text):
        told = deployments(report)
        newest = told.newest if told else None
        if newest is not None:
            assert wrong(newest.description, report) == []
            assert newest.url is None or address(newest.url)


@EACH
def test_an_answer_of_every_kind(text: str) -> None:
    remark = Remark(id=text, kind=RemarkKind.COMMENT)
    for kind, answered in WITH.items():
        body = answer(KEY.environment, remark, answered(text, room(1)))
        shown = {address(text) or "", *(RUNNING.urls[0][1:])} if kind == "status" else set()
        assert judge.markdown(body, links=frozenset(shown)) == [], kind
        assert size(body) <= 65_536


@pytest.mark.parametrize(
    "text",
    [
        "@ann",
        "fixes #1",
        "x\n/close",
        "# heading",
        "> quotation",
        "```\nx\n```",
        "[a](https://evil.example)",
        "![a](https://evil.example)",
        "<b>x</b>",
        "</details>",
        "1. x",
        "---",
        "see https://evil.example",
        "by 3f2c1aa0",
        "\u202ex",
        "`@ann`",
        ":tada:",
        "<!-- x --> <!-- y -->",
        "$a$",
        "~~x~~",
        "| a |\n|---|\n| @ann |",
    ],
)
def test_the_judge_finds_what_is_not_harmless(text: str) -> None:
    assert judge.markdown(text) != []

"""What a stranger writes has no effect, whichever place it leaves by."""

import json
from dataclasses import replace

import pytest

from bot.core.events import Remark, RemarkKind
from bot.core.reading import spec, zero
from bot.core.reading.spec import Unreadable
from bot.core.telling.answer import answer
from bot.core.telling.answers.reply import room
from bot.core.telling.check_run import check_run
from bot.core.telling.comment import LIMIT, comment
from bot.core.telling.deployment import deployments
from bot.core.telling.markdown import address, size
from bot.core.telling.status import status
from tests.core.answered import WITH
from tests.core.hostile_reports import linked, reports, wrong
from tests.core.reports import KEY, REFUSED_SPEC, RUNNING
from tests.world import judge
from tests.world.hostile import HOSTILE

EACH = pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 60
    assert len(set(HOSTILE.values())) == len(HOSTILE)


@EACH
def test_the_comment(text: str) -> None:
    for report in reports(text):
        body = comment(report)
        assert judge.markdown(body, links=linked(report)) == []
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
        assert comment(report).partition("\n")[2] == run.summary if run.over else judge.markdown(run.summary) == []
        assert run.url is None or address(run.url)
        for each in run.annotations:
            assert judge.plain(each.title, limit=255) == []
            assert judge.plain(each.message, limit=2000) == []
            assert judge.plain(each.path, limit=255) == []
            assert not each.path.startswith("/")
            assert ".." not in each.path.split("/")
            assert each.title
            assert each.message


def specs(text: str) -> list[bytes]:
    """Specs with the text as each of their keys and values."""
    web = {"image": "busybox", "port": 80}
    services = [
        {text: web},
        {"web": {**web, text: text}},
        {"web": {**web, "port": text, "needs": [text], "domain": text, "public": text, "user": text}},
        {"web": {**web, "image": text, "variables": {text: text, "A": f"${{secrets.{text}}} ${{{text}}}"}}},
        {"web": {"build": {"root": text, "dockerfile": text, "ref": text, "args": {text: text}, "repository": text}}},
        {"web": {**web, "tasks": {text: {"hook": text}}, "files": {text: text}, "health": {"http": text, text: 1}}},
    ]
    jobs = [{text: {}}, {"seed": {"image": text, "on": {text: {"args": text}, "deploy": {"run": text, "port": text}}}}]
    documents = [
        *({"version": 1, "services": each} for each in services),
        *({"version": 1, "services": {"web": web}, "jobs": each} for each in jobs),
        {"version": text, "name": text, "preview": {"drafts": text, "label": text, "ttl": text}, text: {text: text}},
        text,
    ]
    return [json.dumps(each).encode() for each in documents] + [text.encode("utf-8", "surrogatepass")]


@EACH
def test_a_spec_that_is_refused(text: str) -> None:
    read = [spec.read(each) for each in specs(text)]
    read.append(zero.found(lambda name, limit: text.encode("utf-8", "replace") if name == "Dockerfile" else None))
    refused = [each for each in read if isinstance(each, Unreadable)]
    assert refused
    for each in refused:
        report = replace(REFUSED_SPEC, why=str(each), problems=each.problems)
        assert judge.markdown(comment(report), links=linked(report)) == []
        assert wrong(status(report).description, report) == []
        run = check_run(report)
        assert run is not None
        for at in run.annotations:
            assert [*judge.plain(at.title, limit=255), *judge.plain(at.message, limit=2000)] == []


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

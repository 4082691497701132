"""Answers to commands about one small shop, for whoever shows one; and each kind of them with any text in it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.core.chat.commands import Mistake
from bot.core.chat.help import help_text
from bot.core.chat.parse import parse
from bot.core.chat.table import ROWS
from bot.core.deciding.decide import Refused
from bot.core.deciding.plan import Plan
from bot.core.decision import Decision, Verdict
from bot.core.events import Ignored, Want
from bot.core.foreseeing.outlook import ImageRow, Kind, Outlook, Prospect, Row, Verb
from bot.core.names import Name
from bot.core.permission import Permission
from bot.core.reading.spec import Unreadable
from bot.core.report import OutputLine, Problem, State, StepLine, StepState
from bot.core.telling.answers.decisions import why_answer
from bot.core.telling.answers.logs import Printed, logs_answer, no_log
from bot.core.telling.answers.outlook import plan_answer
from bot.core.telling.answers.preview import status_answer
from bot.core.telling.answers.refusals import lacking, mistakes, on_closed
from bot.core.telling.answers.reply import reply
from bot.core.telling.comment import LIMIT
from tests.core.reports import BUILD_FAILED, NEW, OLD, PROBLEMS, QUEUED, REFUSED_SPEC, RUNNING

AT = datetime(2026, 11, 26, 15, 38, 12, tzinfo=UTC)
REFUSED = Decision(
    at=AT,
    generation=3,
    verdict=Verdict.REFUSED,
    rule="a fork's commit needs an approval",
    why="the pull comes from a fork, and nobody has approved 3f2c1aa; somebody with write permission can say "
    f"`/preview approve {NEW}`",
    cause="the pull was pushed",
    actor="mallory",
    sha=NEW,
    facts={"from a fork": "yes", "approved commits": "0ddba11 (by ana)"},
)
DEPLOYED = Decision(
    at=AT - timedelta(hours=2),
    generation=2,
    verdict=Verdict.DEPLOY,
    rule="the pull's head is deployed",
    why="ana approved 0ddba11",
    cause="ana asked for it",
    actor="ana",
    sha=OLD,
)
SKIPPED = Decision(
    at=AT - timedelta(hours=3),
    generation=1,
    verdict=Verdict.IGNORED,
    rule="a draft is skipped",
    why="the pull is a draft, and preview.drafts is skip; mark it as ready for review to have a preview",
    cause="the pull was opened",
    actor="mallory",
    facts={"draft": "yes", "preview.drafts": "skip"},
)


def _row(name: str, kind: Kind, verb: Verb, why: str, *after: str, images: tuple[ImageRow, ...] = ()) -> Row:
    prospect = Prospect(verb=verb, why=why)
    return Row(name=Name(name), kind=kind, prospect=prospect, after=tuple(map(Name, after)), images=images)


def _image(verb: Verb, why: str, task: str = "") -> ImageRow:
    return ImageRow(task=Name(task), prospect=Prospect(verb=verb, why=why))


OUTLOOK = Outlook(
    plan=Plan(want=Want.DEPLOY, steps=(), why="it was asked for"),
    rows=(
        _row(
            "db",
            Kind.SERVICE,
            Verb.UNCHANGED,
            "nothing that goes into it has changed",
            images=(_image(Verb.UNCHANGED, "it is here already"),),
        ),
        _row(
            "seed",
            Kind.JOB,
            Verb.RUN,
            "files of the repository",
            "db",
            images=(_image(Verb.UNCHANGED, "this very content is built already"),),
        ),
        replace(
            _row(
                "web",
                Kind.SERVICE,
                Verb.RESTART,
                "image, variable BANNER if the output BANNER of seed changes",
                "db",
                "seed",
                images=(
                    _image(Verb.BUILD, "what is in web was not built before"),
                    _image(Verb.PULL, "it is not here yet", "fluentd"),
                ),
            ),
            notes=("a clone of web of github-1296269-9",),
        ),
        _row("cron", Kind.JOB, Verb.SKIP, "it has succeeded here before"),
        _row("old", Kind.SERVICE, Verb.REMOVE, "the spec no longer names it"),
    ),
)
STANDS = replace(OUTLOOK, rows=OUTLOOK.rows[:1])
PRINTED = Printed(
    name="run seed on deploy", lines=[f"row {number} of 2314" for number in range(2214, 2314)], number=2314, attempt=2
)
SERVICE = Printed(name="web", lines=["listening on 8080", "GET / 200", "the key is hunter22"], number=3)


def hidden(line: str) -> str:
    """What a masker does."""
    return line.replace("hunter22", "•••")


def _mistakes(comment: str) -> str:
    return mistakes(each for each in parse(comment) if isinstance(each, Mistake))


ANSWERS = {
    "help": help_text(),
    "help-clone": help_text("clone"),
    "status-running": status_answer(RUNNING),
    "status-failed": status_answer(BUILD_FAILED),
    "status-none": status_answer(None),
    "why-refused": why_answer([REFUSED, DEPLOYED, SKIPPED]),
    "why-skipped": why_answer([SKIPPED]),
    "why-nothing": why_answer([]),
    "plan": plan_answer(OUTLOOK, NEW),
    "plan-unchanged": plan_answer(STANDS, NEW),
    "plan-nothing": plan_answer(replace(OUTLOOK, plan=replace(OUTLOOK.plan, want=Want.DELETE), rows=()), None),
    "plan-refused": plan_answer(Refused(why=REFUSED.why), NEW),
    "plan-left-out": plan_answer(Ignored("the pull is a draft; mark it ready for review"), NEW),
    "plan-invalid": plan_answer(Unreadable(problems=PROBLEMS), NEW),
    "logs-of-a-job": logs_answer(PRINTED, hidden),
    "logs-of-a-service": logs_answer(SERVICE, hidden),
    "logs-empty": logs_answer(replace(SERVICE, lines=[], number=0), hidden),
    "logs-unknown": no_log("wbe", ["web", "build web", "seed", "run seed on deploy"]),
    "logs-none": no_log("web", []),
    "lacking": lacking(ROWS["deploy"], actor="mallory", has=Permission.READ),
    "stranger": lacking(ROWS["plan"], actor="mallory", has=Permission.NONE),
    "closed": on_closed(ROWS["deploy"]),
    "mistakes": _mistakes("/preview depoly\n/preview run seed\n/preview logs 'x\n/preview delete web"),
    "many": _mistakes("/preview deploy\n" * 11),
    "two": reply([lacking(ROWS["stop"], actor="mallory", has=Permission.TRIAGE), status_answer(QUEUED)]),
}

WITH: Mapping[str, Callable[[str, int], str]] = {
    "status": lambda text, limit: status_answer(
        replace(
            REFUSED_SPEC,
            state=State.FAILED,
            why=text,
            problems=(Problem(path=text, line=1, column=1, message=text, allowed=(text,)),) * 3,
            steps=(
                StepLine(name=text, kind="run", state=StepState.FAILED, why=text, tail=(text,) * 9, file=text, line=9),
            )
            * 3,
            outputs=(OutputLine(job=text, name=text, value=text, sensitive=False, description=text),) * 3,
            urls=((text, RUNNING.urls[0][1]),) * 2,
        ),
        limit=limit,
    ),
    "why": lambda text, limit: why_answer(
        [replace(REFUSED, rule=text, why=text, cause=text, actor=text, facts={text: text, f"{text} 2": text})] * 4,
        limit=limit,
    ),
    "plan": lambda text, limit: plan_answer(
        replace(
            OUTLOOK,
            rows=tuple(
                replace(
                    row,
                    name=text,
                    prospect=replace(row.prospect, why=text),
                    after=(text,) * 3,
                    images=(_image(Verb.BUILD, text, text),),
                    notes=(text,),
                )
                for row in OUTLOOK.rows
            ),
        ),
        NEW,
        limit=limit,
    ),
    "plan left out": lambda text, limit: plan_answer(Ignored(text), NEW, limit=limit),
    "plan refused": lambda text, limit: plan_answer(Refused(why=text), NEW, limit=limit),
    "plan invalid": lambda text, limit: plan_answer(
        Unreadable(problems=(Problem(path=text, line=1, column=1, message=text, allowed=(text,) * 3),) * 30, file=text),
        NEW,
        limit=limit,
    ),
    "logs": lambda text, limit: logs_answer(
        Printed(name=text, lines=[text] * 90, number=10**6, attempt=2), hidden, limit=limit
    ),
    "no log": lambda text, limit: no_log(text, [text, f"{text} {text}"] * 30, limit=limit),
    "mistake": lambda text, _: mistakes([Mistake(said=text, why=text, usage=text)]),
    "what was said": lambda text, _: _mistakes(
        f"/preview {text}\n/preview logs {text}\n/preview clone {text} as {text}"
    ),
    "lacking": lambda text, _: lacking(ROWS["deploy"], actor=text, has=Permission.READ),
}
"""Every kind of answer, with a stranger's text in each of its places, in this many units."""

FITS = LIMIT // 10

"""The one table of commands: how each is written, what it does, what it takes, and how it is answered."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.core.chat.commands import (
    Approve,
    Cancel,
    Clone,
    Command,
    Delete,
    Deploy,
    Extend,
    Help,
    Logs,
    Plan,
    Reset,
    Run,
    Start,
    Status,
    Stop,
    Why,
)
from bot.core.chat.grammar import PREFIX
from bot.core.choices import JobEvent
from bot.core.names import ENVIRONMENT, NAME
from bot.core.patterns import FORMS, TIMESPAN
from bot.core.permission import Permission
from bot.core.units import seconds


class Answer(StrEnum):
    """Where a command is answered."""

    STATE = "state"
    """In the one comment, which follows what happens; the command itself gets a reaction."""
    REPLY = "reply"
    """In a comment of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """What may stand for an argument: `5 is no duration; write it like 30s`."""

    pattern: str
    noun: str
    advice: str
    value: Callable[[str], object] = str


_NODE = FORMS[f"^{NAME.pattern}$"]
_EVENTS = ", ".join(JobEvent)
A_NAME = Sort(pattern=NAME.pattern, noun=_NODE.noun, advice=_NODE.advice)
AN_EVENT = Sort(pattern="|".join(JobEvent), noun="event of a job", advice=f"the three are {_EVENTS}", value=JobEvent)
AN_ENVIRONMENT = Sort(
    pattern=ENVIRONMENT.pattern,
    noun="environment",
    advice="write its id as its comment shows it, like github-1296269-7",
)
A_LOG = Sort(
    pattern=r"[a-z][a-z0-9-]*(?: [a-z0-9/-]+){0,4}",
    noun="service, job or step",
    advice='write a step as its comment shows it, in quotes, like "build web"',
)
A_TIMESPAN = Sort(
    pattern=TIMESPAN,
    noun=FORMS[TIMESPAN].noun,
    advice=FORMS[TIMESPAN].advice,
    value=lambda text: timedelta(seconds=seconds(text)),
)
A_COMMIT = Sort(
    pattern="[0-9a-fA-F]{7,64}", noun="commit", advice="write 7 to 64 digits of its id", value=lambda text: text.lower()
)
A_COMMAND = Sort(pattern="[a-z]+", noun="command", advice=f"{PREFIX} help lists them")
A_FLAG = Sort(pattern="", noun="option", advice="write it without a value", value=lambda _: True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One argument of a command, and the field that it becomes."""

    field: str
    sort: Sort
    word: str = ""
    """What has to stand before it: `as`."""
    optional: bool = False
    many: bool = False

    @property
    def key(self) -> str:
        """How it is called in `key=value`."""
        return self.word or self.field

    @property
    def flag(self) -> bool:
        """Whether it is written as `--yes`."""
        return self.sort is A_FLAG

    @property
    def usage(self) -> str:
        """How it is shown: `[as <new>]`."""
        text = f"--{self.field}" if self.flag else f"{self.word} <{self.field}>".lstrip()
        if self.many:
            text = f"<{self.field.removesuffix('s')}>…"
        return f"[{text}]" if self.optional or self.many else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One command."""

    name: str
    command: Callable[..., Command]
    does: str
    """One sentence, for whoever asks for help."""
    answers: str
    """One sentence: what comes back."""
    takes: Permission = Permission.WRITE
    answer: Answer = Answer.STATE
    closed: bool = False
    """Whether it may be said on a closed pull."""
    parameters: tuple[Parameter, ...] = ()
    examples: tuple[str, ...] = ()
    """Each without the prefix and the name."""

    @property
    def usage(self) -> str:
        """The whole line, with every argument that it may have."""
        return " ".join((PREFIX, self.name, *(each.usage for each in self.parameters)))


def _optional(field: str, sort: Sort, *, word: str = "") -> Parameter:
    return Parameter(field=field, sort=sort, word=word, optional=True)


_FOLLOWS = "The comment follows it, with the state, the URL and each step."
_OTHERS = "The reply names those that there are where it is none of them."
TABLE = (
    Row(
        name="help",
        command=Help,
        does="Lists the commands, or says everything of one.",
        answers="A reply with this table, or with one command's arguments, permission and examples.",
        takes=Permission.READ,
        answer=Answer.REPLY,
        closed=True,
        parameters=(_optional("command", A_COMMAND),),
        examples=("", "run"),
    ),
    Row(
        name="deploy",
        command=Deploy,
        does="Deploys the pull's newest commit, also after a failure or a delete by hand.",
        answers=_FOLLOWS,
    ),
    Row(
        name="stop",
        command=Stop,
        does="Runs the stop jobs and takes the services down; volumes and outputs stay.",
        answers=_FOLLOWS,
    ),
    Row(
        name="start",
        command=Start,
        does="Brings a stopped preview back: a deploy of the newest commit.",
        answers=_FOLLOWS,
    ),
    Row(
        name="delete",
        command=Delete,
        does="Runs the delete jobs and removes the preview, until a deploy or a reopen; with a name, only that service "
        "or job, for good.",
        answers="The comment follows it, and lists what a delete with `--force` has left.",
        closed=True,
        parameters=(_optional("name", A_NAME), _optional("yes", A_FLAG), _optional("force", A_FLAG)),
        examples=("", "--force", "worker --yes"),
    ),
    Row(
        name="cancel",
        command=Cancel,
        does="Ends the deploy or job that is under way and drops what waits; what served goes on serving, and a stop "
        "or delete is let end.",
        answers="The comment shows what was cancelled and what stands.",
    ),
    Row(
        name="run",
        command=Run,
        does="Runs a job now, as it does at deploy, stop or delete, whatever its `run` says, and touches nothing else.",
        answers="The comment shows the run, its outputs, and the services that they make stale.",
        parameters=(Parameter(field="job", sort=A_NAME), Parameter(field="event", sort=AN_EVENT)),
        examples=("seed deploy", "backup stop"),
    ),
    Row(
        name="clone",
        command=Clone,
        does="Puts a copy of a service or job beside it, or into another preview where you may write, too.",
        answers="The comment of the preview that gets the copy follows it.",
        parameters=(
            Parameter(field="name", sort=A_NAME),
            _optional("new", A_NAME, word="as"),
            _optional("environment", AN_ENVIRONMENT, word="to"),
        ),
        examples=("web as web2", "seed to github-1296269-9", "web as=web2 to=github-1296269-9"),
    ),
    Row(
        name="reset",
        command=Reset,
        does="Empties the volumes of these services, or of all, forgets what ran once, and deploys again.",
        answers=_FOLLOWS,
        parameters=(Parameter(field="services", sort=A_NAME, many=True),),
        examples=("", "db"),
    ),
    Row(
        name="logs",
        command=Logs,
        does="Shows the last 80 lines of a service, a job or a step.",
        answers=f"A reply with them in a fold, secrets masked. {_OTHERS}",
        takes=Permission.TRIAGE,
        answer=Answer.REPLY,
        closed=True,
        parameters=(Parameter(field="name", sort=A_LOG),),
        examples=("web", '"build web"'),
    ),
    Row(
        name="status",
        command=Status,
        does="Shows the preview as it is now.",
        answers="A reply with what the one comment says at this moment.",
        takes=Permission.READ,
        answer=Answer.REPLY,
        closed=True,
    ),
    Row(
        name="plan",
        command=Plan,
        does="Shows what a deploy of the newest commit would build, run, skip and restart, and does nothing of it.",
        answers="A reply with a row for each service, job and image, each with its reason.",
        takes=Permission.TRIAGE,
        answer=Answer.REPLY,
    ),
    Row(
        name="why",
        command=Why,
        does="Says why the preview is as it is, or why there is none.",
        answers="A reply with what was decided last: by which rule, on which facts and when, and what before that.",
        takes=Permission.READ,
        answer=Answer.REPLY,
        closed=True,
    ),
    Row(
        name="extend",
        command=Extend,
        does="Lets the preview live longer by this time, and sleep later.",
        answers="The comment shows its new time to live.",
        parameters=(Parameter(field="time", sort=A_TIMESPAN),),
        examples=("24h", "1h30m"),
    ),
    Row(
        name="approve",
        command=Approve,
        does="Lets this one commit of a fork be deployed; the next push needs a new approval.",
        answers="The comment follows the deploy, and says who allowed it and what it could see.",
        parameters=(Parameter(field="sha", sort=A_COMMIT),),
        examples=("3f2c1aa",),
    ),
)
ROWS = {row.name: row for row in TABLE}


def row_of(command: Command) -> Row:
    """The row that a command came from."""
    return ROWS[type(command).__name__.lower()]


def matches(sort: Sort, text: str) -> bool:
    """Whether the text may stand there."""
    return re.fullmatch(sort.pattern, text) is not None

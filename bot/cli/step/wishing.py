"""Commands of a step that change something: a wish, carried out in this process unless a bot serves, and its end."""

import hashlib
from dataclasses import replace

from bot.cli.codes import Code
from bot.cli.follow import Late, Screen, code, errand_code, follow, left_out
from bot.cli.stead import owner
from bot.cli.step.ended import Ended, say
from bot.cli.step.unfinished import PATIENCE, unfinished
from bot.core.deciding.missed import missed
from bot.core.errand import Force
from bot.core.errors import Misused, Unavailable
from bot.core.events import Commented, Event, Happening, Ignored, Want, Wish, wish_for
from bot.core.events import wish as wished
from bot.core.group import Home
from bot.core.model import JobEvent
from bot.core.names import EnvironmentId, Name
from bot.core.report import State
from bot.core.telling.annotation import annotations
from bot.core.telling.comment import LIMIT, body
from bot.core.telling.result import Result, result
from bot.core.telling.status import status as in_short
from bot.core.telling.wording import duration
from bot.desk.attend import LEASE, attend
from bot.gathering.gather import find
from bot.inbox import Status
from bot.printed import Printed
from bot.screen.terminal import Terminal
from bot.telling.telling import AGAIN
from bot.world import World

WANTS = {"stop": Want.STOP, "start": Want.DEPLOY, "delete": Want.DELETE, "run": Want.ERRAND}
TRIES = 5
"""How often a comment is taken up, where something that it needs does not answer."""


def carried_out(
    world: World, told: Event | Commented, command: str, words: tuple[str, ...], *, timeout: float | None
) -> Ended:
    """Wish for what the event or the command says, follow it to its end, and gather what it leaves."""
    environment = told.key.environment
    if not world.inbox.served():
        find(world, told.key)  # a token that is missing or may not read it is said at once: later it would be put off
    before = _status(world, environment).lane.generation
    stored = _heard(world, told) if isinstance(told, Commented) else _asked(world, told, command, words)
    if isinstance(stored, Ignored):
        say(stored.why)
    status = _status(world, environment)
    if status.lane.generation == before:
        return _ended(world, status, Code.DONE)
    try:
        return _reached(world, _followed(world, environment, timeout), status.lane.errand)
    except KeyboardInterrupt:
        return _cut_short(world, environment, Code.INTERRUPTED, "the job was cancelled before it was done")
    except Late:
        over = f"the job's time of {duration(timeout)} was over before it was done"
        return _cut_short(world, environment, Code.UNAVAILABLE, over)


def _asked(world: World, event: Event, command: str, words: tuple[str, ...]) -> object:
    follows = command == "deploy" or (command == "delete" and event.happening is Happening.CLOSED)
    if not follows:
        return world.inbox.wish(_by_hand(event, command, words))
    if wished(event).glance and not world.inbox.brought(event.key.environment, event.sha):
        # Nobody here was told who brought the commit, and a label is no word for it: the pull's author is asked about.
        wish = missed(None, None, world.forge(event.key.forge).pull(event.key))
        return world.inbox.wish(replace(wish, why=wished(event).why)) if wish else None
    return world.inbox.receive(event, _digest(event.delivery))


def _by_hand(event: Event, command: str, words: tuple[str, ...]) -> Wish:
    want = WANTS[command]
    return replace(
        wish_for(event, want),
        why=f"{event.actor} asked for it in a job",
        person=True,
        errand=_errand(words) if want is Want.ERRAND else None,
    )


def _errand(words: tuple[str, ...]) -> Force:
    events = [event.value for event in JobEvent]
    if len(words) != 2 or words[1] not in events:
        raise Misused(f"run: name a job and an event of its, like `run seed deploy`; events are {', '.join(events)}")
    return Force(job=Name(words[0]), event=JobEvent(words[1]))


def _heard(world: World, told: Commented) -> Ignored | None:
    """Answer the comment as a bot would, unless one does."""
    stored = world.inbox.receive(told, _digest(told.delivery))
    tries = 0
    while not isinstance(stored, Ignored) and not world.inbox.served():
        heard = world.inbox.hear(owner(), lease=LEASE)
        if heard is not None and attend(heard, world) and heard.told.delivery == told.delivery:
            return None
        tries += heard is not None
        if tries >= TRIES:
            raise Unavailable("the comment is not answered yet, as something does not answer; say it again later")
        world.inbox.wait(0.2)
    return stored if isinstance(stored, Ignored) else None


def _followed(world: World, environment: EnvironmentId, timeout: float | None) -> Status:
    with Terminal(drawn=False) as terminal:
        screen = Screen(terminal, Printed(world, environment), discreet=True)
        return follow(world, environment, screen, timeout=timeout, patience=PATIENCE)


def _reached(world: World, status: Status, errand: Wish | None) -> Ended:
    if (left := left_out(world, status)) is not None:
        say(left.why)
        return _ended(world, status, Code.DONE)
    report = status.report
    if report is not None and report.state is State.QUEUED:
        report = unfinished(world, status, report.why.removesuffix(AGAIN)) or report
    return _ended(world, replace(status, report=report), _code(status, errand))


def _cut_short(world: World, environment: EnvironmentId, ended: Code, why: str) -> Ended:
    say(why)
    status = _status(world, environment)
    return _ended(world, replace(status, report=unfinished(world, status, why) or status.report), ended)


def _ended(world: World, status: Status, ended: Code) -> Ended:
    report = status.report
    if report is None:
        return Ended(ended, result=Result(environment=status.environment, state=State(status.lane.state)))
    say(in_short(report).description)
    stands = world.runner.recall(Home(environment=status.environment, generation=0))
    return Ended(
        ended,
        result=result(report),
        summary=body(report, limit=LIMIT),
        annotations=tuple(annotations(report)),
        hidden=stands.hidden if stands else (),
    )


def _code(status: Status, errand: Wish | None) -> Code:
    if errand is not None:
        return errand_code(errand.errand, status.report)
    return Code.DONE if status.report is None and not status.lane.due else code(status)


def _status(world: World, environment: EnvironmentId) -> Status:
    status = world.inbox.lane(environment)
    if status is None:
        raise Unavailable(f"{environment} vanished from the inbox; run the job again")
    return status


def _digest(delivery: str) -> str:
    return hashlib.sha256(delivery.encode()).hexdigest()

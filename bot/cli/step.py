"""One step of a forge's own CI: opens a world for this job alone, wishes, follows, and leaves what comes after it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import assert_never

import click

from bot import settings
from bot.cli.codes import Code, told
from bot.cli.follow import Screen, code, follow, left_out
from bot.cli.stead import owner
from bot.core.deciding.missed import missed
from bot.core.errors import MatineeError, Misused, Unavailable
from bot.core.events import Commented, Event, Happening, Ignored, Malformed, PullKey, Removed, Renamed, Want, Wish
from bot.core.events import wish as wished
from bot.core.group import Home
from bot.core.telling.annotation import annotations
from bot.core.telling.comment import LIMIT, body
from bot.core.telling.markdown import line
from bot.core.telling.result import result
from bot.desk.attend import LEASE, attend
from bot.forges.base import Pipeline
from bot.inbox import Status
from bot.printed import Printed
from bot.screen.terminal import Terminal
from bot.world import World

WANTS = {"stop": Want.STOP, "start": Want.DEPLOY, "delete": Want.DELETE}
PATIENCE = 5
"""How often a comment is taken up, where something that it needs does not answer."""


def given(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The variables that say something: a CI sets also those of inputs that nobody gave."""
    return {name: value for name, value in environment.items() if value}


def chosen(pipeline: Pipeline, environment: Mapping[str, str], config: Path | None, scratch: Path) -> Mapping[str, str]:
    """The settings of a step: the operator's own, else what the CI knows; its inbox goes with the scratch folder."""
    own = {f"{settings.PREFIX}{name.upper()}": value for name, value in pipeline.settings.items()}
    own = {name: value for name, value in own.items() if f"{name}_FILE" not in environment}
    own.setdefault(f"{settings.PREFIX}DATABASE_URL", f"sqlite:///{scratch / 'matinee.db'}")
    return settings.settings({**own, **environment}, config)


@dataclass(frozen=True, slots=True)
class Step:
    """A step in a world that may be its own."""

    world: World
    pipeline: Pipeline

    def taken(self, command: str) -> Code:
        """Do what is asked for; nothing foreign that is printed meanwhile is a command to the CI."""
        with self.pipeline.foreign():
            try:
                ended = self._done(command)
            except MatineeError as error:
                return told(error)
        if isinstance(ended, Code):
            return ended
        self._leave(ended)
        return ended.code

    def _done(self, command: str) -> "Ended | Code":
        world = self.world
        tidings = self.pipeline.tidings(world.forge(self.pipeline.forge))
        match tidings:
            case Ignored(why):
                return _nothing(why)
            case Malformed(why):
                click.echo(f"matinee: the event of this job is none of the forge's: {line(why)}", err=True)
                return Code.REFUSED
            case Renamed() | Removed():
                return _nothing("the event is about no pull")
            case Commented() if command != "deploy":
                raise Misused(f"on a comment it is the comment that says what to do; leave {command} out")
            case Event() | Commented():
                stands = world.runner.recall(Home(environment=tidings.key.environment, generation=0))
                world.inbox.learn(tidings.key, tidings.repository, stands)
                before = world.inbox.lane(tidings.key.environment)
                _say(_asked(world, tidings, command) if isinstance(tidings, Event) else _heard(world, tidings))
                return _followed(world, tidings.key, before)
            case _:
                assert_never(tidings)

    def _leave(self, ended: "Ended") -> None:
        report = ended.status.report
        if report is None:
            return
        stands = self.world.runner.recall(Home(environment=report.key.environment, generation=0))
        self.pipeline.hide(stands.hidden if stands else ())
        self.pipeline.annotate(tuple(annotations(report)))
        self.pipeline.publish(result(report), body(report, limit=LIMIT))


@dataclass(frozen=True, slots=True)
class Ended:
    """How the lane was left."""

    status: Status
    code: Code


def _nothing(why: str) -> Code:
    click.echo(f"matinee: nothing to do: {line(why)}", err=True)
    return Code.DONE


def _say(ignored: object) -> None:
    if isinstance(ignored, Ignored):
        click.echo(f"matinee: {line(ignored.why)}", err=True)


def _asked(world: World, event: Event, command: str) -> object:
    by_itself = command == "deploy" or (command == "delete" and event.happening is Happening.CLOSED)
    if not by_itself:
        return world.inbox.wish(_by_hand(event, WANTS[command]))
    if wished(event).glance and not world.inbox.brought(event.key.environment, event.sha):
        return _afresh(world, event)
    return world.inbox.receive(event, hashlib.sha256(event.delivery.encode()).hexdigest())


def _afresh(world: World, event: Event) -> object:
    """Nobody here was told who brought the commit: it is the pull's author who is asked about."""
    wish = missed(None, None, world.forge(event.key.forge).pull(event.key))
    return world.inbox.wish(replace(wish, why=wished(event).why)) if wish else None


def _by_hand(event: Event, want: Want) -> Wish:
    return Wish(
        key=event.key,
        repository=event.repository,
        want=want,
        sha=event.sha if want is Want.DEPLOY else None,
        actor=event.actor,
        actor_id=event.actor_id,
        why=f"{event.actor} asked for it in a job",
        person=True,
    )


def _heard(world: World, told: Commented) -> object:
    """Answer the comment as a bot would, unless one does."""
    stored = world.inbox.receive(told, hashlib.sha256(told.delivery.encode()).hexdigest())
    tries = 0
    while not isinstance(stored, Ignored) and not world.inbox.served() and tries < PATIENCE:
        heard = world.inbox.hear(owner(), lease=LEASE)
        if heard is not None and heard.told.delivery == told.delivery:
            tries += 1
            if attend(heard, world):
                return None
        elif heard is not None:
            attend(heard, world)
        world.inbox.wait(0.2)
    if tries >= PATIENCE:
        raise Unavailable("the comment could not be answered, as something that it needs does not answer; say it again")
    return stored


def _followed(world: World, key: PullKey, before: Status | None) -> "Ended | Code":
    lane = world.inbox.lane(key.environment)
    if lane is None:
        return Code.DONE
    asked = before is None or lane.lane.generation > before.lane.generation or lane.lane.due
    with Terminal() as terminal:
        screen = Screen(terminal, Printed(world, key.environment))
        status = follow(world, key.environment, screen)
        screen.finish()
    if (left := left_out(world, status)) is not None:
        _say(Ignored(left.why))
        return Ended(status, Code.DONE)
    gone = status.report is None and not status.lane.due
    return Ended(status, Code.DONE if gone or not asked else code(status))

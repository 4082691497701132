"""A step from its settings to what it leaves for those after it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import click

from bot import settings
from bot.cli.codes import Code, told
from bot.cli.step.ended import Ended, nothing
from bot.cli.step.inputs import Inputs
from bot.cli.step.looking import check, plan
from bot.cli.step.overheard import overheard
from bot.cli.step.wishing import carried_out
from bot.core.errors import MatineeError, Misused
from bot.core.events import Commented, Event, Ignored, Malformed, Removed, Renamed
from bot.core.group import Home
from bot.core.telling.markdown import line
from bot.forges.base import Pipeline
from bot.inbox.values import now_utc
from bot.keeping.vault import owner_of
from bot.world import World

LOOKS = {"check": check, "plan": plan}


def given(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The variables that say something: a CI sets also those of inputs that nobody gave."""
    return {name: value for name, value in environment.items() if value}


def chosen(
    pipeline: Pipeline, environment: Mapping[str, str], config: Path | None, scratch: Path, inputs: Inputs
) -> Mapping[str, str]:
    """The settings of a step: the operator's own, else what the CI knows.

    Its inbox goes with the scratch folder. A file of settings counts only by name: the current folder may hold the
    pull's own files.
    """
    own = {f"{settings.PREFIX}{name.upper()}": value for name, value in pipeline.settings.items()}
    own = {name: value for name, value in own.items() if f"{name}_FILE" not in environment}
    own.setdefault(f"{settings.PREFIX}DATABASE_URL", f"sqlite:///{scratch / 'matinee.db'}")
    found = settings.settings({**own, **environment, **inputs.settings}, config or Path(os.devnull))
    return {name: value for name, value in found.items() if not (inputs.secrets and name == "secrets_secret")}


@dataclass(frozen=True, slots=True)
class Step:
    """A step in a world that may be its own."""

    world: World
    pipeline: Pipeline
    inputs: Inputs

    def taken(self, command: str, words: tuple[str, ...] = ()) -> Code:
        """Do what is asked for; nothing foreign that is printed meanwhile is a command to the CI."""
        with overheard(self.world.secrets) as heard, self.pipeline.foreign():
            try:
                ended = self._done(command, words)
            except MatineeError as error:
                return told(error)
        self.pipeline.hide(ended.hidden)
        self.pipeline.annotate(ended.annotations)
        self.pipeline.warn(heard.warnings)
        if ended.result or ended.summary:
            self.pipeline.publish(ended.result, ended.summary)
        return ended.code

    def _done(self, command: str, words: tuple[str, ...]) -> Ended:
        tidings = self.pipeline.tidings(self.world.forge(self.pipeline.forge))
        match tidings:
            case Ignored(why):
                return nothing(why)
            case Malformed(why):
                click.echo(f"matinee: the event of this job is none of the forge's: {line(why)}", err=True)
                return Ended(Code.REFUSED)
            case Renamed() | Removed():
                return nothing("the event is about no pull")
            case Commented() if command != "deploy":
                raise Misused(f"on a comment it is the comment that says what to do; leave {command} out")
            case Event() | Commented():
                self._know(tidings)
                if isinstance(tidings, Event) and command in LOOKS:
                    return LOOKS[command](self.world, tidings)
                return carried_out(self.world, tidings, command, words, timeout=self.inputs.timeout)
            case _:
                assert_never(tidings)

    def _know(self, tidings: Event | Commented) -> None:
        """Know of an environment that another job or a bot has made, and of what this one was given for it."""
        key = tidings.key
        self.world.inbox.learn(
            key, tidings.repository, self.world.runner.recall(Home(environment=key.environment, generation=0))
        )
        for name, value in self.inputs.secrets.items():
            self.world.vault.set(owner_of(key), name, value, fork=False, now=now_utc())

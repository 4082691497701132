"""What a followed wish prints, and when."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from bot import settings
from bot.cli.follow import Screen
from bot.core.deciding.lane import Lane
from bot.core.events import Want, Wish
from bot.core.names import StepId
from bot.core.report import StepLine, StepState
from bot.inbox import Status
from bot.printed import Printed
from bot.screen.terminal import Terminal
from bot.world import world
from tests.core.reports import DEPLOYING

JOB, BUILD = StepId("run seed on deploy"), StepId("build web")


@pytest.mark.parametrize("discreet", [True, False])
def test_a_discreet_screen_shows_what_a_job_prints_once_it_is_known_what_is_secret_of_it(
    tmp_path: Path, *, discreet: bool
) -> None:
    memory = {"MATINEE_STATE": str(tmp_path), "MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory"}
    opened, paper = world(settings.settings(memory)), io.StringIO()
    environment, generation = DEPLOYING.key.environment, DEPLOYING.generation
    for step, line in ((JOB, "made it"), (BUILD, "built it")):
        with opened.inbox.logs.begin(environment, generation, step, 1) as log:
            log(line)
    wish = Wish(key=DEPLOYING.key, repository="acme/shop", want=Want.DEPLOY, sha=None, actor="ana", why="a push")
    lane = Lane(wish=wish, generation=generation)
    screen = Screen(Terminal(stream=paper), Printed(opened, environment), discreet=discreet)

    def show(state: StepState | None) -> str:
        """What has been printed when the job is in this state; None: nothing is told of this generation yet."""
        steps = (StepLine(name=JOB, kind="run", state=state or StepState.WAITING), StepLine(name=BUILD, kind="build"))
        report = replace(DEPLOYING, steps=steps) if state else None
        screen.show(Status(environment=environment, lane=lane, report=report, owner=None, due_at=None))
        return paper.getvalue()

    assert ("made it" in show(None)) is not discreet
    assert ("made it" in show(StepState.RUNNING)) is not discreet
    assert "built it" in paper.getvalue()
    assert show(StepState.SUCCEEDED).count("made it") == 1
    opened.inbox.close()

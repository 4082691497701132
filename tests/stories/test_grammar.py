"""The points of the grammar of commands that only a whole bot shows."""

import pytest

from bot.core.report import State
from tests.stories.conftest import BOTH

pytestmark = [pytest.mark.slow, BOTH]


@pytest.fixture
def pull(forge, bot):
    files = {"matinee.yaml": "version: 1\nservices: {web: {image: busybox, port: 80, public: true}}\n"}
    pull = forge.repository("acme/shop", files, ana="write").open_pull()
    bot.settle()
    return pull


def signs(pull) -> list[str]:
    return [sign for signs in pull.signs for sign in signs]


@pytest.mark.parametrize(
    "command", ["deploy", "stop", "start", "cancel", "reset", "plan", "approve 3f2c1aa", "clone web"]
)
def test_point_10_on_a_closed_pull_what_acts_is_refused(bot, pull, command):
    pull.close()
    bot.settle()
    generation = bot.status(pull).lane.generation
    pull.say("ana", f"/preview {command}")
    bot.settle()
    assert bot.status(pull).lane.generation == generation
    assert "is not for a closed pull" in pull.answers[-1]
    assert signs(pull) == ["eyes", "confused"]


def test_point_10_on_a_closed_pull_a_delete_acts_and_a_status_is_answered(bot, forge, pull):
    with forge.holding():
        pull.close()
    pull.say("ana", "/preview status\n/preview delete")
    bot.settle()
    assert bot.report(pull).state is State.DELETED
    assert "**Preview is" in pull.answers[-1]


def test_point_11_a_command_whose_reactions_fail_is_carried_out(bot, forge, pull):
    forge.fail_next("POST", forge.EMOJI, status=502, times=20)
    pull.say("ana", "/preview stop\n/preview help")
    bot.settle()
    assert bot.report(pull).state is State.STOPPED
    assert len(pull.answers) == 1
    assert signs(pull) == []


@pytest.mark.parametrize(("text", "last"), [("/preview help", "rocket"), ("/preview hlep", "confused")])
def test_point_11_a_command_is_seen_and_then_done_or_not_understood(bot, pull, text, last):
    pull.say("ana", text)
    bot.settle()
    assert signs(pull) == ["eyes", last]


def test_point_12_what_is_nearly_a_command_is_answered_once_and_what_is_not_ours_is_not(bot, pull):
    pull.say("ana", "/preview depoly")
    pull.say("ana", "/deploy")
    bot.settle()
    assert [each for each in pull.answers if "did you mean deploy?" in each] == pull.answers
    assert len(pull.answers) == 1
    assert signs(pull) == ["eyes", "confused"]

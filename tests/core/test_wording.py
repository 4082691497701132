from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.chat.commands import Mistake
from bot.core.chat.parse import parse
from bot.core.events import PullKey
from bot.core.report import State
from bot.core.telling.wording import HEADLINES, advice, duration, note, progress, still_serving
from tests.core.reports import ALL, BUILD_FAILED, DEPLOYING, OLD, QUEUED, RUNNING, STOPPED


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, "0 ms"),
        (-0.01, "0 ms"),
        (0.031, "31 ms"),
        (0.1, "0.1 s"),
        (1.24, "1.2 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (3784, "1 h 3 min"),
    ],
)
def test_durations_are_told_as_people_say_them(seconds, words):
    assert duration(seconds) == words


@given(st.floats(0, 10_000_000))
def test_a_duration_is_never_empty_where_there_is_one(seconds):
    assert duration(seconds)


def test_every_state_has_a_headline():
    assert HEADLINES.keys() == set(State)


@pytest.mark.parametrize("name", ALL)
def test_every_command_for_a_terminal_names_the_environment(name):
    commands = [each.command for each in advice(ALL[name], chat=False) if each.command]
    assert all("github-1296269-7" in command or command == "matinee check" for command in commands)


@pytest.mark.parametrize("name", ALL)
def test_every_command_for_a_pull_is_one_that_is_understood_there(name):
    commands = [each.command for each in advice(ALL[name], chat=True) if each.command]
    assert not [each for command in commands for each in parse(command) if isinstance(each, Mistake)]
    assert all(parse(command) or command == "matinee check" for command in commands)


def test_progress_counts_what_is_over():
    assert progress(DEPLOYING) == "4 of 7 steps done"
    assert progress(RUNNING) == ""


def test_an_older_commit_serves_on_only_while_a_newer_one_does_not():
    assert still_serving(BUILD_FAILED) == OLD
    assert still_serving(RUNNING) is None
    assert still_serving(STOPPED) is None


@pytest.mark.parametrize("state", State)
def test_a_folder_that_is_previewed_is_never_spoken_of_as_a_pull(state):
    key = PullKey(forge="local", repository="5f0c3a9b1d22", number=0)
    said = " ".join(
        f"{each.command} {each.words}" for each in advice(replace(RUNNING, key=key, state=state), chat=False)
    )
    assert "push" not in said
    assert "pull request" not in said


def test_a_failed_delete_names_the_ways_on():
    commands = [each.command for each in advice(replace(RUNNING, state=State.DELETE_FAILED), chat=False)]
    environment = RUNNING.key.environment
    assert f"matinee deploy {environment}" in commands
    assert f"matinee delete {environment} --force" in commands


def test_a_folder_that_waits_is_not_said_to_begin_by_itself_where_no_bot_may_serve():
    folder = replace(QUEUED, key=PullKey(forge="local", repository="5f0c3a9b1d22", number=0))
    assert note(QUEUED).startswith("It begins by itself")
    assert note(folder) == "Where no bot serves, the same command goes on with it."

from dataclasses import replace

import pytest

from bot.core.report import State
from bot.core.telling.deployment import deployments
from tests.core.reports import BUILD_FAILED, DEPLOYING, NEW, OLD, RUNNING, URL


@pytest.mark.parametrize("state", [State.QUEUED, State.STOPPING, State.DELETING])
def test_before_anything_has_changed_nothing_is_said(state):
    assert deployments(replace(RUNNING, state=state)) is None


@pytest.mark.parametrize(
    ("report", "phase", "url"),
    [(DEPLOYING, "in_progress", None), (RUNNING, "success", URL), (BUILD_FAILED, "failure", None)],
    ids=["deploying", "running", "failed"],
)
def test_a_commit_is_deployed_has_been_or_could_not_be(report, phase, url):
    told = deployments(report)
    assert (told.newest.sha, told.newest.phase, told.newest.url) == (NEW, phase, url)


@pytest.mark.parametrize("report", [DEPLOYING, BUILD_FAILED], ids=["deploying", "failed"])
def test_what_goes_on_serving_is_not_over(report):
    assert deployments(report).serving == OLD


def test_a_commit_that_is_refused_is_not_deployed_and_ends_no_other():
    told = deployments(replace(BUILD_FAILED, state=State.REFUSED))
    assert (told.newest, told.serving) == (None, OLD)


@pytest.mark.parametrize("state", [State.STOPPED, State.ASLEEP, State.STOP_FAILED, State.DELETE_FAILED, State.DELETED])
def test_at_the_end_all_are_over(state):
    told = deployments(replace(RUNNING, state=state))
    assert (told.newest, told.serving) == (None, None)
    assert told.gone == (state is State.DELETED)

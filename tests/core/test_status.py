from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.names import Url
from bot.core.report import State
from bot.core.telling.markdown import size
from bot.core.telling.status import status
from tests.core.any_report import reports
from tests.core.reports import ALL, BUILD_FAILED, REFUSED_FORK, RUNNING, STOPPED, URL


@pytest.mark.parametrize(
    ("name", "state", "description"),
    [
        ("queued", "pending", "Preview is queued: the pull was opened"),
        ("deploying", "pending", "Preview is being deployed: 4 of 7 steps done"),
        ("running", "success", "Preview is running at http://127.0.0.1:4312"),
        (
            "build-failed",
            "failure",
            (
                "Preview failed (0ddba11 goes on serving): "
                "build web: web/Dockerfile:9: RUN /build.sh ended with exit code 1"
            ),
        ),
        ("stopping", "pending", "Preview is being stopped: 1 of 2 steps done"),
        ("stopped", "success", "Preview is stopped: ann asked for it"),
        ("asleep", "success", "Preview is asleep: 8 hours passed since the last deploy"),
        ("stop-failed", "error", "Preview could not be stopped: stop web: the engine refused"),
        ("deleting", "pending", "Preview is being deleted: 2 of 5 steps done"),
        ("deleted", "success", "Preview is deleted: the pull was closed"),
        (
            "delete-failed",
            "error",
            "Preview could not be deleted: run drop on delete: exit code 2; its last lines say why",
        ),
        ("refused-spec", "failure", "Preview refused (0ddba11 goes on serving): matinee.yaml has 2 mistakes"),
    ],
)
def test_a_status_says_the_state_and_why(name, state, description):
    told = status(ALL[name])
    assert (told.state, told.description, told.context) == (state, description, "matinee")


def test_every_state_has_a_status():
    assert {status(replace(RUNNING, state=state)).state for state in State} == {
        "pending",
        "success",
        "failure",
        "error",
    }


def test_a_policy_that_refuses_is_no_failure_of_the_commit():
    assert status(REFUSED_FORK).state == "error"


def test_a_preview_that_was_stopped_before_it_was_up_is_no_success():
    assert status(replace(STOPPED, serving=None)).state == "pending"


def test_a_link_leads_to_what_answers_now():
    assert status(RUNNING).url == URL
    assert status(BUILD_FAILED).url == URL
    assert status(replace(BUILD_FAILED, serving=None)).url is None
    assert status(STOPPED).url is None


def test_only_web_addresses_are_links():
    assert status(replace(RUNNING, urls=(("web", Url("javascript:alert(1)")),))).url is None


@settings(max_examples=40)
@given(reports(st.text(max_size=20), most=2))
def test_any_description_is_one_short_line(report):
    description = status(report).description
    assert size(description) <= 140
    assert description.isprintable() or not description.isascii()
    assert "\n" not in description

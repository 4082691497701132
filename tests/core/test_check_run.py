from dataclasses import replace

import pytest

from bot.core.report import Problem, State, StepLine, StepState
from bot.core.telling.check_run import MOST, check_run
from bot.core.telling.status import status
from tests.core.reports import ALL, BUILD_FAILED, DEPLOYING, QUEUED, REFUSED_FORK, RUNNING, URL


def failed(file, line=9):
    step = StepLine(name="build web", kind="build", state=StepState.FAILED, why="no", file=file, line=line)
    return check_run(replace(BUILD_FAILED, steps=(step,)))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("queued", "queued"),
        ("deploying", "in_progress"),
        ("running", "success"),
        ("build-failed", "failure"),
        ("stopping", "in_progress"),
        ("stopped", "neutral"),
        ("asleep", "neutral"),
        ("stop-failed", "failure"),
        ("deleting", "in_progress"),
        ("deleted", "success"),
        ("delete-failed", "failure"),
        ("refused-spec", "failure"),
        ("refused-fork", "action_required"),
    ],
)
def test_a_check_comes_to_the_conclusion_that_its_report_does(name, outcome):
    run = check_run(ALL[name])
    assert run.outcome == outcome
    assert run.over == (outcome not in ("queued", "in_progress"))


def test_every_state_has_an_outcome():
    assert all(check_run(replace(RUNNING, state=state)).outcome for state in State)


def test_a_report_about_no_commit_is_no_check():
    assert check_run(replace(QUEUED, sha=None)) is None


def test_while_it_goes_on_progress_changes_nothing_of_it():
    done = tuple(replace(step, state=StepState.SUCCEEDED) for step in DEPLOYING.steps)
    assert check_run(replace(DEPLOYING, steps=done)) == check_run(DEPLOYING)


def test_at_its_end_it_says_what_the_status_and_the_comment_say():
    run = check_run(BUILD_FAILED)
    assert run.title == status(BUILD_FAILED).description
    assert run.summary.startswith("**Preview failed**")
    assert check_run(RUNNING).url == URL


def test_mistakes_and_failures_are_at_their_lines_in_the_repository():
    (at,) = check_run(BUILD_FAILED).annotations
    assert (at.path, at.line, at.title) == ("web/Dockerfile", 9, "build web")
    problem = Problem(path="services.web.port", line=7, column=3, message="99999 is no port", allowed=("1 to 65535",))
    (at,) = check_run(replace(REFUSED_FORK, problems=(problem,))).annotations
    assert (at.path, at.line, at.title) == ("matinee.yaml", 7, "services.web.port")
    assert at.message == "99999 is no port (allowed: 1 to 65535)"


def test_there_are_no_more_than_one_request_takes():
    problems = tuple(Problem(path="", line=n, column=1, message="no") for n in range(200))
    assert len(check_run(replace(REFUSED_FORK, problems=problems)).annotations) == MOST


@pytest.mark.parametrize("file", ["Dockerfile", "web/Dockerfile", "./Dockerfile", "a b/Dockerfile", "büro/Dockerfile"])
def test_a_file_of_the_repository_is_shown(file):
    (at,) = failed(file).annotations
    assert at.path == file.removeprefix("./")


@pytest.mark.parametrize(
    "file",
    [
        "",
        "/etc/passwd",
        "../Dockerfile",
        "web/../../Dockerfile",
        "web//Dockerfile",
        "web/./Dockerfile",
        "a\\b",
        "@ann/Dockerfile",
        "a\nb",
        "\u202ex",
        "x" * 300,
    ],
)
def test_a_path_that_leads_elsewhere_is_not(file):
    assert failed(file).annotations == ()


def test_a_line_that_is_not_known_is_not_guessed():
    assert failed("Dockerfile", None).annotations == ()
    (at,) = failed("Dockerfile", 0).annotations
    assert at.line == 1

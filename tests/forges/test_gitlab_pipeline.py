"""A job of GitLab CI: which merge request it runs for, and what it leaves for the jobs that follow."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import settings
from bot.core.events import ActorId, Event, Happening, Ignored, Malformed, PullKey
from bot.core.names import EnvironmentId, Sha, Url
from bot.core.report import State
from bot.core.telling.annotation import Annotation
from bot.core.telling.result import Result
from bot.forges import gitlab
from bot.forges._gitlab.dotenv import CAP, MOST, dotenv
from bot.forges._gitlab.job_report import variables
from bot.forges._gitlab.pipeline import LINKS, PROBLEMS, VARIABLES, GitLabCI

HEAD, MERGED = Sha("a" * 40), Sha("b" * 40)
JOB = {
    "GITLAB_CI": "true",
    "CI_SERVER_URL": "https://gitlab.example/git",
    "CI_PROJECT_ID": "278964",
    "CI_COMMIT_SHA": HEAD,
    "CI_MERGE_REQUEST_PROJECT_ID": "278964",
    "CI_MERGE_REQUEST_PROJECT_PATH": "acme/web/shop",
    "CI_MERGE_REQUEST_IID": "7",
    "GITLAB_USER_ID": "9001",
    "GITLAB_USER_LOGIN": "ana",
}
RUNNING = Result(
    environment=EnvironmentId("gitlab-278964-7"),
    state=State.RUNNING,
    urls={"web": Url("http://127.0.0.1:8080/"), "my-api": Url("http://127.0.0.1:8081/")},
    outputs={"seed": {"ROWS": "1000", "EVIL": "$GITLAB_TOKEN", "TEXT": "two\nlines"}},
)


def job(folder: Path | None = None, **more: str) -> GitLabCI:
    found = gitlab.pipeline({**JOB, **({"CI_PROJECT_DIR": str(folder)} if folder else {}), **more})
    assert found is not None
    return found


def told(**more: str) -> object:
    return job(**more).tidings(gitlab.create({}))


def test_a_job_of_gitlab_ci_is_known_as_one_and_no_other_process_is() -> None:
    assert gitlab.pipeline({}) is None
    assert gitlab.pipeline({"GITLAB_CI": "false"}) is None
    assert job().settings == {"gitlab_url": "https://gitlab.example/git"}


def test_a_merge_request_pipeline_tells_of_its_merge_request_and_of_who_started_it() -> None:
    event = told()
    assert isinstance(event, Event)
    assert event.key == PullKey(forge="gitlab", repository="278964", number=7)
    assert (event.happening, event.sha, event.repository) == (Happening.PUSHED, HEAD, "acme/web/shop")
    assert (event.actor, event.actor_id) == ("ana", ActorId("9001"))
    again = told()
    assert isinstance(again, Event)
    assert event.delivery != again.delivery


def test_a_pipeline_for_merged_results_is_about_the_branchs_own_commit() -> None:
    event = told(CI_COMMIT_SHA=MERGED, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=HEAD)
    assert isinstance(event, Event)
    assert event.sha == HEAD


def test_a_pipeline_of_a_branch_or_of_a_fork_means_nothing_to_a_preview() -> None:
    branch = told(CI_MERGE_REQUEST_IID="")
    assert isinstance(branch, Ignored)
    assert "none of a merge request" in branch.why
    fork = told(CI_PROJECT_ID="5")
    assert isinstance(fork, Ignored)
    assert "in a fork" in fork.why


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CI_MERGE_REQUEST_IID", "7; rm"),
        ("CI_MERGE_REQUEST_IID", "٧"),
        ("CI_MERGE_REQUEST_IID", "9999999999"),
        ("CI_MERGE_REQUEST_PROJECT_PATH", "../../etc"),
        ("CI_COMMIT_SHA", "main"),
        ("GITLAB_USER_ID", ""),
        ("GITLAB_USER_LOGIN", "ana\nbob"),
    ],
)
def test_what_gitlab_would_never_set_is_said_by_its_name_and_not_repeated(name: str, value: str) -> None:
    answer = told(**{name: value})
    assert isinstance(answer, Malformed)
    assert name in answer.why
    assert not value or value not in answer.why


@given(st.dictionaries(st.sampled_from(sorted(JOB)), st.text(max_size=40)))
def test_no_text_of_a_variable_raises(given_: Mapping[str, str]) -> None:
    assert isinstance(GitLabCI({**JOB, **given_}).tidings(gitlab.create({})), Event | Ignored | Malformed)


def test_urls_and_outputs_become_variables_of_the_jobs_that_follow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job(tmp_path).publish(RUNNING, "# A summary")
    assert (tmp_path / VARIABLES).read_text().splitlines() == [
        "MATINEE_URL=http://127.0.0.1:8080/",
        "MATINEE_ENVIRONMENT=gitlab-278964-7",
        "MATINEE_ENVIRONMENT_STATE=running",
        "MATINEE_URL_WEB=http://127.0.0.1:8080/",
        "MATINEE_URL_MY_API=http://127.0.0.1:8081/",
        "MATINEE_OUTPUT_SEED_ROWS=1000",
    ]
    printed = capsys.readouterr().err
    assert "no later job gets MATINEE_OUTPUT_SEED_EVIL: it has a $" in printed
    assert "no later job gets MATINEE_OUTPUT_SEED_TEXT: it has more than one line" in printed
    assert "GITLAB_TOKEN" not in printed


def test_links_to_the_preview_are_on_the_jobs_page(tmp_path: Path) -> None:
    job(tmp_path).publish(RUNNING, "")
    assert json.loads((tmp_path / LINKS).read_text()) == {
        "Preview": [
            {"external_link": {"label": "web", "url": "http://127.0.0.1:8080/"}},
            {"external_link": {"label": "my-api", "url": "http://127.0.0.1:8081/"}},
        ]
    }


def test_mistakes_are_shown_in_the_diff_as_code_quality_each_by_itself(tmp_path: Path) -> None:
    at = {"path": "matinee.yaml", "title": "services.web.port", "message": "99999 is no port"}
    job(tmp_path).annotate([Annotation(line=3, **at), Annotation(line=9, **at)])
    first, second = json.loads((tmp_path / PROBLEMS).read_text())
    assert first["location"] == {"path": "matinee.yaml", "lines": {"begin": 3}}
    assert first["description"] == "services.web.port: 99999 is no port"
    assert first["severity"] == "major"
    assert first["fingerprint"] != second["fingerprint"]


def test_a_link_that_lies_where_a_report_goes_is_replaced_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "profile"
    elsewhere.write_text("mine")
    (tmp_path / VARIABLES).symlink_to(elsewhere)
    job(tmp_path).publish(RUNNING, "")
    assert elsewhere.read_text() == "mine"
    assert "MATINEE_URL=" in (tmp_path / VARIABLES).read_text()


def test_no_variable_is_taken_for_a_setting_of_matinee() -> None:
    many = {name: {name.upper(): "x"} for name in ("url", "state", "runner", "docker")}
    names = {name for name, _ in variables(Result(environment=RUNNING.environment, state=State.RUNNING, outputs=many))}
    assert not names & {f"MATINEE_{name.upper()}" for name in settings.KNOWN}


def test_what_the_preview_prints_stands_in_a_section_that_it_cannot_end(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with job().foreign():
            pass
    marks = [line for line in capsys.readouterr().err.split("\n") if "section_start" in line]
    assert len({mark.split(":")[2] for mark in marks}) == 2


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=300)), max_size=40))
def test_gitlab_takes_every_report_whole(asked: list[tuple[str, str]]) -> None:
    report = dotenv(asked)
    rows = report.text.split("\n")[:-1]
    assert len(report.text.encode()) <= CAP
    assert len(rows) <= MOST
    assert len(rows) + len(report.left_out) == len(asked)
    read = [tuple(part.strip() for part in row.split("=", 1)) for row in report.text.splitlines()]
    assert all(each in asked for each in read)
    assert len(dict(read)) == len(read) == len(rows)


def test_of_too_many_variables_the_last_ones_are_left_out_each_with_its_reason() -> None:
    many = dotenv((f"N{number}", "x") for number in range(MOST + 2))
    assert [each.name for each in many.left_out] == [f"N{MOST}", f"N{MOST + 1}"]
    assert f"takes {MOST} variables" in many.left_out[0].why
    long = dotenv([("A", "x" * 3000), ("B", "x" * 3000), ("C", "small")])
    assert [each.name for each in long.left_out] == ["B"]
    twice = dotenv([("A", "1"), ("A", "2")])
    assert twice.text == "A=1\n"
    assert "same name" in twice.left_out[0].why

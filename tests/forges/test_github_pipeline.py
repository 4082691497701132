"""A job of GitHub Actions, as its runner reads what the job prints and writes."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import plugins
from bot.core.errors import Misused
from bot.core.events import CAP, Malformed
from bot.core.names import EnvironmentId, Url
from bot.core.report import State
from bot.core.telling.annotation import Annotation
from bot.core.telling.result import Result
from bot.forges import github
from bot.forges._github.pipeline import GitHubActions

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)


def job(folder: Path, **more: str) -> GitHubActions:
    files = {"GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STEP_SUMMARY": str(folder / "summary")}
    found = plugins.pipeline({"GITHUB_ACTIONS": "true", **files, **more})
    assert isinstance(found, GitHubActions)
    return found


def read(file: Path) -> dict[str, str]:
    """The outputs as the runner reads them: its lines end with LF or CRLF."""
    lines = iter(file.read_bytes().decode().replace("\r\n", "\n").split("\n")[:-1])
    found = {}
    for line in lines:
        name, _, end = line.partition("<<")
        found[name] = "\n".join(iter(lambda end=end: next(lines), end))
    return found


def test_elsewhere_there_is_no_pipeline():
    assert plugins.pipeline({}) is None
    assert plugins.pipeline({"GITHUB_ACTIONS": "false", "GITHUB_EVENT_NAME": "pull_request"}) is None


def test_it_knows_where_github_is_and_the_jobs_token(tmp_path):
    known = {"GITHUB_API_URL": "https://github.example/api/v3", "GITHUB_TOKEN": "ghs_x"}
    assert job(tmp_path, **known).settings == {"github_url": known["GITHUB_API_URL"], "github_token": "ghs_x"}
    assert job(tmp_path).settings == {}


@QUIET
@given(st.lists(st.text(max_size=30), max_size=4))
def test_every_line_of_a_secret_is_masked_and_nothing_else_is_printed(capfd, values):
    GitHubActions({}).hide(values)
    printed = capfd.readouterr().err.split("\n")[:-1]
    unescaped = [
        line.removeprefix("::add-mask::").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        for line in printed
    ]
    assert all(line.startswith("::add-mask::") for line in printed)
    expected = {line.strip() for value in values for line in value.splitlines() if len(line.strip()) >= 4}
    assert set(unescaped) == expected


@QUIET
@given(title=st.text(max_size=40), message=st.text(max_size=80), path=st.text(min_size=1, max_size=20))
def test_no_text_in_an_annotation_is_a_second_command(capfd, title, message, path):
    GitHubActions({}).annotate([Annotation(path=path, line=3, title=title, message=message)])
    printed = capfd.readouterr().err
    assert printed.count("\n") == 1
    properties = printed.removeprefix("::error ").partition("::")[0].split(",")
    assert [each.partition("=")[0] for each in properties] == ["file", "line", "title"]


def test_ten_annotations_are_shown(capfd):
    GitHubActions({}).annotate([Annotation(path="a", line=n, title="t", message="m") for n in range(1, 30)])
    assert capfd.readouterr().err.count("::error ") == 10


@QUIET
@given(sentence=st.text(max_size=80))
def test_no_text_in_a_warning_is_a_second_command(capfd, sentence):
    GitHubActions({}).warn([sentence])
    printed = capfd.readouterr().err
    assert printed.count("\n") == 1
    assert printed.startswith("::warning title=matinee::")


def test_what_stops_and_resumes_commands_is_another_word_each_time(capfd):
    words = set()
    for _ in range(20):
        with pytest.raises(RuntimeError), GitHubActions({}).foreign():
            raise RuntimeError
        stopped, resumed = capfd.readouterr().err.splitlines()
        assert resumed == f"::{stopped.removeprefix('::stop-commands::')}::"
        words.add(resumed)
    assert len(words) == 20
    assert min(map(len, words)) > 40


@QUIET
@given(value=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=60))
def test_no_output_is_another(tmp_path, value):
    (tmp_path / "output").unlink(missing_ok=True)
    outputs = {"seed": {"NAME": value}}
    told = Result(
        environment=EnvironmentId("github-1-2"), state=State.RUNNING, urls={"web": Url("http://x")}, outputs=outputs
    )
    job(tmp_path).publish(told, "all is well")
    found = read(tmp_path / "output")
    assert list(found) == ["url", "urls", "environment", "state", "outputs"]
    assert json.loads(found["outputs"]) == outputs
    assert (found["url"], found["state"]) == ("http://x", "running")


def test_a_check_leaves_a_summary_and_no_output(tmp_path):
    job(tmp_path).publish(None, "it is valid")
    assert (tmp_path / "summary").read_text() == "it is valid\n"
    assert not (tmp_path / "output").exists()


def test_each_event_has_a_number_of_its_own(tmp_path):
    event = tmp_path / "event.json"
    event.write_bytes((Path(__file__).parent / "payloads" / "github" / "opened.json").read_bytes())
    forge = github.create({})
    told = [job(tmp_path, GITHUB_EVENT_PATH=str(event), GITHUB_EVENT_NAME=name).tidings(forge) for name in NAMES]
    assert told[0].key == told[1].key
    assert told[0].delivery != told[1].delivery


NAMES = ("pull_request", "pull_request_target")


def test_an_event_that_cannot_be_read_is_said_and_one_that_is_none(tmp_path):
    forge = github.create({})
    with pytest.raises(Misused, match="GITHUB_EVENT_PATH"):
        job(tmp_path, GITHUB_EVENT_PATH=str(tmp_path / "none")).tidings(forge)
    event = tmp_path / "event.json"
    for body in (b"{", b"[]", b'{"action": "opened"}', b" " * (CAP + 1)):
        event.write_bytes(body)
        told = job(tmp_path, GITHUB_EVENT_PATH=str(event), GITHUB_EVENT_NAME="pull_request").tidings(forge)
        assert isinstance(told, Malformed), body[:20]

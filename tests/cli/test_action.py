"""`matinee action` as a job of GitHub Actions runs it: the event in a file, outputs and summary into others."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from bot import plugins
from bot.cli.codes import Code
from bot.cli.step.inputs import inputs
from bot.cli.step.step import Step, chosen, given
from bot.core.events import Want
from bot.core.report import State
from bot.world import world as opened
from tests.stories.bot import StoryBot
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull, Repository
from tests.world.hooks import Sent

LEFT = {"PLACE": {"value": "here"}, "KEY": {"value": "swordfish\nred herring", "sensitive": True}}
SPEC = f"""\
version: 1
services:
  web: {{image: busybox, port: 80, public: true}}
jobs:
  seed:
    image: busybox
    variables: {{LEFT: {json.dumps(json.dumps(LEFT))}}}
    on:
      deploy:
        entrypoint: [sh, -c]
        args: ['echo "$LEFT" > /qovery-output/qovery-output.json']
"""
BROKEN = SPEC.replace("echo", "exit 7; echo")
SECRET = SPEC + 'variables: {HIDDEN: "${secrets.PLACE}"}\n'


class Job:
    """One job of a workflow, with the files that the runner gives it."""

    def __init__(self, folder: Path, sent: Sent, variables: dict[str, str]) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.code: Code | None = None
        self.printed = ""
        event = folder / "event.json"
        event.write_bytes(sent.body)
        self.environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": sent.event,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "MATINEE_STATE": str(folder / "state"),
            "MATINEE_RUNNER": "memory",
            "MATINEE_BUILDER": "memory",
            "MATINEE_FORK_BUILDER": "memory",
            **variables,
        }

    @property
    def outputs(self) -> dict[str, str]:
        file = self.folder / "output"
        lines = iter(file.read_text().splitlines() if file.exists() else ())
        found = {}
        for line in lines:
            name, _, end = line.partition("<<")
            found[name] = "\n".join(iter(lambda end=end: next(lines), end))
        return found

    @property
    def summary(self) -> str:
        file = self.folder / "summary"
        return file.read_text() if file.exists() else ""

    @property
    def commands(self) -> list[str]:
        """What the runner takes for commands."""
        found, stopped = [], None
        for line in self.printed.splitlines():
            command = re.match(r"::([\w-]+)(?: [^:]*)?::(.*)", line)
            if stopped is not None:
                stopped = None if line == f"::{stopped}::" else stopped
            elif command and command[1] == "stop-commands":
                stopped = command[2]
            elif command:
                found.append(line)
        return found


class Jobs:
    """Runs jobs, each for itself, on a machine where previews stand as long as it does; beside them is a bot."""

    def __init__(self, github: GitHubWorld, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.bot = StoryBot(github, folder / "bot")
        self._github, self._folder, self._printed = github, folder, capfd
        self._count = 0

    def run(self, sent: Sent, *words: str, **variables: str) -> Job:
        self._count += 1
        forge = {"GITHUB_API_URL": self._github.settings["github_url"], "GITHUB_TOKEN": self._github.token}
        job = Job(self._folder / f"job{self._count}", sent, {**forge, **variables})
        environment = given(job.environment)
        pipeline, told = plugins.pipeline(environment), inputs(environment, job.folder)
        world = opened(chosen(pipeline, environment, None, job.folder, told))
        world = replace(world, runner=self.bot.world.runner, builder=self.bot.world.builder)
        self._printed.readouterr()
        command, *rest = words or ("deploy",)
        job.code = Step(world, pipeline, told).taken(command, tuple(rest))
        world.inbox.close()
        out, job.printed = self._printed.readouterr()
        assert out == "", "the runner reads two streams in no order"
        return job

    def happens(self, act, *words: str, **variables: str) -> Job:
        """Run a job for what an act makes happen."""
        with self._github.holding() as held:
            act()
        return self.run(held[-1], *words, **variables)

    @property
    def standing(self) -> list[str]:
        return [home.environment for home in self.bot.world.runner.homes()]


@pytest.fixture
def github() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def jobs(github: GitHubWorld, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Jobs]:
    jobs = Jobs(github, tmp_path, capfd)
    yield jobs
    jobs.bot.world.inbox.close()


@pytest.fixture
def shop(github: GitHubWorld) -> Repository:
    return github.repository("acme/shop", {"matinee.yaml": SPEC})


@pytest.fixture
def pull(github: GitHubWorld, shop: Repository) -> Pull:
    with github.holding():
        return shop.open_pull()


@pytest.fixture
def opening(github: GitHubWorld, pull: Pull) -> Sent:
    return github.deliveries[-1]


def test_an_opened_pull_is_previewed_and_the_job_learns_where(jobs: Jobs, pull: Pull, opening: Sent) -> None:
    job = jobs.run(opening)
    assert job.code is Code.DONE
    assert job.outputs["url"] == f"http://web.{pull.key.environment}.localhost"
    assert json.loads(job.outputs["urls"]) == {"web": job.outputs["url"]}
    assert (job.outputs["environment"], job.outputs["state"]) == (pull.key.environment, "running")
    assert job.outputs["url"] in pull.comment.body
    assert job.outputs["url"] in job.summary


def test_a_sensitive_output_is_left_out_and_masked_line_by_line(jobs: Jobs, opening: Sent) -> None:
    job = jobs.run(opening)
    assert json.loads(job.outputs["outputs"]) == {"seed": {"PLACE": "here"}}
    masks = ["::add-mask::swordfish", "::add-mask::red herring"]
    assert [line for line in job.commands if "swordfish" in line or "herring" in line] == masks
    unmasked = job.printed.replace(masks[0], "").replace(masks[1], "")
    for text in (unmasked, job.summary, *job.outputs.values()):
        assert "swordfish" not in text
        assert "herring" not in text


def test_a_push_is_deployed_where_the_same_preview_stands(jobs: Jobs, pull: Pull, opening: Sent) -> None:
    jobs.run(opening)
    job = jobs.happens(lambda: pull.push({"matinee.yaml": SPEC.replace("here", "there")}))
    assert job.code is Code.DONE
    assert json.loads(job.outputs["outputs"]) == {"seed": {"PLACE": "there"}}
    assert jobs.standing == [pull.key.environment]
    assert pull.head[:7] in pull.comment.body


def test_a_closed_pull_leaves_nothing_and_a_reopened_one_is_there_again(jobs: Jobs, pull: Pull, opening: Sent) -> None:
    jobs.run(opening)
    job = jobs.happens(pull.close)
    assert (job.code, job.outputs["state"], job.outputs["url"]) == (Code.DONE, "deleted", "")
    assert jobs.standing == []
    again = jobs.happens(pull.reopen)
    assert again.outputs["state"] == "running"


def test_a_pull_that_was_closed_before_anything_stood_is_told_nothing(jobs: Jobs, pull: Pull) -> None:
    job = jobs.happens(pull.close)
    assert (job.code, job.outputs["state"]) == (Code.DONE, "deleted")
    assert pull.comments == []


def test_the_same_job_run_once_more_deploys_again_what_failed(jobs: Jobs, github: GitHubWorld) -> None:
    shop = github.repository("acme/broken", {"matinee.yaml": BROKEN})
    with github.holding() as held:
        shop.open_pull()
    first = jobs.run(held[-1])
    assert (first.code, first.outputs["state"]) == (Code.FAILED, "failed")
    again = jobs.run(held[-1])
    assert (again.code, again.outputs["state"]) == (Code.FAILED, "failed")
    assert "run seed on deploy: exit code 7" in again.printed


@pytest.mark.parametrize("event", ["push", "merge_group", "workflow_dispatch", "schedule", "issues"])
def test_an_event_that_is_no_pulls_is_answered_with_a_sentence(jobs: Jobs, opening: Sent, event: str) -> None:
    job = jobs.run(replace(opening, event=event))
    assert (job.code, job.outputs, job.summary) == (Code.DONE, {}, "")
    assert f"nothing to do: the event {event} means nothing to a preview" in job.printed


def test_pull_request_target_is_the_same_event(jobs: Jobs, opening: Sent) -> None:
    assert jobs.run(replace(opening, event="pull_request_target")).outputs["state"] == "running"


def test_a_label_that_filters_want_is_no_word_for_the_commit_but_the_authors_is(
    jobs: Jobs, github: GitHubWorld
) -> None:
    spec = SPEC + "preview: {label: preview}\n"
    shop = github.repository("acme/filtered", {"matinee.yaml": spec}, mia="triage")
    with github.holding() as held:
        pull = shop.open_pull()
    left = jobs.run(held[-1])
    assert (left.code, left.outputs["state"], jobs.standing) == (Code.DONE, "deleted", [])
    labelled = jobs.happens(lambda: pull.label("preview", by="mia"))
    assert labelled.outputs["state"] == "running"
    assert jobs.happens(lambda: pull.unlabel("preview", by="mia")).outputs["state"] == "deleted"


def test_a_comment_is_answered_and_carried_out(jobs: Jobs, pull: Pull, opening: Sent) -> None:
    jobs.run(opening)
    stopped = jobs.happens(lambda: pull.say("ana", "/preview stop"))
    assert (stopped.code, stopped.outputs["state"]) == (Code.DONE, "stopped")
    started = jobs.happens(lambda: pull.say("ana", "/preview start"))
    assert (started.code, started.outputs["state"]) == (Code.DONE, "running")
    status = jobs.happens(lambda: pull.say("ana", "/preview status"))
    assert (status.code, status.outputs["state"]) == (Code.DONE, "running")
    assert started.outputs["url"] in pull.answers[-1]


def test_a_strangers_comment_does_nothing_and_fails_nothing(jobs: Jobs, pull: Pull, opening: Sent) -> None:
    jobs.run(opening)
    job = jobs.happens(lambda: pull.say("eve", "/preview delete"))
    assert (job.code, job.outputs["state"]) == (Code.DONE, "running")
    assert "eve" in pull.answers[-1]


def test_a_comment_that_is_no_command_is_left_alone(jobs: Jobs, pull: Pull, opening: Sent) -> None:
    jobs.run(opening)
    job = jobs.happens(lambda: pull.say("ana", "nice work"))
    assert job.code is Code.DONE
    assert pull.answers == []


def test_what_a_comment_does_is_the_comments_word_alone(jobs: Jobs, pull: Pull, opening: Sent) -> None:
    jobs.run(opening)
    job = jobs.happens(lambda: pull.say("eve", "anything"), "delete")
    assert job.code is Code.USAGE
    assert jobs.standing == [pull.key.environment]


def test_a_run_of_one_job_is_a_command(jobs: Jobs, opening: Sent) -> None:
    jobs.run(opening)
    job = jobs.run(opening, "run", "seed", "deploy")
    assert (job.code, job.outputs["state"]) == (Code.DONE, "running")
    assert "run seed on deploy" in job.printed
    assert jobs.run(opening, "run", "seed").code is Code.USAGE
    assert jobs.run(opening, "run", "nobody", "deploy").code is Code.REFUSED


def test_stop_start_and_delete_are_commands(jobs: Jobs, opening: Sent) -> None:
    jobs.run(opening)
    states = [jobs.run(opening, command).outputs["state"] for command in ("stop", "start", "delete")]
    assert states == ["stopped", "running", "deleted"]
    assert jobs.standing == []


def test_a_start_is_not_a_word_for_a_commit_of_whoever_may_not_write(jobs: Jobs, shop: Repository) -> None:
    with shop.world.holding() as held:
        shop.open_pull(author="eve")
    job = jobs.run(held[-1], "start")
    assert (job.code, job.outputs["state"]) == (Code.REFUSED, "refused")
    assert "eve may only read in acme/shop" in job.summary


def test_mistakes_are_annotated_at_their_lines_ten_at_most_and_the_rest_is_in_the_summary(
    jobs: Jobs, github: GitHubWorld
) -> None:
    wrong = "version: 1\nservices:\n" + "".join(f"  web{n}: {{image: busybox, port: {70000 + n}}}\n" for n in range(14))
    shop = github.repository("acme/wrong", {"matinee.yaml": wrong})
    with github.holding() as held:
        shop.open_pull()
    for command in ("deploy", "check", "plan"):
        job = jobs.run(held[-1], command)
        assert job.code is Code.INVALID, command
        errors = [line for line in job.commands if line.startswith("::error ")]
        assert len(errors) == 10
        assert errors[0].startswith("::error file=matinee.yaml,line=3,title=services.web0.port::")
        assert all(str(70000 + number) in job.summary for number in range(14))


def test_a_check_reads_the_pulls_commit_and_changes_nothing(jobs: Jobs, pull: Pull, opening: Sent) -> None:
    job = jobs.run(opening, "check")
    assert (job.code, jobs.standing, pull.comments) == (Code.DONE, [], [])
    assert "is valid" in job.summary


def test_a_plan_says_what_a_deploy_would_do_and_changes_nothing(jobs: Jobs, pull: Pull, opening: Sent) -> None:
    job = jobs.run(opening, "plan")
    assert (job.code, jobs.standing, pull.comments) == (Code.DONE, [], [])
    assert "seed" in job.summary


def test_a_bot_drives_what_a_job_has_made(jobs: Jobs, pull: Pull, opening: Sent) -> None:
    jobs.run(opening)
    with jobs.bot as bot:
        pull.push({"matinee.yaml": SPEC.replace("here", "there")})
        bot.until(pull, State.RUNNING, sha=pull.head)
        bot.asked(pull, Want.STOP)
        bot.until(pull, State.STOPPED)
        pull.close()
        bot.until(pull, State.DELETED)
    assert jobs.standing == []


def test_a_job_drives_what_a_bot_has_made_and_the_bot_what_became_of_it(
    jobs: Jobs, github: GitHubWorld, shop: Repository
) -> None:
    with jobs.bot as bot:
        pull = shop.open_pull()
        bot.until(pull, State.RUNNING)
        job = jobs.happens(lambda: pull.push({"matinee.yaml": SPEC.replace("here", "there")}))
        assert json.loads(job.outputs["outputs"]) == {"seed": {"PLACE": "there"}}
        stopped = jobs.run(github.deliveries[-1], "stop")
        assert stopped.outputs["state"] == "stopped"
        pull.push({"matinee.yaml": SPEC.replace("here", "everywhere")})
        bot.until(pull, State.RUNNING, sha=pull.head)
        assert "everywhere" in pull.comment.body
        assert jobs.happens(pull.close).outputs["state"] == "deleted"
    assert jobs.standing == []


def test_a_run_that_is_run_again_deploys_the_newest_commit_and_no_older_one(
    jobs: Jobs, pull: Pull, opening: Sent
) -> None:
    jobs.run(opening)
    jobs.happens(lambda: pull.push({"matinee.yaml": SPEC.replace("here", "there")}))
    again = jobs.run(opening)
    assert json.loads(again.outputs["outputs"]) == {"seed": {"PLACE": "there"}}
    assert pull.head[:7] in pull.comment.body


def test_of_two_runs_side_by_side_the_older_one_ends_with_the_newest_commit(jobs: Jobs, github: GitHubWorld) -> None:
    shop = github.repository("acme/twice", {"matinee.yaml": SPEC})
    built = {"matinee.yaml": SPEC.replace("image: busybox, port", "build: {}, port"), "Dockerfile": "FROM busybox\n"}
    with github.holding() as held:
        pull = shop.open_pull(files=built)
    older: list[Job] = []
    with jobs.bot.held_at(".") as building:
        run = Thread(target=lambda: older.append(jobs.run(held[-1])))
        run.start()
        assert building.wait(30)
        newer = jobs.happens(lambda: pull.push({"matinee.yaml": SPEC.replace("here", "there")}))
        assert newer.outputs["state"] == "running"
    run.join(60)
    for job in (newer, *older):
        assert (job.code, job.outputs["state"]) == (Code.DONE, "running")
        assert json.loads(job.outputs["outputs"]) == {"seed": {"PLACE": "there"}}
    assert pull.head[:7] in pull.comment.body
    assert pull.status is not None
    assert pull.status.state == "success"


def test_secrets_reach_the_pulls_of_the_repository_alone(jobs: Jobs, github: GitHubWorld) -> None:
    shop = github.repository("acme/secret", {"matinee.yaml": SECRET})
    with github.holding() as held:
        shop.open_pull()
        shop.open_pull(from_fork=True, author="eve")
    given = {"MATINEE_ACTION_SECRETS": json.dumps({"PLACE": "treasure island", "github_token": "ghs_world"})}
    ours, _ = (sent for sent in held if sent.event == "pull_request")
    job = jobs.run(ours, **given)
    assert job.outputs["state"] == "running"
    assert "::add-mask::treasure island" in job.commands
    assert "treasure island" not in job.summary + "".join(job.outputs.values())
    with github.holding() as held:
        shop.pulls[2].say("ana", f"/preview approve {shop.pulls[2].head}")
    refused = jobs.run(held[-1], **given)
    assert refused.outputs["state"] == "refused"
    assert "has not given PLACE to pulls from forks" in refused.summary


def test_githubs_own_token_is_no_secret_for_previews(jobs: Jobs, github: GitHubWorld) -> None:
    spec = SECRET.replace("secrets.PLACE", "secrets.github_token")
    shop = github.repository("acme/greedy", {"matinee.yaml": spec})
    with github.holding() as held:
        shop.open_pull()
    job = jobs.run(held[-1], MATINEE_ACTION_SECRETS='{"github_token": "ghs_world"}')
    assert job.code is Code.REFUSED


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_a_strangers_commit_waits_for_somebodys_word(jobs: Jobs, shop: Repository, event: str) -> None:
    with shop.world.holding() as held:
        pull = shop.open_pull(from_fork=True, author="eve")
    refused = jobs.run(replace(held[-1], event=event))
    assert (refused.code, jobs.standing) == (Code.REFUSED, [])
    assert ("such a job has no secrets" in refused.printed) is (event == "pull_request")
    approved = jobs.happens(lambda: pull.say("ana", f"/preview approve {pull.head}"))
    assert (approved.code, approved.outputs["state"]) == (Code.DONE, "running")
    assert jobs.happens(lambda: pull.say("ana", "/preview deploy")).outputs["state"] == "running"
    assert jobs.happens(lambda: pull.push({"new": "x"})).code is Code.REFUSED


def test_variables_are_below_the_specs_own(jobs: Jobs, github: GitHubWorld) -> None:
    spec = """\
version: 1
variables: {COLOUR: red}
jobs:
  tell:
    image: busybox
    on: {deploy: {entrypoint: [sh, -c], args: ['echo "COLOUR is $COLOUR, SHAPE is $SHAPE"']}}
"""
    shop = github.repository("acme/told", {"deploy/matinee.yaml": spec})
    with github.holding() as held:
        shop.open_pull()
    job = jobs.run(held[-1], MATINEE_SPEC="deploy/matinee.yaml", MATINEE_VARIABLES="COLOUR=blue\nSHAPE=round")
    assert "COLOUR is red, SHAPE is round" in job.printed


def test_mistakes_of_a_spec_elsewhere_are_annotated_there(jobs: Jobs, github: GitHubWorld) -> None:
    shop = github.repository("acme/elsewhere", {"deploy/matinee.yaml": "version: 2\n"})
    with github.holding() as held:
        shop.open_pull()
    job = jobs.run(held[-1], "check", MATINEE_SPEC="deploy/matinee.yaml")
    assert any(line.startswith("::error file=deploy/matinee.yaml,line=1,") for line in job.commands)
    missing = jobs.run(held[-1], "check", MATINEE_SPEC="nowhere.yaml")
    assert (missing.code, "there is no nowhere.yaml" in missing.printed) == (Code.INVALID, True)


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"COMMENT": "false"}, (False, True, True)),
        ({"STATUS": "false"}, (True, False, True)),
        ({"DEPLOYMENT": "false"}, (True, True, False)),
        ({"COMMENT": "false", "STATUS": "false", "DEPLOYMENT": "false"}, (False, False, False)),
    ],
)
def test_a_pull_is_told_in_the_ways_that_are_wanted(
    jobs: Jobs, pull: Pull, opening: Sent, inputs: dict[str, str], told: tuple[bool, ...]
) -> None:
    job = jobs.run(opening, **{f"MATINEE_ACTION_{name}": value for name, value in inputs.items()})
    assert job.outputs["state"] == "running"
    found = (pull.comments, pull.repository.statuses, pull.repository.deployments)
    assert tuple(map(bool, found)) == told


def test_foreign_lines_are_no_commands(jobs: Jobs, github: GitHubWorld) -> None:
    hostile = ("::error file=a::boo", "::set-output name=url::evil", "::add-mask::running")
    echoes = "; ".join(f"echo ''{line}''" for line in hostile)
    shop = github.repository("acme/hostile", {"matinee.yaml": SPEC.replace("['echo", f"['{echoes}; echo")})
    with github.holding() as held:
        shop.open_pull()
    job = jobs.run(held[-1])
    assert set(hostile) <= set(job.printed.splitlines())
    assert [line for line in job.commands if not line.startswith("::add-mask::")] == []
    assert "::add-mask::running" not in job.commands


PERMISSIONS = {"contents": "read", "pull_requests": "write", "statuses": "write", "deployments": "write"}


def test_a_jobs_own_token_is_enough_and_has_one_comment_over_all_jobs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with GitHubWorld(job=PERMISSIONS) as github:
        jobs = Jobs(github, tmp_path, capfd)
        with github.holding() as held:
            pull = github.repository("acme/shop", {"matinee.yaml": SPEC}).open_pull()
        assert jobs.run(held[-1]).code is Code.DONE
        pushed = jobs.happens(lambda: pull.push({"news": "x"}))
        asked = jobs.happens(lambda: pull.say("ana", "/preview status"))
        closed = jobs.happens(pull.close)
        assert [job.outputs["state"] for job in (pushed, asked, closed)] == ["running", "running", "deleted"]
        assert caplog.messages == []
        assert [comment.author for comment in pull.comments if comment.author != "ana"] == ["github-actions[bot]"] * 2
        assert "deleted" in pull.comment.body
        jobs.bot.world.inbox.close()


@pytest.mark.parametrize("untold", ["an error", "nothing there"])
def test_where_github_does_not_say_whose_the_jobs_token_is_there_is_one_comment_all_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], untold: str
) -> None:
    with GitHubWorld(job=PERMISSIONS) as github:
        github.viewer = untold
        jobs = Jobs(github, tmp_path, capfd)
        with github.holding() as held:
            pull = github.repository("acme/shop", {"matinee.yaml": SPEC}).open_pull()
        forged = f"<!-- matinee:v1 {pull.key.environment} -->\nmine"
        with github.holding():
            pull.say("eve", forged)
        assert jobs.run(held[-1]).code is Code.DONE
        jobs.happens(lambda: pull.push({"news": "x"}))
        assert [comment.author for comment in pull.comments] == ["eve", "github-actions[bot]"]
        assert pull.comments[0].body == forged
        jobs.bot.world.inbox.close()


def test_a_token_that_may_not_write_previews_all_the_same_and_says_which_lines_are_lacking(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with GitHubWorld(job={"contents": "read", "pull_requests": "read"}) as github:
        jobs = Jobs(github, tmp_path, capfd)
        with github.holding() as held:
            pull = github.repository("acme/shop", {"matinee.yaml": SPEC}).open_pull()
        job = jobs.run(held[-1])
        assert (job.code, job.outputs["state"], pull.comments) == (Code.DONE, "running", [])
        for line in ("pull-requests", "statuses", "deployments"):
            assert f"it is the line `{line}: write` under `permissions:`" in caplog.text
        warnings = [each for each in job.printed.splitlines() if each.startswith("::warning title=matinee::")]
        assert sorted(re.findall(r"`([a-z-]+): write`", " ".join(warnings))) == [
            "deployments",
            "pull-requests",
            "statuses",
        ]
        jobs.bot.world.inbox.close()


def test_what_a_token_may_tell_is_told_though_it_may_not_comment(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with GitHubWorld(job={**PERMISSIONS, "pull_requests": "read"}) as github:
        jobs = Jobs(github, tmp_path, capfd)
        with github.holding() as held:
            pull = github.repository("acme/shop", {"matinee.yaml": SPEC}).open_pull()
        jobs.run(held[-1])
        assert pull.status is not None
        assert pull.status.state == "success"
        assert pull.repository.deployments != []
        jobs.bot.world.inbox.close()


def test_a_token_that_may_not_even_read_the_pull_ends_it_at_once_and_says_which_line_is_lacking(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with GitHubWorld(job={"contents": "read"}) as github:
        jobs = Jobs(github, tmp_path, capfd)
        with github.holding() as held:
            github.repository("acme/shop", {"matinee.yaml": SPEC}).open_pull()
        job = jobs.run(held[-1])
        assert (job.code, job.outputs, jobs.standing) == (Code.UNAVAILABLE, {}, [])
        assert "it is the line `pull-requests: read` under `permissions:`" in job.printed
        assert "tried again" not in job.printed
        jobs.bot.world.inbox.close()


def test_the_workspace_gives_no_settings(
    jobs: Jobs, opening: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "matinee.toml").write_text('trusted_actors = "github:1"\nrunner = "nonsense"\n')
    monkeypatch.chdir(tmp_path)
    assert jobs.run(opening).outputs["state"] == "running"


def test_a_deploy_that_takes_too_long_is_given_up_and_goes_on_the_next_time(jobs: Jobs, github: GitHubWorld) -> None:
    shop = github.repository("acme/slow", {"matinee.yaml": SPEC.replace("image: busybox, port", "build: {}, port")})
    with github.holding() as held:
        pull = shop.open_pull(files={"Dockerfile": "FROM busybox\n"})
    with jobs.bot.held_at("."):
        job = jobs.run(held[-1], MATINEE_ACTION_TIMEOUT="1s")
    assert (job.code, job.outputs["state"]) == (Code.UNAVAILABLE, "failed")
    told = "the job's time of 1.0 s was over before it was done"
    assert told in job.summary
    assert told in pull.comment.body
    assert pull.status is not None
    assert pull.status.state == "failure"
    assert [each.state for each in pull.repository.deployments] == ["failure"]
    assert jobs.run(held[-1]).outputs["state"] == "running"
    assert pull.status.state == "success"


def test_what_is_put_off_for_want_of_an_answer_is_not_said_to_begin_by_itself(
    jobs: Jobs, github: GitHubWorld, pull: Pull, opening: Sent
) -> None:
    github.fail_next("GET", "/collaborators", status=502, times=9)
    job = jobs.run(opening)
    assert (job.code, job.outputs["state"]) == (Code.UNAVAILABLE, "failed")
    assert "GitHub answered 502" in job.summary
    assert "tried again" not in job.summary

"""`matinee action` as a job of GitHub Actions runs it: the event in a file, outputs and summary into others."""

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bot import plugins
from bot.cli.codes import Code
from bot.cli.step.inputs import inputs
from bot.cli.step.step import Step, chosen, given
from bot.world import world as opened
from tests.stories.bot import StoryBot
from tests.world.github import GitHubWorld

LEFT = {"PLACE": {"value": "here"}, "KEY": {"value": "swordfish", "sensitive": True}}
SPEC = f"""\
version: 1
services:
  web: {{image: busybox, port: 80, public: true}}
jobs:
  seed:
    image: busybox
    on:
      deploy:
        entrypoint: [sh, -c]
        args: ['echo "$LEFT" > /qovery-output/qovery-output.json']
    variables: {{LEFT: '{json.dumps(LEFT)}'}}
"""


class Jobs:
    """Runs jobs of GitHub Actions on a machine where previews stand as long as it does."""

    def __init__(self, github, folder):
        self.github, self.folder = github, folder
        self._bot = StoryBot(github, folder / "bot")
        self._count = 0

    @property
    def bot(self):
        return self._bot

    def run(self, sent, *words, **variables):
        words = words or ("deploy",)
        self._count += 1
        job = Job(self.folder / f"job{self._count}", sent, self.github, variables)
        environment = given(job.environment)
        pipeline, told = plugins.pipeline(environment), inputs(environment, job.folder)
        world = opened(chosen(pipeline, environment, None, job.folder, told))
        world = replace(world, runner=self._bot.world.runner, builder=self._bot.world.builder)
        try:
            job.code = Step(world, pipeline, told).taken(words[0], tuple(words[1:]))
        finally:
            world.inbox.close()
        return job


class Job:
    def __init__(self, folder, sent, github, variables):
        folder.mkdir()
        self.folder = folder
        self.code = None
        event = folder / "event.json"
        event.write_bytes(sent.body)
        self.environment = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": sent.event,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_API_URL": github.settings["github_url"],
            "GITHUB_TOKEN": github.token,
            "MATINEE_STATE": str(folder / "state"),
            "MATINEE_RUNNER": "memory",
            "MATINEE_BUILDER": "memory",
            **variables,
        }

    @property
    def outputs(self):
        lines = iter((self.folder / "output").read_text().splitlines())
        found = {}
        for line in lines:
            name, _, end = line.partition("<<")
            found[name] = "\n".join(iter(lambda: next(lines), end))
        return found

    @property
    def summary(self):
        return (self.folder / "summary").read_text()


@pytest.fixture
def github():
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def jobs(github, tmp_path):
    return Jobs(github, tmp_path)


@pytest.fixture
def shop(github):
    return github.repository("acme/shop", {"matinee.yaml": SPEC})


@contextmanager
def happened(github):
    """The one delivery of what happens meanwhile."""
    with github.holding() as held:
        told = []
        yield told
        told += held[-1:]


def opened_pull(github, shop):
    with github.holding() as held:
        pull = shop.open_pull()
    return pull, held[-1]


def test_an_opened_pull_is_previewed_and_the_job_learns_where(github, shop, jobs, capfd):
    pull, sent = opened_pull(github, shop)
    job = jobs.run(sent)
    assert job.code is Code.DONE
    assert job.outputs["url"] == f"http://web.{pull.key.environment}.localhost"
    assert json.loads(job.outputs["urls"]) == {"web": job.outputs["url"]}
    assert job.outputs["environment"] == pull.key.environment
    assert job.outputs["state"] == "running"
    assert json.loads(job.outputs["outputs"]) == {"seed": {"PLACE": "here"}}
    assert job.outputs["url"] in pull.comment.body
    assert job.outputs["url"] in job.summary


def test_a_closed_pull_leaves_nothing(github, shop, jobs):
    pull, sent = opened_pull(github, shop)
    jobs.run(sent)
    with github.holding() as held:
        pull.close()
    job = jobs.run(held[-1])
    assert job.code is Code.DONE
    assert job.outputs["state"] == "deleted"
    assert list(jobs.bot.world.runner.homes()) == []
    assert "deleted" in pull.comment.body.casefold()

"""A pull whose author fills every place that they can with what would ping, close, link, run or break something."""

import json
import shlex
from functools import partial

import pytest

from bot.core.report import State, StepState
from tests.stories.bot import StoryBot
from tests.stories.test_pulls import SHOP, SPEC
from tests.world import judge
from tests.world.github import GitHubWorld
from tests.world.github_checks import CheckRun
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_quick_actions import NAMES, carried_out

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("made", [partial(GitHubWorld, app=True), GitLabWorld], ids=["github", "gitlab"]),
]

LINES = ("@ann fixes #1", "/close", "</details>", "````", "![x](https://evil.example/p)", "<!-- matinee:v1 x -->")
ACTIONS = [f"/{name} x" for name in NAMES]
BRANCH = "@ann/fixes-#1&<b>`x`"
BEGIN = SPEC.index("      deploy:")


def runs(repository) -> list[CheckRun]:
    """The checks of a commit, which GitHub alone has."""
    return getattr(repository, "check_runs", [])


def broken(script: str) -> dict[str, str]:
    end = SPEC.index("\n", BEGIN)
    line = f"      deploy: {{entrypoint: [sh, -c], args: [{json.dumps(script)}]}}"
    return {**SHOP, "matinee.yaml": SPEC[:BEGIN] + line + SPEC[end:]}


def test_what_its_jobs_print_and_what_it_is_called_does_nothing(made, tmp_path):
    with made() as world, StoryBot(world, tmp_path / "state") as bot:
        repository = world.repository("acme/shop", SHOP)
        prints = "; ".join(f"echo '{line}'" for line in LINES)
        pull = repository.open_pull(branch=BRANCH, files=broken(f"{prints}; exit 5"))
        pull.title = "\n".join(LINES)
        theirs = pull.say("eve", "\n".join(LINES))
        bot.settle()
        assert bot.report(pull).state is State.FAILED
        assert bot.steps(pull)["run seed on deploy"].state is StepState.FAILED
        (ours,) = [comment for comment in pull.comments if comment is not theirs]
        assert ours.says("evil.example")
        assert judge.markdown(ours.body) == []
        assert judge.plain(pull.status.description, limit=140) == []
        assert [fault for run in runs(repository) for fault in judge.plain(run.title, limit=140)] == []
        for deployment in getattr(repository, "deployments", ()):
            assert [judge.plain(status.description, limit=140) for status in deployment.statuses] == [[], []]


def test_a_spec_of_such_names_is_refused_and_says_so_without_effect(made, tmp_path):
    with made() as world, StoryBot(world, tmp_path / "state") as bot:
        repository = world.repository("acme/shop", SHOP)
        keys = "".join(
            f"  {json.dumps(line)}: {{image: {json.dumps(line)}, port: {json.dumps(line)}}}\n" for line in LINES
        )
        pull = repository.open_pull(branch=BRANCH, files={"matinee.yaml": f"version: 1\nservices:\n{keys}"})
        bot.settle()
        assert bot.report(pull).state is State.REFUSED
        assert judge.markdown(pull.comment.body) == []
        for each in [annotation for run in runs(repository) for annotation in run.annotations]:
            assert [*judge.plain(each["title"], limit=255), *judge.plain(each["message"], limit=2000)] == []


def test_no_action_of_a_forge_is_carried_out_wherever_its_name_stands_at_the_beginning_of_a_line(made, tmp_path):
    with made() as world, StoryBot(world, tmp_path / "state") as bot:
        repository = world.repository("acme/shop", SHOP)
        logged = "; ".join(f"echo '{line}'" for line in ACTIONS)
        value = {"ALL": {"value": "\n".join(ACTIONS)}, "LAST": {"value": "x\n/merge", "description": "/merge"}}
        outputs = f"echo {shlex.quote(json.dumps(value))} > $MATINEE_OUTPUT_FILE"
        pull = repository.open_pull(branch="x/merge", files=broken(f"{outputs}; {logged}"))
        pull.title = "\n".join(ACTIONS)
        bot.settle()
        assert {line.name for line in bot.report(pull).outputs} == {"ALL", "LAST"}
        pull.push(broken(f"{logged}; exit 5"))
        bot.settle()
        assert bot.report(pull).state is State.FAILED
        pull.say("ana", "/preview logs seed\n/preview status")
        bot.settle()
        assert len(pull.answers) == 1
        for said in (pull.comment.body, *pull.answers):
            assert said.count("/merge") > 0
            assert carried_out(said) == []

"""A pull whose author fills every place that they can with what would ping, close, link, run or break something."""

import json

import pytest

from bot.core.report import State, StepState
from tests.stories.bot import StoryBot
from tests.stories.test_pulls import SHOP, SPEC
from tests.world import judge
from tests.world.github import GitHubWorld

pytestmark = pytest.mark.slow

LINES = ("@ann fixes #1", "/close", "</details>", "````", "![x](https://evil.example/p)", "<!-- matinee:v1 x -->")
BRANCH = "@ann/fixes-#1&<b>`x`"
BEGIN = SPEC.index("      deploy:")


def broken(script: str) -> dict[str, str]:
    end = SPEC.index("\n", BEGIN)
    line = f"      deploy: {{entrypoint: [sh, -c], args: [{json.dumps(script)}]}}"
    return {**SHOP, "matinee.yaml": SPEC[:BEGIN] + line + SPEC[end:]}


def test_what_its_jobs_print_and_what_it_is_called_does_nothing(tmp_path):
    with GitHubWorld(app=True) as world, StoryBot(world, tmp_path / "state") as bot:
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
        assert [judge.plain(run.title, limit=140) for run in repository.check_runs] == [[]]
        for deployment in repository.deployments:
            assert [judge.plain(status.description, limit=140) for status in deployment.statuses] == [[], []]


def test_a_spec_of_such_names_is_refused_and_says_so_without_effect(tmp_path):
    with GitHubWorld(app=True) as world, StoryBot(world, tmp_path / "state") as bot:
        repository = world.repository("acme/shop", SHOP)
        keys = "".join(
            f"  {json.dumps(line)}: {{image: {json.dumps(line)}, port: {json.dumps(line)}}}\n" for line in LINES
        )
        pull = repository.open_pull(branch=BRANCH, files={"matinee.yaml": f"version: 1\nservices:\n{keys}"})
        bot.settle()
        assert bot.report(pull).state is State.REFUSED
        assert judge.markdown(pull.comment.body) == []
        (run,) = repository.check_runs
        assert run.annotations
        for each in run.annotations:
            assert [*judge.plain(each["title"], limit=255), *judge.plain(each["message"], limit=2000)] == []

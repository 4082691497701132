"""The component for GitLab CI: what GitLab says of such files, and that its parts are of one piece."""

import json
import re
import tomllib
from importlib.resources import files

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from bot.core.events import PullKey
from bot.forges._gitlab.pipeline import LINKS, PROBLEMS, VARIABLES
from tests.docs.snippets import ROOT, of

COMPONENT = ROOT / "templates" / "preview.yml"
SPEC, JOBS = YAML(typ="safe", pure=True).load_all(COMPONENT.read_text())
INPUTS = SPEC["spec"]["inputs"]
DEPLOY, DELETE = JOBS["preview"], JOBS["preview:delete"]
PAGE = (ROOT / "docs" / "gitlab-ci.md").read_text()
EXAMPLES = [
    YAML(typ="safe", pure=True).load(snippet.text) for snippet in of("yaml") if snippet.page.name == "gitlab-ci.md"
]


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    """As GitLab publishes it."""
    published = files("check_jsonschema") / "builtin_schemas" / "vendor" / "gitlab-ci.json"
    return Draft7Validator(json.loads(published.read_text()))


@pytest.mark.parametrize("document", [SPEC, JOBS, *EXAMPLES], ids=["inputs", "jobs", "example"])
def test_the_component_and_its_example_are_valid_against_gitlabs_schema(
    schema: Draft7Validator, document: object
) -> None:
    assert [f"{error.json_path}: {error.message}" for error in schema.iter_errors(document)] == []


def test_the_schema_would_say_what_is_wrong(schema: Draft7Validator) -> None:
    assert not schema.is_valid({**JOBS, "preview": {**DEPLOY, "artifacts": {"report": {}}}})
    assert not schema.is_valid({"spec": {"inputs": {"stage": {"type": "text"}}}})


def test_both_jobs_are_of_the_environment_that_a_bot_shows_the_preview_in() -> None:
    key = PullKey(forge="gitlab", repository="278964", number=7)
    for job in (DEPLOY, DELETE):
        name = job["environment"]["name"].replace("$CI_MERGE_REQUEST_PROJECT_ID", "278964")
        assert name.replace("$CI_MERGE_REQUEST_IID", "7") == f"review/{key.environment}"
    assert DEPLOY["environment"]["on_stop"] == "preview:delete"
    assert DELETE["environment"]["action"] == "stop"


def test_they_run_for_the_same_pipelines_one_at_a_time_and_deleting_needs_no_other_job_and_no_branch() -> None:
    assert DEPLOY["rules"][0]["if"] == DELETE["rules"][0]["if"]
    assert DEPLOY["resource_group"] == DELETE["resource_group"]
    assert DELETE["needs"] == []
    assert DELETE["rules"][0]["when"] == "manual"
    assert DELETE["variables"]["GIT_STRATEGY"] == DEPLOY["variables"]["GIT_STRATEGY"] == "none"


def test_the_reports_that_gitlab_takes_are_those_that_are_written_and_no_older_ones() -> None:
    assert DEPLOY["artifacts"]["reports"] == {"dotenv": VARIABLES, "annotations": LINKS, "codequality": PROBLEMS}
    assert DEPLOY["script"][0] == f"rm -rf {VARIABLES} {LINKS} {PROBLEMS}"


def test_nothing_that_an_input_says_becomes_part_of_a_script() -> None:
    assert not any("$[[" in line for job in (DEPLOY, DELETE) for line in job["script"])


def test_the_page_lists_every_input_with_its_default_and_no_other() -> None:
    rows = dict(re.findall(r"(?m)^\| `(\w+)` \| `([^`]+)` \|", PAGE))
    assert rows == {name: it["default"] for name, it in INPUTS.items()}


def test_the_image_and_the_example_are_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert INPUTS["image"]["default"] == f"matinee:{version}"
    assert EXAMPLES[0]["include"][0]["component"].endswith(f"/preview@{version}")

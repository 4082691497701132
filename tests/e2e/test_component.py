"""Previews by GitLab CI: the component's pipelines on a local runner, against the fake GitLab and a real engine."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.docs.snippets import ROOT, of
from tests.world.engine_images import remove_images
from tests.world.engine_left import left
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_containers import containers
from tests.world.gitlab_merge_request import MergeRequest
from tests.world.gitlab_runner import Runner
from tests.world.houses import page
from tests.world.leaks import leaks

pytestmark = [pytest.mark.engine, pytest.mark.slow]

SETUP = ROOT / "tests" / "testbed" / "gitlab-ci-local.sh"
SECRET, WORD = "swordfish-of-the-seed", "pass/word of the operator"
OUTPUTS = {"ROWS": {"value": "1000"}, "KEY": {"value": SECRET, "sensitive": True}, "CALL": {"value": "$CI_SERVER_URL"}}
SPEC = f"""\
version: 1
services:
  web:
    build: {{root: web}}
    port: 8080
    public: true
    health: {{http: /}}
jobs:
  seed:
    image: busybox
    on:
      deploy:
        entrypoint: [sh, -c]
        args: ['echo "$LEFT" > /qovery-output/qovery-output.json; echo "made {SECRET} with $WORD"']
    variables: {{LEFT: '{json.dumps(OUTPUTS)}', WORD: "${{secrets.WORD}}"}}
"""
DOCKERFILE = r"""
FROM busybox
RUN printf '\033[0Ksection_start:1:evil[collapsed=true]\r\033[0Kgone\nsection_end:1:preview\r\033[0K\n' && \
    printf 'MATINEE_URL=http://evil.example\n' && mkdir /www && echo 'PAGE' > /www/index.html
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
"""

SETTINGS = {"action_secrets": json.dumps({"WORD": WORD})}


def files(text: str) -> dict[str, str]:
    return {"matinee.yaml": SPEC, "web/Dockerfile": DOCKERFILE.replace("PAGE", text)}


@pytest.fixture(scope="session")
def program() -> str:
    up = subprocess.run([SETUP], check=False, capture_output=True, text=True)
    assert up.returncode == 0, f"gitlab-ci-local is missing and could not be set up: {up.stderr}"
    return up.stdout.splitlines()[-1]


@pytest.fixture
def gitlab() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        yield world
        for project in world.repositories:
            remove_images(f"gitlab-{project.id}")


@pytest.fixture
def runner(program: str, gitlab: GitLabWorld, tmp_path: Path) -> Runner:
    """With the page's own pipeline, but for where previews run; and a job that writes down what it was given."""
    runner = Runner(program, tmp_path, gitlab, SETTINGS)
    configure(runner)
    return runner


def configure(runner: Runner, **inputs: str) -> None:
    """Give it the pipeline."""
    example = next(snippet for snippet in of("yaml") if snippet.page.name == "gitlab-ci.md")
    pipeline = YAML(typ="safe").load(example.text)
    pipeline["include"][0]["inputs"] = {"runner": "docker", **inputs}
    pipeline["given"] = {**pipeline["smoke"], "script": ["env | grep ^MATINEE_ > given.env"]}
    runner.configure(pipeline, {"acme/matinee/0.1.0/templates/preview.yml": ROOT / "templates" / "preview.yml"})


def given(runner: Runner, report: str = "given.env") -> dict[str, str]:
    """What a later job of the pipeline found in its environment, or is to find there."""
    return dict(line.split("=", 1) for line in runner.report(report).splitlines())


def branch_deleted(pull: MergeRequest) -> None:
    subprocess.run(["git", "update-ref", "-d", f"refs/heads/{pull.branch}"], cwd=pull.project.bare.path, check=True)


def test_a_merge_request_is_previewed_updated_and_deleted_by_its_own_pipelines(
    gitlab: GitLabWorld, runner: Runner
) -> None:
    pull = gitlab.repository("acme/shop", files("main")).open_pull(files=files("first"))
    environment = pull.key.environment

    with runner.deploying(pull) as deployment:
        deployed = runner.play(pull).passed()
    assert pull.project.deployed.deployments == [deployment]
    first = given(runner)
    assert "first" in page(first["MATINEE_URL"])
    assert first["MATINEE_URL"] == first["MATINEE_URL_WEB"]
    assert (first["MATINEE_ENVIRONMENT"], first["MATINEE_ENVIRONMENT_STATE"]) == (environment, "running")
    assert first["MATINEE_OUTPUT_SEED_ROWS"] == "1000"
    assert "MATINEE_OUTPUT_SEED_KEY" not in first
    assert "no later job gets MATINEE_OUTPUT_SEED_CALL" in deployed.log
    assert f"review/{environment}" in deployed.log
    assert pull.comment.says(first["MATINEE_URL"])
    assert json.loads(runner.report("matinee-links.json"))["Preview"][0]["external_link"]["url"] == first["MATINEE_URL"]
    assert json.loads(runner.report("matinee-problems.json")) == []
    # What is built or run prints no section of the log, and no secret is anywhere.
    assert deployed.log.count("\x1b[0Ksection_start") == deployed.log.count("\x1b[0Ksection_end") == 1
    assert "made ••• with •••" in deployed.log
    assert SECRET not in deployed.log
    assert WORD not in deployed.log
    assert leaks(runner.folder, SECRET) == []

    pull.push(files("second"))
    with runner.deploying(pull):
        runner.play(pull).passed()
    assert given(runner)["MATINEE_URL"] == first["MATINEE_URL"]
    assert "second" in page(first["MATINEE_URL"])
    assert SECRET not in "".join(note.body for note in pull.notes)

    pull.close(merged=True)
    branch_deleted(pull)
    runner.play(pull, "preview:delete").passed()
    assert left(environment) == []
    assert page(first["MATINEE_URL"]) == ""
    assert pull.comment.says("deleted")
    assert pull.project.deployed.environments == []


def test_a_reader_s_pipeline_is_refused_and_a_mistake_is_shown_in_the_diff(gitlab: GitLabWorld, runner: Runner) -> None:
    project = gitlab.repository("acme/shop", files("main"), rea="read")
    pull = project.open_pull(files={**files("first"), "matinee.yaml": SPEC.replace("8080", "99999")})

    refused = runner.play(pull, "preview", by="rea")
    assert refused.code != 0
    assert "not enough to run a commit" in refused.log

    wrong = runner.play(pull, "preview")
    assert wrong.code != 0
    (mistake,) = json.loads(runner.report("matinee-problems.json"))
    assert mistake["location"] == {"path": "matinee.yaml", "lines": {"begin": 5}}
    assert left(pull.key.environment) == []


def test_jobs_in_containers_of_the_bots_image_share_what_is_kept(
    program: str, gitlab: GitLabWorld, tmp_path: Path
) -> None:
    pull = gitlab.repository("acme/shop", files("main")).open_pull(files=files("first"))
    with containers() as machine:
        runner = Runner(program, tmp_path, gitlab, {**SETTINGS, **machine.settings}, machine.words)
        configure(runner, image=machine.image, user=machine.user)
        runner.play(pull, "preview").passed()
        made = given(runner, "matinee.env")
        assert "first" in page(made["MATINEE_URL"])
        assert made["MATINEE_OUTPUT_SEED_ROWS"] == "1000"
        pull.close(merged=True)
        runner.play(pull, "preview:delete").passed()
    assert left(pull.key.environment) == []
    assert pull.comment.says("deleted")

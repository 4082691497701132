"""The action as a workflow uses it: a pull of GitHub's from its opening to its end on a real engine, with no bot."""

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest

from bot.keeping.cipher import new_key
from tests.world.actions import Actions
from tests.world.bot import wait
from tests.world.engine_left import left
from tests.world.github import GitHubWorld
from tests.world.houses import page
from tests.world.leaks import leaks

pytestmark = [pytest.mark.engine, pytest.mark.slow]

VALUE = "sword fish/7"
SPEC = """\
version: 1
services:
  web:
    build: {root: web}
    port: 8080
    public: true
    health: {tcp: 8080}
    needs: [seed]
jobs:
  seed:
    image: busybox
    variables: {KEY: "${secrets.KEY}"}
    on:
      deploy:
        entrypoint: [sh, -c]
        args:
          - |
            echo "::set-output name=url::http://evil.example"; echo "::add-mask::running"; echo "$KEY"
            made='{"PLACE": {"value": "here"}, "TOKEN": {"value": "%s-made", "sensitive": true}}'
            printf "$made" "$KEY" >/qovery-output/qovery-output.json
"""
HOSTILE = [
    "::set-output name=url::http://evil.example",
    "::add-mask::running",
    "::stop-commands::end",
    "::end::",
    "::error file=README.md,line=1::boo",
    "::set-env name=PATH::/evil",
    "::add-path::/evil",
    "##[error]boo",
    "##[add-mask]running",
]
DOCKERFILE = f"""\
FROM busybox
RUN : {uuid4()}; printf '%s\\n' {" ".join(f"'{line}'" for line in HOSTILE)}
COPY index.html /www/
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
"""


def encodings(value: str) -> list[str]:
    """The forms in which it could be read."""
    shifted = [base64.b64encode(b"x" * count + value.encode()).decode()[4:-4] for count in range(3)]
    return [value, quote(value), quote(value, safe=""), value.encode().hex(), value[::-1], *shifted]


@pytest.fixture
def github() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def actions(github: GitHubWorld, tmp_path: Path) -> Actions:
    act = subprocess.run(["tests/testbed/act.sh"], check=True, capture_output=True, text=True).stdout.strip()
    given = {
        "token": "${{ secrets.TOKEN }}",
        "secrets": '{"KEY": ${{ toJSON(secrets.KEY) }}}',
        "encryption-key": "${{ secrets.SEAL }}",
    }
    secrets = {"TOKEN": "ghs_world", "KEY": VALUE, "SEAL": new_key()}
    variables = {"MATINEE_GITHUB_URL": github.settings["github_url"], "MATINEE_STATE": str(tmp_path / "state")}
    return Actions(tmp_path / "actions", act, given=given, secrets=secrets, variables=variables)


def test_a_pull_is_previewed_updated_and_taken_away_by_a_workflow_alone(github: GitHubWorld, actions: Actions) -> None:
    shop = github.repository(
        "acme/shop", {"matinee.yaml": SPEC, "web/Dockerfile": DOCKERFILE, "web/index.html": "first"}
    )
    with github.holding() as held:
        pull = shop.open_pull()
    opened = actions.run(held[-1])
    assert opened.code == 0
    environment, url = pull.key.environment, opened.outputs["url"]
    assert (opened.outputs["environment"], opened.outputs["state"]) == (environment, "running")
    assert opened.object("urls") == {"web": url}
    assert opened.object("outputs") == {"seed": {"PLACE": "here"}}
    assert url in pull.comment.body
    printed = {line.partition("  ")[2].lstrip("\N{GEAR}| ").rstrip() for line in opened.log.splitlines()}
    assert set(HOSTILE) <= printed, "they were printed, and did nothing"
    assert "\x1b" not in opened.log, "something was drawn"
    assert url in opened.summary
    wait(lambda: "first" in page(url), f"{url} to answer")

    with github.holding() as held:
        pull.push({"web/index.html": "second"})
    pushed = actions.run(held[-1])
    assert (pushed.code, pushed.outputs["url"]) == (0, url)
    wait(lambda: "second" in page(url), f"{url} to be newer")

    with github.holding() as held:
        pull.close()
    closed = actions.run(held[-1])
    assert (closed.code, closed.outputs["state"]) == (0, "deleted")
    assert left(environment) == []
    assert page(url) == ""
    for run in (opened, pushed, closed):
        assert "\N{HEAVY EXCLAMATION MARK SYMBOL}" not in run.log, "an error was annotated"
        assert f"the preview is {run.outputs['state']}" in run.log, "it was masked"
        assert "evil.example" not in "".join(run.outputs.values())
        for form in encodings(f"{VALUE}-made") + encodings(VALUE):
            assert form not in run.log
            assert leaks(run.folder, form) == []

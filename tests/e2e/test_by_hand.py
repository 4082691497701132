"""What a person does by hand in a preview on a real engine: each command in the words of the terminal."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import docker
import pytest

from tests.world.bot import Bot

pytestmark = [pytest.mark.engine, pytest.mark.slow]

SPEC = """\
version: 1
services:
  db:
    image: busybox
    port: 8080
    entrypoint: [sh, -c]
    args: ["echo began >> /data/log; exec httpd -f -p 8080 -h /data"]
    volumes: {/data: 1Mi}
    health: {tcp: 8080}
  web:
    image: busybox
    port: 8080
    public: true
    entrypoint: [sh, -c]
    args: ["mkdir /www; echo \\"$URL $TOKEN\\" > /www/index.html; exec httpd -f -p 8080 -h /www"]
    health: {http: /}
    variables: {URL: "${jobs.seed.outputs.URL}", TOKEN: "${secrets.TOKEN}"}
jobs:
  seed:
    image: busybox
    needs: [db]
    on:
      deploy:
        run: once
        entrypoint: [sh, -c]
        args: [SCRIPT]
      delete: {entrypoint: [sh, -c], args: [echo dropped]}
"""
SCRIPT = (
    'echo "seeding at $MATINEE_EVENT"; while wget -q -O - http://db:8080/hold 2>/dev/null; do sleep 0.1; done; '
    "id=$(cat /proc/sys/kernel/random/uuid); echo done; "
    'echo "{\\"URL\\": {\\"value\\": \\"http://x/$id\\"}}" > $MATINEE_OUTPUT_FILE'
)


class Preview:
    """One folder that is up, with a secret of its own; its job waits for as long as its database holds it."""

    def __init__(self, bot: Bot, folder: Path) -> None:
        self._bot = bot
        self._folder = folder
        folder.mkdir()
        (folder / "matinee.yaml").write_text(SPEC.replace("SCRIPT", json.dumps(SCRIPT)))
        self.id = self.up(code=4)["id"]
        line = [sys.executable, "-m", "bot.cli", "secrets", "set", self.id, "TOKEN"]
        token = f"t0ken-of-{folder.name}"
        subprocess.run(line, env=bot.environment, input=token, text=True, check=True, capture_output=True)

    def up(self, *, code: int = 0) -> dict:
        return json.loads(self._bot.run("up", str(self._folder), "--json", code=code))

    def run(self, *words: str, code: int = 0) -> dict:
        printed = self._bot.run(words[0], self.id, *words[1:], "--json", code=code)
        return json.loads(printed) if printed else {}

    def following(self, *words: str) -> "subprocess.Popen[str]":
        line = [sys.executable, "-m", "bot.cli", words[0], self.id, *words[1:]]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(line, env=self._bot.environment, **pipes)

    def in_db(self, script: str) -> None:
        labels = [f"matinee.dev/environment={self.id}", "matinee.dev/service=db"]
        (found,) = docker.from_env().containers.list(filters={"label": labels})
        assert found.exec_run(["sh", "-c", script]).exit_code == 0


@pytest.fixture
def preview(tmp_path):
    bot, begun = Bot(tmp_path / "state", {}), []

    def of(name: str) -> Preview:
        begun.append(Preview(bot, tmp_path / name))
        return begun[-1]

    yield of
    for each in begun:
        assert each.run("delete")["state"] == "deleted"


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode()).strip()


def output(document: dict) -> str:
    return next(each["value"] for each in document["outputs"] if each["name"] == "URL")


def test_a_forced_run_prints_while_it_runs_and_touches_nothing_but_its_outputs(preview):
    shop = preview("shop")
    before = shop.up()
    shop.in_db("touch /data/hold")
    with shop.following("run", "seed", "deploy") as running:
        assert any(line == "seeding at deploy\n" for line in running.stderr)
        with shop.following("logs", "seed", "-f", "--json") as following:
            entries = map(json.loads, following.stdout)
            first = next(entries)
            held = next(entry for entry in entries if entry["generation"] > first["generation"])
            assert (held["line"], running.poll(), following.poll()) == ("seeding at deploy", None, None)
            shop.in_db("rm /data/hold")
            assert [entry["line"] for entry in entries][-1] == "done"
        said = running.stderr.read()
    assert (running.returncode, following.returncode) == (0, 0), said
    assert "done\n" in said
    assert "web keeps the values of before until the next deploy" in said
    assert page(before["url"]) == f"{output(before)} t0ken-of-shop"
    after = shop.up()
    steps = {step["name"]: step for step in after["steps"]}
    assert steps["run seed on deploy"]["state"] == "skipped"
    assert steps["start web"]["why"] == "restarted for variable URL"
    assert output(after) in said
    assert page(after["url"]) == f"{output(after)} t0ken-of-shop"
    assert "the job seed has no stop event; it has deploy, delete" in shop.run("run", "seed", "stop", code=4)["why"]


def test_a_clone_has_the_targets_secrets_and_a_reset_forgets_and_a_delete_is_for_good(preview):
    shop, other = preview("shop"), preview("other")
    shop.up()
    there = other.up()
    urls = {each["service"]: each["url"] for each in shop.run("clone", "web", "--as", "web2", "--to", other.id)["urls"]}
    assert page(urls["web2"]) == f"{output(there)} t0ken-of-other"
    assert "web2" in [each["service"] for each in other.up()["urls"]]
    other.run("delete", "web2", code=2)
    other.run("delete", "web2", "--yes")
    assert "web2" not in [each["service"] for each in other.up()["urls"]]
    reset = other.run("reset", "db", "--yes")
    steps = {step["name"]: step["state"] for step in reset["steps"]}
    assert (steps["empty db"], steps["run seed on deploy"]) == ("succeeded", "succeeded")
    assert output(reset) != output(there)
    other.in_db('test "$(cat /data/log)" = began')

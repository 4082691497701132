"""What a person does by hand in a preview on a real engine: each command in the words of the terminal."""

import json
import subprocess
import sys
import urllib.request

import docker
import pytest

from tests.world.bot import Bot, wait

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
    'echo "seeding at $MATINEE_EVENT"; until wget -q -O - http://db:8080/go; do sleep 0.1; done; '
    "id=$(cat /proc/sys/kernel/random/uuid); echo done; "
    'echo "{\\"URL\\": {\\"value\\": \\"http://x/$id\\"}}" > $MATINEE_OUTPUT_FILE'
)


class Preview:
    """One folder, up."""

    def __init__(self, bot: Bot, folder, token: str) -> None:
        self._bot = bot
        self._folder = folder
        folder.mkdir()
        (folder / "matinee.yaml").write_text(SPEC.replace("SCRIPT", json.dumps(SCRIPT)))
        self.id = json.loads(bot.run("up", str(folder), "--json", code=4))["id"]
        self.give(token)

    def give(self, token: str) -> None:
        line = [sys.executable, "-m", "bot.cli", "secrets", "set", self.id, "TOKEN"]
        subprocess.run(line, env=self._bot.environment, input=token, text=True, check=True, capture_output=True)

    def up(self) -> dict:
        with self.following("up", str(self._folder), "--json") as process:
            self.go()
            document = json.loads(process.communicate()[0])
        assert document["state"] == "running", document
        return document

    def clone_to(self, other: "Preview", name: str, new: str) -> dict:
        return self.run("clone", name, "--as", new, "--to", other.id)

    def run(self, *words: str, code: int = 0) -> dict:
        printed = self._bot.run(words[0], self.id, *words[1:], "--json", code=code)
        return json.loads(printed) if printed else {}

    def following(self, *words: str):
        line = [sys.executable, "-m", "bot.cli", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(line, env=self._bot.environment, **pipes)

    def go(self) -> None:
        """Let the job go on that waits for this file."""
        wait(lambda: self._in_db("touch /data/go"), "a database to write into")

    def go_anew(self) -> None:
        """Let it go on once what was in the volumes is gone."""
        wait(lambda: self._in_db("test ! -e /data/go && touch /data/go"), "an empty database")

    def halt(self) -> None:
        assert self._in_db("rm /data/go")

    def _in_db(self, script: str) -> bool:
        labels = [f"matinee.dev/environment={self.id}", "matinee.dev/service=db"]
        found = docker.from_env().containers.list(filters={"label": labels})
        return any(each.exec_run(["sh", "-c", script]).exit_code == 0 for each in found)


@pytest.fixture
def preview(tmp_path):
    bot, begun = Bot(tmp_path / "state", {}), []

    def brought_up(name: str, token: str) -> Preview:
        begun.append(Preview(bot, tmp_path / name, token))
        return begun[-1]

    yield brought_up
    for each in begun:
        assert each.run("delete")["state"] == "deleted"


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode()).strip()


def url_of(document: dict) -> str:
    return next(each["value"] for each in document["outputs"] if each["name"] == "URL")


def test_a_forced_run_prints_while_it_runs_and_touches_nothing_but_its_outputs(preview):
    shop = preview("shop", "t0ken-of-shop")
    before = shop.up()
    shop.halt()
    with shop.following("run", shop.id, "seed", "deploy") as running:
        assert any(line == "seeding at deploy\n" for line in running.stderr)
        assert running.poll() is None
        with shop.following("logs", shop.id, "run seed on deploy", "-f", "--json") as following:
            entries = map(json.loads, following.stdout)
            runs = [next(entries) for _ in range(2)]
            while runs[-1]["generation"] == runs[0]["generation"]:
                runs.append(next(entries))
            assert (runs[-1]["line"], following.poll()) == ("seeding at deploy", None)
            shop.go()
            assert [each["line"] for each in entries][-1] == "done"
            assert following.wait() == 0
        said = running.stderr.read()
    assert running.returncode == 0, said
    assert "done\n" in said
    assert "web keeps the values of before until the next deploy" in said
    assert f"{url_of(before)} t0ken-of-shop" == page(before["url"])
    after = shop.up()
    steps = {step["name"]: step for step in after["steps"]}
    assert steps["run seed on deploy"]["state"] == "skipped"
    assert steps["start web"]["why"] == "restarted for variable URL"
    assert url_of(after) in said
    assert f"{url_of(after)} t0ken-of-shop" == page(after["url"])
    wrong = shop.run("run", "seed", "stop", code=4)
    assert "the job seed has no stop event; it has deploy, delete" in wrong["why"]


def test_a_clone_has_the_targets_secrets_and_a_reset_forgets_and_a_delete_is_for_good(preview):
    shop, other = preview("shop", "t0ken-of-shop"), preview("other", "t0ken-of-other")
    shop.up()
    there = other.up()
    urls = {each["service"]: each["url"] for each in shop.clone_to(other, "web", "web2")["urls"]}
    assert page(urls["web2"]) == f"{url_of(there)} t0ken-of-other"
    assert "web2" in [each["service"] for each in other.up()["urls"]]
    other.run("delete", "web2", code=2)
    other.run("delete", "web2", "--yes")
    assert "web2" not in [each["service"] for each in other.up()["urls"]]
    with other.following("reset", other.id, "db", "--yes", "--json") as resetting:
        other.go_anew()
        reset = json.loads(resetting.communicate()[0])
    steps = {step["name"]: step["state"] for step in reset["steps"]}
    assert (steps["empty db"], steps["run seed on deploy"]) == ("succeeded", "succeeded")
    assert url_of(reset) != url_of(there)

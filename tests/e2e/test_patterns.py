"""The three patterns of Nomad's page on task dependencies, each written in a matinee.yaml, through the whole bot."""

import json
import urllib.request

import pytest

from tests.world.bot import Bot, wait

pytestmark = [pytest.mark.engine, pytest.mark.slow]

TOLD = 'echo "$MATINEE_RESULT,$MATINEE_FAILED_TASK,$MATINEE_EXIT_CODE"'
SPEC = """\
version: 1
services:
  db:
    image: busybox
    port: 8080
    entrypoint: [sh, -c]
    args: ["nc -l -p 8080 -e true; mkdir /www; echo ready > /www/index.html; exec httpd -f -p 8080 -h /www"]
  web:
    image: busybox
    port: 8080
    public: true
    entrypoint: [sh, -c]
    args: ["echo opened >> /alloc/log; exec httpd -f -p 8080 -h /alloc"]
    health: {http: /index.html}
    tasks:
      wait-for-db:
        hook: prestart
        image: busybox
        entrypoint: [sh, -c]
        args: ["until wget -q -O /alloc/index.html http://$DB:8080/; do echo waiting; sleep 0.2; done"]
        variables: {DB: "${services.db.host}"}
      fluentd:
        hook: poststart
        sidecar: true
        image: busybox
        entrypoint: [sh, -c]
        args: ["exec tail -f /alloc/log"]
      announce:
        hook: poststop
        image: busybox
        entrypoint: [sh, -c]
        args: [TOLD]
jobs:
  seed:
    image: busybox
    on: {deploy: {entrypoint: [sh, -c], args: ["echo three rows > /alloc/rows; exit CODE"]}}
    tasks:
      cleanup:
        hook: poststop
        image: busybox
        entrypoint: [sh, -c]
        args: [cat /alloc/rows; TOLD]
"""


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    return folder


@pytest.fixture
def bot(tmp_path):
    return Bot(tmp_path / "state", {})


@pytest.fixture
def up(bot, shop):
    begun: list[str] = []

    def bring_up(*, ends_with: int, code: int = 0):
        text = SPEC.replace("[TOLD]", f"[{json.dumps(TOLD)}]").replace("CODE", str(ends_with))
        text = text.replace("[cat /alloc/rows; TOLD]", f"[{json.dumps(f'cat /alloc/rows; {TOLD}')}]")
        (shop / "matinee.yaml").write_text(text)
        document = json.loads(bot.run("up", str(shop), "--json", code=code))
        begun.append(document["id"])
        return document

    yield bring_up
    assert json.loads(bot.run("delete", begun[0], "--json"))["state"] == "deleted"


def test_a_service_waits_for_another_is_accompanied_while_it_lives_and_announces_its_end(bot, up):
    environment = (document := up(ends_with=0))["id"]
    assert document["state"] == "running"
    assert "wait-for-db | waiting" in bot.run("logs", environment, "start web").splitlines()
    with urllib.request.urlopen(document["url"], timeout=10) as answer:
        assert answer.read() == b"ready\n"
    wait(lambda: "fluentd | opened" in bot.run("logs", environment, "web").splitlines(), "the companion's line")
    bot.run("stop", environment)
    assert bot.run("logs", environment, "stop web").splitlines()[-1] == "announce | stopped,,"


@pytest.mark.parametrize(("ends_with", "told"), [(0, "succeeded,,0"), (2, "failed,seed,2")], ids=["well", "badly"])
def test_a_job_is_cleaned_up_after_however_it_ended(bot, up, ends_with, told):
    document = up(ends_with=ends_with, code=1 if ends_with else 0)
    assert bot.run("logs", document["id"], "seed").splitlines() == ["cleanup | three rows", f"cleanup | {told}"]

"""What a spec says, on a real engine: each key does what it promises, and what goes wrong is said in words."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.world.bot import Bot, wait
from tests.world.registry import registry

pytestmark = pytest.mark.engine


class Folder:
    """A folder that is previewed by hand; what was made for it goes at the end."""

    def __init__(self, path: Path) -> None:
        self.path = path / "folder"
        self.path.mkdir()
        self.bot = Bot(path / "state", {})
        self.environment = ""

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.path / name.replace("_", ".")).write_text(text)

    def up(self, *, code: int = 0) -> dict[str, Any]:
        done = json.loads(self.bot.run("up", str(self.path), "--json", code=code))
        self.environment = done["id"]
        return done

    def asked(self, *words: str) -> dict[str, Any]:
        """The document after `matinee <word> <environment> …`."""
        return json.loads(self.bot.run(words[0], self.environment, *words[1:], "--json"))

    def lines(self, step: str) -> list[str]:
        return self.bot.run("logs", self.environment, step).splitlines()

    def containers(self, **labels: str) -> list[Any]:
        named = [f"matinee.dev/{name}={value}" for name, value in {"environment": self.environment, **labels}.items()]
        return docker.from_env().containers.list(filters={"label": named})


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path)
    yield made
    if made.environment:
        made.bot.run("delete", made.environment, "--force", code=None)


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def whys(done: Mapping[str, Any]) -> dict[str, str]:
    return {step["name"]: step["why"] for step in done["steps"]}


ZERO = """\
FROM busybox
RUN mkdir /www && echo hello > /www/index.html
EXPOSE 8080
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
"""


def test_a_repository_with_only_a_dockerfile_is_one_public_service_on_its_exposed_port(folder):
    folder.write(Dockerfile=ZERO)
    up = folder.up()
    assert [step["name"] for step in up["steps"]] == ["build app", "start app"]
    assert page(up["url"]) == "hello\n"


def test_a_host_port_is_reserved_and_remembered(folder):
    folder.write(Dockerfile=ZERO)
    url = folder.up()["url"]
    folder.asked("stop")
    folder.write(Dockerfile=ZERO.replace("hello", "newer"))
    again = folder.up()
    assert again["url"] == url
    assert page(url) == "newer\n"


def test_images_that_were_built_go_with_the_environment(folder):
    folder.write(Dockerfile=ZERO.replace("hello", f"hello {folder.path}"))
    folder.up()
    repository = folder.environment.rpartition("-")[0]
    assert docker.from_env().images.list(name=f"matinee/{repository}")
    folder.asked("delete")
    left = docker.from_env().images.list(name=f"matinee/{repository}")
    left += docker.from_env().images.list(name=f"matinee/environments/{folder.environment}")
    assert left == []


KEYS = """\
version: 1
variables: {LEVEL: "of the environment", SHARED: "of the environment"}
services:
  web:
    image: busybox
    port: 8080
    public: true
    user: 1000
    replicas: 2
    variables: {LEVEL: "of its own"}
    files: {/etc/web/site.conf: "site ${variables.SHARED} of ${pull.number}, $${not}\\n"}
    entrypoint: [sh, -c]
    args:
      - |
        mkdir /tmp/www
        exec 3> /tmp/www/index.html
        echo "LEVEL $$LEVEL" >&3; echo "SHARED $$SHARED" >&3; echo "user $$(id -u)" >&3; cat /etc/web/site.conf >&3
        exec httpd -f -p 8080 -h /tmp/www
"""


def test_a_service_is_run_as_its_keys_say(folder):
    folder.write(matinee_yaml=KEYS)
    said = page(folder.up()["url"]).splitlines()
    assert said == [
        "LEVEL of its own",
        "SHARED of the environment",
        "user 1000",
        "site of the environment of 0, ${not}",
    ]
    assert len([one for one in folder.containers(service="web") if one.attrs["Config"]["Cmd"]]) == 2


def test_limits_are_500m_and_512mi_unless_told_otherwise(folder):
    folder.write(matinee_yaml="version: 1\nservices: {a: {image: busybox, entrypoint: [sleep, '600']}}\n")
    folder.up()
    (one,) = folder.containers(service="a")
    host = one.attrs["HostConfig"]
    assert (host["NanoCpus"], host["Memory"], host["MemorySwap"]) == (500_000_000, 512 * 2**20, 512 * 2**20)


MOVING = """\
version: 1
services:
  web: {image: "IMAGE", entrypoint: [sh, -c], args: ["echo it is $$WORD; sleep 600"]}
jobs:
  seed:
    image: "IMAGE"
    on:
      deploy: {entrypoint: [sh, -c], args: ["echo deployed $$WORD"]}
      delete: {entrypoint: [sh, -c], args: ["echo deleted $$WORD"]}
"""


def test_images_are_pinned_at_deploy_so_a_tag_that_moves_changes_nothing_before_the_next_one(folder):
    with registry() as shelf:
        shelf.publish("latest", "first")
        folder.write(matinee_yaml=MOVING.replace("IMAGE", shelf.image("latest")))
        folder.up()
        assert whys(folder.up())["start web"] == "unchanged"
        shelf.publish("latest", "second")
        folder.asked("delete")
        assert folder.lines("run seed on delete") == ["deleted first"]
        folder.up()
        assert folder.lines("run seed on deploy")[-1] == "deployed second"
        folder.asked("delete", "--force")


BROKEN = """\
version: 1
services:
  nowhere: {image: busybox, restarts: 0, entrypoint: [/nowhere]}
  stranger: {image: busybox, restarts: 0, user: nobodyatall}
  fat:
    image: busybox
    restarts: 0
    entrypoint: [sh, -c]
    args: ["tail -c 190000000 /dev/zero"]
    resources: {memory: 16Mi}
  brief: {image: busybox, restarts: 0, entrypoint: ["true"]}
  full: {image: busybox, restarts: 0, entrypoint: [dd, if=/dev/zero, of=/dev/full]}
  crowded:
    image: busybox
    restarts: 0
    entrypoint: [httpd, -f, -p, "8080"]
    tasks: {other: {image: busybox, entrypoint: [sh, -c], args: ["sleep 0.5; exec httpd -f -p 8080"]}}
  missing: {image: "MISSING"}
  filled: {build: {dockerfile: Dockerfile.full}}
"""


def test_each_way_a_service_can_end_is_said_in_words_with_what_to_do_next(folder):
    (folder.path / "Dockerfile.full").write_text("FROM busybox\nRUN dd if=/dev/zero of=/dev/full\n")
    with registry() as shelf:
        folder.write(matinee_yaml=BROKEN.replace("MISSING", shelf.image("missing")))
        said = whys(folder.up(code=1))
    assert said["start nowhere"] == "could not start: “/nowhere” is not in the image; check entrypoint and args"
    assert said["start stranger"] == "could not start: its user is not in the image; check services.stranger.user"
    assert said["start fat"] == "out of memory at 16 MiB; raise services.fat.resources.memory"
    assert said["start brief"] == "exit code 0, but it must go on running"
    assert said["start full"] == "exit code 1; no space was left on the disk; free some, then deploy again"
    assert said["start crowded"] == (
        "its main task other: exit code 1; a port that it wants is taken; the containers of a group share one network, "
        "so give each its own"
    )
    assert "acme/thing:missing cannot be fetched: manifest" in said["pull missing"]
    assert said["pull missing"].endswith("check its name, and that the engine may read it")
    assert said["build filled"].endswith("exit code 1; no space was left on the disk; free some, then deploy again")


JOBS = """\
version: 1
jobs:
  slow: {image: busybox, on: {deploy: {entrypoint: [sleep, "60"], max_duration: 1}}}
  bad: {image: busybox, on: {deploy: {entrypoint: [sh, -c], args: ["echo the last words; exit 3"]}}}
"""


def test_a_job_over_its_time_and_one_that_fails_say_so_with_the_last_lines(folder):
    folder.write(matinee_yaml=JOBS)
    done = folder.up(code=1)
    assert whys(done)["run slow on deploy"] == "over its 1 s; make it faster or raise jobs.slow.on.deploy.max_duration"
    assert whys(done)["run bad on deploy"] == "exit code 3; its last lines say why"
    assert folder.lines("run bad on deploy") == ["the last words"]


SLOW = "version: 1\nservices: {slow: {image: busybox, port: 80, health: {tcp: 80}, entrypoint: [sleep, '600']}}\n"


@pytest.mark.parametrize("word", ["stop", "delete"])
def test_what_a_killed_deploy_had_begun_is_taken_down(folder, word):
    folder.write(matinee_yaml=SLOW)
    folder.environment = begun_and_killed(folder)
    assert folder.containers(service="slow")
    wait(lambda: folder.bot.run("list", "--json") and not owned(folder), "the killed bot's lane to be free")
    done = folder.asked(word)
    assert done["state"] == {"stop": "stopped", "delete": "deleted"}[word]
    assert folder.containers() == []


def begun_and_killed(folder: Folder) -> str:
    line = [sys.executable, "-m", "bot.cli", "up", str(folder.path)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(line, env=folder.bot.environment, stdout=quiet, stderr=quiet, start_new_session=True) as bot:
        environment = str(wait(lambda: made(folder), "the service's container"))
        os.kill(bot.pid, signal.SIGKILL)
    return environment


def made(folder: Folder) -> str:
    standing = list((folder.bot.state / "environments").glob("*"))
    folder.environment = standing[0].name if standing else ""
    return folder.environment if folder.environment and folder.containers(service="slow") else ""


def owned(folder: Folder) -> bool:
    from bot.inbox import Inbox

    inbox = Inbox.open(f"sqlite:///{folder.bot.state}/matinee.db")
    with contextlib.closing(inbox):
        status = inbox.lane(folder.environment)
        return status is not None and status.owner is not None

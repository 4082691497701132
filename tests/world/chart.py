"""The chart in the real cluster: Helm, the bot's image, and a release that is asked as `Bot` is."""

import json
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.core.names import EnvironmentId
from bot.core.report import Report
from bot.core.telling.document import document
from bot.inbox import Inbox
from tests.world import cluster
from tests.world.laptop import HOME, Laptop

CHART = Path(__file__).parents[2] / "deploy" / "chart"
_TESTBED = Path(__file__).parents[1] / "testbed"
_COPY = """
import os, sqlite3, sys
sqlite3.connect("/var/lib/matinee/matinee.db").execute("vacuum into '/tmp/copy.db'")
sys.stdout.buffer.write(open("/tmp/copy.db", "rb").read())
os.unlink("/tmp/copy.db")
"""
_AWAIT = """
import sys, time
from bot.core.telling.document import document
from bot.inbox import Inbox
environment, sha, *states = sys.argv[1:]
inbox = Inbox.open("sqlite:////var/lib/matinee/matinee.db")
for _ in range(600):
    status = inbox.lane(environment)
    found = document(status.report) if status and status.report else {}
    if found.get("state") in states and sha in ("", found.get("sha")):
        sys.exit()
    time.sleep(0.2)
"""


@cache
def helm_program() -> str:
    """Helm; built where there is none."""
    return _printed(_TESTBED / "helm.sh")


@cache
def image() -> str:
    """The bot's image of this working copy, as a cluster calls it."""
    return _printed(_TESTBED / "image.sh")


def helm(*words: str, code: int | None = 0) -> "subprocess.CompletedProcess[str]":
    """Run Helm; it is to end with that code."""
    return _run(helm_program(), *words, code=code)


def rendered(*words: str) -> list[dict[str, Any]]:
    """What the chart makes of these values, for a release `matinee` in the namespace `matinee`."""
    found = helm("template", "matinee", str(CHART), "--namespace", "matinee", *words)
    return [body for body in yaml.safe_load_all(found.stdout) if body]


@dataclass(slots=True, kw_only=True)
class Release:
    """An installed chart; it has the methods of `Bot` that stories use."""

    name: str
    values: Mapping[str, Any]
    folder: Path
    laptop: Laptop
    """Whose owner has installed it."""
    _inboxes: int = field(default=0)

    @property
    def user(self) -> str:
        """Whom the cluster takes the bot for."""
        return f"system:serviceaccount:{self.name}:{self.name}"

    @property
    def hook(self) -> str:
        """Where GitHub sends its deliveries: the address of the bot's service."""
        return f"http://{self.kubectl('get', 'service', self.name, '-o', 'jsonpath={.spec.clusterIP}')}:80/hooks/github"

    def helm(self, verb: str, *words: str) -> str:
        """Install or upgrade it with its values, or do something else to it."""
        if verb in ("install", "upgrade"):
            words = (str(CHART), "--values", str(self.folder / "values.yaml"), "--wait", "--timeout", "150s", *words)
        return helm(verb, self.name, "--namespace", self.name, *words).stdout

    def type(self, text: str) -> str:
        """Type what a page shows, with the release's name and namespace in the place of `matinee`; what it prints."""
        own = re.sub(r"(namespace |install |upgrade |test |deployment/)matinee\b", rf"\g<1>{self.name}", text)
        return self.laptop.type(own, at=self.laptop.clone)

    def kubectl(self, *words: str, code: int | None = 0, given: str | None = None) -> str:
        """Run kubectl in its namespace."""
        return kubectl("--namespace", self.name, *words, code=code, given=given)

    def inside(self, *command: str) -> str:
        """Run a command in the bot's container."""
        return self.kubectl("exec", f"deployment/{self.name}", "--", *command)

    def run(self, *words: str) -> str:
        """Run a `matinee` command where the bot is; its standard output."""
        return self.inside("matinee", *words)

    def told(self) -> str:
        """The bot's log."""
        return self.kubectl("logs", f"deployment/{self.name}", "--tail=200", code=None)

    def kept(self) -> list[str]:
        """What is in the folders of its environments."""
        return self.inside("sh", "-c", "ls -A /var/lib/matinee/environments 2>/dev/null || true").split()

    def report(self, environment: str) -> Report | None:
        """The newest report of an environment, if there is one yet."""
        self._inboxes += 1
        copy = self.folder / f"copy-{self._inboxes}.db"
        command = ("exec", f"deployment/{self.name}", "--", "python3", "-c", _COPY)
        copy.write_bytes(_bytes(_kubectl(), "--namespace", self.name, *command))
        inbox = Inbox.open(f"sqlite:///{copy}")
        status = inbox.lane(EnvironmentId(environment))
        inbox.close()
        return status.report if status else None

    def of(self, environment: str) -> dict[str, Any]:
        """One environment's document; empty where there is none yet."""
        report = self.report(environment)
        return dict(document(report)) if report else {}

    def settled(self, environment: str, sha: str | None, *states: str) -> dict[str, Any]:
        """Wait until that commit's environment is in one of these states; its document."""

        self.inside("python3", "-c", _AWAIT, environment, sha or "", *states)
        found = self.of(environment)
        assert found.get("state") in states, f"{environment} is {found}\n{self.told()}"
        assert sha in (None, found.get("sha"))
        return found


@contextmanager
def release(
    values: Callable[[str], Mapping[str, Any]], files: Mapping[str, str], folder: Path, laptop: Laptop
) -> Iterator[Release]:
    """A name for the chart, and whatever who installs it has at hand: Helm, kubectl, a clone with these files.

    Nothing in the namespace of that name is left afterwards.
    """
    name = f"matinee{uuid.uuid4().hex[:8]}"
    made = Release(name=name, values=values(name), folder=folder, laptop=laptop)
    (folder / "values.yaml").write_text(yaml.safe_dump(dict(made.values)))
    written = {**files, "values.yaml": (folder / "values.yaml").read_text()}
    laptop.put(laptop.clone, {file: text.encode() for file, text in written.items()})
    laptop.put(f"{HOME}/.kube", {"config": kubectl("config", "view", "--raw", "--flatten").encode()})
    programs = {"helm": helm_program(), "kubectl": shutil.which(_kubectl()) or ""}
    laptop.put(f"{HOME}/.local/bin", {called: Path(program).read_bytes() for called, program in programs.items()})
    try:
        yield made
    finally:
        helm("uninstall", made.name, "--namespace", made.name, code=None)
        kubectl("delete", "namespace", made.name, "--wait=false", "--ignore-not-found")


def kubectl(*words: str, code: int | None = 0, given: str | None = None) -> str:
    """Run kubectl as the administrator."""
    return _run(_kubectl(), *words, code=code, given=given).stdout


def apply(body: Mapping[str, Any]) -> None:
    """Make an object as the administrator."""
    kubectl("apply", "--filename", "-", given=json.dumps(body))


def _kubectl() -> str:
    beside = Path(cluster.kubeconfig()).parents[1] / "bin" / "kubectl"
    return str(beside) if beside.exists() else "kubectl"


def _environment() -> dict[str, str]:
    return {**os.environ, "KUBECONFIG": cluster.kubeconfig()}


def _run(
    program: str, *words: str, code: int | None = 0, given: str | None = None
) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [program, *words],
        env=_environment(),
        input=given or "",
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    said = f"{Path(program).name} {' '.join(words)} ended with {done.returncode}:\n{done.stderr}{done.stdout}"
    assert code in (None, done.returncode), said
    return done


def _bytes(*command: str) -> bytes:
    done = subprocess.run(command, env=_environment(), capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def _printed(script: Path) -> str:
    up = subprocess.run([script], check=False, capture_output=True, text=True)
    assert up.returncode == 0, f"{script.name} failed: {up.stderr}"
    return up.stdout.splitlines()[-1]

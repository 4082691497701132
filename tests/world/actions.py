"""GitHub Actions as act has them: workflows of a repository that holds this action, run on this machine."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.world.hooks import Sent

ROOT = Path(__file__).parents[2]
PARTS = ("action.yml", "deploy/action")
VERSION = "0.tested"
"""What is installed already, and is this tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run of a workflow left."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str
    folder: Path

    def object(self, name: str) -> Any:
        """An output that is JSON."""
        return json.loads(self.outputs[name])


class Actions:
    """A checkout with a workflow `on: [pull_request, issue_comment]` that previews, and then tells what it was left."""

    def __init__(
        self,
        folder: Path,
        act: str,
        *,
        given: Mapping[str, str],
        secrets: Mapping[str, str],
        variables: Mapping[str, str],
    ) -> None:
        """`given` are inputs, `variables` those of the whole workflow."""
        self._folder, self._act, self._secrets, self._variables = folder, act, secrets, variables
        self._checkout = folder / "checkout"
        self._count = 0
        _prepared(self._checkout, given)
        _installed(folder / "cache" / "tool_cache" / "matinee" / VERSION)

    def run(self, sent: Sent) -> Ran:
        """Run the workflow for this event."""
        self._count += 1
        told = self._folder / f"run{self._count}"
        told.mkdir()
        (told / "event.json").write_bytes(sent.body)
        given = {**self._variables, "TOLD": str(told)}
        command = [self._act, sent.event, "-P", "ubuntu-latest=-self-hosted", "--no-cache-server"]
        command += ["-e", str(told / "event.json"), "--action-cache-path", str(self._folder / "cache")]
        command += [word for name, value in given.items() for word in ("--env", f"{name}={value}")]
        command += [word for name in self._secrets for word in ("-s", name)]
        environment = {**os.environ, **self._secrets}
        done = subprocess.run(
            command, cwd=self._checkout, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        outputs = {file.name: file.read_text() for file in (told / "outputs").glob("*")}
        return Ran(
            code=done.returncode,
            log=done.stdout + done.stderr,
            outputs=outputs,
            summary=done.stdout.partition("Summary - ")[2].partition("\n[")[0],
            folder=told,
        )


_NAMES = ("url", "urls", "environment", "state", "outputs")
_TELL = f"""\
mkdir "$TOLD/outputs"
for name in {" ".join(_NAMES)}; do printf %s "${{!name}}" >"$TOLD/outputs/$name"; done
"""


def _prepared(checkout: Path, given: Mapping[str, str]) -> None:
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        (checkout / part).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / part, checkout / part)
    told = {name: f"${{{{ steps.preview.outputs.{name} }}}}" for name in _NAMES}
    preview = {"id": "preview", "uses": "./", "with": {"python": sys.executable, "version": VERSION, **given}}
    steps = [
        {"uses": "actions/checkout@v4"},
        preview,
        {"if": "always()", "shell": "bash", "run": _TELL, "env": told},
        {"if": "always()", "run": "echo the preview is $STATE", "env": {"STATE": told["state"]}},
    ]
    workflow = {
        "on": ["pull_request", "issue_comment"],
        "jobs": {"preview": {"runs-on": "ubuntu-latest", "steps": steps}},
    }
    file = checkout / ".github" / "workflows" / "preview.yml"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(workflow))  # JSON is YAML
    for words in (
        ("init", "-q", "-b", "main"),
        ("add", "-A"),
        ("-c", "user.name=ana", "-c", "user.email=ana@example.com", "commit", "-qm", "begin"),
        ("remote", "add", "origin", "https://github.com/acme/shop"),  # with one act takes the folder for the checkout
    ):
        subprocess.run(["git", *words], cwd=checkout, check=True)


def _installed(places: Path) -> None:
    """Where the action finds this very tree installed, in the place that `install.sh` names after this Python."""
    about = f"{'.'.join(map(str, sys.version_info[:3]))} {sys.executable}\n".replace(".", " ", 2)
    place = places / hashlib.sha256(about.encode()).hexdigest()[:16]
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "tree.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    (place / "ready").touch()

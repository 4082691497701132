"""A runner of GitLab CI on this machine, `gitlab-ci-local`: plays pipelines of the fake GitLab's merge requests."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.settings import SECRET
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_environments import Deployment, Environment, deploy
from tests.world.gitlab_merge_request import MergeRequest

HOST = "gitlab.example"
"""What the pipelines believe that GitLab's name is; nothing is asked there."""
SHELL = ("--force-shell-executor",)
_STATE = Path(".gitlab-ci-local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A pipeline, or one job of it, that has ended."""

    code: int
    log: str

    def passed(self) -> "Played":
        """The same, or what it printed where it failed."""
        assert self.code == 0, self.log
        return self


class Runner:
    """A machine with a folder for its jobs, in which reports stay, and one for matinee's state."""

    def __init__(
        self,
        program: str,
        folder: Path,
        gitlab: GitLabWorld,
        settings: Mapping[str, str],
        executor: tuple[str, ...] = SHELL,
    ) -> None:
        self.folder = folder / "builds"
        self._executor = executor
        self._program, self._gitlab = program, gitlab
        self._settings = {"state": str(folder / "state"), "gitlab_token": gitlab.token, **settings}
        self.folder.mkdir()
        _git(self.folder, "init", "--quiet", "--initial-branch=main")
        _git(self.folder, "remote", "add", "origin", f"https://{HOST}/acme/shop.git")

    def configure(self, pipeline: Mapping[str, Any], components: Mapping[str, Path]) -> None:
        """Give it a `.gitlab-ci.yml`, and the components in it, each by project, version and path."""
        with (self.folder / ".gitlab-ci.yml").open("w", encoding="utf-8") as file:
            YAML().dump(dict(pipeline), file)
        for path, component in components.items():
            cached = self.folder / _STATE / "includes" / HOST / path
            cached.parent.mkdir(parents=True, exist_ok=True)
            cached.write_bytes(component.read_bytes())
        _git(self.folder, "add", ".gitlab-ci.yml")
        _git(self.folder, "commit", "--quiet", "--message", "A pipeline")

    def play(self, pull: MergeRequest, *jobs: str, by: str = "ana", **more: str) -> Played:
        """The pipeline of a merge request as somebody starts it; or only these jobs of it, by hand."""
        named = {f"MATINEE_{name.upper()}": value for name, value in self._settings.items()}
        hidden = {f"MATINEE_{name.upper()}" for name in (*SECRET, "action_secrets")}
        secret = {name: value for name, value in named.items() if name in hidden}
        with (self.folder / ".gitlab-ci-local-variables.yml").open("w", encoding="utf-8") as file:
            YAML().dump(secret, file)
        variables = {**self._predefined(pull, by), **{name: named[name] for name in named.keys() - secret}, **more}
        words = [word for name, value in variables.items() for word in ("--variable", f"{name}={value}")]
        command = [self._program, *self._executor, *words, *jobs]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**clean, "PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=240,
            check=False,
        )
        return Played(code=done.returncode, log=done.stdout)

    @contextmanager
    def deploying(self, pull: MergeRequest) -> Iterator[Deployment]:
        """GitLab's own deployment of a job in the merge request's environment, while it runs."""
        project, name = pull.project, f"review/{pull.key.environment}"
        place = project.deployed.named(name)
        if place is None:
            place = Environment(id=self._gitlab.number(), name=name, created=self._gitlab.tick(), on_stop=True)
            project.deployed.environments.append(place)
        made = deploy(
            project, place, sha=pull.head, ref=f"refs/merge-requests/{pull.number}/head", status="running", job=True
        )
        yield made
        made.become("success", self._gitlab.tick())

    def report(self, name: str) -> str:
        """A file that a job left."""
        return (self.folder / name).read_text(encoding="utf-8")

    def _predefined(self, pull: MergeRequest, by: str) -> dict[str, str]:
        # In a container the runner has a place of its own for it.
        folder = {"CI_PROJECT_DIR": str(self.folder)} if self._executor == SHELL else {}
        return {
            **folder,
            "GITLAB_CI": "true",
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_SERVER_URL": self._gitlab.base,
            "CI_PROJECT_ID": str(pull.project.id),
            "CI_COMMIT_SHA": pull.head,
            "CI_MERGE_REQUEST_IID": str(pull.number),
            "CI_MERGE_REQUEST_PROJECT_ID": str(pull.project.id),
            "CI_MERGE_REQUEST_PROJECT_PATH": pull.project.full_name,
            "GITLAB_USER_ID": str(self._gitlab.person(by)),
            "GITLAB_USER_LOGIN": by,
        }


def _git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=ana", "-c", "user.email=ana@example.com"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)

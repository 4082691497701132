"""Environments and deployments of the fake GitLab: which states lead to which."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.core.names import Sha

if TYPE_CHECKING:
    from tests.world.gitlab_project import Project


@dataclass(slots=True, kw_only=True)
class Deployment:
    """One deployment of one commit."""

    id: int
    iid: int
    sha: Sha
    ref: str
    environment: "Environment" = field(repr=False)
    created: int
    status: str = "created"
    history: list[str] = field(default_factory=list)
    """Its states, oldest first."""
    finished: int = 0
    job: bool = False
    """A pipeline's job made it."""

    def become(self, status: str, now: int) -> bool:
        """Go to that status; False where no way leads there."""
        if status == self.status or (status == "running" and self.status != "created"):
            return False
        self.status, self.finished = status, 0 if status == "running" else now
        self.history.append(status)
        if status == "success":
            self.environment.start()
        return True


@dataclass(slots=True, kw_only=True)
class Environment:
    """One that deployments are in."""

    id: int
    name: str
    created: int
    external_url: str | None = None
    state: str = "available"
    on_stop: bool = False
    """A pipeline's job names another that is to stop it."""
    jobs: int = 0
    """How many of those were started, with the rights of whoever stopped it."""

    def start(self) -> None:
        """As a deployment that succeeds does."""
        self.state = "available"

    def stop(self, *, force: bool) -> None:
        """At once where it is forced, else when its job has run."""
        if force:
            self.state = "stopped"
        elif self.state == "available":
            self.state, self.jobs = ("stopping", self.jobs + 1) if self.on_stop else ("stopped", self.jobs)


@dataclass(slots=True, kw_only=True)
class Deployed:
    """All environments of a project, with what was deployed there."""

    environments: list[Environment] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    """Oldest first."""
    off: bool = False
    """Whether the project has the feature switched off."""
    protected: list[str] = field(default_factory=list)
    """Names of environments, or beginnings of them, to which only maintainers may deploy."""

    def named(self, name: str) -> Environment | None:
        """The one of this name."""
        return next((each for each in self.environments if each.name == name), None)

    def current(self, environment: Environment) -> Deployment | None:
        """What GitLab shows as being there: what succeeded last."""
        done = [each for each in self.deployments if each.environment is environment and each.status == "success"]
        return max(done, key=lambda each: each.finished, default=None)

    def guarded(self, name: str) -> bool:
        """Whether only maintainers may deploy there."""
        return any(name.startswith(each) for each in self.protected)


def deploy(project: "Project", place: Environment, *, sha: Sha, ref: str, status: str, job: bool = False) -> Deployment:
    """A new deployment, by us or by a pipeline's job."""
    made = Deployment(
        id=project.world.number(),
        iid=len(project.deployed.deployments) + 1,
        sha=sha,
        ref=ref,
        environment=place,
        created=project.world.tick(),
        job=job,
    )
    made.become(status, project.world.tick())
    project.deployed.deployments.append(made)
    return made

"""Deployments of the fake GitHub, and the environments that they make, which go only when an administrator asks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import abort, jsonify, request

from tests.world import github_shapes as shapes
from tests.world.github_pages import paged

if TYPE_CHECKING:
    from tests.world.github_repository import Repository

_STATES = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStatus:
    """How a deployment was."""

    id: int
    state: str
    description: str
    environment_url: str
    log_url: str
    created: int


@dataclass(slots=True, kw_only=True)
class Deployment:
    """One deployment of one commit."""

    id: int
    sha: str
    task: str
    environment: str
    description: str
    transient: bool
    production: bool
    created: int
    statuses: list[DeploymentStatus] = field(default_factory=list)
    """Oldest first."""

    @property
    def state(self) -> str:
        """How it is now."""
        return self.statuses[-1].state if self.statuses else "pending"


def routes(route: Callable[[str, str, Callable[..., Any]], None]) -> None:
    """What the REST API has for deployments and environments."""
    route("GET", "/deployments", lambda repository: paged(_found(repository)))
    route("POST", "/deployments", _create)
    route("GET", "/deployments/<int:number>/statuses", lambda repository, number: paged(_statuses(repository, number)))
    route("POST", "/deployments/<int:number>/statuses", _mark)
    route("DELETE", "/environments/<environment>", _delete)


def _found(repository: "Repository") -> list[dict[str, Any]]:
    wanted = {name: request.args.get(name) for name in ("sha", "task", "environment")}
    return [
        _shape(repository, each)
        for each in reversed(repository.deployments)
        if all(value in (None, getattr(each, name)) for name, value in wanted.items())
    ]


def _create(repository: "Repository") -> Any:
    given = request.get_json()
    if given.get("auto_merge", True):
        abort(409, "Conflict merging main into the ref")
    if given.get("required_contexts") != []:
        abort(409, "Conflict: Commit status checks failed")
    if not repository.knows(given.get("ref", "")):
        abort(422, "No ref found for it")
    deployment = Deployment(
        id=repository.world.number(),
        sha=given["ref"],
        task=given.get("task", "deploy"),
        environment=given.get("environment", "production"),
        description=given.get("description", ""),
        transient=given.get("transient_environment", False),
        production=given.get("production_environment", given.get("environment", "production") == "production"),
        created=repository.world.tick(),
    )
    repository.deployments.append(deployment)
    repository.environments.add(deployment.environment)
    return jsonify(_shape(repository, deployment)), 201


def _mark(repository: "Repository", number: int) -> Any:
    deployment, given = _deployment(repository, number), request.get_json()
    if given.get("state") not in _STATES or len(given.get("description", "")) > 140:
        abort(422, "Validation Failed")
    if not all(
        given.get(name, "https://").startswith(("http://", "https://")) for name in ("environment_url", "log_url")
    ):
        abort(422, "Validation Failed: the URL must use http(s)")
    status = DeploymentStatus(
        id=repository.world.number(),
        state=given["state"],
        description=given.get("description", ""),
        environment_url=given.get("environment_url", ""),
        log_url=given.get("log_url", ""),
        created=repository.world.tick(),
    )
    deployment.statuses.append(status)
    return jsonify(_status(repository, deployment, status)), 201


def _statuses(repository: "Repository", number: int) -> list[dict[str, Any]]:
    deployment = _deployment(repository, number)
    return [_status(repository, deployment, status) for status in reversed(deployment.statuses)]


def _delete(repository: "Repository", environment: str) -> Any:
    if not repository.administered:
        abort(403, "Must have admin rights to Repository.")
    if environment not in repository.environments:
        abort(404)
    repository.environments.remove(environment)
    return "", 204


def _deployment(repository: "Repository", number: int) -> Deployment:
    return next((each for each in repository.deployments if each.id == number), None) or abort(404)


def _shape(repository: "Repository", it: Deployment) -> dict[str, Any]:
    home = f"{repository.world.base}/api/v3/repos/{repository.full_name}"
    return {
        "url": f"{home}/deployments/{it.id}",
        "id": it.id,
        "node_id": f"DE_{it.id}",
        "sha": it.sha,
        "ref": it.sha,
        "task": it.task,
        "payload": {},
        "original_environment": it.environment,
        "environment": it.environment,
        "description": it.description,
        "creator": shapes.user(repository.world, repository.world.bot),
        "created_at": shapes.moment(it.created),
        "updated_at": shapes.moment(it.created),
        "statuses_url": f"{home}/deployments/{it.id}/statuses",
        "repository_url": home,
        "transient_environment": it.transient,
        "production_environment": it.production,
        "performed_via_github_app": None,
    }


def _status(repository: "Repository", it: Deployment, status: DeploymentStatus) -> dict[str, Any]:
    home = f"{repository.world.base}/api/v3/repos/{repository.full_name}"
    return {
        "url": f"{home}/deployments/{it.id}/statuses/{status.id}",
        "id": status.id,
        "node_id": f"DES_{status.id}",
        "state": status.state,
        "creator": shapes.user(repository.world, repository.world.bot),
        "description": status.description,
        "environment": it.environment,
        "target_url": status.log_url,
        "created_at": shapes.moment(status.created),
        "updated_at": shapes.moment(status.created),
        "deployment_url": f"{home}/deployments/{it.id}",
        "repository_url": home,
        "environment_url": status.environment_url,
        "log_url": status.log_url,
    }

"""What of the fake GitHub a bot asks before it trusts a commit: accounts by number, what they may do, branches."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask, Response, abort, jsonify

from tests.world import github_shapes as shapes
from tests.world.github_repository import Repository

if TYPE_CHECKING:
    from tests.world.github import GitHubWorld

_PLAIN = {"triage": "read", "maintain": "write"}
"""What the older `permission` calls these roles."""


def accounts(app: Flask, world: "GitHubWorld") -> None:
    """Whose number it is."""

    @app.get("/user/<int:account>")
    def account(account: int) -> Response:
        with world.lock:
            return jsonify(shapes.user(world, world.login(account) or abort(404)))


def routes(route: Callable[[str, str, Callable[..., Response]], None]) -> None:
    """What is asked of one repository."""
    route("GET", "/collaborators/<login>/permission", _permission)
    route("GET", "/git/ref/heads/<path:branch>", _branch)
    route("GET", "/compare/<path:basehead>", _comparison)


def _permission(repository: Repository, login: str) -> Response:
    world = repository.world
    if not world.known(login) or login.endswith("[bot]"):
        abort(404, f"{login} is not a user")
    role = repository.permission(login)
    permission = repository.roles.get(role) or _PLAIN.get(role, role)
    return jsonify(permission=permission, role_name=role, user=shapes.user(world, login))


def _branch(repository: Repository, branch: str) -> Response:
    sha = repository.bare.sha(f"refs/heads/{branch}") or abort(404)
    url = f"{repository.world.base}/api/v3/repos/{repository.full_name}/git"
    return jsonify(
        ref=f"refs/heads/{branch}",
        node_id="REF_1",
        url=f"{url}/refs/heads/{branch}",
        object={"type": "commit", "sha": sha, "url": f"{url}/commits/{sha}"},
    )


def _comparison(repository: Repository, basehead: str) -> Response:
    base, _, head = basehead.partition("...")
    sha = repository.bare.merge_base(f"refs/heads/{base}", head) or abort(404)
    return jsonify(status="diverged", merge_base_commit={"sha": sha, "node_id": f"C_{sha}"}, commits=[], files=[])

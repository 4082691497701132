"""What the fake GitHub answers to an App about itself, its installations and its webhook."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask, Response, abort, jsonify, request

from tests.world import github_deliveries as deliveries
from tests.world import github_shapes as shapes
from tests.world.github_app import App, Installation
from tests.world.github_pages import paged

if TYPE_CHECKING:
    from tests.world.github import GitHubWorld

Answer = Response | tuple[Response, int]


def app_routes(flask: Flask, world: "GitHubWorld") -> None:
    """Below `/app`, and what tells an App of a repository."""

    @flask.get("/app")
    def about() -> Answer:
        return jsonify(shapes.app(_app(world)))

    @flask.get("/app/installations")
    def installations() -> Answer:
        return paged([shapes.installation(each) for each in _app(world).installations])

    @flask.post("/app/installations/<int:number>/access_tokens")
    def token(number: int) -> Answer:
        found = next((each for each in _app(world).installations if each.id == number), None) or abort(404)
        return _issued(_app(world), found)

    @flask.get("/app/hook/config")
    def config() -> Answer:
        return jsonify(content_type="json", insecure_ssl="0", secret="********", url=world.hook or "")

    @flask.get("/app/hook/deliveries")
    def sent() -> Answer:
        return deliveries.listed(world)

    @flask.get("/app/hook/deliveries/<int:number>")
    def one(number: int) -> Answer:
        return deliveries.one(world, number)

    @flask.post("/app/hook/deliveries/<int:number>/attempts")
    def again(number: int) -> Answer:
        return deliveries.again(world, number)

    @flask.get("/users/<login>")
    def user(login: str) -> Answer:
        return jsonify(shapes.user(world, login))


def _issued(app: App, installation: Installation) -> Answer:
    if installation.suspended:
        abort(403, "This installation has been suspended")
    made = app.issue(installation, request.get_json(silent=True) or {})
    if isinstance(made, str):
        abort(422, made)
    body = {
        "token": made.token,
        "expires_at": f"{datetime.fromtimestamp(made.ends, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "permissions": dict(made.permissions),
        "repository_selection": "all" if made.repositories is None else "selected",
    }
    return jsonify(body), 201


def _app(world: "GitHubWorld") -> App:
    return world.app or abort(401, "A JSON web token could not be decoded")

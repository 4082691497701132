"""GitHub's REST API over the fake one's things: the routes that a bot needs, in their documented shapes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from bot.core.names import Sha
from tests.world import github_checks, github_deployments, github_facts, github_reactions
from tests.world import github_deliveries as deliveries
from tests.world import github_shapes as shapes
from tests.world.github_app_rest import app_routes
from tests.world.github_pages import paged
from tests.world.github_repository import Comment, CommitStatus, Pull, Repository
from tests.world.github_rights import judged

if TYPE_CHECKING:
    from tests.world.github import GitHubWorld

Answer = Response | tuple[Response, int] | tuple[str, int]
MOST = 65_536


def rest(world: "GitHubWorld") -> Flask:
    """The application below `/api/v3`."""
    app = Flask(__name__, static_folder=None)
    app.register_error_handler(HTTPException, _refused)

    @app.before_request
    def authorized() -> Response | None:
        with world.lock:
            return judged(world)

    @app.after_request
    def told(answer: Response) -> Response:
        answer.headers.extend(world.headers)
        return answer

    @app.get("/user")
    def whoami() -> Answer:
        return jsonify(shapes.user(world, world.bot))

    app_routes(app, world)
    github_facts.accounts(app, world)
    for prefix in ("/repositories/<int:repo>", "/repos/<owner>/<name>"):
        _routes(app, world, prefix)
    return app


def _routes(app: Flask, world: "GitHubWorld", prefix: str) -> None:
    def route(verb: str, path: str, view: Callable[..., Answer]) -> None:
        def answer(**where: Any) -> Answer:
            with world.lock:
                return view(_repository(world, where), **where)

        app.add_url_rule(f"{prefix}{path}", endpoint=f"{verb} {prefix}{path}", view_func=answer, methods=[verb])

    route("GET", "", lambda repository: jsonify(shapes.repository(repository)))
    route("GET", "/pulls", lambda repository: paged(_shown(repository)))
    route("GET", "/pulls/<int:number>", lambda repository, number: jsonify(shapes.pull(_pull(repository, number))))
    route("GET", "/issues/<int:number>/comments", _comments)
    route("POST", "/issues/<int:number>/comments", _say)
    route("PATCH", "/issues/comments/<int:comment>", _edit)
    route("DELETE", "/issues/comments/<int:comment>", _delete)
    route("POST", "/statuses/<sha>", _mark)
    route("GET", "/commits/<sha>/statuses", _marks)
    github_facts.routes(route)
    route("GET", "/hooks", lambda repository: paged([shapes.hook(repository, world.hook)] if world.hook else []))
    github_checks.routes(route)
    github_deployments.routes(route)
    github_reactions.routes(route)
    sent = "/hooks/<int:hook>/deliveries"
    route("GET", sent, lambda repository, hook: deliveries.listed(world))
    route("GET", f"{sent}/<int:number>", lambda repository, hook, number: deliveries.one(world, number))
    route("POST", f"{sent}/<int:number>/attempts", lambda repository, hook, number: deliveries.again(world, number))
    route("GET", "/installation", _installation)


def _installation(repository: Repository) -> Answer:
    app = repository.world.app
    return jsonify(shapes.installation((app and app.of(repository)) or abort(404)))


def _comments(repository: Repository, number: int) -> Answer:
    return paged([shapes.comment(comment) for comment in _pull(repository, number).comments])


def _say(repository: Repository, number: int) -> Answer:
    comment = _pull(repository, number).say(repository.world.bot, _body())
    return jsonify(shapes.comment(comment)), 201


def _edit(repository: Repository, comment: int) -> Answer:
    found = _comment(repository, comment)
    found.body, found.updated, found.edits = _body(), repository.world.tick(), found.edits + 1
    return jsonify(shapes.comment(found))


def _delete(repository: Repository, comment: int) -> Answer:
    _comment(repository, comment).delete()
    return "", 204


def _mark(repository: Repository, sha: str) -> Answer:
    if not repository.knows(sha):
        abort(422, f"No commit found for SHA: {sha}")
    given = request.get_json()
    if given.get("state") not in ("error", "failure", "pending", "success") or len(given.get("description", "")) > 140:
        abort(422, "Validation Failed")
    status = CommitStatus(
        id=repository.world.number(),
        sha=Sha(sha),
        state=given["state"],
        description=given.get("description", ""),
        url=given.get("target_url"),
        context=given.get("context", "default"),
        author=repository.world.bot,
        created=repository.world.tick(),
    )
    repository.statuses.append(status)
    return jsonify(shapes.status(repository.world, status)), 201


def _marks(repository: Repository, sha: str) -> Answer:
    newest_first = [status for status in reversed(repository.statuses) if status.sha == sha]
    return paged([shapes.status(repository.world, status) for status in newest_first])


def _shown(repository: Repository) -> list[dict[str, Any]]:
    wanted = request.args.get("state", "open")
    pulls = reversed(repository.pulls.values() if repository.listed is None else repository.listed)
    return [shapes.pull(pull) for pull in pulls if wanted in ("all", pull.state)]


def _body() -> str:
    body = request.get_json().get("body")
    if not isinstance(body, str) or not body.strip() or len(body) > MOST:
        abort(422, "Validation Failed")
    return body


def _repository(world: "GitHubWorld", where: dict[str, Any]) -> Repository:
    wanted = (where.pop("repo", None), f"{where.pop('owner', '')}/{where.pop('name', '')}")
    found = next((it for it in world.repositories if it.id == wanted[0] or it.full_name == wanted[1]), None)
    return found or abort(404)


def _pull(repository: Repository, number: int) -> Pull:
    return repository.pulls.get(number) or abort(404)


def _comment(repository: Repository, id_: int) -> Comment:
    comments = (comment for pull in repository.pulls.values() for comment in pull.comments)
    return next((comment for comment in comments if comment.id == id_), None) or abort(404)


def _refused(error: HTTPException) -> Answer:
    said = error.name if error.description == type(error).description else error.description
    more = {"documentation_url": "https://docs.example/rest", "status": str(error.code)}
    return jsonify(message=said, **more), error.code or 500

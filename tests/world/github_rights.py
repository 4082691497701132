"""Who asks the fake GitHub, and whether they may: a user with a token, an App, or one of its installations."""

import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Response, abort, jsonify, request

from bot.forges._github.permissions import LEVELS
from tests.world.github_calls import ANY, APP, USER, found
from tests.world.github_repository import Repository

if TYPE_CHECKING:
    from tests.world.github import GitHubWorld
    from tests.world.github_app import Issued


def judged(world: "GitHubWorld") -> Response | None:
    """Refuse what may not be; None where it may."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    call = found(request.method, request.path)
    needs = call.needs if call else ""
    if hmac.compare_digest(token.encode(), world.token.encode()):
        return None if world.job is None or _may(world.job, needs) else _inaccessible("" if needs == USER else needs)
    if world.app is None:
        abort(401, "Bad credentials")
    if kind.lower() == "bearer" and token.count(".") == 2:
        refusal = world.app.refusal(token)
        if refusal is not None:
            abort(*refusal)
        return None if needs == APP else _inaccessible("")
    issued = world.app.known(token)
    if issued is None or needs == APP:
        abort(401, "Bad credentials" if issued is None else "A JSON web token could not be decoded")
    return _installed(world, issued, needs)


def opened(world: "GitHubWorld", path: str, token: str) -> bool:
    """Whether git may fetch the repository that this path is in."""
    if hmac.compare_digest(token.encode(), world.token.encode()):
        return True
    issued = world.app.known(token) if world.app else None
    name = path.strip("/").partition(".git")[0]
    repository = next((it for it in world.repositories if it.full_name == name), None)
    if issued is None or repository is None or issued.installation.suspended:
        return False
    return issued.opens(repository) and issued.may("contents=read")


def _installed(world: "GitHubWorld", issued: "Issued", needs: str) -> Response | None:
    if issued.installation.suspended:
        abort(403, "This installation has been suspended")
    repository = _asked(world)
    if repository is not None and not issued.opens(repository):
        abort(404)
    if needs == USER or (needs and not issued.may(needs)):
        return _inaccessible("" if needs == USER else needs)
    return None


def _may(job: Mapping[str, str], needs: str) -> bool:
    """Whether a job with these permissions has one of `issues=write; pull_requests=write`; all jobs see metadata."""
    if needs in ("", ANY):
        return True
    given = {"metadata": "read", **job}
    wanted = (each.strip().partition("=") for each in needs.split(";"))
    return any(LEVELS.index(given.get(name, "none")) >= LEVELS.index(level or "admin") for name, _, level in wanted)


def _asked(world: "GitHubWorld") -> Repository | None:
    where: dict[str, Any] = request.view_args or {}
    wanted = (where.get("repo"), f"{where.get('owner')}/{where.get('name')}")
    return next((it for it in world.repositories if it.id == wanted[0] or it.full_name == wanted[1]), None)


def _inaccessible(needs: str) -> Response:
    answer = jsonify(message="Resource not accessible by integration", documentation_url="", status="403")
    answer.status_code = 403
    if needs:
        answer.headers["X-Accepted-GitHub-Permissions"] = needs
    return answer

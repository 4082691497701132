"""GitLab's REST API for environments and deployments: who may, what must be there, and how it refuses."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import abort, jsonify, request

from tests.world.gitlab_environments import Deployment, Environment, deploy
from tests.world.gitlab_pages import paged
from tests.world.gitlab_shapes import moment

if TYPE_CHECKING:
    from tests.world.gitlab_project import Project

REPORTER, DEVELOPER, MAINTAINER = 20, 30, 40
NAME = re.compile(r"[A-Za-z0-9_${}. -](?:[A-Za-z0-9_/${}. -]*[A-Za-z0-9_${}. -])?")
STATES = ("available", "stopping", "stopped")
STATUSES = ("running", "success", "failed", "canceled")
_EVENTS = {"running": "run", "success": "succeed", "failed": "drop", "canceled": "cancel"}
_ID = re.compile("[0-9a-f]{40}")
_LONGEST = 255


def routes(route: Callable[[str, str, int, Callable[..., Any]], None]) -> None:
    """What the REST API has for them."""

    def on(verb: str, path: str, level: int, view: Callable[..., Any]) -> None:
        def answer(project: "Project", **where: Any) -> Any:
            return abort(403, "403 Forbidden") if project.deployed.off else view(project, **where)

        route(verb, path, level, answer)

    one, other = "/environments/<int:number>", "/deployments/<int:number>"
    on("GET", "/environments", REPORTER, lambda it: paged([_environment(it, each) for each in _searched(it)]))
    on("GET", one, REPORTER, lambda it, number: jsonify(_environment(it, _place(it, number))))
    on("PUT", one, DEVELOPER, _edit)
    on("DELETE", one, DEVELOPER, _delete)
    on("POST", f"{one}/stop", DEVELOPER, _stop)
    on("GET", "/deployments", REPORTER, lambda it: paged([_deployment(it, each) for each in _found(it)]))
    on("GET", other, REPORTER, lambda it, number: jsonify(_deployment(it, _known(it, number))))
    on("POST", "/deployments", DEVELOPER, _create)
    on("PUT", other, DEVELOPER, _update)
    on(
        "GET",
        "/protected_environments",
        MAINTAINER,
        lambda it: paged([{"name": each} for each in it.deployed.protected]),
    )


def _searched(project: "Project") -> list[Environment]:
    name, state = request.args.get("name"), request.args.get("states")
    search = request.args.get("search", "")
    if name is not None and search:
        abort(400, "name, search cannot be used together")
    if 0 < len(search) < 3:
        abort(400, "400 Bad request - Search query is less than 3 characters")
    if state not in (None, *STATES):
        abort(400, "states does not have a valid value")
    return [
        each
        for each in project.deployed.environments
        if name in (None, each.name) and state in (None, each.state) and each.name.startswith(search)
    ]


def _edit(project: "Project", number: int) -> Any:
    place, given = _place(project, number), request.get_json()
    _may(project, place)
    if "external_url" in given:
        url = given["external_url"] or None
        if url and not url.startswith(("http://", "https://")):
            abort(400, {"external_url": ["is blocked: Only allowed schemes are http, https"]})
        if url and len(url) > _LONGEST:
            abort(400, {"external_url": ["is too long (maximum is 255 characters)"]})
        place.external_url = url
    return jsonify(_environment(project, place))


def _stop(project: "Project", number: int) -> Any:
    place = _place(project, number)
    _may(project, place)
    place.stop(force=bool((request.get_json(silent=True) or {}).get("force")))
    return jsonify(_environment(project, place))


def _delete(project: "Project", number: int) -> Any:
    place = _place(project, number)
    _may(project, place)
    if place.state != "stopped":
        abort(403, "403 Forbidden")
    project.deployed.environments.remove(place)
    project.deployed.deployments = [each for each in project.deployed.deployments if each.environment is not place]
    return "", 204


def _found(project: "Project") -> list[Deployment]:
    name, status = request.args.get("environment"), request.args.get("status")
    if request.args.get("order_by", "id") != "id" or status not in (None, "created", "blocked", *STATUSES):
        abort(400, "order_by does not have a valid value")
    found = [
        each
        for each in project.deployed.deployments
        if name in (None, each.environment.name) and status in (None, each.status)
    ]
    return found[::-1] if request.args.get("sort") == "desc" else found


def _create(project: "Project") -> Any:
    given, world = request.get_json(), project.world
    for name in ("environment", "sha", "ref", "tag", "status"):
        if given.get(name) in (None, ""):
            abort(400, f"{name} is missing")
    if given["status"] not in STATUSES:
        abort(400, "status does not have a valid value")
    if not _resolves(project, given["ref"]):
        abort(400, {"ref": ["The branch or tag does not exist"]})
    if len(given["environment"]) > _LONGEST or not NAME.fullmatch(given["environment"]):
        abort(400, {"name": ["can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces"]})
    place = project.deployed.named(given["environment"])
    if place is None:
        place = Environment(id=world.number(), name=given["environment"], created=world.tick())
        project.deployed.environments.append(place)
    _may(project, place)
    if not _resolves(project, given["sha"]):
        abort(400, {"sha": ["The commit does not exist"]})
    made = deploy(project, place, sha=given["sha"], ref=given["ref"], status=given["status"])
    return jsonify(_deployment(project, made)), 201


def _update(project: "Project", number: int) -> Any:
    deployment, status = _known(project, number), request.get_json().get("status")
    if status not in STATUSES:
        abort(400, "status does not have a valid value")
    _may(project, deployment.environment)
    if deployment.job:
        abort(403, "403 Forbidden - Deployments created using GitLab CI can not be updated using the API")
    if not deployment.become(status, project.world.tick()):
        abort(400, {"status": [f'cannot transition via "{_EVENTS[status]}"']})
    return jsonify(_deployment(project, deployment))


def _resolves(project: "Project", ref: str) -> bool:
    if ref in {project.head, *project.shas}:
        return True
    return any(project.bare.sha(name) is not None for name in (f"refs/heads/{ref}", ref) if not _ID.fullmatch(ref))


def _may(project: "Project", place: Environment) -> None:
    if project.deployed.guarded(place.name) and project.level(project.world.bot) < MAINTAINER:
        abort(403, "403 Forbidden")


def _place(project: "Project", number: int) -> Environment:
    return next((each for each in project.deployed.environments if each.id == number), None) or abort(404)


def _known(project: "Project", number: int) -> Deployment:
    return next((each for each in project.deployed.deployments if each.id == number), None) or abort(404)


def _basic(it: Environment) -> dict[str, Any]:
    slug = re.sub("[^a-z0-9]+", "-", it.name.lower())[:24].strip("-")
    return {"id": it.id, "name": it.name, "slug": slug, "external_url": it.external_url}


def _environment(project: "Project", it: Environment) -> dict[str, Any]:
    return {
        **_basic(it),
        "state": it.state,
        "tier": "development" if it.name.startswith("review/") else "other",
        "created_at": moment(it.created),
        "updated_at": moment(it.created),
        "auto_stop_at": None,
        "auto_stop_setting": "always",
        "project": {"id": project.id, "path_with_namespace": project.full_name},
    }


def _deployment(project: "Project", it: Deployment) -> dict[str, Any]:
    world = project.world
    return {
        "id": it.id,
        "iid": it.iid,
        "ref": it.ref,
        "sha": it.sha,
        "created_at": moment(it.created),
        "updated_at": moment(it.finished or it.created),
        "status": it.status,
        "user": {"id": world.person(world.bot), "username": world.bot},
        "environment": _basic(it.environment),
        "deployable": {"id": it.id + 1, "name": "deploy", "stage": "deploy"} if it.job else None,
    }

"""Check runs of the fake GitHub; only an App may write them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import abort, jsonify, request

from tests.world import github_shapes as shapes

if TYPE_CHECKING:
    from tests.world.github_repository import Repository

_CONCLUSIONS = (
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "timed_out",
)


@dataclass(slots=True, kw_only=True)
class CheckRun:
    """A check run; annotations are only ever added."""

    id: int
    sha: str
    name: str
    external_id: str = ""
    status: str = "queued"
    conclusion: str | None = None
    url: str | None = None
    title: str | None = None
    summary: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    edits: int = 0


def routes(route: Callable[[str, str, Callable[..., Any]], None]) -> None:
    """What the REST API has for check runs."""
    route("GET", "/commits/<sha>/check-runs", _list)
    route("POST", "/check-runs", _create)
    route("PATCH", "/check-runs/<int:number>", _update)


def _list(repository: "Repository", sha: str) -> Any:
    name = request.args.get("check_name")
    found = [run for run in repository.check_runs if run.sha == sha and name in (None, run.name)]
    if request.args.get("filter", "latest") == "latest":
        found = list({run.name: run for run in found}.values())
    size = min(request.args.get("per_page", 30, type=int), 100)
    shown = [_shape(repository, run) for run in reversed(found)][:size]
    return jsonify(total_count=len(found), check_runs=shown)


def _create(repository: "Repository") -> Any:
    _app_only(repository)
    given = request.get_json()
    if not given.get("name") or not repository.knows(given.get("head_sha", "")):
        abort(422, "No commit found for SHA")
    run = CheckRun(id=repository.world.number(), sha=given["head_sha"], name=given["name"])
    _take(run, given)
    repository.check_runs.append(run)
    return jsonify(_shape(repository, run)), 201


def _update(repository: "Repository", number: int) -> Any:
    _app_only(repository)
    run = next((run for run in repository.check_runs if run.id == number), None) or abort(404)
    _take(run, request.get_json())
    run.edits += 1
    return jsonify(_shape(repository, run))


def _take(run: CheckRun, given: dict[str, Any]) -> None:
    output = given.get("output")
    _check(given, output)
    run.external_id = given.get("external_id", run.external_id)
    run.status = given.get("status", run.status)
    run.conclusion = given.get("conclusion")
    run.url = given.get("details_url", run.url)
    if output:
        run.title, run.summary = output["title"], output["summary"]
        run.annotations.extend(output.get("annotations", ()))


def _check(given: dict[str, Any], output: dict[str, Any] | None) -> None:
    status, conclusion = given.get("status", "queued"), given.get("conclusion")
    if status not in ("queued", "in_progress", "completed"):
        abort(422, "Invalid request. status is not a member")
    if (status == "completed") != (conclusion in _CONCLUSIONS):
        abort(422, "Invalid request. conclusion does not fit the status")
    if output is None:
        return
    if not output.get("title") or not output.get("summary") or len(output["summary"]) > 65_535:
        abort(422, "Invalid request. Only 65535 characters are allowed")
    annotations = output.get("annotations", [])
    if len(annotations) > 50 or not all(_fits(each) for each in annotations):
        abort(422, "Invalid request. No more than 50 items are allowed; each has a path, lines, a level and a message")


def _fits(annotation: dict[str, Any]) -> bool:
    path, message = annotation.get("path"), annotation.get("message")
    lines = annotation.get("start_line"), annotation.get("end_line")
    return (
        isinstance(path, str)
        and bool(path)
        and not path.startswith(("/", "../"))
        and all(isinstance(line, int) and line > 0 for line in lines)
        and annotation.get("annotation_level") in ("notice", "warning", "failure")
        and bool(message)
        and len(annotation.get("title", "")) <= 255
    )


def _app_only(repository: "Repository") -> None:
    if repository.world.app is None:
        abort(403, "You must authenticate via a GitHub App.")


def _shape(repository: "Repository", run: CheckRun) -> dict[str, Any]:
    api = f"{repository.world.base}/api/v3/repos/{repository.full_name}/check-runs/{run.id}"
    return {
        "id": run.id,
        "head_sha": run.sha,
        "node_id": f"CR_{run.id}",
        "external_id": run.external_id,
        "url": api,
        "html_url": f"{repository.world.base}/{repository.full_name}/runs/{run.id}",
        "details_url": run.url,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": shapes.moment(repository.created),
        "completed_at": shapes.moment(repository.created) if run.conclusion else None,
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": None,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{api}/annotations",
        },
        "name": run.name,
        "check_suite": {"id": repository.id},
        "pull_requests": [],
    }

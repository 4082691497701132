"""GitLab's REST API over the fake one's things: the routes that a bot needs, in their documented shapes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from bot.core.names import Sha
from tests.world import gitlab_environments_rest as environments
from tests.world import gitlab_shapes as shapes
from tests.world.gitlab_evidence import pushes, states
from tests.world.gitlab_merge_request import MergeRequest, Note
from tests.world.gitlab_pages import keyset, paged
from tests.world.gitlab_payloads import merge_request_event
from tests.world.gitlab_pipelines import Barred, CommitStatus, Pipeline
from tests.world.gitlab_project import Project

if TYPE_CHECKING:
    from tests.world.gitlab import GitLabWorld

Answer = Response | tuple[Response, int] | tuple[str, int]
MOST = 1_000_000
GUEST, REPORTER, DEVELOPER, MAINTAINER = 10, 20, 30, 40
EMOJI = frozenset({"eyes", "rocket", "confused", "thumbsup", "thumbsdown"})


def rest(world: "GitLabWorld") -> Flask:
    """The application below `/api/v4`."""
    app = Flask(__name__, static_folder=None)
    app.config["world"] = world
    app.register_error_handler(HTTPException, _refused)

    @app.before_request
    def authorized() -> Response | None:
        given = request.headers.get("PRIVATE-TOKEN") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        return None if given == world.token else abort(401, "401 Unauthorized")

    @app.get("/user")
    def whoami() -> Answer:
        return jsonify(shapes.user(world, world.bot))

    @app.get("/personal_access_tokens/self")
    def itself() -> Answer:
        return jsonify(id=1, name="bot", revoked=False, active=True, scopes=world.scopes, expires_at=world.expires_at)

    @app.get("/groups/<path:group>/hooks")
    def of_group(group: str) -> Answer:
        shown = shapes.hook(world, None, world.hook or "")
        return paged([shown]) if group == world.group else abort(404, "404 Group Not Found")

    @app.post("/groups/<path:group>/hooks/<int:hook>/test/<trigger>")
    def test_of_group(group: str, hook: int, trigger: str) -> Answer:
        del hook, trigger
        return _tested(world) if group == world.group else abort(404, "404 Group Not Found")

    @app.get("/projects")
    def mine() -> Answer:
        seen = [(it, it.level(world.bot)) for it in world.repositories]
        return keyset([shapes.project(it, level) for it, level in seen if level])

    _routes(app, world)
    return app


def _routes(app: Flask, world: "GitLabWorld") -> None:
    def route(verb: str, path: str, level: int, view: Callable[..., Answer]) -> None:
        def answer(project: int, **where: Any) -> Answer:
            with world.lock:
                return view(_project(world, project, level), **where)

        path = f"/projects/<int:project>{path}"
        app.add_url_rule(path, endpoint=f"{verb} {path}", view_func=answer, methods=[verb])

    one = "/merge_requests/<int:number>"
    route("GET", "", GUEST, lambda it: jsonify(shapes.project(it, it.level(world.bot))))
    route("GET", "/merge_requests", REPORTER, lambda it: paged(_shown(it)))
    route("GET", one, REPORTER, lambda it, number: jsonify(shapes.merge_request(_pull(it, number), alone=True)))
    route("GET", f"{one}/notes", REPORTER, _notes)
    route("POST", f"{one}/notes", REPORTER, _say)
    route("GET", f"{one}/notes/<int:note>", REPORTER, lambda it, **where: jsonify(shapes.note(_note(it, **where))))
    route("GET", f"{one}/resource_state_events", REPORTER, lambda it, number: paged(states(_pull(it, number))))
    route("GET", "/events", REPORTER, lambda it: paged(pushes(it)))
    route("PUT", f"{one}/notes/<int:note>", REPORTER, _edit)
    route("DELETE", f"{one}/notes/<int:note>", REPORTER, _delete)
    route("POST", f"{one}/notes/<int:note>/award_emoji", REPORTER, _award)
    route("GET", "/members/all/<int:account>", GUEST, _member)
    route("GET", "/repository/branches/<path:name>", REPORTER, _branch)
    route("GET", "/repository/merge_base", REPORTER, _merge_base)
    route("GET", "/repository/commits/<sha>/statuses", REPORTER, _marks)
    route("POST", "/statuses/<sha>", DEVELOPER, _mark)
    route("GET", "/hooks/<int:hook>/events", MAINTAINER, lambda it, hook: _calls(world))
    route("POST", "/hooks/<int:hook>/test/<trigger>", MAINTAINER, lambda it, **_: _tested(world, it))
    route("GET", "/hooks", MAINTAINER, lambda it: paged(_hooks(world, it)))
    environments.routes(route)


def _notes(project: Project, number: int) -> Answer:
    ordered = sorted(_pull(project, number).notes, key=lambda note: note.created)
    backwards = request.args.get("sort", "desc") == "desc"
    return paged([shapes.note(note) for note in (reversed(ordered) if backwards else ordered)])


def _say(project: Project, number: int) -> Answer:
    note = _pull(project, number).say(project.world.bot, _body())
    return jsonify(shapes.note(note)), 201


def _edit(project: Project, number: int, note: int) -> Answer:
    found = _note(project, number, note)
    if found.author != project.world.bot:
        abort(403, "403 Forbidden")
    found.edit(_body())
    return jsonify(shapes.note(found))


def _delete(project: Project, number: int, note: int) -> Answer:
    _note(project, number, note).delete()
    return "", 204


def _award(project: Project, number: int, note: int) -> Answer:
    found, name = _note(project, number, note), request.get_json().get("name")
    if name not in EMOJI:
        abort(400, "400 Bad request - Name is not a valid emoji name")
    if name in found.awards:
        abort(404, "404 Award Emoji Name has already been taken Not Found")
    found.awards.append(name)
    return jsonify(id=project.world.number(), name=name, awardable_id=note, awardable_type="Note"), 201


def _member(project: Project, account: int) -> Answer:
    world = project.world
    found = next((each for each in project.members.items() if world.person(each[0]) == account), None)
    return jsonify(shapes.member(world, *(found or abort(404))))


def _branch(project: Project, name: str) -> Answer:
    sha = project.bare.sha(f"refs/heads/{name}") or abort(404, "404 Branch Not Found")
    return jsonify(name=name, commit={"id": sha, "short_id": sha[:8], "title": "Change"}, default=name == "main")


def _merge_base(project: Project) -> Answer:
    refs = [project.bare.sha(f"refs/heads/{ref}") or project.bare.sha(ref) for ref in request.args.getlist("refs[]")]
    known = [ref for ref in refs if ref is not None]
    if len(known) < 2 or known != refs:
        abort(400, "400 Bad request - Could not find ref")
    sha = project.bare.merge_base(known[0], known[1]) or abort(404, "404 Merge Base Not Found")
    return jsonify(id=sha, short_id=sha[:8], title="Change")


def _mark(project: Project, sha: str) -> Answer:
    given = request.get_json()
    if sha not in {project.head, *project.shas}:
        abort(404, "404 Commit Not Found")
    if len(given.get("description") or "") > 255:
        abort(400, {"description": ["is too long (maximum is 255 characters)"]})
    pipeline = _pipeline(project, Sha(sha), given)
    status = _job(project, pipeline, given.get("name") or given.get("context") or "default")
    try:
        status.become(given["state"])
    except Barred as error:
        abort(400, str(error))
    status.description, status.url = given.get("description") or "", given.get("target_url")
    if status not in project.statuses:
        project.statuses.append(status)
    return jsonify(shapes.status(project.world, status)), 201


def _pipeline(project: Project, sha: Sha, given: dict[str, Any]) -> Pipeline:
    """The one that is named, else the newest of the commit, else a new one of ours."""
    ref, number = given.get("ref"), given.get("pipeline_id")
    fitting = [each for each in project.pipelines if each.sha == sha and ref in (None, each.ref)]
    if number is not None:
        named = [each for each in fitting if each.id == number]
        return named[0] if named else abort(404, "404 Pipeline for pipeline_id, sha and ref Not Found")
    if fitting:
        return fitting[-1]
    branches = [name for name, tip in _tips(project).items() if tip == sha]
    ref = ref or next(iter(branches), None) or abort(404, "404 References for commit Not Found")
    made = Pipeline(id=project.world.number(), sha=sha, ref=ref)
    project.pipelines.append(made)
    return made


def _job(project: Project, pipeline: Pipeline, name: str) -> CommitStatus:
    """The one that has not ended, else a new one."""
    for status in project.statuses:
        if status.pipeline is pipeline and status.name == name and not status.ended:
            return status
        status.retried = status.retried or (status.pipeline is pipeline and status.name == name)
    world = project.world
    return CommitStatus(
        id=world.number(), sha=pipeline.sha, name=name, author=world.bot, created=world.tick(), pipeline=pipeline
    )


def _marks(project: Project, sha: str) -> Answer:
    name, number = request.args.get("name"), request.args.get("pipeline_id", type=int)
    every = request.args.get("all") in ("1", "true")
    return paged(
        [
            shapes.status(project.world, status)
            for status in project.statuses
            if status.sha == sha and name in (None, status.name) and number in (None, status.pipeline.id)
            if every or not status.retried
        ]
    )


def _hooks(world: "GitLabWorld", project: Project) -> list[dict[str, Any]]:
    return [shapes.hook(world, project, world.hook)] if world.hook and not world.group else []


def _tested(world: "GitLabWorld", project: Project | None = None) -> Answer:
    """The sample is one of the project's merge requests, of which nothing has happened."""
    of = project or world.repositories[0]
    pull = next(iter(of.pulls.values()), None) or abort(422, "Ensure the project has merge requests.")
    told = merge_request_event(pull, "", of.world.bot)
    del told["object_attributes"]["action"]
    sent = world.test_hook(told)
    return (jsonify(message="201 Created"), 201) if sent.status and sent.status < 300 else abort(422, sent.answer)


def _calls(world: "GitLabWorld") -> Answer:
    """Every call, the newest first, as the webhook's log has it."""
    attempts = [(sent, count) for sent in reversed(world.deliveries) for count in reversed(range(len(sent.statuses)))]
    return paged([shapes.call(sent, count, world.hook or "") for sent, count in attempts])


def _shown(project: Project) -> list[dict[str, Any]]:
    wanted = request.args.get("state", "all")
    pulls = reversed(project.pulls.values() if project.listed is None else project.listed)
    return [shapes.merge_request(it) for it in pulls if wanted in ("all", it.state)]


def _tips(project: Project) -> dict[str, Sha]:
    branches = {pull.branch: pull.head for pull in project.pulls.values() if pull.source is project}
    return {"main": project.head, **branches}


def _body() -> str:
    body = request.get_json().get("body")
    if not isinstance(body, str) or not body.strip() or len(body) > MOST:
        abort(400, '400 (Bad request) "Note {:note=>["can\'t be blank"]}" not given')
    return body


def _project(world: "GitLabWorld", id_: int, level: int) -> Project:
    """GitLab does not show what one may not see, and forbids what one may see and not do."""
    found = next((it for it in world.repositories if it.id == id_), None)
    if found is None or not found.level(world.bot):
        abort(404, "404 Project Not Found")
    return found if found.level(world.bot) >= level else abort(403, "403 Forbidden")


def _pull(project: Project, number: int) -> MergeRequest:
    return project.pulls.get(number) or abort(404)


def _note(project: Project, number: int, note: int) -> Note:
    return next((each for each in _pull(project, number).notes if each.id == note), None) or abort(404)


def _refused(error: HTTPException) -> Answer:
    unsaid = error.code == 404 and not str(error.description).startswith("404")
    return jsonify(message="404 Not found" if unsaid else error.description), error.code or 500

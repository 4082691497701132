"""The check run of a preview on a commit; only an App may have one."""

from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from bot.core.events import PullKey
from bot.core.telling.check_run import NAME, CheckRun
from bot.forges._github.api import Api, Rejected, Request


class _Output(BaseModel):
    title: str | None = None
    summary: str | None = None
    annotations_count: int = 0


class _Run(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: int
    status: str
    conclusion: str | None = None
    external_id: str | None = None
    output: _Output


class _Runs(BaseModel):
    check_runs: list[_Run]


_ONE = TypeAdapter(_Run)
_MANY = TypeAdapter(_Runs)


def show(api: Api, key: PullKey, run: CheckRun, *, known: int | None) -> int:
    """Make it the newest check run of ours on its commit; its number. `known` is one that has come to no end yet.

    One that has ended is never changed: what comes after it is another, since annotations can only be added to.
    """
    found = None if known is not None else _newest(api, key, run)
    if found is not None and _says(found, run):
        return found.id
    if found is not None and found.status != "completed":
        known = found.id
    return _written(api, key, run, known)


def _written(api: Api, key: PullKey, run: CheckRun, known: int | None) -> int:
    try:
        return _sent(api, key, _body(run), known)
    except Rejected:
        if not run.annotations:
            raise
    # It is better told without them than not at all: their paths are a user's.
    return _sent(api, key, _body(run, annotated=False), known)


def _sent(api: Api, key: PullKey, body: dict[str, Any], known: int | None) -> int:
    runs = f"/repositories/{key.repository}/check-runs"
    if known is None:
        return api.ask(_request("POST", runs, body), _ONE).id
    changed = {name: value for name, value in body.items() if name != "head_sha"}
    return api.ask(_request("PATCH", f"{runs}/{known}", changed), _ONE).id


def _newest(api: Api, key: PullKey, run: CheckRun) -> _Run | None:
    query = f"check_name={NAME}&filter=all&per_page=100"
    request = _request("GET", f"/repositories/{key.repository}/commits/{run.sha}/check-runs?{query}")
    ours = [each for each in api.ask(request, _MANY).check_runs if each.external_id == run.environment]
    return max(ours, key=lambda each: each.id, default=None)


def _says(found: _Run, run: CheckRun) -> bool:
    if not run.over:
        return found.status == run.outcome and found.output.title == run.title
    shown = (found.conclusion, found.output.title, (found.output.summary or "").strip())
    return shown == (run.outcome, run.title, run.summary.strip())


def _body(run: CheckRun, *, annotated: bool = True) -> dict[str, Any]:
    output: dict[str, Any] = {"title": run.title, "summary": run.summary}
    if run.annotations and annotated:
        output["annotations"] = [
            {
                "path": each.path,
                "start_line": each.line,
                "end_line": each.line,
                "annotation_level": "failure",
                "title": each.title,
                "message": each.message,
            }
            for each in run.annotations
        ]
    state = {"status": "completed", "conclusion": run.outcome} if run.over else {"status": run.outcome}
    body = {"name": NAME, "head_sha": run.sha, "external_id": run.environment, **state, "output": output}
    return body | {"details_url": run.url} if run.url else body


def _request(verb: str, path: str, body: dict[str, Any] | None = None) -> Request:
    return Request(verb=verb, path=path, doing="show a check run", permission="checks: write", body=body)

"""Reports and events as others script against them: the environments of `list --json`, the event of `read --json`."""

from datetime import datetime
from typing import assert_never

from bot.core.events import Commented, Event, Removed, Renamed, Tidings, wish
from bot.core.report import OutputLine, Problem, Report, StepLine
from bot.core.telling.access import access_document
from bot.core.telling.wording import located


def document(report: Report) -> dict[str, object]:
    """One environment as plain JSON values; a sensitive output's value is null."""
    return {
        "id": report.key.environment,
        "forge": report.key.forge,
        "repository": report.repository,
        "pull": report.key.number,
        "sha": report.sha,
        "serving_sha": report.serving,
        "state": report.state.value,
        "why": report.why,
        "left_out": report.left_out,
        "url": report.url,
        "urls": [{"service": service, "url": url} for service, url in report.urls],
        "steps": [_step(step) for step in report.steps],
        "outputs": [_output(output) for output in report.outputs],
        "sleeps_at": instant(report.sleeps_at),
        "expires_at": instant(report.expires_at),
        "problems": [problem_document(problem) for problem in report.problems],
        "access": access_document(report.access),
    }


def told_document(told: Tidings) -> dict[str, object]:
    """What a delivery told, and what comes of it."""
    match told:
        case Event():
            return _event(told)
        case Commented():
            return {
                "status": "remark",
                "environment": told.key.environment,
                "forge": told.key.forge,
                "repository": told.repository,
                "pull": told.key.number,
                "actor": told.actor,
                "actor_id": told.actor_id,
                "kind": told.remark.kind.value if told.remark else "button",
                "text": told.text,
            }
        case Renamed():
            return {"status": "renamed", "forge": told.forge, "repository": told.repository, "name": told.name}
        case Removed():
            ids = list(told.repositories)
            return {"status": "removed", "forge": told.forge, "repositories": ids, "actor": told.actor, "why": told.why}
        case _:
            assert_never(told)


def instant(at: datetime | None) -> str | None:
    """`2026-11-28T14:00:00Z`"""
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _event(event: Event) -> dict[str, object]:
    wanted = wish(event)
    return {
        "status": "event",
        "happening": event.happening.value,
        "environment": event.key.environment,
        "forge": event.key.forge,
        "repository": event.repository,
        "pull": event.key.number,
        "sha": event.sha,
        "actor": event.actor,
        "actor_id": event.actor_id,
        "want": wanted.want.value,
        "why": wanted.why,
    }


def problem_document(problem: Problem) -> dict[str, object]:
    """One mistake in a spec, as `check --json` gives it too."""
    told: dict[str, object] = {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }
    return told | {"allowed": list(problem.allowed)} if problem.allowed else told


def _step(step: StepLine) -> dict[str, object]:
    return {
        "name": step.name,
        "kind": step.kind,
        "state": step.state.value,
        "seconds": step.seconds,
        "why": located(step),
        "attempts": step.attempts,
    }


def _output(output: OutputLine) -> dict[str, object]:
    return {
        "job": output.job,
        "name": output.name,
        "value": None if output.sensitive else output.value,
        "sensitive": output.sensitive,
        "description": output.description,
    }

"""What GitLab reads from a job's files: variables for the jobs that follow, links on its page, mistakes in the diff."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence

from bot.core.names import Name, shouted
from bot.core.telling.annotation import Annotation
from bot.core.telling.result import Result


def variables(result: Result) -> Iterator[tuple[str, str]]:
    """Name and value, the weightiest first; no name is one of our settings', or of anything but us."""
    if result.url is not None:
        yield "MATINEE_URL", result.url
    yield "MATINEE_ENVIRONMENT", result.environment
    yield "MATINEE_ENVIRONMENT_STATE", result.state.value
    for service, url in result.urls.items():
        yield f"MATINEE_URL_{shouted(Name(service))}", url
    for job, outputs in result.outputs.items():
        for name, value in outputs.items():
            yield f"MATINEE_OUTPUT_{shouted(Name(job))}_{name}", value


def links(result: Result) -> str:
    """The report `annotations`: where each public service is."""
    each = [{"external_link": {"label": service, "url": url}} for service, url in result.urls.items()]
    return json.dumps({"Preview": each} if each else {})


def problems(annotations: Sequence[Annotation]) -> str:
    """The report `codequality`."""
    return json.dumps([_problem(each) for each in annotations])


def _problem(it: Annotation) -> dict[str, object]:
    return {
        "description": f"{it.title}: {it.message}",
        "check_name": "matinee",
        "fingerprint": _fingerprint((it.path, str(it.line), it.title, it.message)),
        "severity": "major",
        "location": {"path": it.path, "lines": {"begin": it.line}},
    }


def _fingerprint(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()

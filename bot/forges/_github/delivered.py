"""A delivery of GitHub's webhook, in our words: which event it is, and that it is what GitHub documents."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from bot.core.events import Delivery, Ignored, Malformed, Tidings
from bot.forges._github.hooks import check, comment, installation, pull_request, repository
from bot.forges._json import Wrong, first_problem, parsed

Reader = Callable[[str, str, Mapping[str, Any]], Tidings | Ignored]
"""From a delivery's id, its action and its body to what it tells; raises `Wrong` or `ValidationError`."""

_READERS: Mapping[str, Reader] = {
    "pull_request": pull_request.read,
    "issue_comment": comment.read,
    "pull_request_review_comment": comment.read_line,
    "pull_request_review": comment.read_review,
    "check_run": check.read,
    "check_suite": check.read_suite,
    "repository": repository.read,
    "installation": installation.read,
    "installation_repositories": installation.read_repositories,
}
_WORD = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)
_UNNUMBERED = "00000000-0000-0000-0000-000000000000"
_FORM = "application/x-www-form-urlencoded"


def read(delivery: Delivery) -> Tidings | Ignored | Malformed:
    """Say what a verified delivery tells; no text of whatever form raises."""
    try:
        return _understood(delivery)
    except ValidationError as error:
        return Malformed(first_problem(error))
    except RecursionError:
        return Malformed("the body is nested too deeply")
    except ValueError as error:
        return Malformed(str(error))


def delivery(event: str, body: bytes) -> Delivery:
    """A delivery as GitHub sends it, but unsigned and with no number of its own."""
    named = {"content-type": "application/json", "x-github-event": event, "x-github-delivery": _UNNUMBERED}
    return Delivery(headers=tuple(named.items()), body=body)


def _understood(delivery: Delivery) -> Tidings | Ignored:
    if (delivery.header("content-type") or "").lower().startswith(_FORM):
        raise Wrong(f"the body is {_FORM}; choose the content type application/json in the webhook's settings")
    event = _header(delivery, "X-GitHub-Event", _WORD)
    id_ = _header(delivery, "X-GitHub-Delivery", _DELIVERY)
    payload = parsed(delivery.body)
    if event == "ping":
        return Ignored("GitHub's ping: the webhook works")
    if event not in _READERS:
        return Ignored(f"the event {event} means nothing to a preview")
    action = payload.get("action")
    if not isinstance(action, str) or not _WORD.fullmatch(action):
        raise Wrong("action: is missing or no word")
    return _READERS[event](id_, action, payload)


def _header(delivery: Delivery, name: str, form: re.Pattern[str]) -> str:
    value = delivery.header(name.lower())
    if value is None or not form.fullmatch(value):
        raise Wrong(f"{name}: is missing, sent twice, or not what GitHub sends")
    return value

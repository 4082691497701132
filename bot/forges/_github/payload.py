"""What GitHub sends and answers, in our words; nothing here talks to GitHub, and no URL in a payload is ever used."""

import json
import re
from typing import Annotated, Any, NoReturn

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.core.events import NOBODY, ActorId, Delivery, Event, Happening, Ignored, Malformed, Pull, PullKey
from bot.core.names import SHA, Sha

OWNER_AND_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/\.{0,2}[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}"
Id = Annotated[int, Field(ge=1, lt=2**63)]
Number = Annotated[int, Field(ge=1, lt=2**31)]
FullName = Annotated[str, StringConstraints(pattern=f"^{OWNER_AND_NAME}$")]
Login = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?$")]
CommitId = Annotated[str, StringConstraints(pattern=f"^(?:{SHA.pattern})$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]{1,1024}$")]

_NAMES = {
    "opened": Happening.OPENED,
    "reopened": Happening.REOPENED,
    "synchronize": Happening.PUSHED,
    "ready_for_review": Happening.READY,
    "closed": Happening.CLOSED,
}
_WORD = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)
_UNNUMBERED = "00000000-0000-0000-0000-000000000000"
_FORM = "application/x-www-form-urlencoded"


class _Shape(BaseModel):
    """A part of what GitHub documents: strict in what we use, open to all that it adds."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class User(_Shape):
    """Whoever did something."""

    id: Id
    login: Login


class _Repository(_Shape):
    id: Id
    full_name: FullName


class _Identified(_Shape):
    id: Id


class _Commit(_Shape):
    sha: CommitId


class _Base(_Shape):
    repo: _Identified


class _Subject(_Shape):
    head: _Commit
    base: _Base


class _Told(_Shape):
    number: Number
    pull_request: _Subject
    repository: _Repository
    sender: User


class _Head(_Shape):
    ref: Ref
    sha: CommitId
    repo: _Identified | None


class _Target(_Shape):
    ref: Ref
    repo: _Repository


class _Ghost(_Shape):
    id: Id | None = None
    login: Login = "ghost"


class _Label(_Shape):
    name: str


class PullRequest(_Shape):
    """GitHub's answer about one pull."""

    number: Number
    state: str
    draft: bool = False
    user: _Ghost | None
    head: _Head
    base: _Target
    labels: list[_Label] = Field(default_factory=list)


class Granted(_Shape):
    """GitHub's answer about what somebody may do."""

    permission: str
    role_name: str = ""
    user: User | None


class Reference(_Shape):
    """GitHub's answer about a branch."""

    object: _Commit


class Comparison(_Shape):
    """GitHub's answer about two commits."""

    merge_base_commit: _Commit


class _Wrong(ValueError):
    """Not what GitHub documents."""


def pull(key: PullKey, answer: PullRequest) -> Pull:
    """The pull that GitHub answered with; a head that is not shown to be in the same repository is a fork's."""
    return Pull(
        key=key,
        repository=answer.base.repo.full_name,
        branch=answer.head.ref,
        head=Sha(answer.head.sha),
        base=answer.base.ref,
        author=answer.user.login if answer.user else "ghost",
        open=answer.state == "open",
        fork=answer.head.repo is None or answer.head.repo.id != answer.base.repo.id,
        draft=answer.draft,
        author_id=ActorId(str(answer.user.id)) if answer.user and answer.user.id else NOBODY,
        labels=frozenset(label.name for label in answer.labels),
    )


def read(delivery: Delivery) -> Event | Ignored | Malformed:
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


def first_problem(error: ValidationError) -> str:
    """The first thing that is wrong, by its place; never a value."""
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def _understood(delivery: Delivery) -> Event | Ignored:
    if (delivery.header("content-type") or "").lower().startswith(_FORM):
        raise _Wrong(f"the body is {_FORM}; choose the content type application/json in the webhook's settings")
    event = _header(delivery, "X-GitHub-Event", _WORD)
    id_ = _header(delivery, "X-GitHub-Delivery", _DELIVERY)
    payload = _object(delivery.body)
    if event == "ping":
        return Ignored("GitHub's ping: the webhook works")
    if event != "pull_request":
        return Ignored(f"the event {event} means nothing to a preview")
    happening = _happening(payload)
    return happening if isinstance(happening, Ignored) else _event(id_, happening, _Told.model_validate(payload))


def _event(delivery: str, happening: Happening, told: _Told) -> Event:
    if told.pull_request.base.repo.id != told.repository.id:
        raise _Wrong("pull_request.base.repo.id: is not the repository that the delivery is about")
    return Event(
        delivery=delivery,
        happening=happening,
        key=PullKey(forge="github", repository=str(told.repository.id), number=told.number),
        repository=told.repository.full_name,
        sha=Sha(told.pull_request.head.sha),
        actor=told.sender.login,
        actor_id=ActorId(str(told.sender.id)),
    )


def _happening(payload: dict[str, Any]) -> Happening | Ignored:
    action = payload.get("action")
    if not isinstance(action, str) or not _WORD.fullmatch(action):
        raise _Wrong("action: is missing or no word")
    if action == "edited":
        return _edited(payload.get("changes"))
    return _NAMES.get(action) or Ignored(f"the action {action} of a pull changes no preview")


def _edited(changes: object) -> Happening | Ignored:
    if not isinstance(changes, dict):
        raise _Wrong("changes: is missing or no object")
    return Happening.RETARGETED if "base" in changes else Ignored("the pull was edited, but not its base")


def _header(delivery: Delivery, name: str, form: re.Pattern[str]) -> str:
    value = delivery.header(name.lower())
    if value is None or not form.fullmatch(value):
        raise _Wrong(f"{name}: is missing, sent twice, or not what GitHub sends")
    return value


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise _Wrong(f"the body is no UTF-8: byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise _Wrong(f"the body is no JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    if not isinstance(document, dict):
        raise _Wrong("the body is JSON, but no object")
    return document


def _no_number(constant: str) -> NoReturn:
    raise _Wrong(f"the body is no JSON: {constant} is no number")

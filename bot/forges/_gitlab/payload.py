"""What GitLab's webhooks tell, in our words; nothing here talks to GitLab, and no URL in a payload is ever used."""

import hashlib
import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.core.events import Delivery, Ignored, Malformed, Tidings
from bot.core.names import SHA
from bot.forges._gitlab.places import FULL_PATH
from bot.forges._json import Wrong, first_problem, parsed

LOGIN = r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,254}"
Id = Annotated[int, Field(ge=1, lt=2**63)]
Number = Annotated[int, Field(ge=1, lt=2**31)]
FullPath = Annotated[str, StringConstraints(pattern=f"^{FULL_PATH}$")]
Login = Annotated[str, StringConstraints(pattern=f"^{LOGIN}$")]
CommitId = Annotated[str, StringConstraints(pattern=f"^(?:{SHA.pattern})$")]
Moment = Annotated[datetime, Field(strict=False)]
Ref = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]{1,1024}$")]

_WORD = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_DELIVERY = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)
_FORM = "application/x-www-form-urlencoded"
_SYSTEM = "System Hook"


class Shape(BaseModel):
    """A part of what GitLab documents: strict in what we use, open to all that it adds."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class User(Shape):
    """Whoever did something."""

    id: Id
    username: Login


class Project(Shape):
    """Where it happened."""

    id: Id
    path_with_namespace: FullPath


class Commit(Shape):
    """The newest commit of a merge request."""

    id: CommitId


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
    """A delivery as GitLab sends it, but with no token, no signature and no number of its own."""
    return Delivery(headers=(("content-type", "application/json"), ("x-gitlab-event", event)), body=body)


def identity(delivery: Delivery) -> str:
    """What stays the same however often it is sent: old GitLab's event number is shared by what follows from it."""
    if (key := delivery.header("idempotency-key")) and _DELIVERY.fullmatch(key):
        return key
    digest = hashlib.sha256(delivery.body).hexdigest()
    event = delivery.header("x-gitlab-event-uuid") or ""
    return f"{event}/{digest}" if _DELIVERY.fullmatch(event) else digest


def _understood(delivery: Delivery) -> Tidings | Ignored:
    from bot.forges._gitlab import merge_request, note, project

    if (delivery.header("content-type") or "").lower().startswith(_FORM):
        raise Wrong(f"the body is {_FORM}; GitLab sends application/json")
    payload = parsed(delivery.body)
    if delivery.header("x-gitlab-event") == _SYSTEM:
        return Ignored("a system hook tells of the whole GitLab; add a webhook to the project or its group")
    match kind := _kind(payload):
        case "merge_request":
            return merge_request.read(identity(delivery), payload)
        case "note":
            return note.read(identity(delivery), payload)
        case "project_destroy":
            return project.read_removed(identity(delivery), payload)
        case _:
            return Ignored(f"the event {kind} means nothing to a preview")


def _kind(payload: dict[str, Any]) -> str:
    kind = payload.get("object_kind", payload.get("event_name"))
    if not isinstance(kind, str) or not _WORD.fullmatch(kind):
        raise Wrong("object_kind: is missing or no word; a custom template of the webhook must keep it")
    return kind

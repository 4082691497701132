"""What somebody writes on a pull: a comment, a remark on a line, the body of a review."""

from collections.abc import Mapping
from typing import Any

from bot.core.events import ActorId, Commented, Ignored, PullKey, Remark, RemarkKind
from bot.core.telling.comment import OURS
from bot.forges._github.hooks.pull_request import Base
from bot.forges._github.payload import Id, Number, Repository, Shape, Text, User
from bot.forges._json import Wrong

LONGEST = 64 * 2**10
"""Characters of a text that is looked at; GitHub takes no longer one."""


class _Text(Shape):
    id: Id
    body: Text | None = None


class _Issue(Shape):
    number: Number
    pull_request: Mapping[str, Any] | None = None
    """Missing where it is an issue and no pull."""


class _Pull(Shape):
    number: Number
    base: Base


class _Told(Shape):
    repository: Repository
    sender: User


class _Comment(_Told):
    issue: _Issue
    comment: _Text


class _Line(_Told):
    pull_request: _Pull
    comment: _Text


class _Review(_Told):
    pull_request: _Pull
    review: _Text


def read(delivery: str, action: str, payload: Mapping[str, Any]) -> Commented | Ignored:
    """A comment on a pull; those on issues are none of ours."""
    if action != "created":
        return Ignored(f"a comment was {action}; only a new one is a command")
    told = _Comment.model_validate(payload)
    if told.issue.pull_request is None:
        return Ignored("the comment is on an issue, which has no preview")
    return _commented(delivery, told, told.issue.number, told.comment, RemarkKind.COMMENT)


def read_line(delivery: str, action: str, payload: Mapping[str, Any]) -> Commented | Ignored:
    """A remark on a line of a pull."""
    if action != "created":
        return Ignored(f"a remark on a line was {action}; only a new one is a command")
    told = _Line.model_validate(payload)
    return _commented(delivery, told, _number(told, told.pull_request), told.comment, RemarkKind.REVIEW_COMMENT)


def read_review(delivery: str, action: str, payload: Mapping[str, Any]) -> Commented | Ignored:
    """What a review says as a whole."""
    if action != "submitted":
        return Ignored(f"a review was {action}; only a new one is a command")
    told = _Review.model_validate(payload)
    return _commented(delivery, told, _number(told, told.pull_request), told.review, RemarkKind.REVIEW)


def _number(told: _Told, pull: _Pull) -> int:
    if pull.base.repo.id != told.repository.id:
        raise Wrong("pull_request.base.repo.id: is not the repository that the delivery is about")
    return pull.number


def _commented(delivery: str, told: _Told, number: int, text: _Text, kind: RemarkKind) -> Commented | Ignored:
    body = text.body or ""
    if told.sender.bot:
        return Ignored("a program wrote it; only people give commands")
    if body.lstrip().startswith(OURS):
        return Ignored("it is of the bot's own writing")
    if not body.strip():
        return Ignored("nothing is written there")
    if len(body) > LONGEST:
        return Ignored(f"the text has more than {LONGEST} characters")
    return Commented(
        delivery=delivery,
        key=PullKey(forge="github", repository=str(told.repository.id), number=number),
        repository=told.repository.full_name,
        actor=told.sender.login,
        actor_id=ActorId(str(told.sender.id)),
        text=body,
        remark=Remark(id=str(text.id), kind=kind),
    )

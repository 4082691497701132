"""Reactions to comments of the fake GitHub: a second one of the same account and content is the first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import abort, jsonify, request

from tests.world import github_shapes as shapes

if TYPE_CHECKING:
    from tests.world.github_repository import Repository

_CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """An emoji under a comment."""

    id: int
    comment: int
    author: str
    content: str
    created: int


def routes(route: Callable[[str, str, Callable[..., Any]], None]) -> None:
    """What the REST API has for reactions to comments; to a review there are none."""
    route("POST", "/issues/comments/<int:number>/reactions", lambda repository, number: _add(repository, number))
    route("POST", "/pulls/comments/<int:number>/reactions", lambda repository, number: _to_review(repository, number))


def _add(repository: "Repository", number: int) -> Any:
    if not any(comment.id == number for pull in repository.pulls.values() for comment in pull.comments):
        abort(404)
    return _put(repository, number)


def _to_review(repository: "Repository", number: int) -> Any:
    if number not in repository.review_comments:
        abort(404)
    return _put(repository, number)


def _put(repository: "Repository", comment: int) -> Any:
    content, author = request.get_json().get("content"), repository.world.bot
    if content not in _CONTENTS:
        abort(422, "Validation Failed")
    sought = comment, author, content
    found = next((each for each in repository.reactions if (each.comment, each.author, each.content) == sought), None)
    reaction = found or Reaction(
        id=repository.world.number(), comment=comment, author=author, content=content, created=repository.world.tick()
    )
    if found is None:
        repository.reactions.append(reaction)
    return jsonify(_shape(repository, reaction)), 200 if found else 201


def _shape(repository: "Repository", it: Reaction) -> dict[str, Any]:
    return {
        "id": it.id,
        "node_id": f"REA_{it.id}",
        "user": shapes.user(repository.world, it.author),
        "content": it.content,
        "created_at": shapes.moment(it.created),
    }

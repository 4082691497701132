"""What people write on a pull of the fake GitHub, as its webhook tells of it."""

from typing import TYPE_CHECKING, Any

from tests.world import github_shapes as shapes

if TYPE_CHECKING:
    from tests.world.github_repository import Comment, Pull

Json = dict[str, Any]


def commented(it: "Comment", action: str, **more: Any) -> Json:
    """A comment: `issue_comment`."""
    issue = _issue(it.pull)
    told = {"action": action, **more, "issue": issue, "comment": shapes.comment(it)}
    return {**told, **shapes.context(it.pull.repository, it.author)}


def reviewed(it: "Pull", author: str, body: str) -> Json:
    """What a review says as a whole: `pull_request_review`."""
    world = it.repository.world
    review = {
        **_remark(it, author, body),
        "submitted_at": shapes.moment(world.tick()),
        "state": "commented",
        "commit_id": it.head,
    }
    told = {"action": "submitted", "review": review, "pull_request": shapes.pull(it)}
    return {**told, **shapes.context(it.repository, author)}


def remarked(it: "Pull", author: str, body: str) -> Json:
    """A remark on a line: `pull_request_review_comment`."""
    now = shapes.moment(it.repository.world.tick())
    place = {"path": "change", "line": 1, "side": "RIGHT", "commit_id": it.head, "diff_hunk": "@@ -0,0 +1 @@"}
    comment = {**_remark(it, author, body), **place, "created_at": now, "updated_at": now}
    told = {"action": "created", "comment": comment, "pull_request": shapes.pull(it)}
    return {**told, **shapes.context(it.repository, author)}


def _remark(it: "Pull", author: str, body: str) -> Json:
    world = it.repository.world
    return {
        "id": world.number(),
        "user": shapes.user(world, author),
        "body": body,
        "author_association": "NONE",
        "pull_request_url": shapes.pull(it)["url"],
    }


def _issue(it: "Pull") -> Json:
    """Every pull is an issue, too."""
    whole = shapes.pull(it)
    shared = ("id", "node_id", "number", "title", "user", "labels", "state", "locked", "draft", "body", "comments")
    dates = ("created_at", "updated_at", "closed_at")
    leads = {key: whole[key] for key in ("url", "html_url", "diff_url", "patch_url")}
    issue = {key: whole[key] for key in (*shared, *dates)}
    return {**issue, "url": whole["issue_url"], "html_url": whole["html_url"], "pull_request": leads}

"""Lists of the fake GitLab's REST API, a page at a time: by offset, and by keyset where GitLab has that."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, current_app, jsonify, request

Things = Sequence[dict[str, Any]]


def paged(things: Things) -> Response:
    """By offset; of most lists there is nothing else."""
    if request.args.get("pagination") == "keyset":
        abort(405, "Keyset pagination is not yet available for this type of request")
    size, page = _size(), request.args.get("page", 1, type=int)
    answer = jsonify(things[(page - 1) * size : page * size])
    more = page * size < len(things)
    answer.headers["X-Next-Page"] = str(page + 1) if more else ""
    return _linked(answer, page=page + 1, per_page=size) if more else answer


def keyset(things: Things) -> Response:
    """By the ids of what was seen, where that is asked for: each page but an empty one leads on."""
    if request.args.get("pagination") != "keyset":
        return paged(things)
    if request.args.get("order_by") != "id":
        abort(405, "Keyset pagination is not yet available for this type of request")
    backwards, size = request.args.get("sort", "desc") == "desc", _size()
    bound = "id_before" if backwards else "id_after"
    seen = request.args.get(bound, type=int)
    ordered = sorted(things, key=lambda each: int(each["id"]), reverse=backwards)
    page = [each for each in ordered if seen is None or (each["id"] < seen if backwards else each["id"] > seen)][:size]
    answer = jsonify(page)
    return _linked(answer, **{bound: page[-1]["id"], "per_page": size}) if page else answer


def _size() -> int:
    return min(request.args.get("per_page", 20, type=int), int(current_app.config["world"].biggest))


def _linked(answer: Response, **on: int) -> Response:
    following = urlencode({**request.args.to_dict(), **on})
    answer.headers["Link"] = f'<{request.base_url}?{following}>; rel="next"'
    return answer

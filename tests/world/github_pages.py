"""Lists of the fake GitHub's REST API, a page at a time."""

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify, request


def paged(things: Sequence[dict[str, Any]]) -> Response:
    """The page that `page` and `per_page` ask for."""
    size = _size()
    page = request.args.get("page", 1, type=int)
    answer = jsonify(things[(page - 1) * size : page * size])
    last = max(1, -(-len(things) // size))
    if page < last:
        url = f"{request.base_url}?per_page={size}"
        answer.headers["Link"] = f'<{url}&page={page + 1}>; rel="next", <{url}&page={last}>; rel="last"'
    return answer


def followed(things: Sequence[dict[str, Any]]) -> Response:
    """The page that begins where `cursor` says, which no one else has to understand."""
    size = _size()
    begin = int(request.args.get("cursor", "v1_0").removeprefix("v1_"))
    answer = jsonify(things[begin : begin + size])
    if begin + size < len(things):
        answer.headers["Link"] = f'<{request.base_url}?per_page={size}&cursor=v1_{begin + size}>; rel="next"'
    return answer


def _size() -> int:
    return min(request.args.get("per_page", 30, type=int), 100)

"""The emoji with which a remark is acknowledged."""

import logging

from bot.core.errors import MatineeError
from bot.core.events import PullKey, Remark, RemarkKind, Sign
from bot.forges._github.api import Api, Request

log = logging.getLogger(__name__)

_CONTENT = {Sign.SEEN: "eyes", Sign.DONE: "rocket", Sign.CONFUSED: "confused"}
_PLACES = {RemarkKind.COMMENT: "issues/comments", RemarkKind.REVIEW_COMMENT: "pulls/comments"}
"""A review has no reactions in the REST API: its acknowledgement is our answer."""


def react(api: Api, key: PullKey, to: Remark, sign: Sign) -> None:
    """Put it there; one that is there already stays one. It is not worth any failure.

    The eyes stay beside what comes later: they go on being true, and taking them away would be another write.
    """
    place = _PLACES.get(to.kind)
    if place is None or not (to.id.isascii() and to.id.isdecimal()):
        return
    path = f"/repositories/{key.repository}/{place}/{to.id}/reactions"
    doing, permission = f"react to comment {to.id}", "pull-requests: write"
    try:
        api.send(Request(verb="POST", path=path, doing=doing, permission=permission, body={"content": _CONTENT[sign]}))
    except MatineeError as error:
        log.warning("%s: no sign on a remark: %s", key.environment, error)

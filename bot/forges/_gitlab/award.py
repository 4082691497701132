"""The emoji with which a remark is acknowledged."""

import logging

from bot.core.errors import MatineeError
from bot.core.events import PullKey, Remark, Sign
from bot.forges._gitlab.api import Api
from bot.forges._gitlab.request import Request

log = logging.getLogger(__name__)

_NAMES = {Sign.SEEN: "eyes", Sign.DONE: "rocket", Sign.CONFUSED: "confused"}


def react(api: Api, key: PullKey, to: Remark, sign: Sign) -> None:
    """Put it there; one that is there already stays one. It is not worth any failure."""
    if not (to.id.isascii() and to.id.isdecimal()):
        return
    path = f"/projects/{key.repository}/merge_requests/{key.number}/notes/{to.id}/award_emoji"
    asked = Request(
        verb="POST",
        path=path,
        doing=f"react to note {to.id}",
        rights="the scope api and the role Reporter",
        body={"name": _NAMES[sign]},
    )
    try:
        api.send(asked)
    except MatineeError as error:
        log.warning("%s: no sign on a remark: %s", key.environment, error)

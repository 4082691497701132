"""A connection to the cluster that tells of each write before it is made, and of the pods that it begins to hear."""

import re
from collections.abc import Callable
from typing import Any

from runners._kubernetes import names
from runners._kubernetes.api import Api, Query
from runners._kubernetes.kinds import Body, labels_of

Meet = Callable[[str], None]
"""Is told `create jobs (attempt)` or `delete deployments`; the request waits until it returns."""

_VERBS = {"post": "create", "put": "replace", "patch": "change", "delete": "delete"}
_PATH = re.compile(r"/(?:api/v1|apis/[^/]+/[^/]+)(?:/namespaces/[^/]+(?=/))?/([a-z]+)(?:/[^/]+)?(?:/([a-z]+))?$")


class MetApi(Api):
    """The real connection; whoever is told may wait, or die."""

    def __init__(self, meet: Meet, **given: Any) -> None:
        super().__init__(**given)
        self._meet = meet

    def opened(self, path: str, query: Query, *, silence: float) -> Any:
        """Listen to changes, or to what a container prints."""
        if (kind := _kind(path)).startswith("pods"):
            self._meet(f"listen to {dict(query).get('container') or kind}")
        return super().opened(path, query, silence=silence)

    def _called(self, method: str, path: str, **request: Any) -> Any:
        if method in _VERBS and ("dryRun", "All") not in request.get("query", ()):
            self._meet(f"{_VERBS[method]} {_kind(path)}{_role(request['body']) if method == 'post' else ''}")
        return super()._called(method, path, **request)


def _kind(path: str) -> str:
    """The kind in the plural of paths, with the part of the object that is meant."""
    found = _PATH.match(path)
    return "/".join(filter(None, found.groups())) if found else path


def _role(body: Body) -> str:
    """What an object is for, where it says so."""
    labels = labels_of(body)
    return f" ({labels[names.ROLE]})" if names.ROLE in labels else ""

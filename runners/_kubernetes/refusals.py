"""What a cluster refuses, as ours: whose fault it is, and in which words it is told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from bot.core.group import Ended, Fate

T = TypeVar("T")


class Rejected(Exception):
    """The cluster refused one request; `why` is its own words."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why

    @property
    def ours(self) -> bool:
        """Whether it is us whom the cluster does not know or let, and not the object that it does not take."""
        return self.status == 401 or (self.status == 403 and "User " in self.why and " cannot " in self.why)

    @property
    def ended(self) -> bool:
        """Whether it was refused because its namespace is gone or going."""
        return "is being terminated" in self.why or (self.status == 404 and "namespaces " in self.why)


class CutOff(Exception):
    """The connection ended before what was asked for was known; what came so far means nothing."""


def allowed(act: Callable[[], T]) -> T | Ended:
    """What the act gives; where the cluster does not take the object, an end before the start, in its own words."""
    try:
        return act()
    except Rejected as error:
        if error.ours or error.ended or error.status not in (400, 403, 422):
            raise
        return Ended(fate=Fate.NOT_STARTED, detail=error.why)


def explained(error: Rejected, host: str) -> str:
    """What to tell whoever operates the cluster."""
    if error.status == 401:
        return f"the Kubernetes API at {host} does not know us: {error}; renew its credentials"
    if error.ours:
        return f"the Kubernetes API at {host} does not let us: {error}; give matinee's account this right"
    return f"the Kubernetes API at {host} refused: {error}"


@contextmanager
def translated() -> Iterator[None]:
    """Turn the SDK's own error into `Rejected`."""
    from kubernetes.client.rest import ApiException

    try:
        yield
    except ApiException as error:
        raise Rejected(int(error.status or 0), _words(error)) from error


def _words(error: Any) -> str:
    try:
        return str(json.loads(error.body)["message"])
    except (TypeError, ValueError, KeyError):
        return str(error.reason or error)

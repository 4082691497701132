"""What goes wrong on purpose: answers of a REST server that fail, before or after they had their effect."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Environ = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Trouble:
    """One kind of failure, for the next requests that it fits. Status 0 cuts the connection."""

    verb: str
    part: str
    status: int
    times: int
    after_effect: bool
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def fits(self, environ: Environ) -> bool:
        """Whether it is this request's turn to fail."""
        path = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
        return self.times > 0 and self.verb in ("", environ["REQUEST_METHOD"]) and self.part in path


class Troubles:
    """Wraps an application."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._lock = threading.Lock()
        self.coming: list[Trouble] = []
        self.requests: list[str] = []
        self.meanwhile: dict[str, Callable[[], object]] = {}
        """What happens in the world while a request (`POST /user`) is on its way."""

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        """Fail where a trouble is due, else answer."""
        trouble = self._due(environ)
        if happens := self.meanwhile.get(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"):
            happens()
        if trouble is None:
            return self._app(environ, start)
        if trouble.after_effect:
            _drain(self._app(environ, lambda *_: None))
        if trouble.status == 0:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError
        body = json.dumps({"message": trouble.message, "documentation_url": "https://docs.example/rest"}).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **trouble.headers}
        start(f"{trouble.status} Trouble", list(headers.items()))
        return [body]

    def _due(self, environ: Environ) -> Trouble | None:
        with self._lock:
            self.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            trouble = next((trouble for trouble in self.coming if trouble.fits(environ)), None)
            if trouble:
                trouble.times -= 1
            return trouble


def _drain(answer: Iterable[bytes]) -> None:
    for _ in answer:
        pass
    close = getattr(answer, "close", None)
    if close:
        close()

"""A WSGI application on a port of its own, for as long as a `with` lasts."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


def server(app: Any) -> BaseWSGIServer:
    """Serve the application until `shutdown`; its port is `server_port`."""
    made = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    threading.Thread(target=made.serve_forever, args=(0.02,), name="served", daemon=True).start()
    return made


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve the application; its base URL."""
    running = server(app)
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The time that this server believes it is."""
        return super().date_time_string(timestamp or time.time() + getattr(self.server, "ahead", 0.0))

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - as its base calls it
        """Say nothing: a story reads what the application keeps."""

"""A WSGI application at an address, served in threads of this process; what the server itself refuses is JSON too."""

import json
from threading import Thread

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask

from bot.core.errors import Unavailable
from bot.core.events import CAP

THREADS = 8


class _Refusal(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """Answers what never reached the application: a request too large or no HTTP at all."""

    def execute(self) -> None:
        """Write the answer and close."""
        error = self.request.error
        body = json.dumps({"status": error.reason.lower(), "why": error.body}).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    error_task_class = _Refusal


def listen(app: Flask, host: str, port: int) -> int:
    """Serve until the process ends; the port, where 0 asks for any."""
    try:
        # Polled, for `select` takes no file descriptor above 1023, and a busy bot has more of them.
        polled = {"asyncore_use_poll": True, "map": {}}
        server = create_server(app, host=host, port=port, threads=THREADS, max_request_body_size=CAP + 1, **polled)
    except OSError as error:
        raise Unavailable(f"cannot listen at {host}:{port}: {error.strerror}; choose another address") from error
    server.channel_class = _Channel
    Thread(target=server.run, name=f"http {port}", daemon=True).start()
    return int(server.effective_port)

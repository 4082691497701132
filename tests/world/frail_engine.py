"""A way to the real engine that can be cut, as when the engine dies."""

import contextlib
import socket
import threading
from pathlib import Path

from docker.utils import kwargs_from_env

_ENGINE = kwargs_from_env().get("base_url", "unix:///var/run/docker.sock").removeprefix("unix://")


class FrailEngine:
    """A socket in front of the engine's own, or of another daemon's."""

    def __init__(self, path: Path, engine: str = _ENGINE) -> None:
        self._engine = engine
        self.url = f"unix://{path}"
        self._path = path
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def die(self) -> None:
        """Cut every connection and answer no more."""
        self._path.unlink(missing_ok=True)
        for each in [self._server, *self._open]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._engine)
                self._open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_copy, args=pair, daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)

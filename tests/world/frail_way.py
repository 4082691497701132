"""A way to the cluster that can be cut: bytes go through until they do not, and whoever tries again gets through."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import yaml


class Way:
    """Listens at the loopback, and joins each caller with the cluster's API."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[socket.socket] = []
        self.calls = 0
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def cut(self) -> None:
        """End every connection that there is."""
        pairs, self._pairs = self._pairs, []
        for each in pairs:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def close(self) -> None:
        """Let nobody through any more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            self.calls += 1
            called = socket.create_connection(self._to)
            self._pairs += [caller, called]
            for one, other in ((caller, called), (called, caller)):
                threading.Thread(target=_pour, args=(one, other), daemon=True).start()


def _pour(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            to.sendall(data)
    for each in (source, to):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@contextmanager
def frail_way(kubeconfig: str, folder: Path) -> Iterator[tuple[Way, str]]:
    """Such a way, and the kubeconfig that leads over it."""
    config = yaml.safe_load(Path(kubeconfig).read_text())
    cluster = config["clusters"][0]["cluster"]
    server = urlsplit(cluster["server"])
    way = Way(server.hostname or "", server.port or 443)
    cluster["server"] = f"https://127.0.0.1:{way.port}"
    cluster["tls-server-name"] = server.hostname
    over = folder / "kubeconfig"
    over.write_text(yaml.safe_dump(config))
    try:
        yield way, str(over)
    finally:
        way.close()

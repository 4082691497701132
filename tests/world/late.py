"""Git over HTTP that lags behind: for some fetches a commit is not there yet, as at every big forge."""

import gzip
import io
import threading

from bot.core.names import Sha
from tests.world.git_http import Application, Environ, StartResponse


class Late:
    """Wraps git's application; commits in `lag` are unknown for that many fetches."""

    def __init__(self, git: Application) -> None:
        self._git = git
        self._lock = threading.Lock()
        self.lag: dict[Sha, int] = {}
        self.fetches = 0

    def __call__(self, environ: Environ, start: StartResponse) -> list[bytes]:
        """Answer as `git upload-pack` does where it does not have what is wanted."""
        if not environ["PATH_INFO"].endswith("/git-upload-pack"):
            return list(self._git(environ, start))
        body = _body(environ)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        if missing := self._missing(_plain(environ, body)):
            line = f"ERR upload-pack: not our ref {missing}".encode()
            start("200 OK", [("Content-Type", "application/x-git-upload-pack-result")])
            return [b"%04x%s" % (len(line) + 4, line)]
        return list(self._git(environ, start))

    def _missing(self, wanted: bytes) -> Sha | None:
        with self._lock:
            self.fetches += b"want " in wanted
            for sha, times in self.lag.items():
                if times > 0 and b"want " + sha.encode() in wanted:
                    self.lag[sha] = times - 1
                    return sha
        return None


def _body(environ: Environ) -> bytes:
    if length := environ.get("CONTENT_LENGTH"):
        return bytes(environ["wsgi.input"].read(int(length)))
    return bytes(environ["wsgi.input"].read()) if environ.get("wsgi.input_terminated") else b""


def _plain(environ: Environ, body: bytes) -> bytes:
    return gzip.decompress(body) if environ.get("HTTP_CONTENT_ENCODING") in ("gzip", "x-gzip") else body

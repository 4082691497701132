"""Git's smart HTTP protocol for the bare repositories below a folder: fetch only, as a WSGI application."""

import base64
import hmac
import os
import re
import subprocess
from collections.abc import Callable, Iterable
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
Opens = Callable[[str, str], bool]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_FETCH = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+/(?:info/refs|git-upload-pack)")


def application(root: Path, token: str | Opens | None) -> Application:
    """Serve `root/acme/shop.git` as `/acme/shop.git`, with a token to `Authorization: Basic` whose password it is.

    Which passwords open which path may be asked in its place.
    """
    opens: Opens = token if callable(token) else lambda _, password: hmac.compare_digest(password, str(token))

    def serve(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if token is not None and not _authorized(environ, opens):
            return _answer(start, "401 Unauthorized", [("WWW-Authenticate", 'Basic realm="git"')])
        if not _FETCH.fullmatch(environ["PATH_INFO"]) or "git-receive-pack" in environ.get("QUERY_STRING", ""):
            return _answer(start, "404 Not Found", [])
        return _backend(root, environ, start)

    return serve


def credentials(token: str) -> str:
    """The one header that opens a repository served with this token."""
    return f"Authorization: Basic {base64.b64encode(f'x-access-token:{token}'.encode()).decode()}"


def _authorized(environ: Environ, opens: Opens) -> bool:
    kind, _, code = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        password = base64.b64decode(code, validate=True).partition(b":")[2].decode("ascii")
    except ValueError:
        return False
    return kind.lower() == "basic" and opens(environ["PATH_INFO"], password)


def _backend(root: Path, environ: Environ, start: StartResponse) -> Iterable[bytes]:
    body = _body(environ)
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "http-backend"],
        input=body,
        capture_output=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": environ.get("HTTP_GIT_PROTOCOL", ""),
            "REMOTE_ADDR": environ.get("REMOTE_ADDR", "127.0.0.1"),
            "REQUEST_METHOD": environ["REQUEST_METHOD"],
            "PATH_INFO": environ["PATH_INFO"],
            "QUERY_STRING": environ.get("QUERY_STRING", ""),
            "CONTENT_TYPE": environ.get("CONTENT_TYPE", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": environ.get("HTTP_CONTENT_ENCODING", ""),
        },
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = BytesHeaderParser().parsebytes(head + b"\r\n\r\n")
    status = headers.get("Status", "200 OK")
    return _answer(start, status, [(name, value) for name, value in headers.items() if name != "Status"], content)


def _body(environ: Environ) -> bytes:
    if length := environ.get("CONTENT_LENGTH"):
        return environ["wsgi.input"].read(int(length))
    return environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else b""


def _answer(start: StartResponse, status: str, headers: list[tuple[str, str]], body: bytes = b"") -> Iterable[bytes]:
    start(status, [*headers, ("Content-Length", str(len(body)))])
    return [body]

"""A BuildKit daemon of its own: where it listens, with which certificates, and whether it is there."""

import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.core.errors import Misused, Unavailable

NAME = "daemon"
"""Buildx's name for it."""

_USUAL = "unix:///run/buildkit/buildkitd.sock"
_ADDRESS = re.compile(r"unix://(?P<path>/[^,\s]+)|tcp://(?P<host>[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
_TLS = {"cacert": "buildkit_tls_ca", "cert": "buildkit_tls_cert", "key": "buildkit_tls_key"}
_PATIENCE = 5.0
_SOON = 1.0
_FRAME, _SETTINGS = 9, 4
"""HTTP/2 begins with a frame of settings: the length of its head, and its type."""
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, _SETTINGS, 0, 0, 0, 0, 0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """One address; `tls` has the absolute paths of the files by buildx's names for them, or nothing."""

    address: str
    tls: Mapping[str, str]

    @property
    def node(self) -> Mapping[str, object]:
        """The daemon as buildx keeps it."""
        return {"Name": NAME, "Endpoint": self.address, "DriverOpts": dict(self.tls)}

    def reach(self) -> None:
        """Raise `Unavailable` where no BuildKit answers: at once, and with the reason, which buildx has after 20 s."""
        secure = self._security()
        try:
            greeting = _greeting(self.address, secure)
        except ssl.SSLError as error:
            why = f"TLS fails: {_reason(error)}; check MATINEE_BUILDKIT_TLS_CA, _CERT and _KEY"
            raise Unavailable(f"BuildKit at {self.address}: {why}") from error
        except OSError as error:
            raise self.lost(error.strerror or str(error)) from error
        if greeting[3:4] != bytes([_SETTINGS]):
            hint = "is it BuildKit?" if secure else "does it want TLS? MATINEE_BUILDKIT_TLS_CA, _CERT and _KEY give it"
            raise Unavailable(f"BuildKit at {self.address}: what answers there speaks no gRPC; {hint}")

    def lost(self, why: str) -> Unavailable:
        """The error where it does not answer."""
        return Unavailable(f"BuildKit at {self.address} does not answer: {why}; is it up, and the address right?")

    def _security(self) -> ssl.SSLContext | None:
        if not self.tls:
            return None
        for option, path in self.tls.items():
            _readable(option, path)
        try:
            secure = ssl.create_default_context(cafile=self.tls["cacert"])
            secure.load_cert_chain(self.tls["cert"], self.tls["key"])
        except ssl.SSLError as error:
            hint = "give PEM files, and the key of that certificate"
            raise Misused(f"MATINEE_BUILDKIT_TLS_CA, _CERT and _KEY: {_reason(error)}; {hint}") from error
        secure.set_alpn_protocols(["h2"])
        return secure


def daemon(settings: Mapping[str, str]) -> Daemon:
    """The daemon that the settings name."""
    address = settings.get("buildkit_address") or _USUAL
    if not (found := _ADDRESS.fullmatch(address)):
        raise Misused(f"MATINEE_BUILDKIT_ADDRESS: {address!r} is no address; write {_USUAL} or tcp://host:1234")
    given = {option: str(Path(settings[name]).absolute()) for option, name in _TLS.items() if settings.get(name)}
    if given and found["path"]:
        raise Misused(f"MATINEE_BUILDKIT_TLS_…: {address} is a socket and has no TLS; leave these settings out")
    if missing := [name for option, name in _TLS.items() if given and option not in given]:
        names = ", ".join(f"MATINEE_{name.upper()}" for name in missing)
        raise Misused(f"{names}: not set; TLS to BuildKit needs an authority, a certificate and its key")
    return Daemon(address=address, tls=given)


def _greeting(address: str, secure: ssl.SSLContext | None) -> bytes:
    with _connected(address) as plain:
        if secure is None:
            return _heard(plain)
        with secure.wrap_socket(plain, server_hostname=_parts(address)[0]) as safe:
            return _heard(safe)


def _heard(connection: socket.socket) -> bytes:
    # BuildKit speaks first, and an alert would be lost behind what we send; what stands before it may wait for us.
    for words, seconds in ((b"", _SOON), (_PREFACE, _PATIENCE)):
        connection.settimeout(seconds)
        try:
            connection.sendall(words)
            return connection.recv(_FRAME)
        except TimeoutError:
            continue
    return b""


def _connected(address: str) -> socket.socket:
    if address.startswith("tcp://"):
        return socket.create_connection(_parts(address), timeout=_PATIENCE)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_PATIENCE)
    try:
        connection.connect(address.removeprefix("unix://"))
    except OSError:
        connection.close()
        raise
    return connection


def _parts(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    return host.strip("[]"), int(port)


def _readable(option: str, path: str) -> None:
    try:
        Path(path).read_bytes()
    except OSError as error:
        raise Misused(f"MATINEE_{_TLS[option].upper()}: {path} cannot be read: {error.strerror}") from error


def _reason(error: ssl.SSLError) -> str:
    told = getattr(error, "verify_message", "") or (error.reason or str(error)).replace("_", " ").lower()
    return told.rstrip(".")

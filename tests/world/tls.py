"""TLS in front of what serves plain text on this machine, with a certificate that only its own file vouches for."""

import datetime
import ipaddress
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_PIECE = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Where it is served, and the authority to trust there."""

    base: str
    authority: str
    """The certificate, in PEM."""


@contextmanager
def behind_tls(address: str, port: int, folder: Path) -> Iterator[Front]:
    """Serve what the loopback has at `port` at the address too, on another port."""
    certificate = _certificate(address, folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = _Server((address, 0), _Passing)
    server.context, server.behind = context, ("127.0.0.1", port)
    threading.Thread(target=server.serve_forever, args=(0.05,), name="tls", daemon=True).start()
    try:
        authority = certificate.read_text().partition("-----BEGIN CERTIFICATE")
        yield Front(base=f"https://{address}:{server.server_address[1]}", authority="".join(authority[1:]))
    finally:
        server.shutdown()
        server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    context: ssl.SSLContext
    behind: tuple[str, int]


class _Passing(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        with (
            suppress(OSError),
            self.server.context.wrap_socket(self.request, server_side=True) as outer,
            socket.create_connection(self.server.behind) as inner,
        ):
            back = threading.Thread(target=_pass, args=(inner, outer), daemon=True)
            back.start()
            _pass(outer, inner)
            back.join()


def _pass(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def _certificate(address: str, folder: Path) -> Path:
    """Key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "forge")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "forge.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file

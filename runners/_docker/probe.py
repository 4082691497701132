"""Asking a container whether it is up, from outside, through a port that the engine published for that."""

import http.client
import socket
from typing import assert_never

from bot.core.group import Probe, ProbeKind
from runners._docker.engine import Seen

_HOST = "127.0.0.1"
_LISTENING = 0.1
"""How long a connection must stay open: an engine's proxy accepts before it knows whether anybody listens."""


def ask(probe: Probe, seen: Seen, owner: Seen) -> str | None:
    """What it answered that is no yes; None where it is up. The owner of its network has its ports."""
    match probe.kind:
        case ProbeKind.TCP:
            return _tcp(probe, owner.ports.get(probe.port))
        case ProbeKind.HTTP:
            return _http(probe, owner.ports.get(probe.port))
        case ProbeKind.EXEC:
            return None if seen.health == "healthy" else (seen.health_said or "it has not answered yet")
        case _:
            assert_never(probe.kind)


def _tcp(probe: Probe, port: int | None) -> str | None:
    nobody = f"nobody listens at port {probe.port}"
    return None if port is not None and listens(port, timeout=probe.timeout) else nobody


def listens(port: int, *, timeout: float) -> bool:
    """Whether a connection to this port of the loopback stays open."""
    try:
        with socket.create_connection((_HOST, port), timeout=timeout) as connection:
            connection.settimeout(_LISTENING)
            return bool(connection.recv(1))
    except TimeoutError:
        return True
    except OSError:
        return False


def _http(probe: Probe, port: int | None) -> str | None:
    if port is None:
        return f"nobody listens at port {probe.port}"
    connection = http.client.HTTPConnection(_HOST, port, timeout=probe.timeout)
    try:
        connection.request("GET", probe.path, headers={"User-Agent": "matinee", "Connection": "close"})
        status = connection.getresponse().status
    except TimeoutError:
        return f"no answer within {probe.timeout:g} s"
    except (OSError, http.client.HTTPException):
        return f"nobody listens at port {probe.port}"
    finally:
        connection.close()
    return None if 200 <= status < 400 else f"status {status}"

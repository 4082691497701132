"""Host ports for public services: derived from the names, so that they are the same again, and free."""

import socket
import zlib
from collections.abc import Container, Mapping

from bot.core.group import Address, Exposure
from bot.core.names import EnvironmentId, Name, Url

_FIRST, _COUNT = 20_000, 12_000
"""Below the range from which systems give out ports by themselves."""


def address(name: Name, exposure: Exposure, published: int | None) -> Address:
    """How a service is reached, from inside by its name and from this machine by its published port."""
    if exposure.port is None:
        return Address(host=name, port=None, url=Url(""))
    host = f"{name}:{exposure.port}" if published is None else f"127.0.0.1:{published}"
    return Address(host=name, port=exposure.port, url=Url(f"http://{host}"), published=published)


def fits(exposure: Exposure, known: Address) -> bool:
    """Whether an address that was given before still says what is asked for."""
    return known.port == exposure.port and (known.published is not None) == exposure.public


def reserved(environment: EnvironmentId, name: Name, taken: Container[int]) -> int:
    """A port of 127.0.0.1 that nobody listens at and nobody was promised."""
    first = zlib.crc32(f"{environment}/{name}".encode())
    ports = (_FIRST + (first + step) % _COUNT for step in range(_COUNT))
    return next(port for port in ports if port not in taken and free(port))


def promised(standing: Mapping[Name, Address]) -> frozenset[int]:
    """The ports in these addresses."""
    return frozenset(each.published for each in standing.values() if each.published is not None)


def free(port: int) -> bool:
    """Whether nobody listens there now."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True

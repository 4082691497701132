"""Where services are reached: by their names inside the namespace, under the operator's domain from the world. Pure."""

from bot.core.group import Address, Exposure, Home
from bot.core.names import Name, Url
from runners._kubernetes import names
from runners._kubernetes.terms import Terms


def address(terms: Terms, home: Home, name: Name, exposure: Exposure) -> Address:
    """A service's address: the same for ever, for it follows from the names."""
    if exposure.port is None:
        return Address(host=name, port=None, url=Url(""))
    host = host_of(terms, home, name, exposure) if exposure.public else ""
    scheme = "https" if host and terms.tls else "http"
    return Address(host=name, port=exposure.port, url=Url(f"{scheme}://{host or f'{name}:{exposure.port}'}"))


def host_of(terms: Terms, home: Home, name: Name, exposure: Exposure) -> str:
    """The host of a public service; empty where the operator gives none and it brings none."""
    if exposure.domain or not terms.domain:
        return exposure.domain or ""
    return f"{label(home, name)}.{terms.domain}"


def label(home: Home, name: Name) -> str:
    """What the host that a service is given begins with: no other service of any environment has it."""
    return names.fitted(f"{name}-{home.environment}")

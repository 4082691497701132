"""Where GitHub is, from settings alone: its API, and the addresses of its repositories."""

import ipaddress
import re
from urllib.parse import urlsplit

from bot.core.errors import Misused
from bot.forges._github.payload import OWNER_AND_NAME

ROUTE = "/hooks/github"
"""Where webhooks lead, below the bot's public address."""
DEFAULT = "https://api.github.com"
_FULL_NAME = re.compile(OWNER_AND_NAME, re.ASCII)


def api(url: str) -> str:
    """The API's base without a slash at its end; a plain-text address only of this very machine."""
    text = url.strip() or DEFAULT
    try:
        parts = urlsplit(text)
        fits = parts.hostname is not None and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.scheme not in ("https", "http") or parts.username is not None or parts.query or parts.fragment:
        raise Misused("MATINEE_GITHUB_URL is no base address; write it as https://github.example/api/v3")
    if parts.scheme == "http" and not _loopback(parts.hostname or ""):
        raise Misused(f"MATINEE_GITHUB_URL: http://{parts.hostname} would show the token to the network; use https://")
    return text.rstrip("/")


def repository(api: str, full_name: str) -> str:
    """Where git fetches this repository."""
    if not _FULL_NAME.fullmatch(full_name):
        raise ValueError(f"{full_name!r} is no repository of GitHub's")
    return f"{web(api)}/{full_name}.git"


def web(api: str) -> str:
    """Where people see it."""
    parts = urlsplit(api)
    path = parts.path.removesuffix("/api/v3")
    host = parts.netloc if path != parts.path else parts.netloc.removeprefix("api.")
    return f"{parts.scheme}://{host}{path}"


def graphql(api: str) -> str:
    """The other API's one address."""
    return f"{api.removesuffix('/v3')}/graphql"


def public(url: str) -> str:
    """The bot's own address for all the world, without a slash at its end."""
    text = url.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        fits = parts.hostname is not None and parts.scheme in ("https", "http") and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.username is not None or parts.query or parts.fragment:
        raise Misused(
            "MATINEE_PUBLIC_URL is missing or no address; set it to where GitHub reaches the bot, "
            "like https://matinee.example"
        )
    return text


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

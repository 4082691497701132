"""Where GitLab is, from settings alone: its address, also below a path, and those of its projects."""

import ipaddress
import re
from urllib.parse import urlsplit

from bot.core.errors import Misused

DEFAULT = "https://gitlab.com"
_SEGMENT = r"\.{0,2}[A-Za-z0-9_][A-Za-z0-9._-]{0,254}"
FULL_PATH = rf"{_SEGMENT}(?:/{_SEGMENT}){{1,20}}"
"""`group/project`, or with groups in groups between them."""
_FULL_PATH = re.compile(FULL_PATH, re.ASCII)


def base(url: str) -> str:
    """GitLab's address without a slash at its end; a plain-text one only of this very machine."""
    text = (url.strip() or DEFAULT).rstrip("/").removesuffix("/api/v4")
    try:
        parts = urlsplit(text)
        fits = parts.hostname is not None and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.scheme not in ("https", "http") or "@" in parts.netloc or parts.query or parts.fragment:
        raise Misused("MATINEE_GITLAB_URL is no base address; write it as https://gitlab.example")
    if parts.scheme == "http" and not _loopback(parts.hostname or ""):
        raise Misused(f"MATINEE_GITLAB_URL: http://{parts.hostname} would show the token to the network; use https://")
    return text.rstrip("/")


def repository(base: str, full_path: str) -> str:
    """Where git fetches this project."""
    if not _FULL_PATH.fullmatch(full_path):
        raise ValueError(f"{full_path!r} is no project of GitLab's")
    return f"{base}/{full_path}.git"


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

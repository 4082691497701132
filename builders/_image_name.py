"""Names of images: what may be one, and its parts."""

import re

HUB = "docker.io"
"""Where a name leads that names no registry."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,511}")


def malformed(image: str) -> str:
    """Why this cannot be the name of an image; empty where it can."""
    if _NAME.fullmatch(image):
        return ""
    return f"{image!r} is no name of an image; write it like registry.example/name:tag"


def bare(image: str) -> str:
    """The name without tag and digest."""
    name = image.partition("@")[0]
    path, slash, last = name.rpartition("/")
    return f"{path}{slash}{last.partition(':')[0]}"


def host(image: str) -> str:
    """The registry that has it."""
    first, slash, _ = image.partition("/")
    return first if slash and (first == "localhost" or "." in first or ":" in first) else HUB

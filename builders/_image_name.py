"""Names of images: what may be one, and its parts."""

import re

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

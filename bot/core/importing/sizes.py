"""Shares of processors, sizes of memory and of disks, as other systems write them → as the spec does."""

import re
from math import ceil

from bot.core.importing.entry import Entry

_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s*(?:([kmgt])i?b?|b)?", re.IGNORECASE)
_KIBI = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


def cpu(text: str, entry: Entry) -> str:
    """`0.5` processors as `500m`; what is no number is left out."""
    try:
        share = round(float(text) * 1000)
    except (ValueError, OverflowError):
        entry.leave(f"{text} is no share of processors")
        return ""
    return f"{share // 1000}" if share and share % 1000 == 0 else f"{share}m"


def memory(text: str, entry: Entry) -> str:
    """`512M`, `1g`, `1073741824` as `512Mi`, `1Gi`, `1Gi`; a unit is binary, as engines take it."""
    read = _SIZE.fullmatch(text.strip())
    if read is None:
        entry.leave(f"{text} is no size")
        return ""
    size = float(read[1]) * _KIBI.get((read[2] or "").lower(), 1)
    return mebibytes(max(1, ceil(size / 2**20)))


def mebibytes(count: int) -> str:
    """A whole number of MiB in the spec's form."""
    return f"{count // 1024}Gi" if count % 1024 == 0 else f"{count}Mi"

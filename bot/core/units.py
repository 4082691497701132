"""Durations, sizes and shares of processors: as the spec writes them, as numbers."""

import durationpy

_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def seconds(duration: str) -> float:
    """`1h30m` in seconds."""
    return float(durationpy.from_str(duration).total_seconds())


def size(text: str) -> int:
    """`512Mi` in bytes."""
    return int(text[:-2]) * _UNITS[text[-2:]]


def cores(text: str) -> float:
    """`500m` as 0.5."""
    return int(text[:-1]) / 1000 if text.endswith("m") else float(text)


def in_words(size: int) -> str:
    """`1.5 GiB`"""
    for unit, scale in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size / 2**10:.0f} KiB"

"""Where a value rests on the disk, also inside what was compressed."""

import re
import zlib
from pathlib import Path

_HEADER = re.compile(rb"\x78[\x01\x5e\x9c\xda]")


def leaks(folder: Path, value: str) -> list[str]:
    """Every file below the folder that holds the value, as it is or in a stream of zlib."""
    return [str(file) for file in sorted(folder.rglob("*")) if file.is_file() and _holds(file.read_bytes(), value)]


def _holds(content: bytes, value: str) -> bool:
    wanted = value.encode()
    return wanted in content or any(wanted in _inflated(content[at.start() :]) for at in _HEADER.finditer(content))


def _inflated(content: bytes) -> bytes:
    inflater, text = zlib.decompressobj(), bytearray()
    try:
        for start in range(0, len(content), 256):
            text += inflater.decompress(content[start : start + 256])
            if inflater.eof:
                break
    except zlib.error:
        pass
    return bytes(text)

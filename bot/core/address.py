"""Addresses of repositories, taken apart so strictly that no two programs read one of them in two ways."""

import re
from dataclasses import dataclass
from typing import Self

HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
PART = r"\.{0,2}[A-Za-z0-9_~](?:[A-Za-z0-9_.~+-]|%20){0,254}"
"""One name of the path: none that leads up, and nothing encoded but a space."""
_ADDRESS = re.compile(rf"(https?)://({HOST})((?:/{PART})+)/?", re.ASCII)
_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`https://forge.example/acme/web.git`, or a place above it."""

    scheme: str
    host: str
    """In lower case, with its port where that is not the scheme's own."""
    path: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None where it is no such address."""
        found = _ADDRESS.fullmatch(text)
        if found is None:
            return None
        host = found[2].lower().removesuffix(_PORTS[found[1]])
        return cls(scheme=found[1], host=host, path=tuple(found[3].split("/")[1:]))

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}/{'/'.join(self.path)}"

    @property
    def single(self) -> bool:
        """Whether it is one repository's for certain."""
        return self.path[-1].endswith(".git")

    def same(self, other: Self) -> bool:
        """Whether both are of one repository: forges leave it to the reader whether to write `.git`."""
        return self._bare == other._bare

    def covers(self, other: Self) -> bool:
        """Whether the other is this repository or, where this is a place, lies below it."""
        below = (self.scheme, self.host, *self.path) == (other.scheme, other.host, *other.path[: len(self.path)])
        return self.same(other) or (below and not self.single)

    @property
    def _bare(self) -> tuple[str, ...]:
        return (self.scheme, self.host, *self.path[:-1], self.path[-1].removesuffix(".git"))

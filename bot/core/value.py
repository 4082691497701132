"""What all the spec's values have in common, and how they say what their keys together lack."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that a value's keys together lack, and the key at which to say so."""

    why: str
    at: tuple[str, ...] = ()


class Value(BaseModel):
    """What all the spec's values have in common: frozen, strict, closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @classmethod
    def unmet(cls, given: Mapping[str, Any]) -> Iterator[Lack]:
        """Say what the keys together lack, as far as the file is right: any of them may be of a wrong type.

        Asked by `bot.core.reading.spec` where the file is read: what was valid once can be remembered for ever.
        """
        yield from ()


def table(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The mapping under this key; an empty one where something else stands there."""
    found = given.get(key)
    return found if isinstance(found, Mapping) else {}


def texts(given: Mapping[str, Any], key: str) -> Mapping[str, str]:
    """The same, of its texts only."""
    return {name: value for name, value in table(given, key).items() if isinstance(value, str)}

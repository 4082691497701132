"""What a person may ask of an environment beside its state: one thing, done once, in the environment as it is."""

from dataclasses import dataclass
from typing import Literal

from bot.core.model import JobEvent
from bot.core.names import Name
from bot.core.overlay import Clone


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """Run a job's event now, whatever its `run` says, and touch nothing else."""

    job: Name
    event: JobEvent
    kind: Literal["force"] = "force"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """Put a clone here under this name, and bring it up."""

    name: Name
    clone: Clone
    kind: Literal["adopt"] = "adopt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Delete this service or job from this environment for good."""

    name: Name
    kind: Literal["drop"] = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Empty the volumes of these services (none named: of all), forget what ran once, and deploy again."""

    services: tuple[Name, ...] = ()
    kind: Literal["reset"] = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """End the deploy or errand that is under way, drop what waits, and leave what stands."""

    kind: Literal["cancel"] = "cancel"


Errand = Force | Adopt | Drop | Reset | Cancel

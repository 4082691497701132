"""The commands as values, and the mistake that a line is that is none."""

from dataclasses import dataclass
from datetime import timedelta

from bot.core.choices import JobEvent
from bot.core.names import EnvironmentId, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """Say what can be said; `command` is empty where it is asked of all."""

    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """Deploy the pull's head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Take the preview down and keep what it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Bring a stopped preview back, as a deploy does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove the preview, or the one service or job `name` of it for good."""

    name: Name | None = None
    yes: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """End what is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Run a job as it does at this event."""

    job: Name
    event: JobEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Clone:
    """Put a copy of a service or job beside it or into another preview; None: the same name, the same preview."""

    name: Name
    new: Name | None = None
    environment: EnvironmentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Empty the volumes of these services (none named: of all) and deploy anew."""

    services: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Show what a service, a job or a step printed."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Show the preview as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Show what a deploy of the head would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Show what was decided last, and because of what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """Let the preview live longer."""

    time: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Let this commit of a fork be deployed; `sha` may be abbreviated to seven digits, and is in lower case."""

    sha: str


Command = (
    Help | Deploy | Stop | Start | Delete | Cancel | Run | Clone | Reset | Logs | Status | Plan | Why | Extend | Approve
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A line that was meant for us and cannot be carried out. `said` and `why` have a stranger's words in them."""

    said: str
    """How the line begins; empty where the mistake is the whole comment's."""
    why: str
    """One sentence without its full stop."""
    usage: str = ""
    """What to write instead, as far as it is known."""

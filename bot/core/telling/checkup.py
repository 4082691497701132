"""What a look at one thing that a bot needs has shown, and who must act where it is not well."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.core.errors import MatineeError, Misused


class Health(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Blame(StrEnum):
    """Whose it is to mend what failed."""

    SETTINGS = "settings"
    OUTSIDE = "outside"
    OURS = "ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One look. `why` says what was seen, `advice` what to do next."""

    name: str
    state: Health
    why: str
    advice: str = ""
    blame: Blame = Blame.OUTSIDE


def ok(name: str, why: str, advice: str = "") -> Check:
    """It is as it should be."""
    return Check(name=name, state=Health.OK, why=why, advice=advice)


def warning(name: str, why: str, advice: str) -> Check:
    """It works, but not for ever or not wholly."""
    return Check(name=name, state=Health.WARNING, why=why, advice=advice)


def failed(name: str, error: Exception) -> Check:
    """It does not; the message of an error of ours says what to do."""
    if isinstance(error, OSError):
        return Check(name=name, state=Health.FAILED, why=str(error), advice="look at this machine's files and network")
    if not isinstance(error, MatineeError):
        why = f"a fault of matinee's own: {type(error).__name__}: {error}"
        return Check(name=name, state=Health.FAILED, why=why, advice="please report it", blame=Blame.OURS)
    what, _, advice = str(error).rpartition("; ")
    blame = Blame.SETTINGS if isinstance(error, Misused) else Blame.OUTSIDE
    return Check(name=name, state=Health.FAILED, why=what or advice, advice=advice if what else "", blame=blame)


def tried(name: str, look: Callable[[], Check]) -> Check:
    """What the look shows; whatever it raises is what it shows."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - one look that fails must not hide the next
        return failed(name, error)


def all_tried(name: str, looks: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """What several looks show, up to one that raises."""
    try:
        yield from looks()
    except Exception as error:  # noqa: BLE001 - as in `tried`
        yield failed(name, error)


def hidden(check: Check, mask: Callable[[str], str]) -> Check:
    """The same through a mask."""
    return replace(check, why=mask(check.why), advice=mask(check.advice))


def blame(checks: Iterable[Check]) -> Blame | None:
    """Who must act first: wrong settings may be the reason for all the rest."""
    found = {check.blame for check in checks if check.state is Health.FAILED}
    return next((each for each in Blame if each in found), None)

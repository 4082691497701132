"""What goes wrong that is not the user's work: each class says who must act. Exit codes are in the doors."""

from datetime import datetime


class MatineeError(Exception):
    """The message says what, where and what next, in one sentence."""


class Misused(MatineeError):
    """The person at the command line must act: a wrong name, a missing setting."""


class Unavailable(MatineeError):
    """Something outside does not answer: the engine, the forge, the database. Whoever operates it must act."""


class Denied(Unavailable):
    """It answers, and for certain with no: asking again as before changes nothing. `status` is HTTP's."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class Limited(Unavailable):
    """It was asked too much, and will answer again: nobody must act, but not ask before `until`."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class Overtaken(MatineeError):
    """A newer generation has taken this environment over; what carried the older one must stop writing."""


class Gone(MatineeError):
    """The forge says for certain that there is no such thing (any more)."""


def bottom(error: BaseException) -> BaseException:
    """What lies below all that it was wrapped into."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return error

"""The spec's fixed choices: what may be written where only a few words may be."""

from enum import StrEnum


class JobEvent(StrEnum):
    """The three moments of an environment's life at which a job may run."""

    DEPLOY = "deploy"
    STOP = "stop"
    DELETE = "delete"


class Drafts(StrEnum):
    """What happens with a pull while it is a draft."""

    SKIP = "skip"
    DEPLOY = "deploy"


class Hook(StrEnum):
    """When a task of a group runs: before the mains, beside them, after them (Nomad's `lifecycle.hook`)."""

    PRESTART = "prestart"
    POSTSTART = "poststart"
    POSTSTOP = "poststop"


class Rerun(StrEnum):
    """Whether a deploy runs a job that has succeeded before."""

    ALWAYS = "always"
    ONCE = "once"
    ON_CHANGE = "on-change"


class OnInvalid(StrEnum):
    """What becomes of a job whose output file cannot be read as one."""

    FAIL = "fail"
    WARN = "warn"
    KEEP_PREVIOUS = "keep-previous"


class OnFailure(StrEnum):
    """What a failed task means for its group."""

    FAIL = "fail"
    WARN = "warn"


class Origin(StrEnum):
    """Where a secret's value comes from, when it is not the operator who gives it."""

    GENERATE = "generate"

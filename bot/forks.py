"""On what terms pulls from forks run here, from settings alone; whose commit may run at all is not its matter."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot import plugins
from bot.core.errors import Misused
from bot.settings import FORK_BUILDERS, FORK_BUILDERS_OWN, PREFIX
from builders.base import Builder
from runners.base import ForkTerms

_NAMES = re.compile(rf"{PREFIX}({'|'.join(sorted(map(str.upper, FORK_BUILDERS), reverse=True))}|BUILDKIT_TLS)")
_UNSET = "no builder of the forks' own is set; the operator can set MATINEE_FORK_BUILDER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forks:
    """`builder` is there where `against` is empty."""

    builder: Builder | None = None
    against: str = ""
    """Why none runs here, with what to set."""
    out: bool = False
    """Whether what runs may call out."""


def forks(settings: Mapping[str, str]) -> Forks:
    """What the settings say; a builder that is shared with other pulls is refused at once."""
    terms = ForkTerms.of(plugins.load("runners", settings["runner"]), settings)
    if not settings.get("fork_builder"):
        return Forks(against=_UNSET, out=terms.out)
    theirs = for_forks(settings)
    plugins.paired(theirs, whose="FORK_")
    adapter = plugins.load("builders", theirs["builder"])
    try:
        builder: Builder = adapter.create(theirs)
    except Misused as error:
        raise Misused(named(str(error))) from error
    shared = getattr(adapter, "shared", None)
    if shared and settings["builder"] == theirs["builder"] and (what := shared(settings, theirs)):
        name = what.upper()
        raise Misused(f"{PREFIX}{name}: pulls from forks would share it; set {PREFIX}FORK_{name} to another place")
    return Forks(builder=None if terms.against else builder, against=terms.against, out=terms.out)


def named(text: str) -> str:
    """What the builder for forks says, with the names that its settings have here."""
    return _NAMES.sub(rf"{PREFIX}FORK_\1", text)


def for_forks(settings: Mapping[str, str]) -> Mapping[str, str]:
    """The settings of the builder for forks: where it is, and what it is let in with, is its own."""
    common = {name: value for name, value in settings.items() if name not in FORK_BUILDERS_OWN}
    own = {name: settings[f"fork_{name}"] for name in FORK_BUILDERS if f"fork_{name}" in settings}
    return {**common, **own, "builder": settings["fork_builder"], "trust": "forks"}

"""The adapters that there are: a file of a family's folder with a `create` is one. Nothing is imported to find them."""

import difflib
import importlib
import importlib.util
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from bot.core.errors import Misused

_PACKAGES = {"runners": "runners", "builders": "builders", "forges": "bot.forges"}
_APART = {
    ("docker", "buildkit"): (
        "the Docker runner does not fetch what BuildKit pushes; "
        "set MATINEE_BUILDER=docker, or MATINEE_RUNNER=kubernetes with a cluster"
    ),
    ("kubernetes", "docker"): (
        "a cluster does not see what a Docker engine builds; "
        "set MATINEE_BUILDER=buildkit and MATINEE_REGISTRY, from where it fetches"
    ),
}
"""Runner and builder that cannot work together."""
_FACTORY = re.compile(r"^def create\(", re.MULTILINE)


def choices(family: str) -> tuple[str, ...]:
    """The names of a family (`runners`, `builders`, `forges`), sorted."""
    spec = importlib.util.find_spec(_PACKAGES[family])
    folders = [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []
    files = [file for folder in folders for file in folder.glob("[!_]*.py")]
    return tuple(sorted(file.stem for file in files if _FACTORY.search(file.read_text(encoding="utf-8"))))


def load(family: str, name: str) -> ModuleType:
    """The adapter's module; a name that is not there is answered with those that are."""
    known = choices(family)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise Misused(f"{name!r} is none of the {family}: use one of {', '.join(known)}{hint}")
    return importlib.import_module(f"{_PACKAGES[family]}.{name}")


def create(family: str, name: str, settings: Mapping[str, str]) -> Any:
    """The adapter itself; it connects to nothing before it is used."""
    return cast(Any, load(family, name)).create(settings)


def hooked(settings: Mapping[str, str]) -> frozenset[str]:
    """The forges whose webhooks are taken with these settings."""
    return frozenset(name for name, why in _missing(settings) if why is None)


def unhooked(settings: Mapping[str, str]) -> Mapping[str, str]:
    """The forges whose webhooks could be taken, each with what is missing for it."""
    return {name: why for name, why in _missing(settings) if why is not None}


def _missing(settings: Mapping[str, str]) -> Iterator[tuple[str, str | None]]:
    for name in choices("forges"):
        ask = getattr(load("forges", name), "missing", None)
        if ask is not None:
            yield name, ask(settings)


def pipeline(environment: Mapping[str, str]) -> Any:
    """The forge's own CI in which a process with these variables runs; None where it runs in none."""
    asked = (getattr(load("forges", name), "pipeline", None) for name in choices("forges"))
    return next((found for ask in asked if ask is not None and (found := ask(environment))), None)


def paired(settings: Mapping[str, str], *, whose: str = "") -> None:
    """Raise `Misused` where previews could not run on the chosen runner what the chosen builder builds.

    `whose`: what the names of the builder's settings begin with.
    """
    pair = (settings["runner"], settings["builder"])
    if why := _APART.get(pair):
        own = why.replace("_BUILDER", f"_{whose}BUILDER").replace("_REGISTRY", f"_{whose}REGISTRY")
        raise Misused(f"MATINEE_RUNNER={pair[0]} with MATINEE_{whose}BUILDER={pair[1]}: {own}")

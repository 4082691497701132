"""Looks at everything that a bot needs, one thing after the other, whatever becomes of the others."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bot import plugins, premises
from bot.core.errors import Misused
from bot.core.events import Want
from bot.core.group import Home
from bot.core.masking import Masker
from bot.core.telling.checkup import Check, all_tried, failed, hidden, ok, tried, warning
from bot.forks import forks, named
from bot.inbox import Inbox, Status
from bot.settings import PREFIX, meant, number, secrets, unknown, without_files
from bot.settings import settings as read
from bot.world import sweeps
from builders.source import Sources
from runners.base import Runner

Settings = Mapping[str, str]


def checkup(environment: Mapping[str, str], file: Path | None, *, mend: bool = False) -> Iterator[Check]:
    """Every look there is, with what can be done about what they show. No secret that the settings hold is in it."""
    try:
        settings = read(environment, file)
    except Misused as error:
        yield failed("settings", error)
        settings = _rest(environment, file)
    else:
        yield tried("settings", lambda: _settings(settings))
    yield tried("names of settings", lambda: _named(environment))
    hide = Masker(secrets(settings)).mask
    yield from (hidden(check, hide) for check in _looks(settings, mend=mend))


def _rest(environment: Mapping[str, str], file: Path | None) -> Settings:
    """What can be read although something cannot."""
    rest = without_files(environment)
    try:
        return read(rest, file)
    except Misused:
        return read(rest, Path(os.devnull))  # without the file, which is it that cannot be read


def _settings(settings: Settings) -> Check:
    for name in ("workers", "lease"):
        number(settings, name)
    sweeps(settings)
    plugins.paired(settings)
    return ok("settings", f"they can be read; runner {settings['runner']}, builder {settings['builder']}")


def _named(environment: Mapping[str, str]) -> Check:
    strange = unknown(environment)
    if not strange:
        return ok("names of settings", f"every {PREFIX}… variable is a setting")
    why = f"no setting is called {', '.join(strange)}"
    return warning("names of settings", why, "; ".join(map(meant, strange)))


def _looks(settings: Settings, *, mend: bool) -> Iterator[Check]:
    yield tried("state folder", lambda: premises.folder(settings))
    yield tried("disk space", lambda: premises.disk(settings))
    yield from premises.database(settings)
    yield tried("encryption key", lambda: premises.key(settings))
    yield tried("secrets file", lambda: premises.secrets(settings))
    lanes = _lanes(settings)
    yield from all_tried("runner", lambda: _runner(settings, lanes))
    yield from all_tried("builder", lambda: plugins.create("builders", settings["builder"], settings).checks())
    yield from all_tried("pulls from forks", lambda: _forks(settings))
    sources = Sources(Path(settings["state"]) / "mirrors")
    yield from all_tried("git", sources.checks)
    yield from all_tried("build credentials", lambda: premises.grants(settings, sources))
    yield tried("forges", lambda: _forges(settings))
    for name in plugins.choices("forges"):
        yield from all_tried(name, partial(_forge, name, settings, lanes, mend=mend))
    for name in ("listen", "admin_listen"):
        yield tried(name.replace("_", " "), partial(premises.listening, settings, name))


def _lanes(settings: Settings) -> tuple[Status, ...]:
    """None where the database does not answer, which is told elsewhere."""
    try:
        inbox = Inbox.open(settings["database_url"])
        lanes = inbox.lanes()
        inbox.close()
    except Exception:  # noqa: BLE001 - the look at the database tells it
        return ()
    return lanes


def _runner(settings: Settings, lanes: Iterable[Status]) -> Iterator[Check]:
    runner = plugins.create("runners", settings["runner"], settings)
    yield from runner.checks()
    yield tried("kept environments", lambda: _kept(runner, lanes))


def _kept(runner: Runner, lanes: Iterable[Status]) -> Check:
    homes = (Home(environment=each.environment, generation=each.lane.generation) for each in lanes)
    count = sum(runner.recall(home) is not None for home in homes)
    return ok("kept environments", f"what is kept of {count} can be read")


def _forks(settings: Settings) -> Iterator[Check]:
    found = forks(settings)
    if found.builder is None:
        yield ok("pulls from forks", f"they are refused: {found.against}")
        return
    yield ok("pulls from forks", f"each commit runs once it is approved; it may {'' if found.out else 'not '}call out")
    for check in found.builder.checks():
        yield replace(check, name=f"{check.name} for forks", why=named(check.why), advice=named(check.advice))


def _forges(settings: Settings) -> Check:
    if ready := sorted(plugins.hooked(settings)):
        return ok("forges", f"webhooks of {', '.join(ready)} are taken")
    return warning("forges", "none is set up, so `matinee serve` would not start", "docs/bot.md says how")


def _forge(name: str, settings: Settings, lanes: Iterable[Status], *, mend: bool) -> Iterator[Check]:
    wishes = (each.lane.wish for each in lanes if each.lane.wish.want is not Want.DELETE)
    repositories = {wish.key.repository: wish.repository for wish in wishes if wish.key.forge == name}
    forge: Any = plugins.create("forges", name, settings)
    found: Iterator[Check] = forge.checks(repositories, mend=mend)
    return found

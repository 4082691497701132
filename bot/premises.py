"""Whether what the bot has on this machine is as it needs it: folder, disk, database, keys, secrets, addresses."""

import errno
import http.client
import json
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from threading import Event

from bot.core.errors import Denied, Misused, Unavailable
from bot.core.lifetime import moment
from bot.core.telling.checkup import Check, Health, ok, tried, warning
from bot.core.telling.wording import counted
from bot.core.units import in_words
from bot.inbox import Inbox
from bot.keeping.cipher import KEY_FILE, cipher
from bot.keeping.grants import SETTING, Grant, Grants
from bot.settings import PREFIX, address
from bot.world import vault
from builders.source import Sources

SCARCE, FULL = 2**30, 64 * 2**20
"""Bytes on the state folder's disk below which it is told, and below which nothing works for long."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def folder(settings: Mapping[str, str]) -> Check:
    """The state folder can be written, and is nobody else's to read."""
    state = Path(settings["state"])
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=state):
            pass
    except OSError as error:
        raise Misused(
            f"{state} cannot be written: {error.strerror}; set MATINEE_STATE to a folder that this user may write"
        ) from error
    if state.stat().st_mode & _OTHERS:
        return warning("state folder", f"{state} can be read by others", f"chmod 700 {state}")
    return ok("state folder", f"{state} is ours to write, and nobody else's to read")


def disk(settings: Mapping[str, str]) -> Check:
    """There is room in the state folder."""
    state = Path(settings["state"])
    free = shutil.disk_usage(state).free
    if free < FULL:
        raise Unavailable(f"only {in_words(free)} are left for {state}; free some space there")
    if free < SCARCE:
        why = f"only {in_words(free)} are left for {state}"
        return warning("disk space", why, "free some space: mirrors, logs and the database grow there")
    return ok("disk space", f"{in_words(free)} are left for {state}")


def database(settings: Mapping[str, str]) -> Iterator[Check]:
    """It answers and has our tables; and, then, whether a bot serves it."""
    there = tried("database", lambda: _reached(settings))
    yield there
    if there.state is not Health.FAILED:
        yield tried("bot", lambda: _served(settings))
        yield tried("sweeper", lambda: swept(settings))


def swept(settings: Mapping[str, str]) -> Check:
    """Whether a sweep has stopped for somebody's word."""
    inbox = Inbox.open(settings["database_url"])
    try:
        done = inbox.chores.all()
    finally:
        inbox.close()
    for chore in done:
        if chore.note:
            why, _, advice = chore.note.partition("; ")
            return warning("sweeper", why, advice)
    last = min((each.done_at for each in done if each.done_at is not None), default=None)
    return ok("sweeper", "it has not looked yet" if last is None else f"it asks for nothing; looked at {moment(last)}")


def key(settings: Mapping[str, str]) -> Check:
    """There are keys, and they are nobody else's to read."""
    box, file = cipher(settings), Path(settings["state"]) / KEY_FILE
    box.open(box.seal(b"matinee"), "what was sealed just now")
    if not box.made_here:
        return ok("encryption key", "set in the settings")
    if file.stat().st_mode & _OTHERS:
        return warning("encryption key", f"{file} can be read by others", f"chmod 600 {file}; then change the key")
    return ok("encryption key", f"made here, in {file}: keep a copy of it elsewhere")


def secrets(settings: Mapping[str, str]) -> Check:
    """The operator's secrets can be read and opened, and are nobody else's to read."""
    kept = vault(settings)
    count = kept.open_all()
    if not settings.get("secrets_secret"):
        file = Path(settings["secrets_file"])
        if not file.exists():
            return ok("secrets file", f"{file} is not there: no secrets were given yet")
        if file.stat().st_mode & _OTHERS:
            return warning("secrets file", f"{file} can be read by others", f"chmod 600 {file}")
    if bare := sum(not entry.sealed for entry in kept.entries()):
        return warning("secrets file", f"{bare} of {count} are not encrypted", "`matinee secrets rotate` encrypts them")
    return ok("secrets file", f"{count} in {kept.where}, all of them open")


def grants(settings: Mapping[str, str], sources: Sources) -> Iterator[Check]:
    """Each token for another repository is taken there, where the operator names a repository to try it with."""
    file = settings.get("build_credentials_file")
    if not file:
        return
    there = Grants(Path(file).absolute()).all()
    if Path(file).stat().st_mode & _OTHERS:
        yield warning("build credentials", f"{file} can be read by others", f"chmod 600 {file}")
    else:
        yield ok("build credentials", f"{len(there)} tokens in {file}")
    for each in there:
        yield tried(f"token for {each.place}", partial(_granted, each, sources))


def _granted(grant: Grant, sources: Sources) -> Check:
    name, whose = f"token for {grant.place}", ", ".join(sorted(grant.pulls))
    try:
        if grant.check is not None:
            sources.resolve(str(grant.check), grant.header, ref=None, cancel=Event())
    except Denied as error:
        why = "refuses it" if error.status in (401, 410) else f"is not there, or not for it to read ({error.status})"
        raise Misused(f"{grant.check} {why}; renew it in {SETTING}, with the right to read that repository") from error
    if grant.place.scheme == "http":
        return warning(name, "it is sent without TLS, for whoever is on the way to read", "write its url with https://")
    if grant.check is None:
        return ok(name, f"for pulls of {whose}; not tried", "name a repository to try it with: check = …")
    return ok(name, f"for pulls of {whose}; it reads {grant.check}")


def listening(settings: Mapping[str, str], name: str) -> Check:
    """The address is free, or a bot's already."""
    host, port = address(settings[name], name)
    title, variable = name.replace("_", " "), f"{PREFIX}{name.upper()}"
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return ok(title, f"{settings[name]} is free")
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise Misused(f"{variable}: {settings[name]}: {error.strerror}; choose another address") from error
    if _alive(host, port):
        return ok(title, f"a bot listens at {settings[name]}")
    raise Unavailable(f"something else listens at {settings[name]}; end it, or choose another address in {variable}")


def _reached(settings: Mapping[str, str]) -> Check:
    inbox = Inbox.open(settings["database_url"])
    try:
        return ok("database", f"{inbox.place} answers; it knows {counted(len(inbox.lanes()), 'environment')}")
    finally:
        inbox.close()


def _served(settings: Mapping[str, str]) -> Check:
    inbox = Inbox.open(settings["database_url"])
    try:
        if inbox.served():
            return ok("bot", "a bot serves")
        return warning("bot", "none serves now: webhooks are not heard", "start one with `matinee serve`")
    finally:
        inbox.close()


def _alive(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=3)
    try:
        connection.request("GET", "/healthz")
        return bool(json.loads(connection.getresponse().read(1000)) == {"status": "alive"})
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()

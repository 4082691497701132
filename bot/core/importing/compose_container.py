"""One service of a compose file → a service or job of the spec."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.importing.asked import Asked, escaped, fixed, reference, referring
from bot.core.importing.beside import Beside
from bot.core.importing.commented import Json
from bot.core.importing.compose_build import pairs, source
from bot.core.importing.compose_mounts import mounts
from bot.core.importing.compose_ports import ports
from bot.core.importing.draft import Draft
from bot.core.importing.entry import Entry
from bot.core.importing.sizes import cpu, memory
from bot.core.names import VARIABLE
from bot.core.reading.yaml_marks import Listing, Path, Table

_REASONS = {
    "networks": "every service of a preview is in one network of its own",
    "network_mode": "every service of a preview is in one network of its own",
    "links": "every service is reached by its name already",
    "container_name": "a service is reached by its own name",
    "hostname": "a service is reached by its own name",
    "working_dir": "the image's own is used; set WORKDIR in its Dockerfile",
    "labels": "there is nothing that reads labels; see public and domain for routes",
    "logging": "what it prints is kept as it is",
    "privileged": "no container of a preview has rights of the machine",
    "cap_add": "no container of a preview has rights of the machine",
    "devices": "no container of a preview has devices of the machine",
    "develop": "a preview is deployed at each push instead",
    "pull_policy": "its registry is asked at each deploy",
    "platform": "an image of a registry is fetched for the machine that runs it",
    "stop_grace_period": "the engine's own time to stop is used",
    "mem_reservation": "there are limits only",
    "post_start": "write it as a task with hook: poststart",
    "pre_stop": "write it as a task with hook: poststop, or as a job with a stop event",
}
_NO_NAME = (
    "{} is no name of a variable: letters, digits and _ only, no digit first, as shells have it; see args and files"
)
_NOT_IN_A_JOB = "a job has none; it runs and ends"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """What all services of the file share."""

    draft: Draft
    folder: str
    names: Mapping[str, str]
    ending: frozenset[str]
    volumes: Mapping[str, Entry]
    secrets: Mapping[str, Entry]
    configs: Mapping[str, Entry]
    beside: Beside
    shared: dict[str, Path] = field(default_factory=dict)
    """Each named volume, and the first service that has it."""


def container(name: str, service: Entry, compose: Compose) -> None:
    """Write one service, or job where others wait for its end."""
    job = name in compose.ending
    draft, path = compose.draft, ("jobs" if job else "services", compose.names[name])
    draft.put(path, {}, service)
    image = source(service, draft, path, compose.folder)
    _variables(service, draft, path)
    _command(service, draft, (*path, "on", "deploy") if job else path)
    _needs(service, compose, path)
    _limits(service, draft, path)
    mounts(service, compose, path, job=job)
    if (user := service.take("user")) and (text := fixed(user)):
        draft.put((*path, "user"), int(text) if re.fullmatch(r"[0-9]{1,10}", text) else text, user)
    _restarts(service, draft, path, job=job)
    if job:
        draft.put((*path, "on", "deploy"), draft.at(*path, "on", "deploy") or {}, service)
        for key in ("ports", "expose", "healthcheck", "scale"):
            if found := service.take(key):
                found.leave(_NOT_IN_A_JOB)
    else:
        ports(service, compose, path, image)
        _replicas(service, draft, path)
        _health(service, draft, path)
    service.rest(_REASONS, without="x-")


def _variables(service: Entry, draft: Draft, path: Path) -> None:
    given = service.take("environment")
    for name, value, entry in pairs(given) if given else ():
        if not VARIABLE.fullmatch(name):
            entry.leave(_NO_NAME.format(name))
            continue
        text = reference(Asked(name, None), draft, entry) if value is None else referring(value, draft, entry)
        draft.put((*path, "variables", name), text, entry)


def _command(service: Entry, draft: Draft, path: Path) -> None:
    for key, ours in (("entrypoint", "entrypoint"), ("command", "args")):
        if (given := service.take(key)) and (words := _words(given, draft)) is not None:
            draft.put((*path, ours), words, given)


def _words(given: Entry, draft: Draft) -> list[Json] | None:
    if not isinstance(given.tree, Listing):
        text = given.text()
        try:
            split = shlex.split(text or "")
        except ValueError:
            given.leave("a quote in it is never closed")
            return None
        return [referring(word, draft, given) for word in split]
    return [referring(text, draft, item) for item in given.items() if (text := item.text()) is not None]


def _needs(service: Entry, compose: Compose, path: Path) -> None:
    needs: list[Json] = []
    given = service.take("depends_on")
    found = (
        given.entries()
        if given and isinstance(given.tree, Table)
        else [(e.text() or "", e) for e in given.items()]
        if given
        else ()
    )
    for name, each in found:
        if name in compose.names:
            needs.append(compose.names[name])
        else:
            each.leave(f"there is no service {name} here")
        if isinstance(each.tree, Table):
            each.taken |= {"condition"}
            each.rest(
                {
                    "restart": "a service is restarted when what goes into it changes",
                    "required": "it is always waited for",
                }
            )
    if needs and given:
        compose.draft.put((*path, "needs"), list(dict.fromkeys(needs)), given)


def _limits(service: Entry, draft: Draft, path: Path) -> None:
    deploy = service.take("deploy")
    resources = deploy.take("resources") if deploy else None
    limits = resources.take("limits") if resources else None
    pairs = [(limits.take("cpus"), limits.take("memory"))] if limits else []
    for cpus, size in (*pairs, (service.take("cpus"), service.take("mem_limit"))):
        if cpus and (share := cpu(fixed(cpus) or "", cpus)):
            draft.put((*path, "resources", "cpu"), share, cpus)
        if size and (amount := memory(fixed(size) or "", size)):
            draft.put((*path, "resources", "memory"), amount, size)
    if limits:
        limits.rest()
    if resources:
        resources.rest({"reservations": "there are limits only"})
    if deploy:
        deploy.taken |= {"replicas"}
        deploy.rest({"restart_policy": "a service is restarted for ever once it is up"})


def _replicas(service: Entry, draft: Draft, path: Path) -> None:
    deploy = service.take("deploy")
    for given in (deploy.take("replicas") if deploy else None, service.take("scale")):
        if given and (text := fixed(given)):
            draft.put(
                (*path, "replicas"), int(text) if text.isdecimal() and text.isascii() and len(text) < 9 else text, given
            )


def _restarts(service: Entry, draft: Draft, path: Path, *, job: bool) -> None:
    given = service.take("restart")
    text = fixed(given) if given else None
    if given is None or text is None:
        return
    policy, _, most = text.partition(":")
    if policy == "no" and not job:
        given.leave("a service is restarted; if it ends by itself, make it a job")
    elif most.isdecimal() and most.isascii() and len(most) < 9:
        draft.put((*path, "on", "deploy", "restarts") if job else (*path, "restarts"), int(most), given)


def _health(service: Entry, draft: Draft, path: Path) -> None:
    given = service.take("healthcheck")
    if given is None:
        return
    test, off = given.take("test"), given.take("disable")
    words = [referring(text, draft, test) for text in test.texts()] if test else []
    if (off and off.value is True) or words[:1] == ["NONE"]:
        given.taken |= {"interval", "timeout", "retries", "start_period", "start_interval"}
        given.rest()
        return
    command = _probe_words(words, listed=test is not None and isinstance(test.tree, Listing))
    if not command or test is None:
        given.leave("it names no command; write health: {tcp: PORT} for one of its own")
        return
    told = _told_inside(command, draft.at(*path, "variables"))
    draft.put((*path, "health", "exec"), told, test)
    for key, ours in (("interval", "every"), ("timeout", "timeout"), ("start_period", "after")):
        if time := given.take(key):
            draft.put((*path, "health", ours), escaped(fixed(time) or ""), time)
    given.rest(
        {"retries": "it has 300 seconds to answer well", "start_interval": "it is asked as often as `every` says"}
    )


def _probe_words(words: list[str], *, listed: bool) -> list[str]:
    match words:
        case ["CMD", *command] if listed:
            return command
        case ["CMD-SHELL", line] if listed:
            return ["sh", "-c", line]
        case [line] if not listed:
            return ["sh", "-c", line]
        case _:
            return []


def _told_inside(words: list[str], variables: Json | None) -> list[Json]:
    """A shell finds a secret in its own variables, where arguments may hold none."""
    inside = variables.items() if isinstance(variables, dict) else ()
    held = [(name, value) for name, value in inside if isinstance(value, str) and value.startswith("${secrets.")]
    if words[:2] != ["sh", "-c"]:
        return list(words)
    line = words[2]
    for name, value in held:
        line = line.replace(value, f"${name}")
    return [*words[:2], line]

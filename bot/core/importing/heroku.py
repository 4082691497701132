"""Heroku's `app.json`, with its Procfile where there is one → a spec."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from bot.core.importing.asked import CHOOSE, GENERATED, escaped
from bot.core.importing.commented import Json
from bot.core.importing.databases import ENGINES, Database
from bot.core.importing.draft import Draft, Imported, Unimportable, named, unimportable
from bot.core.importing.entry import Entry, whole
from bot.core.importing.known import made_here, secret
from bot.core.importing.left_out import LeftOut, left_out
from bot.core.importing.yaml_source import parse_json
from bot.core.reading.mistakes import Mistake
from bot.core.reading.yaml_marks import Path, Table

PORT = 8080
_PROCESS = re.compile(r"([A-Za-z0-9_-]+):\s*(.+)")
_ADDONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "heroku-postgresql": ("postgres", "DATABASE"),
        "heroku-redis": ("redis", "REDIS"),
        "heroku-data-for-redis": ("redis", "REDIS"),
        "rediscloud": ("redis", "REDISCLOUD"),
        "redistogo": ("redis", "REDISTOGO"),
        "openredis": ("redis", "OPENREDIS"),
        "jawsdb": ("mysql", "JAWSDB"),
        "cleardb": ("mysql", "CLEARDB_DATABASE"),
        "mongolab": ("mongo", "MONGODB"),
        "ormongo": ("mongo", "ORMONGO"),
        "cloudamqp": ("rabbitmq", "CLOUDAMQP"),
    }
)
"""The engine, and the variable that holds its address, before `_URL`."""
_TOP = {
    "buildpacks": "there are no buildpacks; it is built by the repository's Dockerfile",
    "stack": "it is built by the repository's Dockerfile",
    "image": "it is built by the repository's Dockerfile",
    "features": "there is no such feature",
    "labs": "there is no such feature",
    "$schema": "it says what this file is",
}
_ABOUT = ("description", "keywords", "logo", "repository", "website", "success_url", "$schema")
_DYNO = "how much a dyno of this size has is not copied; write it as resources"
_BUILD = "there are no buildpacks: the repository needs a Dockerfile"


def read(file: bytes, *, procfile: str = "", beside: str = "Procfile") -> Imported | Unimportable:
    """The spec of an app.json, and of the Procfile at this path beside it; no bytes of any form raise."""
    tree = parse_json(file)
    if isinstance(tree, Mistake):
        return unimportable(tree)
    journal: list[LeftOut] = []
    if not isinstance(tree, Table):
        return Unimportable(why="an app.json is one object of JSON")
    top = whole(tree, journal)
    draft = Draft(journal=journal, head=("Made from an app.json.",))
    review = _review(top)
    if (given := top.take("name")) and (name := given.text()):
        draft.put(("name",), re.sub(r"[^\w .-]", "-", name).strip(" .-")[:100], given)
    found = _addons(_chosen(top, review, "addons"), draft)
    for env in (top.take("env"), review.get("env")):
        _variables(env, draft)
    commands = _processes(procfile, beside, journal)
    _services(top, review, draft, commands, found)
    _scripts(top, review, draft, found, release=commands.get("release", ""))
    top.taken |= set(_ABOUT)
    top.rest(_TOP)
    return draft.finished()


def _review(top: Entry) -> dict[str, Entry]:
    """What holds for review apps only; it wins over the rest."""
    environments = top.take("environments")
    review = environments.take("review") if environments else None
    found = {key: each for key in ("env", "addons", "formation", "scripts") if review and (each := review.take(key))}
    if review:
        review.rest(_TOP)
    if environments:
        environments.rest({"test": "tests are run by a CI"})
    return found


def _chosen(top: Entry, review: Mapping[str, Entry], key: str) -> Entry | None:
    """What holds for review apps, in the place of what holds for all."""
    general = top.take(key)
    if key in review and general:
        general.leave("review apps have their own")
    return review.get(key) or general


def _addons(given: Entry | None, draft: Draft) -> list[Database]:
    found: list[Database] = []
    for item in given.items() if given else ():
        plan = (item.told("plan") if item.fields else item.text()) or ""
        known = _ADDONS.get(plan.partition(":")[0])
        if known is None:
            item.leave("there are no add-ons; write a service or a job that stands in for it")
            item.taken |= item.fields.keys()
            continue
        engine, prefix = known
        label = item.told("as").upper() if item.fields else ""
        database = Database(name=draft.free_name(named(label) if label else engine), engine=ENGINES[engine])
        options = item.take("options")
        version = options.told("version") if options else ""
        if options:
            options.rest()
        database.write(draft, item, version=version)
        draft.put(("variables", f"{label or prefix}_URL"), database.url, item)
        item.rest()
        found.append(database)
    return found


def _variables(given: Entry | None, draft: Draft) -> None:
    for name, each in given.entries() if given else ():
        path: Path = ("variables", name)
        if not each.fields:
            draft.put(path, escaped(each.text() or "") if each.given else "", each)
            continue
        value, generator, required = each.take("value"), each.take("generator"), each.take("required")
        each.taken |= {"description"}
        each.rest()
        if generator and value:
            value.leave("it is generated")
        if generator and generator.value == "secret":
            draft.put(("secrets", name), "generate", each, remark=GENERATED)
            draft.put(path, f"${{secrets.{name}}}", each)
        elif value:
            draft.put(path, escaped(value.text() or ""), each)
        elif required and required.value is False:
            each.leave("it may be missing, and has no value here")
        elif secret(name):
            if made_here(name):
                draft.put(("secrets", name), "generate", each, remark=GENERATED)
            draft.put(
                path, f"${{secrets.{name}}}", each, remark="" if made_here(name) else "give it by `matinee secrets set`"
            )
        else:
            draft.put(path, "", each, remark=CHOOSE)


def _services(
    top: Entry, review: Mapping[str, Entry], draft: Draft, commands: Mapping[str, str], found: list[Database]
) -> None:
    sizes = _formation(top, review)
    web = Entry(tree=top.tree, path=("formation",), line=1, journal=top.journal)
    running = [each for each in commands if each != "release"] or ["web"]
    for process in dict.fromkeys((*running, *sizes)):
        entry = sizes.get(process, web)
        name = draft.free_name(process)
        path: Path = ("services", name)
        draft.put((*path, "build"), {}, entry, remark=_BUILD)
        if process == "web":
            draft.put((*path, "port"), PORT, entry)
            draft.flag((*path, "public"), entry)
            draft.put((*path, "variables", "PORT"), str(PORT), entry)
        _command(process, commands, draft, path, entry)
        if found:
            draft.put((*path, "needs"), [each.name for each in found], entry)
        if (quantity := entry.take("quantity") if process in sizes else None) and (
            number := quantity.number()
        ) is not None:
            _quantity(number, quantity, draft, path)
        if process in sizes:
            if size := entry.take("size"):
                size.leave(_DYNO)
            entry.rest()


def _quantity(number: int, quantity: Entry, draft: Draft, path: Path) -> None:
    if number > 1:
        draft.put((*path, "replicas"), number, quantity)
    elif number < 1:
        quantity.leave(f"a service of a preview runs; take {path[1]} out where it is not wanted")


def _command(process: str, commands: Mapping[str, str], draft: Draft, path: Path, entry: Entry) -> None:
    if process in commands:
        draft.put((*path, "entrypoint"), ["sh", "-c"], entry)
        draft.put((*path, "args"), [escaped(commands[process])], entry)
    elif process != "web":
        draft.put((*path, "args"), [process], entry, remark="choose: what the Procfile says of it")


def _processes(procfile: str, path: str, journal: list[LeftOut]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(procfile.splitlines(), start=1):
        if read := _PROCESS.fullmatch(line.strip()):
            found[read[1]] = read[2]
        elif line.strip() and not line.lstrip().startswith("#"):
            journal.append(left_out(number, "", "it is no `process: command`", file=path))
    return found


def _formation(top: Entry, review: Mapping[str, Entry]) -> dict[str, Entry]:
    given = _chosen(top, review, "formation")
    found = {name: each for name, each in given.entries() if each.given} if given else {}
    for each in found.values():
        if not isinstance(each.tree, Table):
            each.leave("a mapping is expected here")
    return found


def _scripts(top: Entry, review: Mapping[str, Entry], draft: Draft, found: list[Database], *, release: str) -> None:
    needs: list[Json] = [each.name for each in found]
    if release:
        needs = [_release(top, draft, needs, release)]
    scripts = [each for each in (top.take("scripts"), review.get("scripts")) if each]
    jobs: dict[str, tuple[str, str, Entry]] = {}
    for each in scripts:
        for key, event in (("postdeploy", "deploy"), ("pr-predestroy", "delete")):
            script = each.take(key)
            text = (script.told("command") if script.fields else script.text()) if script else None
            if script and text:
                if key in jobs:
                    jobs[key][2].leave("review apps have their own")
                jobs[key] = (event, text, script)
        each.rest({"test": "tests are run by a CI", "test-setup": "tests are run by a CI"})
    for key, (event, text, script) in jobs.items():
        path: Path = ("jobs", draft.free_name(key))
        draft.put((*path, "build"), {}, script, remark=_BUILD)
        draft.put((*path, "on", event), {"entrypoint": ["sh", "-c"], "args": [escaped(text)]}, script)
        if event == "deploy":
            draft.put(
                (*path, "on", event, "run"), "once", script, remark="at the first deploy only, as for a review app"
            )
        if needs:
            draft.put((*path, "needs"), list(needs), script)
        if script.fields:
            script.taken |= {"command"}
            script.rest({"size": _DYNO})


def _release(top: Entry, draft: Draft, needs: list[Json], command: str) -> str:
    """The release phase runs at each release, before `postdeploy`."""
    name = draft.free_name("release")
    path: Path = ("jobs", name)
    draft.put((*path, "build"), {}, top, remark=_BUILD)
    draft.put((*path, "on", "deploy"), {"entrypoint": ["sh", "-c"], "args": [escaped(command)]}, top)
    if needs:
        draft.put((*path, "needs"), list(needs), top)
    return name

"""Nomad job specs (HCL) → a spec: a group of a service job is a service, one of a batch job is a lifecycle job."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.core.importing.draft import Draft, Imported, Unimportable, named, unimportable
from bot.core.importing.entry import Entry, whole
from bot.core.importing.hcl_names import Names, Own, blocks, declared, labelled
from bot.core.importing.hcl_source import parse
from bot.core.importing.left_out import LeftOut
from bot.core.importing.nomad_group import WORKED_OUT, Group, ports_of
from bot.core.importing.nomad_node import node
from bot.core.reading.mistakes import Mistake

_JOB = {
    **dict.fromkeys(
        ("datacenters", "region", "namespace", "node_pool"), "where previews run is the operator's setting"
    ),
    **dict.fromkeys(("constraint", "affinity", "spread"), "where previews run is the operator's setting"),
    **dict.fromkeys(("update", "migrate", "reschedule", "multiregion"), "a new version takes over when it is up"),
    **dict.fromkeys(("vault", "consul"), "secrets are given by `matinee secrets set`"),
    "dynamic": WORKED_OUT,
    "priority": "all previews are alike",
    "all_at_once": "all previews are alike",
}
_PERIODIC = "there are no times in a preview; `matinee run` runs a job by hand, once it has an event"
_BATCH = ("batch", "sysbatch")
_RUNTIME = re.compile(r"NOMAD_(PORT|HOST_PORT|ADDR|IP)_(\w+)")
_FOLDERS = {"NOMAD_ALLOC_DIR": "/alloc", "NOMAD_TASK_DIR": "/local", "NOMAD_SECRETS_DIR": "/secrets"}


def read(file: bytes) -> Imported | Unimportable:
    """The spec of a file of Nomad jobs; no bytes of any form raise."""
    tree = parse(file)
    if isinstance(tree, Mistake):
        return unimportable(tree)
    journal: list[LeftOut] = []
    top = whole(tree, journal)
    draft = Draft(journal=journal, head=("Made from a Nomad job.",))
    values, asked = declared(top)
    jobs = list(labelled(top, "job"))
    told = dict(each for _, job in jobs for each in _services(job, Names(draft=draft, values=values)))
    if len(jobs) == 1:
        draft.put(("name",), jobs[0][0], jobs[0][1])
    for name, job in jobs:
        _job(name, job, Names(draft=draft, values=values, asked=asked), told)
    top.rest()
    return draft.finished()


def _services(job: Entry, names: Names) -> Iterator[tuple[str, str]]:
    """What each service of the file is called in Nomad → where it is reached here."""
    for label, group in labelled(job, "group"):
        ports = ports_of(group, names)
        for service in blocks(group, "service"):
            name = names.fixed(each) if (each := service.take("name")) else None
            port = (names.fixed(each) if (each := service.take("port")) else None) or ""
            if name:
                yield re.sub(r"\W", "_", name), f"{named(label)}:{ports.get(port, port)}"


def _job(name: str, job: Entry, names: Names, told: Mapping[str, str]) -> None:
    kind = (names.fixed(each) if (each := job.take("type")) else "") or "service"
    for key in ("periodic", "parameterized"):
        if timed := job.take(key):
            timed.leave(_PERIODIC)
            return
    job.taken |= {"id", "name"}
    meta = _meta(job)
    for label, group in labelled(job, "group"):
        ports = ports_of(group, names)
        own = replace(names, own=_own(ports, told, job=name, group=label))
        node(Group(name=label, entry=group, batch=kind in _BATCH, names=own, ports=ports, meta=(*meta, *_meta(group))))
    job.rest(_JOB)


def _meta(entry: Entry) -> tuple[tuple[str, Entry], ...]:
    return tuple(pair for block in blocks(entry, "meta") for pair in block.entries())


def _own(ports: Mapping[str, int], told: Mapping[str, str], *, job: str, group: str) -> Own:
    fixed = {**_FOLDERS, "NOMAD_JOB_NAME": job, "NOMAD_GROUP_NAME": group, "NOMAD_ALLOC_INDEX": "0"}

    def own(name: str) -> str | None:
        name = name.removeprefix("env.")
        if (read := _RUNTIME.fullmatch(name)) and read[2] in ports:
            port = str(ports[read[2]])
            return {"ADDR": f"127.0.0.1:{port}", "IP": "127.0.0.1"}.get(read[1], port)
        return told.get(name.removeprefix("NOMAD_UPSTREAM_ADDR_")) if name.startswith("NOMAD_UP") else fixed.get(name)

    return own

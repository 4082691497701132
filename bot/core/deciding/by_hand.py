"""What a person's errand comes to in the environment as it stands: a plan, or why there is none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from bot.core.composing.variables import Reference, listed, nearest, references, texts
from bot.core.deciding.plan import Plan, step
from bot.core.errand import Adopt, Cancel, Drop, Errand, Force, Reset
from bot.core.events import Want
from bot.core.model import Job, JobEvent, Service, Spec
from bot.core.names import Name
from bot.core.overlay import laid_over
from bot.core.standing import Standing


@dataclass(frozen=True, slots=True)
class Impossible:
    """Why the errand cannot be run here."""

    why: str


def errand_plan(
    errand: Errand | None, stands: Standing | None, secrets: frozenset[str], *, why: str
) -> Plan | Impossible:
    """One step, for exactly what was asked, or none to cancel; `secrets` has the names that the operator gave."""
    if isinstance(errand, Cancel):
        return Plan(want=Want.ERRAND, steps=(), why=why)
    if stands is None or stands.spec is None:
        return Impossible("nothing was deployed there yet; deploy it first")
    objection = _objection(errand, stands, laid_over(stands.spec, stands.overlay), secrets)
    if objection or errand is None or isinstance(errand, Reset):
        return Impossible(objection or "there is nothing to do")
    return Plan(want=Want.ERRAND, steps=(step(errand),), why=why)


def unknown_services(errand: Errand | None, spec: Spec) -> str:
    """Why a reset cannot be made: it names services that there are none of; empty where it can."""
    wanted = errand.services if isinstance(errand, Reset) else ()
    missing = [name for name in wanted if name not in spec.services]
    return f"there is no service {missing[0]}; there are {listed(spec.services)}" if missing else ""


def _objection(
    errand: Force | Adopt | Drop | Reset | None, stands: Standing, spec: Spec, secrets: frozenset[str]
) -> str:
    match errand:
        case Force():
            return _against_force(errand, stands, spec)
        case Adopt():
            return _against_adoption(errand, stands, spec, secrets)
        case Drop():
            return _against_drop(errand, stands, spec)
        case Reset() | None:
            return "there is nothing to do"
        case _:
            assert_never(errand)


def _against_force(errand: Force, stands: Standing, spec: Spec) -> str:
    placed, job = stands.nodes.get(errand.job), spec.jobs.get(errand.job)
    pinned = placed.pinned if placed and placed.service is None else {}
    events = [event for event in JobEvent if event in pinned or (job and event in job.on)]
    if not events:
        jobs = sorted({*spec.jobs, *(name for name, each in stands.nodes.items() if each.service is None)})
        return f"there is no job {errand.job}; there are {listed(jobs)}{nearest(errand.job, jobs)}"
    if errand.event not in events:
        return f"the job {errand.job} has no {errand.event} event; it has {listed(events)}"
    if placed is None:
        return f"no deploy has reached the job {errand.job} yet, so that it has no image; deploy first"
    return ""


def _against_adoption(errand: Adopt, stands: Standing, spec: Spec, secrets: frozenset[str]) -> str:
    if errand.name in spec.nodes or errand.name in stands.nodes:
        return f"there is a {errand.name} already; give the clone another name with --as"
    if errand.clone.fork and not (stands.pull and stands.pull.fork):
        return f"{errand.clone.origin} is of a pull from a fork, and what strangers wrote stays in their own previews"
    missing = sorted(set(_meaningless(errand, stands, spec, secrets)))
    if missing:
        return f"{errand.name} uses what there is not here: {listed(missing)}"
    unknown = [need for need in errand.clone.node.needs if need not in spec.nodes]
    return f"{errand.name} needs {listed(unknown)}, which there is not here" if unknown else ""


def _meaningless(errand: Adopt, stands: Standing, spec: Spec, secrets: frozenset[str]) -> Iterator[str]:
    """The references of a clone that mean nothing here."""
    services = {**spec.services, **({errand.name: errand.clone.node} if isinstance(errand.clone.node, Service) else {})}
    for part in (part for text in texts(errand.clone.node) for part in references(text)):
        if not isinstance(part, Reference):
            continue
        match part.name.split("."):
            case ["secrets", name] if name not in secrets and name not in spec.secrets:
                yield f"${{{part.name}}}"
            case ["services", name, *_] if name not in services:
                yield f"${{{part.name}}}"
            case ["jobs", job, _, name] if name not in {each.name for each in stands.outputs.get(Name(job), ())}:
                yield f"${{{part.name}}}"
            case ["variables", name] if name not in spec.variables:
                yield f"${{{part.name}}}"
            case _:
                pass


def _against_drop(errand: Drop, stands: Standing, spec: Spec) -> str:
    there = {*spec.nodes, *stands.nodes}
    if errand.name not in there:
        return f"there is no service or job {errand.name}; there are {listed(sorted(there))}"
    users = [name for name, node in spec.nodes.items() if name != errand.name and _uses(node, errand.name)]
    if users:
        return f"{listed(users)} cannot do without {errand.name}; delete those first, or change the spec"
    return ""


def _uses(node: Service | Job, name: Name) -> bool:
    named = (part.name.split(".") for text in texts(node) for part in references(text) if isinstance(part, Reference))
    return name in node.needs or any(parts[:2] in (["services", name], ["jobs", name]) for parts in named)

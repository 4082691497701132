"""What a deploy would do to each node, judged by what the deploy itself would judge by."""

from collections.abc import Collection, Iterator, Mapping

from bot.core.composing.compose import job_runs, service_group
from bot.core.composing.variables import Unfilled
from bot.core.deciding.difference import changes, listed
from bot.core.deciding.order import Order, deploy_order, sparse
from bot.core.deciding.plan import Discard, Keep, Plan, Run, Start
from bot.core.deciding.rerun import counted, differing, fingerprint, ingredients, needless
from bot.core.foreseeing.hinges import expected, hinges
from bot.core.foreseeing.image_rows import image_rows
from bot.core.foreseeing.outlook import ImageRow, Kind, Outlook, Prospect, Row, Verb
from bot.core.foreseeing.remarks import remarks
from bot.core.foreseeing.sight import UNKNOWN, Sight
from bot.core.group import Group
from bot.core.model import Job, JobEvent, Rerun, Service
from bot.core.names import Name

_Rows = Mapping[Name, Row]


def foresight(plan: Plan, sight: Sight) -> Outlook:
    """Each node of a deploy in its order; then what the spec no longer names."""
    order, rows = sparse(deploy_order(sight.around.spec)), dict[Name, Row]()
    for name in _upwards(plan):
        rows[name] = _row(name, order, rows, sight)
    return Outlook(plan=plan, rows=(*rows.values(), *_removed(plan, order, rows, sight), *_left(sight)))


def _upwards(plan: Plan) -> Iterator[Name]:
    for step in plan.steps:
        match step.act:
            case Start(name) | Run(name, JobEvent.DEPLOY) | Keep(name):
                yield name


def _row(name: Name, order: Order, rows: _Rows, sight: Sight) -> Row:
    node, images = sight.around.spec.nodes[name], image_rows(name, sight)
    after = tuple(sorted(order[name]))
    return Row(
        name=name,
        kind=Kind.SERVICE if isinstance(node, Service) else Kind.JOB,
        prospect=_unreached(after, images, rows) or _prospect(name, node, rows, sight),
        after=after,
        images=images,
        notes=remarks(name, node, sight),
    )


def _unreached(after: tuple[Name, ...], images: tuple[ImageRow, ...], rows: _Rows) -> Prospect | None:
    lost = [f"{need} would fail" for need in after if rows[need].prospect.lost]
    lost += [f"the image of {each.task or 'its own container'} would fail" for each in images if each.prospect.lost]
    return Prospect(verb=Verb.UNREACHED, why=lost[0]) if lost else None


def _prospect(name: Name, node: Service | Job, rows: _Rows, sight: Sight) -> Prospect:
    moving = frozenset(job for job, row in rows.items() if row.kind is Kind.JOB and row.prospect.runs)
    if isinstance(node, Service):
        return _of_service(name, node, moving, sight)
    return _of_job(name, node, moving, sight)


def _of_service(name: Name, service: Service, moving: Collection[Name], sight: Sight) -> Prospect:
    group = service_group(name, sight.images(name), expected(sight.around, service, moving))
    if isinstance(group, Unfilled):
        return Prospect(verb=Verb.FAIL, why=group.why)
    placed = sight.placed(name)
    if placed is None or placed.service is None:
        return Prospect(verb=Verb.START, why="first time")
    if sight.before is not None and sight.before.down:
        return Prospect(verb=Verb.START, why="it was stopped")
    return _again(group, changes(placed.service, group), hinges(service, moving), sight)


def _again(group: Group, changed: tuple[str, ...], hanging: tuple[str, ...], sight: Sight) -> Prospect:
    """What happens to a service that serves."""
    between = "; it is down in between" if group.volumes else ""
    further = tuple(each for each in hanging if each.partition(" if the output ")[0] not in changed)
    if changed:
        verb = Verb.RECREATE if group.volumes else Verb.RESTART
        return Prospect(verb=verb, why=listed((*changed, *further)) + between)
    if hanging:
        verb = Verb.MAY_RECREATE if group.volumes else Verb.MAY_RESTART
        return Prospect(verb=verb, why=listed(hanging) + between)
    before = sight.before
    if group.volumes and before is not None and before.serving != before.sha:
        return Prospect(verb=Verb.UNCHANGED, why="unless the deploy before, which did not succeed, has left it down")
    return Prospect(verb=Verb.UNCHANGED, why="nothing that goes into it has changed")


def _of_job(name: Name, job: Job, moving: Collection[Name], sight: Sight) -> Prospect:
    images = sight.images(name)
    runs = job_runs(name, images, expected(sight.around, job, moving))
    if isinstance(runs, Unfilled):
        return Prospect(verb=Verb.FAIL, why=runs.why)
    if JobEvent.DEPLOY not in runs:
        kept = " and ".join(sorted(runs))
        return Prospect(verb=Verb.KEEP, why=f"it has no deploy event; what it runs at {kept} is kept")
    trigger, placed = job.on[JobEvent.DEPLOY], sight.placed(name)
    parts = ingredients(runs[JobEvent.DEPLOY], counted(sight.tree, trigger.paths))
    if why := needless(trigger, placed, fingerprint(parts)):
        hanging = hinges(job, moving) if trigger.run is Rerun.ON_CHANGE else ()
        return Prospect(verb=Verb.MAY_RUN, why=listed(hanging)) if hanging else Prospect(verb=Verb.SKIP, why=why)
    if placed is None or not placed.inputs:
        return Prospect(verb=Verb.RUN, why="it has not succeeded here yet" if placed else "first time")
    if trigger.run is Rerun.ALWAYS:
        return Prospect(verb=Verb.RUN, why="it runs at every deploy (run: always)")
    return Prospect(verb=Verb.RUN, why=_changed(differing(placed, parts), job, images))


def _changed(parts: tuple[str, ...], job: Job, images: Mapping[str, str]) -> str:
    if images[""] != UNKNOWN:
        return listed(parts)
    image = "its image is built anew" if job.build else "its image is fetched anew"
    return listed([image if part == "image" else part for part in parts])


def _removed(plan: Plan, order: Order, rows: _Rows, sight: Sight) -> Iterator[Row]:
    """Services that the spec dropped: they go once all else is up."""
    last = tuple(sorted(order.keys() - {need for needs in order.values() for need in needs}))
    lost = [name for name, row in rows.items() if row.prospect.lost]
    for step in plan.steps:
        if isinstance(step.act, Discard):
            name = step.act.service
            stays = Prospect(verb=Verb.UNREACHED, why=f"it stays, for {lost[0]} would fail") if lost else None
            yield Row(name=name, kind=Kind.SERVICE, prospect=stays or _going(name, step.why, sight), after=last)


def _going(name: Name, why: str, sight: Sight) -> Prospect:
    placed = sight.placed(name)
    lasting = placed and placed.service and placed.service.volumes
    return Prospect(verb=Verb.REMOVE, why=f"{why}; its volumes stay until the delete" if lasting else why)


def _left(sight: Sight) -> Iterator[Row]:
    """Jobs that the spec dropped: their stop and delete runs stay."""
    for name, placed in sight.before.nodes.items() if sight.before else ():
        if placed.service is None and placed.pinned and name not in sight.around.spec.nodes:
            why = f"the spec no longer names it; what it runs at {' and '.join(sorted(placed.pinned))} stays"
            yield Row(name=name, kind=Kind.JOB, prospect=Prospect(verb=Verb.KEEP, why=why))

"""What a stop or a delete would do to each node, in the order of going down."""

from collections.abc import Mapping

from bot.core.deciding.order import sparse
from bot.core.deciding.plan import Plan, Remove, Run, Step, Stop, Wake
from bot.core.events import Want
from bot.core.foreseeing.outlook import Kind, Outlook, Prospect, Row, Verb
from bot.core.names import EnvironmentId, Name, StepId
from bot.core.standing import Standing

_ALL = Name("")


def descent(plan: Plan, environment: EnvironmentId, stands: Standing | None) -> Outlook:
    """A row for each node that something happens to, and for the environment where it goes."""
    steps = {name: step for step in plan.steps if (name := _name(step)) is not None}
    names = {step.id: name for name, step in steps.items()}
    order = sparse({name: _waited_for(step, names) for name, step in steps.items()})
    woken = {step.act.service for step in plan.steps if isinstance(step.act, Wake)}
    rows = (
        Row(
            name=name or Name(environment),
            kind=_kind(step),
            prospect=_prospect(step, plan.want, stands),
            after=tuple(sorted(order[name])),
            notes=("it is started first, for a delete job needs it",) if name in woken else (),
        )
        for name, step in steps.items()
    )
    return Outlook(plan=plan, rows=tuple(rows))


def _name(step: Step) -> Name | None:
    match step.act:
        case Stop(name) | Run(name, _):
            return name
        case Remove():
            return _ALL
        case _:
            return None


def _waited_for(step: Step, names: Mapping[StepId, Name]) -> frozenset[Name]:
    return frozenset(names[each] for each in step.waits if each in names)


def _kind(step: Step) -> Kind:
    if isinstance(step.act, Remove):
        return Kind.ENVIRONMENT
    return Kind.SERVICE if isinstance(step.act, Stop) else Kind.JOB


def _prospect(step: Step, want: Want, stands: Standing | None) -> Prospect:
    match step.act:
        case Run(_, event):
            return Prospect(verb=Verb.RUN, why=f"its {event} event, as it was kept with the environment")
        case Stop(name):
            placed = stands.nodes.get(name) if stands else None
            lasting = want is Want.STOP and placed and placed.service and placed.service.volumes
            return Prospect(verb=Verb.STOP, why="its volumes stay" if lasting else "")
        case _:
            return Prospect(verb=Verb.REMOVE, why="with its volumes and outputs")

"""Takes over what a job left: its output variables, kept with the environment."""

from bot.core.composing import outputs
from bot.core.composing.variables import listed
from bot.core.group import Ended, NoOutput, Unfit
from bot.core.model import JobEvent, OnInvalid, Outputs
from bot.core.names import Name
from bot.core.standing import Standing, Variable
from bot.hands.grip import Grip


def left(grip: Grip, job: Name, event: JobEvent, ended: Ended, expects: Outputs) -> str | Unfit:
    """Keep the outputs of a run that ended well; what there is to say of them, or why the run has failed after all."""
    found = _read(grip, ended, expects)
    if not isinstance(found, Unfit):
        grip.ledger.change(lambda stands: _leaving(stands, job, event, found))
        return _missed(found, expects) if event is JobEvent.DEPLOY else ""
    match expects.on_invalid:
        case OnInvalid.FAIL:
            return found
        case OnInvalid.WARN:
            grip.ledger.change(lambda stands: _leaving(stands, job, event, ()))
            return f"it has no outputs, for {found.why}"
        case OnInvalid.KEEP_PREVIOUS:
            return f"its outputs are those of the run before, for {found.why}"


def _missed(found: tuple[Variable, ...], expects: Outputs) -> str:
    """A declared output need not be there: who names it fails with that reason, but an author should know of it."""
    missing = sorted(expects.declare.keys() - {each.name for each in found})
    return f"it did not write {listed(missing)}, which outputs.declare names" if missing else ""


def _read(grip: Grip, ended: Ended, expects: Outputs) -> tuple[Variable, ...] | Unfit:
    match ended.output:
        case Unfit():
            return ended.output
        case NoOutput():
            return ()
        case file:
            return outputs.read(file, declared=expects.declare, secrets=grip.masks.hidden)


def _leaving(stands: Standing, job: Name, event: JobEvent, found: tuple[Variable, ...]) -> Standing:
    """A deploy's outputs replace those before; a stop or delete run only adds to what the deploy left."""
    if event is JobEvent.DEPLOY:
        return stands.leaving(job, found)
    names = {each.name for each in found}
    before = tuple(each for each in stands.outputs.get(job, ()) if each.name not in names)
    return stands.leaving(job, (*before, *found))

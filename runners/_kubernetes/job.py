"""One attempt of a job: begun once by its name, adopted by whoever comes later, read when it has ended well."""

from dataclasses import dataclass, replace

from bot.core.errors import Unavailable
from bot.core.group import Ended, Ending, Fate, Output, ending
from bot.core.wire import Cancel, Log
from runners._kubernetes import attempt as manifest
from runners._kubernetes import claims, collector, former, poststop
from runners._kubernetes.attempt import Attempt
from runners._kubernetes.end import Ends
from runners._kubernetes.exec import Spot
from runners._kubernetes.fate import refused
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind
from runners._kubernetes.lead import Lead
from runners._kubernetes.names import Role
from runners._kubernetes.passing import of_job
from runners._kubernetes.refusals import Rejected, allowed
from runners._kubernetes.seen import Pod
from runners._kubernetes.tool import COLLECTOR
from runners._kubernetes.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One attempt as somebody runs it."""

    hold: Hold
    attempt: Attempt
    ends: Ends
    log: Log
    cancel: Cancel


def run(turn: Turn) -> Ended:
    """Run the attempt, or adopt it where it has begun or is over."""
    hold, attempt = turn.hold, turn.attempt
    if not former.settled(hold, attempt, log=turn.log, cancel=turn.cancel):
        return Ended(fate=Fate.CANCELLED)
    known = turn.ends.kept(hold, attempt.name)
    job = _begun(turn, known)
    if isinstance(job, Ended):
        return job
    with hold.watch(Kind.POD, group=attempt.name, role=Role.ATTEMPT) as pods:
        lead = Lead(hold, attempt, job, log=turn.log, cancel=turn.cancel)
        try:
            return _concluded(turn, lead, job, pods, known)
        finally:
            lead.close()


def finish(turn: Turn, told: Ending) -> tuple[Ended, ...]:
    """Do what the last attempt owes; those of its poststop tasks that failed."""
    farewell = poststop.Farewell(hold=turn.hold, ending=told, log=turn.log)
    return poststop.performed(farewell, turn.attempt.name)


def _begun(turn: Turn, known: Ended | None) -> Body | Ended:
    """The Job of this attempt; where there is none, its end, or why there will be none."""
    hold, attempt = turn.hold, turn.attempt
    there = hold.read(Kind.JOB, attempt.name)
    if there is not None:
        return hold.begin(there)
    if known is not None:
        return known
    if turn.cancel.is_set():
        return Ended(fate=Fate.CANCELLED)
    if never := manifest.unfit(attempt.group, version=hold.api.minor):
        return never
    alloc = poststop.alloc(hold, attempt.group, of=attempt.name) if attempt.group.tasks else None
    if never := hold.rehearse(manifest.rehearsal(attempt, alloc)) or _furnished(turn):
        return never
    return allowed(lambda: hold.begin(manifest.job(attempt, alloc)))


def _furnished(turn: Turn) -> Ended | None:
    """Make all that the Job needs; why that cannot be."""
    hold, attempt, group = turn.hold, turn.attempt, turn.attempt.group
    made = allowed(lambda: _made(turn))
    return made if isinstance(made, Ended) else poststop.owe(hold, group, of=attempt.name)


def _made(turn: Turn) -> None:
    hold, attempt, group = turn.hold, turn.attempt, turn.attempt.group
    claims.ensured(hold, group)
    for secret in manifest.secrets(attempt):
        hold.ensure(secret)


def _concluded(turn: Turn, lead: Lead, job: Body, pods: Watch, known: Ended | None) -> Ended:
    """Lead it to its end, keep that, and let the pod go."""
    hold, attempt = turn.hold, turn.attempt
    ended = known or lead.ended(pods)
    if not ended.succeeded:
        hold.check()  # what was begun too late is taken away by the cluster, and has failed nobody
    if ended.succeeded and known is None:
        ended = replace(ended, output=_output(turn, job, pods))
    if known is None:
        ended = turn.ends.keep(hold, attempt.name, attempt.labels, ended)
        if attempt.group.tasks:
            poststop.note(hold, attempt.name, ending(ended, attempt.group))
    found = of_job(pods.seen.values(), job)
    if found and found.vessel(COLLECTOR).running:
        collector.release(hold.api, _spot(hold, found))
    lead.quiet(pods)
    return ended


def _output(turn: Turn, job: Body, pods: Watch) -> Output:
    """What it left, read as soon as the collector runs."""
    while found := of_job(pods.seen.values(), job):
        vessel = found.vessel(COLLECTOR)
        if vessel.running:
            try:
                return collector.read(turn.hold.api, _spot(turn.hold, found))
            except Rejected as error:
                if error.ours:
                    raise
        if why := refused(vessel):
            raise Unavailable(
                f"the image {turn.attempt.companion}, which reads the outputs of jobs, does not start: {why.detail}; "
                "name one that the cluster can fetch by MATINEE_COMPANION_IMAGE"
            )
        if vessel.ended or found.over:
            break
        pods.changed(1.0)
    known = turn.ends.kept(turn.hold, turn.attempt.name)
    return known.output if known else collector.LOST


def _spot(hold: Hold, found: Pod) -> Spot:
    return Spot(namespace=hold.namespace, pod=found.name, container=COLLECTOR)

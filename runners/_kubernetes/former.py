"""What earlier attempts of a job left in the cluster: let end, brought to their end, taken away."""

import time

from bot.core.group import Ended, Ending, Fate, Group, Result, ending
from bot.core.names import Name
from bot.core.wire import Cancel, Log
from runners._kubernetes import names, poststop, sentence
from runners._kubernetes.attempt import Attempt
from runners._kubernetes.fate import Clock, fate
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, labels_of, name_of, notes_of
from runners._kubernetes.names import Role
from runners._kubernetes.passing import of_job
from runners._kubernetes.seen import Pod
from runners._kubernetes.succession import finished

_GLANCE = 0.5
_DYING = 60.0


def settled(hold: Hold, attempt: Attempt, *, log: Log, cancel: Cancel) -> bool:
    """Let what still runs of this job end, then clear it away; False where nobody wants to wait any more."""
    name = attempt.group.name
    jobs = {name_of(body): body for body in hold.listed(Kind.JOB, role=Role.ATTEMPT, job=name)}
    jobs.pop(attempt.name, None)
    for body in jobs.values():
        if _older(hold, body) and not finished(body) and not _outwaited(hold, body, cancel):
            return False
    owing = set(poststop.owed(hold, job=name))
    for body in jobs.values():
        same = labels_of(body)[names.EVENT] == attempt.group.event
        if _older(hold, body) and (same or name_of(body) in owing):
            gone(hold, name_of(body), log=log)
        elif same:  # its poststop tasks are its successor's to do
            _stop(hold, body)
            poststop.forget(hold, name_of(body))
    for of in owing - jobs.keys() - {attempt.name}:
        gone(hold, of, log=log)
    return True


def gone(hold: Hold, of: str, *, log: Log) -> tuple[Ended, ...]:
    """End this attempt, do what it owes, and remove all of it; those of its poststop tasks that failed."""
    job = hold.read(Kind.JOB, of)
    told = poststop.noted(hold, of)
    if job:
        outlived = _stop(hold, job)
        told = told or ending(outlived, Group(name=Name(labels_of(job)[names.JOB]), image="", version="", event="any"))
    told = told or Ending(result=Result.CANCELLED)
    failures = poststop.performed(poststop.Farewell(hold=hold, ending=told, log=log), of)
    poststop.forget(hold, of)
    hold.delete(Kind.JOB, of)
    for secret in hold.listed(Kind.SECRET, group=of):
        hold.delete(Kind.SECRET, name_of(secret))
    return failures


def discard(hold: Hold, job: Name, *, log: Log) -> tuple[Ended, ...]:
    """Remove every attempt of a job; those of their poststop tasks that failed."""
    found = {name_of(body) for body in hold.listed(Kind.JOB, job=job, role=Role.ATTEMPT)}
    found |= set(poststop.owed(hold, job=job))
    return tuple(ended for of in sorted(found) for ended in gone(hold, of, log=log))


def pay(hold: Hold, *, log: Log) -> None:
    """Do what the attempts of all jobs still owe; what fails is told."""
    for body in hold.listed(Kind.CONFIG, role=Role.OWED):
        labels = labels_of(body)
        for ended in gone(hold, labels[names.GROUP], log=log) if names.JOB in labels else ():
            log(f"{ended.task} | failed at the end of its group: {ended.detail or f'exit code {ended.code}'}")


def _older(hold: Hold, job: Body) -> bool:
    return int(notes_of(job)[names.BEGUN_BY]) < hold.home.generation


def _outwaited(hold: Hold, job: Body, cancel: Cancel) -> bool:
    """Let its main end, or have it ended when its time is over; False where nobody wants to wait any more."""
    limit, clock = _limit(job), Clock()
    with hold.watch(Kind.POD, group=name_of(job), role=Role.ATTEMPT) as pods:
        while (found := of_job(pods.seen.values(), job)) and not found.over:
            own = found.vessel(names.OWN)
            if own.ended:
                break
            if clock.lasted(names.OWN, own, time.monotonic()) >= limit and not sentence.pronounced(found):
                sentence.pronounce(hold, found, Ended(fate=Fate.TIMED_OUT))
            if cancel.is_set():
                return False
            pods.changed(_GLANCE)
    return True


def _stop(hold: Hold, job: Body) -> Ended:
    """Have nothing of it run any more; how it ended."""
    ended, ends = Ended(fate=Fate.CANCELLED), time.monotonic() + _DYING
    with hold.watch(Kind.POD, group=name_of(job), role=Role.ATTEMPT) as pods:
        while found := of_job(pods.seen.values(), job):
            ended = sentence.pronounced(found) or fate(found.vessel(names.OWN), limit=_limit(job)) or ended
            if found.over or time.monotonic() > ends:
                break
            if not sentence.placed(found):
                hold.delete(Kind.JOB, name_of(job))
            elif not sentence.pronounced(found) and not _falling(found):
                sentence.pronounce(hold, found, ended)
            pods.changed(1.0)
    return ended


def _falling(found: Pod) -> bool:
    """Whether it ends by itself, for its main has failed."""
    own = found.vessel(names.OWN).ended
    return own is not None and own.code != 0


def _limit(job: Body) -> int:
    return int(notes_of(job)[names.LIMIT])

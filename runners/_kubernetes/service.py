"""A service in a cluster: a new version comes up beside the old one, takes its name over, and then the old one goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.group import Ended, Ending, Group, Result, Up, ending
from bot.core.model import Hook
from bot.core.names import Name
from bot.core.wire import Cancel, Log
from runners._kubernetes import claims, deployment, entrance, poststop, reach, versions
from runners._kubernetes import pod as pods
from runners._kubernetes.deployment import Cast
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, going
from runners._kubernetes.proxies import Proxies
from runners._kubernetes.refusals import allowed
from runners._kubernetes.up import Ascent, Dropped, Lost, up
from runners._kubernetes.versions import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """All that bringing a service up needs."""

    hold: Hold
    group: Group
    proxies: Proxies
    log: Log
    cancel: Cancel

    @property
    def names(self) -> tuple[str, ...]:
        """What its Deployments are called."""
        return tuple(deployment.sizes(self.group))


def start(rollout: Rollout) -> Up | Ended:
    """Bring this version up, unless it serves already; whatever served before is touched only after."""
    if stranger := entrance.unfit(rollout.hold.home, rollout.group, rollout.hold.terms):
        return stranger
    there = versions.standing(rollout.hold, rollout.group.name)
    others = [name for name in versions.groups(rollout.hold, rollout.group.name, there) if name not in rollout.names]
    if versions.serves(rollout.hold, rollout.group, there):
        taken = _taken_over(rollout, there)
        return taken if isinstance(taken, Ended) else Up(changed=False, lost=_retired(rollout, others, there))
    refusal = deployment.unfit(rollout.group, version=rollout.hold.api.minor) or _rehearsed(rollout)
    if refusal:
        return refusal
    shared = bool(rollout.group.volumes)
    before = _retired(rollout, others, there) if shared else ()
    after = _brought_up(rollout, there, alone=shared or there.keys() <= set(rollout.names))
    if isinstance(after, Ended):
        return replace(after, lost=(*before, *after.lost))
    return Up(changed=True, lost=(*before, *after, *(() if shared else _retired(rollout, others, there))))


def take_down(hold: Hold, name: Name, log: Log) -> Lost:
    """End every version of a service; its name, its door and its claims stay."""
    found = versions.groups(hold, name, versions.standing(hold, name))
    return versions.gone(hold, found, Ending(result=Result.STOPPED), log)


def discarded(hold: Hold, name: Name, log: Log) -> Lost:
    """End it for good: of all that it is, its claims alone stay."""
    failed = take_down(hold, name, log)
    reach.closed(hold, name)
    return failed


def pay(hold: Hold, log: Log) -> None:
    """Take down every service that owes something."""
    for name in versions.debtors(hold):
        take_down(hold, name, log)


def _rehearsed(rollout: Rollout) -> Ended | None:
    """Why the cluster would not take a pod of this version."""
    cast = _cast(rollout, rollout.names[0], pods.passing(pods.ALLOC.volume))
    return rollout.hold.rehearse(deployment.made(cast).rehearsal)


def _brought_up(rollout: Rollout, there: Standing, *, alone: bool) -> Lost | Ended:
    """Bring it up and let it take over; what never was up is taken away again."""
    before = versions.marked(there.get(name) for name in rollout.names)
    former = _former(rollout, there)
    if alone:
        reach.led(rollout.hold, rollout.group)
    lost = _up(rollout, before=before)
    taken = lost if isinstance(lost, Ended) else _taken_over(rollout, there)
    if isinstance(taken, Ended):
        return replace(taken, lost=(*former, *taken.lost, *(() if before else _given_up(rollout, taken))))
    return (*former, *(() if isinstance(lost, Ended) else lost))


def _given_up(rollout: Rollout, ended: Ended) -> Lost:
    return versions.gone(rollout.hold, rollout.names, ending(ended, rollout.group), rollout.log)


def _former(rollout: Rollout, there: Standing) -> Lost:
    """Where the same version was on its way out, let it be gone first."""
    hold, gone = rollout.hold, [name for name in rollout.names if (body := there.get(name)) is None or going(body)]
    owing = poststop.owed(hold, service=rollout.group.name) if rollout.group.hooked(Hook.POSTSTOP) else ()
    leaving = [name for name in gone if name in there or name in owing]
    lost = versions.gone(hold, leaving, Ending(result=Result.STOPPED), rollout.log)
    for name in gone if rollout.group.hooked(Hook.POSTSTOP) else ():
        poststop.forget(hold, name)
    return lost


def _up(rollout: Rollout, *, before: bool) -> Lost | Ended:
    """Have it made and wait until it is up, without those of its tasks that may fail and do."""
    lost: Lost = ()
    rollout.proxies.before_pods(rollout.hold.home.environment, rollout.cancel)
    while True:
        casts = allowed(lambda: _laid(rollout))  # noqa: B023 - called at once
        if isinstance(casts, Ended):
            return replace(casts, lost=lost)
        ascent = Ascent(hold=rollout.hold, casts=casts, log=rollout.log, cancel=rollout.cancel, before=before)
        verdict = up(ascent)
        match verdict:
            case Dropped(task=task, ended=ended):
                lost = (*lost, ended)
                kept = tuple(each for each in rollout.group.tasks if each.name != task.name)
                rollout = replace(rollout, group=replace(rollout.group, tasks=kept))
                _unmade(rollout)
            case Ended():
                return replace(verdict, lost=lost)
            case _:
                return (*lost, *verdict)


def _laid(rollout: Rollout) -> tuple[Cast, ...] | Ended:
    """Have all that it is made of in the cluster; why that cannot be."""
    hold, group = rollout.hold, rollout.group
    claims.ensured(hold, group)
    casts = []
    for name in rollout.names:
        cast = _cast(rollout, name, poststop.alloc(hold, group, of=name))
        made = deployment.made(cast)
        for secret in made.secrets:
            hold.ensure(secret)
        if refusal := poststop.owe(hold, group, of=name):
            return refusal
        there = hold.ensure(made.deployment)
        casts.append(replace(cast, group=deployment.without_lost(group, there)))
    return tuple(casts)


def _unmade(rollout: Rollout) -> None:
    """Let its pods be gone, and with them the task that they do not go on without."""
    for name in rollout.names:
        rollout.hold.delete(Kind.DEPLOYMENT, name)
    for name in rollout.names:
        versions.emptied(rollout.hold, name)


def _cast(rollout: Rollout, name: str, alloc: Body) -> Cast:
    hold, group = rollout.hold, rollout.group
    replicas = deployment.sizes(group)[name]
    return Cast(home=hold.home, group=group, terms=hold.terms, name=name, replicas=replicas, alloc=alloc)


def _taken_over(rollout: Rollout, there: Standing) -> Ended | None:
    """Let this version have the name and the door; each part may be repeated."""
    hold, group = rollout.hold, rollout.group
    if refusal := reach.opened(hold, group):
        return refusal
    reach.led(hold, group)
    reach.arrived(hold, group)
    if news := [name for name in rollout.names if not versions.marked([there.get(name)])]:
        rollout.proxies.moved(hold.home.environment)
        versions.mark(hold, news)
    return None


def _retired(rollout: Rollout, others: Sequence[str], there: Standing) -> Lost:
    """Let the versions before go."""
    lost: Lost = ()
    if others and not rollout.group.volumes:
        rollout.proxies.followed(rollout.hold.home.environment, rollout.cancel)
    for name in others:
        told = versions.ending(there.get(name), Result.REPLACED)
        lost += versions.gone(rollout.hold, [name], told, rollout.log, wait=bool(rollout.group.volumes))
    return lost

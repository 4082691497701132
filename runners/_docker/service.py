"""A service's life: a new version comes up beside the old one, takes its name over, and only then the old one goes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from bot.core.group import Ended, Ending, Fate, Group, Home, Result, Up, ending
from bot.core.names import Name
from bot.core.wire import Cancel, Log
from runners._docker import farewell, gate, names, network, versions
from runners._docker.engine import Engine, Seen, allowed
from runners._docker.group import Instance
from runners._docker.passing import GONE
from runners._docker.poststop import Farewell
from runners._docker.recipe import FOR_EVER
from runners._docker.records import Records
from runners._docker.up import Lost, mains, up
from runners._docker.versions import Casts


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """All that bringing a service up needs."""

    engine: Engine
    records: Records
    home: Home
    group: Group
    companion: str
    log: Log
    cancel: Cancel

    def replicas(self, others: Casts) -> tuple[Instance, ...]:
        """The groups that this version is made of."""
        return tuple(self._replica(number, others) for number in range(1, self.group.replicas + 1))

    def _replica(self, number: int, others: Casts) -> Instance:
        group = self.group
        return Instance(
            engine=self.engine,
            records=self.records,
            home=self.home,
            group=group,
            name=names.service(self.home, group, number),
            companion=self.companion,
            log=self.log,
            cancel=self.cancel,
            # Beside one that serves, it must not be found by the service's name before it is up.
            aliases=() if others and not group.volumes else (group.name,),
        )


def start(rollout: Rollout) -> Up | Ended:
    """Bring this version up, unless it serves already; whatever served before is touched only after."""
    with rollout.records.held(rollout.home.environment, rollout.group.name):
        return _rolled_out(rollout)


def take_down(engine: Engine, home: Home, name: Name, log: Log) -> Lost:
    """Remove the gate and every version of a service."""
    engine.vanish(names.gate(home.environment, name))
    return versions.gone(
        engine, home.environment, versions.groups(engine, home.environment, service=name), Result.STOPPED, log
    )


def _rolled_out(rollout: Rollout) -> Up | Ended:
    engine, group = rollout.engine, rollout.group
    place = network.ensured(engine, rollout.records, rollout.home)
    there = versions.groups(engine, rollout.home.environment, service=group.name)
    ours = {names.service(rollout.home, group, number) for number in range(1, group.replicas + 1)}
    others = {name: cast for name, cast in there.items() if name not in ours}
    replicas = rollout.replicas(others)
    if all(versions.serves(there.get(each.name, ())) for each in replicas):
        taken = _taken_over(rollout, replicas, place)
        return taken if isinstance(taken, Ended) else Up(changed=False, lost=_retired(rollout, others, place))
    before = _retired(rollout, others, place) if group.volumes else ()
    after = _brought_up(rollout, replicas, there, place)
    if isinstance(after, Ended):
        return replace(after, lost=(*before, *after.lost))
    return Up(changed=True, lost=(*before, *after, *(() if group.volumes else _retired(rollout, others, place))))


def _brought_up(rollout: Rollout, replicas: Sequence[Instance], there: Casts, place: str) -> Lost | Ended:
    """Bring all up at once and let them take over; what never came up is taken away again."""
    begun = [(each, there.get(each.name, ())) for each in replicas]
    for each, cast in begun:
        _reconnect(each, versions.owner(cast), place)
    ends = _each_up([each for each, cast in begun if not versions.serves(cast)])
    failed = next((ended for ended in ends if isinstance(ended, Ended)), None)
    taken = failed or _taken_over(rollout, replicas, place)
    if not isinstance(taken, Ended):
        return tuple(ended for lost in ends if not isinstance(lost, Ended) for ended in lost)
    lost: Lost = ()
    for each, cast in begun:
        if not versions.marked(cast):
            lost = (*lost, *_given_up(each, taken))
    return replace(taken, lost=(*taken.lost, *lost))


def _reconnect(replica: Instance, owner: Seen | None, place: str) -> None:
    """Give a replica its place back, where a bot that was renaming it was killed in between."""
    if owner and owner.running and not owner.networks:
        network.rename(replica.engine, place, owner, replica.aliases)


def _each_up(replicas: Sequence[Instance]) -> tuple[Lost | Ended, ...]:
    if len(replicas) == 1:
        return (_up(replicas[0]),)
    with ThreadPoolExecutor(max(len(replicas), 1), "replicas") as hands:
        return tuple(hands.map(_up, replicas))


def _up(replica: Instance) -> Lost | Ended:
    former = _former(replica) if replica.group.tasks else ()
    ended = up(replica)
    return replace(ended, lost=(*former, *ended.lost)) if isinstance(ended, Ended) else (*former, *ended)


def _former(replica: Instance) -> Lost:
    """Where the same version was on its way out, let it be gone first."""
    if not any(farewell.role(seen) is names.Role.END for seen in replica.cast()):
        return ()
    known = Farewell(engine=replica.engine, ending=Ending(result=Result.STOPPED), log=replica.log)
    return farewell.taken(known, replica.home.environment, replica.name)


def _given_up(replica: Instance, ended: Ended) -> Lost:
    going = Farewell(engine=replica.engine, ending=ending(ended, replica.group), log=replica.log)
    return farewell.taken(going, replica.home.environment, replica.name)


def _taken_over(rollout: Rollout, replicas: Sequence[Instance], place: str) -> Ended | None:
    """Let the replicas have the name and the gate; each part may be repeated."""
    engine, home, group = rollout.engine, rollout.home, rollout.group
    owners = [owner for each in replicas if (owner := each.owner)]
    if len(owners) < len(replicas):
        return Ended(fate=Fate.EXITED, detail=GONE)
    for owner in owners:
        if not _called(owner, group.name):
            network.rename(engine, place, owner, (group.name,))
    to = [owner.id for owner in owners]
    gated = allowed(lambda: gate.ensured(engine, home, group, network=place, image=rollout.companion, to=to))
    if gated:
        return gated
    for each in replicas:
        _mark(each)
    return None


def _mark(replica: Instance) -> None:
    """Let the engine keep the mains running for ever; the own container last, for it is what is looked at."""
    for one in reversed(mains(replica)):
        seen = replica.engine.seen(replica.called(one))
        if seen and seen.policy != FOR_EVER:
            policy: Any = {"Name": FOR_EVER}
            replica.engine.api.update_container(seen.id, restart_policy=policy)


def _retired(rollout: Rollout, others: Casts, place: str) -> Lost:
    """Let the versions before go, out of the name first."""
    engine, name = rollout.engine, rollout.group.name
    for cast in others.values():
        owner = versions.owner(cast)
        if owner and owner.running and _called(owner, name):
            network.rename(engine, place, owner, ())
    return versions.gone(engine, rollout.home.environment, others, Result.REPLACED, rollout.log)


def _called(seen: Seen, name: Name) -> bool:
    return any(name in endpoint.aliases for endpoint in seen.networks.values())

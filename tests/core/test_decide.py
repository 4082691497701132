from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.deciding.decide import Refused, Situation, decide
from bot.core.deciding.order import beneath, deploy_order
from bot.core.deciding.plan import Build, Discard, Keep, Plan, Remove, Run, Start, Stop, Wake
from bot.core.deciding.trust import Actor, Trust
from bot.core.events import ActorId, Pull, PullKey, Want, Wish
from bot.core.group import Group
from bot.core.model import Job, JobEvent, Service, Spec, Trigger
from bot.core.names import Name, Sha
from bot.core.permission import Permission
from bot.core.reading.spec import Unreadable
from bot.core.report import Problem
from bot.core.standing import Placed, Standing
from tests.core.specs import specs

KEY = PullKey(forge="github", repository="1296269", number=7)
HEAD = Sha("a" * 40)
PULL = Pull(
    key=KEY, repository="acme/shop", branch="feature", head=HEAD, base="main", author="ana", open=True, fork=False
)

TRUSTED = Trust(actors=(Actor(login="ana", id=ActorId("9000"), permission=Permission.WRITE),))


def wished(want: Want) -> Wish:
    return Wish(key=KEY, repository="acme/shop", want=want, sha=HEAD, actor="ana", why="because")


def at(want: Want = Want.DEPLOY, *, spec=None, stands=None, pull=PULL) -> Situation:
    return Situation(wish=wished(want), pull=pull, spec=spec, stands=stands, trust=TRUSTED)


def standing(spec: Spec, *, down: bool = False) -> Standing:
    """What stands when every step of this spec has succeeded."""
    order = deploy_order(spec)
    nodes = {name: placed(name, node, order[name]) for name, node in spec.nodes.items()}
    return Standing(key=KEY, repository="acme/shop", generation=1, sha=HEAD, down=down, nodes=nodes)


def placed(name: Name, node: Service | Job, needs: frozenset[Name]) -> Placed:
    group = Group(name=name, image="i", version="1")
    if isinstance(node, Service):
        return Placed(name=name, needs=needs, service=group)
    return Placed(name=name, needs=needs, pinned={event: group for event in node.on if event is not JobEvent.DEPLOY})


def ids(plan: Plan | Refused) -> list[str]:
    assert isinstance(plan, Plan)
    return [step.id for step in plan.steps]


def needed(plan: Plan) -> dict[str, frozenset[str]]:
    """Step → everything that it waits for, directly or not."""
    direct = {step.id: step.waits for step in plan.steps}
    return {step: beneath(direct, [step]) for step in direct}


SHOP = Spec(
    version=1,
    services={"db": Service(image="busybox"), "web": Service(image="busybox")},
    jobs={
        "seed": Job(
            image="busybox",
            needs=("db",),
            on={JobEvent.DEPLOY: Trigger(), JobEvent.STOP: Trigger(), JobEvent.DELETE: Trigger()},
        )
    },
)


def test_a_deploy_finds_the_images_then_goes_up_in_order():
    assert ids(decide(at(spec=SHOP))) == [
        "pull db",
        "pull web",
        "pull seed",
        "start db",
        "run seed on deploy",
        "start web",
    ]


def test_a_stop_goes_down_in_the_reverse_order_with_the_job_at_its_own_place():
    assert ids(decide(at(Want.STOP, stands=standing(SHOP)))) == ["stop web", "run seed on stop", "stop db"]


def test_a_delete_removes_nothing_before_the_delete_jobs_ended():
    plan = decide(at(Want.DELETE, stands=standing(SHOP)))
    assert ids(plan) == ["stop web", "run seed on delete", "stop db", "remove the environment"]


def test_a_delete_of_a_stopped_environment_first_starts_what_its_delete_jobs_need():
    plan = decide(at(Want.DELETE, stands=standing(SHOP, down=True)))
    assert ids(plan) == ["wake db", "run seed on delete", "stop db", "remove the environment"]


def test_a_delete_of_nothing_still_looks_for_leftovers():
    assert ids(decide(at(Want.DELETE))) == ["remove the environment"]


def test_a_stop_of_what_is_down_does_nothing():
    assert ids(decide(at(Want.STOP, stands=standing(SHOP, down=True)))) == []


def test_a_failed_stop_job_does_not_hold_the_stop_back():
    plan = decide(at(Want.STOP, stands=standing(SHOP)))
    assert all(not step.needs for step in plan.steps)


def test_a_job_without_a_deploy_event_is_kept_and_still_keeps_the_order():
    drop = Job(image="busybox", needs=("db",), on={JobEvent.DELETE: Trigger()})
    spec = Spec(version=1, services=SHOP.services, jobs={"drop": drop})
    plan = decide(at(spec=spec))
    assert "keep drop" in ids(plan)
    assert needed(plan)["start web"] >= {"keep drop", "start db"}


def test_a_service_that_the_spec_dropped_goes_after_the_rollout():
    fewer = Spec(version=1, services={"db": SHOP.services["db"]}, jobs=SHOP.jobs)
    plan = decide(at(spec=fewer, stands=standing(SHOP)))
    assert ids(plan)[-1] == "discard web"
    assert needed(plan)["discard web"] >= {"start db", "run seed on deploy"}


def test_a_fork_is_refused_before_its_spec_is_read():
    decision = decide(at(pull=replace(PULL, fork=True)))
    assert isinstance(decision, Refused)
    assert "fork" in decision.why


def test_a_spec_with_mistakes_is_refused_with_all_of_them():
    problems = (Problem(path="a", line=1, column=1, message="m"), Problem(path="b", line=2, column=1, message="n"))
    decision = decide(at(spec=Unreadable(file="matinee.yaml", problems=problems)))
    assert isinstance(decision, Refused)
    assert (decision.why, decision.problems) == ("matinee.yaml has 2 mistakes", problems)


@given(specs())
def test_a_deploy_has_one_main_step_a_node_after_all_that_the_node_waits_for(spec):
    plan = decide(at(spec=spec))
    main = {_node(step.act): step.id for step in plan.steps if isinstance(step.act, Start | Run | Keep)}
    assert main.keys() == spec.nodes.keys()
    for name, waits in deploy_order(spec).items():
        assert needed(plan)[main[name]] >= {main[other] for other in waits}


@given(specs(), st.booleans())
def test_a_stop_takes_every_service_down_after_all_that_waited_for_it(spec, down):
    plan = decide(at(Want.STOP, stands=standing(spec, down=down)))
    stops = {step.act.service: step.id for step in plan.steps if isinstance(step.act, Stop)}
    assert stops.keys() == (set() if down else set(spec.services))
    for name, waits in deploy_order(spec).items():
        for other in waits & stops.keys():
            if name in stops:
                assert stops[name] in needed(plan)[stops[other]]


@given(specs(), st.booleans())
def test_a_delete_ends_with_the_removal_after_every_delete_job(spec, down):
    plan = decide(at(Want.DELETE, stands=standing(spec, down=down)))
    last = plan.steps[-1]
    jobs = {step.id for step in plan.steps if isinstance(step.act, Run)}
    assert isinstance(last.act, Remove)
    assert jobs == {f"run {name} on delete" for name, job in spec.jobs.items() if JobEvent.DELETE in job.on}
    assert last.needs == {step.id for step in plan.steps[:-1]}


@given(specs())
def test_the_way_down_is_the_exact_reverse_of_the_way_up(spec):
    up, down = decide(at(spec=spec)), decide(at(Want.STOP, stands=standing(spec)))
    starts = {f"stop {step.act.service}": step.id for step in up.steps if isinstance(step.act, Start)}
    runs = {
        f"run {step.act.job} on stop": main_of(up, step.act.job) for step in down.steps if isinstance(step.act, Run)
    }
    there, back = {**starts, **runs}, needed(down)
    for one in back:
        assert back[one] == {other for other in back if there[one] in needed(up)[there[other]]}


def main_of(plan: Plan, job: str) -> str:
    return next(step.id for step in plan.steps if isinstance(step.act, Run | Keep) and step.act.job == job)


@given(specs())
def test_a_delete_of_what_is_stopped_wakes_exactly_what_its_delete_jobs_need(spec):
    plan = decide(at(Want.DELETE, stands=standing(spec, down=True)))
    running = [step.act.job for step in plan.steps if isinstance(step.act, Run)]
    woken = {step.act.service for step in plan.steps if isinstance(step.act, Wake)}
    assert woken == beneath(deploy_order(spec), running) & set(spec.services)
    assert woken == {step.act.service for step in plan.steps if isinstance(step.act, Stop)}


@given(specs(), st.data(), st.booleans())
def test_whatever_a_deploy_began_and_did_not_remember_goes_down_too(spec, data, down):
    whole = standing(spec, down=down)
    kept = data.draw(st.sets(st.sampled_from(sorted(spec.nodes)))) if spec.nodes else set()
    stands = replace(whole, nodes={name: whole.nodes[name] for name in kept}, spec=spec)
    plan = decide(at(Want.STOP, stands=stands))
    assert {step.act.service for step in plan.steps if isinstance(step.act, Stop)} == (
        set() if down else {*spec.services}
    )
    assert ids(decide(at(Want.DELETE, stands=stands)))[-1] == "remove the environment"


@pytest.mark.parametrize("want", [Want.DEPLOY, Want.STOP])
def test_nothing_but_a_deploy_and_a_delete_discards_or_removes(want):
    plan = decide(at(want, spec=SHOP, stands=standing(SHOP)))
    assert not [step for step in plan.steps if isinstance(step.act, Remove | Discard)]


def _node(act: Start | Run | Keep | Build) -> Name:
    match act:
        case Start(name) | Keep(name) | Run(name, _) | Build(name):
            return name

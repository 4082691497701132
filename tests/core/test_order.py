from hypothesis import given
from hypothesis import strategies as st

from bot.core.deciding.order import among, beneath, deploy_order, reverse, sparse
from bot.core.model import Job, JobEvent, Service, Spec, Trigger
from tests.core.specs import specs

DEPLOY = {JobEvent.DEPLOY: Trigger()}


def spec(**nodes: Service | Job) -> Spec:
    services = {name: node for name, node in nodes.items() if isinstance(node, Service)}
    jobs = {name: node for name, node in nodes.items() if isinstance(node, Job)}
    return Spec(version=1, services=services, jobs=jobs)


def test_a_service_that_no_job_needs_waits_for_every_job():
    order = deploy_order(
        spec(
            db=Service(image="i"),
            web=Service(image="i"),
            seed=Job(image="i", needs=("db",), on=DEPLOY),
            other=Job(image="i", on=DEPLOY),
        )
    )
    assert order == {
        "db": frozenset(),
        "web": {"seed", "other"},
        "seed": {"db"},
        "other": frozenset(),
    }


def test_a_service_that_a_job_needs_indirectly_waits_for_none():
    order = deploy_order(
        spec(
            disk=Service(image="i"),
            db=Service(image="i", needs=("disk",)),
            seed=Job(image="i", needs=("db",), on=DEPLOY),
        )
    )
    assert order["disk"] == order["db"] - {"disk"} == frozenset()


@given(specs())
def test_a_sparse_order_leaves_out_only_what_follows_from_the_rest(spec):
    order = deploy_order(spec)
    few = sparse(order)
    assert all(beneath(few, [name]) == beneath(order, [name]) for name in order)
    assert all(not few[name] & beneath(few, few[name]) for name in order)


def test_after_jobs_false_opts_out():
    order = deploy_order(spec(web=Service(image="i", after_jobs=False), seed=Job(image="i", on=DEPLOY)))
    assert order["web"] == frozenset()


def test_a_reference_to_an_output_needs_its_job():
    first = Job(image="i", on=DEPLOY)
    second = Job(image="i", on=DEPLOY, variables={"KEY": "${jobs.first.outputs.KEY}"})
    assert deploy_order(spec(first=first, second=second))["second"] == {"first"}


@given(specs())
def test_the_rule_adds_no_cycle(some):
    order = deploy_order(some)
    assert all(name not in beneath(order, [name]) for name in order)


@given(specs())
def test_the_reverse_of_the_reverse_is_the_order(some):
    order = deploy_order(some)
    assert reverse(reverse(order)) == order


@given(specs(), st.data())
def test_leaving_nodes_out_keeps_who_comes_before_whom(some, data):
    order = deploy_order(some)
    kept = data.draw(st.sets(st.sampled_from(sorted(order)))) if order else set()
    fewer = among(order, kept.__contains__)
    assert fewer.keys() == kept
    for name in kept:
        assert beneath(fewer, [name]) == beneath(order, [name]) & kept

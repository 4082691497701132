from dataclasses import replace

import pytest
from hypothesis import given

from bot.core.composing.compose import service_group
from bot.core.composing.surroundings import surroundings
from bot.core.deciding.decide import decide
from bot.core.deciding.order import beneath, deploy_order
from bot.core.deciding.plan import Build as BuildImage
from bot.core.deciding.plan import Plan, Pull
from bot.core.deciding.upward import deployment
from bot.core.foreseeing.foresight import foresight
from bot.core.foreseeing.outlook import Outlook, Row, Verb, document
from bot.core.foreseeing.sight import Found, Hopeless, Missing, Sight, There
from bot.core.group import Address, Group
from bot.core.model import Build, Hook, Job, JobEvent, Rerun, Service, Spec, Task, Trigger
from bot.core.names import Name, Url
from bot.core.overlay import Clone, Overlay, laid_over
from bot.core.standing import Placed, Standing, Variable
from tests.core.specs import specs
from tests.core.test_decide import HEAD, KEY, PULL, at

WEB, DB, SEED = Name("web"), Name("db"), Name("seed")
THERE = There("sha256:1")
EMPTY = Standing(key=KEY, repository="acme/shop", generation=1, sha=HEAD)


def looked(spec: Spec, before: Standing | None = None, **found: Found) -> dict[str, Row]:
    """The rows of a deploy; images are there unless said otherwise by the step's name."""
    return {row.name: row for row in outlook(spec, before, **found).rows}


def outlook(spec: Spec, before: Standing | None = None, *, roomless: str = "", **found: Found) -> Outlook:
    stands = replace(before or EMPTY, spec=spec, pull=PULL, down=False)
    stands = replace(stands, addresses=addresses(laid_over(spec, stands.overlay)))
    around = surroundings(spec, PULL, stands, {})
    plan = deployment(around.spec, before, why="because")
    images = [step.id for step in plan.steps if isinstance(step.act, BuildImage | Pull)]
    said = {name.replace("_", " "): each for name, each in found.items()}
    there = {each: said.get(each, THERE) for each in images}
    return foresight(plan, Sight(around=around, before=before, found=there, roomless=roomless))


def addresses(spec: Spec) -> dict[Name, Address]:
    return {name: Address(host=name, port=80, url=Url(f"http://{name}.local:80")) for name in spec.services}


def shop(*, web: dict | None = None, deploy: dict | None = None, **more: object) -> Spec:
    seed = Job(image="busybox", on={JobEvent.DEPLOY: Trigger(**(deploy or {})), JobEvent.DELETE: Trigger()})
    return Spec(version=1, services={WEB: Service(**{"image": "busybox", **(web or {})})}, jobs={SEED: seed}, **more)


def deployed(spec: Spec, *, outputs: tuple[Variable, ...] = ()) -> Standing:
    """What stands after a deploy of this spec; its job has succeeded with inputs of old."""
    stands = replace(EMPTY, spec=spec, pull=PULL, serving=HEAD, addresses=addresses(spec), outputs={SEED: outputs})
    around, nodes = surroundings(spec, PULL, stands, {}), dict[Name, Placed]()
    for name in spec.services:
        group = service_group(name, {"": THERE.image}, around)
        assert isinstance(group, Group), group
        nodes[name] = Placed(name=name, service=group, images={"": THERE.image})
    for name in spec.jobs:
        pinned = {JobEvent.DELETE: Group(name=name, image="i", version="")}
        nodes[name] = Placed(name=name, inputs="of old", pinned=pinned, images={"": THERE.image})
    return replace(stands, nodes=nodes)


def told(row: Row) -> tuple[str, str]:
    return str(row.prospect.verb), row.prospect.why


OF_SEED = {"variables": {"KEY": "${jobs.seed.outputs.KEY}"}}
KEY_OF_SEED = (Variable(name="KEY", value="of old"),)


def test_what_serves_as_it_is_stays():
    spec = shop()
    assert looked(spec, deployed(spec))["web"].prospect.verb is Verb.UNCHANGED


def test_a_service_may_restart_where_it_names_an_output_of_a_job_that_runs():
    spec = shop(web=OF_SEED)
    rows = looked(spec, deployed(spec, outputs=KEY_OF_SEED))
    assert told(rows["seed"]) == ("run", "it runs at every deploy (run: always)")
    assert told(rows["web"]) == ("may restart", "variable KEY if the output KEY of seed changes")


def test_a_service_stays_where_the_job_whose_output_it_names_does_not_run():
    spec = shop(web=OF_SEED, deploy={"run": Rerun.ONCE})
    rows = looked(spec, deployed(spec, outputs=KEY_OF_SEED))
    assert (rows["seed"].prospect.verb, rows["web"].prospect.verb) == (Verb.SKIP, Verb.UNCHANGED)


def test_an_output_that_was_never_written_is_a_change_once_its_job_runs():
    rows = looked(shop(web=OF_SEED), deployed(shop()))
    assert told(rows["web"]) == ("restart", "variable KEY")


def test_an_output_that_no_run_will_write_is_a_failure():
    once = {"run": Rerun.ONCE}
    row = looked(shop(web=OF_SEED, deploy=once), deployed(shop(deploy=once)))["web"]
    assert row.prospect.verb is Verb.FAIL
    assert "${jobs.seed.outputs.KEY} is not known here" in row.prospect.why


def test_a_service_with_volumes_may_be_recreated_and_is_down_in_between():
    spec = shop(web={**OF_SEED, "volumes": {"/data": "1Mi"}})
    row = looked(spec, deployed(spec, outputs=KEY_OF_SEED))["web"]
    assert told(row) == ("may recreate", "variable KEY if the output KEY of seed changes; it is down in between")


def test_a_failed_deploy_may_have_left_a_service_with_volumes_down():
    spec = shop(web={"volumes": {"/data": "1Mi"}})
    row = looked(spec, replace(deployed(spec), serving=None))["web"]
    assert told(row) == ("unchanged", "unless the deploy before, which did not succeed, has left it down")


@pytest.mark.parametrize(
    ("found", "why"),
    [(There("sha256:2"), "image"), (Missing(), "its image is fetched anew")],
    ids=["another image", "an image that is not here"],
)
def test_a_job_that_runs_on_change_says_what_of_its_image_changed(found, why):
    spec = shop(deploy={"run": Rerun.ON_CHANGE})
    before = deployed(spec)
    same = looked(spec, before)["seed"]
    ingredients = {"image": "of old"}
    placed = replace(before.nodes[SEED], ingredients=ingredients)
    row = looked(spec, replace(before, nodes={**before.nodes, SEED: placed}), pull_seed=found)["seed"]
    assert row.prospect.verb is same.prospect.verb is Verb.RUN
    assert why in row.prospect.why


def test_a_build_that_cannot_be_holds_back_all_that_waits_for_it():
    spec = shop(web={"image": None, "build": Build(root="wbe")})
    spec = spec.model_copy(update={"services": {**spec.services, DB: Service(image="busybox", needs=(WEB,))}})
    before = deployed(shop(), outputs=())
    gone = replace(before, nodes={**before.nodes, Name("old"): replace(before.nodes[WEB], name=Name("old"))})
    rows = looked(spec, gone, build_web=Hopeless("there is no folder wbe"))
    assert rows["web"].images[0].prospect.why == "there is no folder wbe"
    assert told(rows["web"]) == ("not reached", "the image of its own container would fail")
    assert told(rows["db"]) == ("not reached", "web would fail")
    assert told(rows["old"]) == ("not reached", "it stays, for web would fail")


def test_what_the_spec_no_longer_names_goes_and_a_jobs_delete_run_stays():
    spec = shop()
    left = Spec(version=1, services={DB: Service(image="busybox")})
    rows = looked(left, deployed(spec))
    assert told(rows["web"]) == ("remove", "the spec no longer names it")
    assert rows["web"].after == (DB,)
    assert told(rows["seed"]) == ("keep", "the spec no longer names it; what it runs at delete stays")


def test_a_clone_says_where_it_comes_from_and_has_no_image_to_make():
    clone = Clone(node=Service(image="busybox"), images={"": "sha256:9"}, origin="web of github-1296269-9", fork=False)
    before = replace(deployed(shop()), overlay=Overlay(clones={Name("web2"): clone}))
    row = looked(shop(), before)["web2"]
    assert (row.notes, row.images) == (("a clone of web of github-1296269-9",), ())
    assert told(row) == ("start", "first time")


def test_a_domain_that_the_runner_uses_is_not_worth_a_word():
    web = {"port": 80, "public": True, "domain": "web.local"}
    assert looked(shop(web=web))["web"].notes == ()
    unused = looked(shop(web={**web, "domain": "shop.example.com"}))["web"].notes
    assert unused == ("its domain shop.example.com is not used here; it is reached at http://web.local:80",)


@pytest.mark.parametrize(
    ("web", "noted"),
    [
        ({"variables": {"SHA": "${git.sha}"}}, "it names ${git.sha}, so that each push restarts it"),
        ({"image": None, "build": Build(args={"SHA": "${git.sha}"})}, "its build names ${git.sha}, so that each push"),
        ({"args": ("$${git.sha}",)}, ""),
    ],
    ids=["a variable", "a build argument", "a dollar sign"],
)
def test_what_each_push_redoes_is_noted(web, noted):
    notes = looked(shop(web=web))["web"].notes
    assert [noted in each for each in notes] == ([True] if noted else [])


def test_where_nothing_makes_room_for_volumes_the_plan_says_what_fails_and_what_is_forgotten():
    farewell = {"bye": Task(image="busybox", hook=Hook.POSTSTOP)}
    spec = shop(web={"volumes": {"/data": "1Gi"}, "tasks": farewell})
    (row,) = (row for row in outlook(spec, roomless="the cluster has no default StorageClass").rows if row.name == WEB)
    assert row.notes == (
        "it has volumes and would not start: the cluster has no default StorageClass",
        "bye would find /alloc empty: the cluster has no default StorageClass",
    )
    assert looked(spec)["web"].notes == ()


def test_why_an_image_is_built_is_what_its_build_says_otherwise_than_before():
    old = shop(web={"image": None, "build": Build(root="web", args={"A": "1"})})
    new = shop(web={"image": None, "build": Build(root="shop", target="run", args={"A": "2", "B": "1"})})
    row = looked(new, deployed(old), build_web=Missing())["web"]
    assert row.images[0].prospect.why == "root, target, argument A, argument B changed"
    assert told(row) == ("restart", "image")


def test_no_value_is_told():
    spec = shop(web={"variables": {"PASSWORD": "${secrets.P}"}}, secrets={"P": "generate"})
    before = replace(deployed(shop()), generated={"P": "n3w-s3cr3t"})
    assert "n3w-s3cr3t" not in str(document(outlook(spec, before)))


@given(specs())
def test_every_node_has_one_row_after_all_that_it_waits_for(spec):
    rows = outlook(spec).rows
    names = [row.name for row in rows]
    assert sorted(names) == sorted(spec.nodes)
    assert all(names.index(need) < names.index(row.name) for row in rows for need in row.after)
    direct = {row.name: frozenset(row.after) for row in rows}
    order = deploy_order(spec)
    assert all(beneath(direct, [name]) == beneath(order, [name]) for name in names)


def test_the_document_has_the_nodes_and_the_steps():
    found = document(outlook(shop()))
    assert found.keys() == {"want", "why", "nodes", "steps"}
    assert found["nodes"][1] == {
        "name": "web",
        "kind": "service",
        "act": "start",
        "why": "first time",
        "after": ["seed"],
        "images": [{"task": "", "act": "unchanged", "why": "it is here already"}],
        "notes": [],
    }
    plan = decide(at(spec=shop()))
    assert isinstance(plan, Plan)
    assert [step["name"] for step in found["steps"]] == [step.id for step in plan.steps]

"""Which pulls are previewed: every case of drafts, label, paths, what stands, and who says so."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.deciding.decide import Situation, decide
from bot.core.deciding.filters import DRAFT, LABEL, NOTHING, PATHS, Touched, carries, compares, standing_commit
from bot.core.deciding.plan import Plan
from bot.core.events import Happening, Ignored, Want, Wish
from bot.core.model import Drafts, Preview, Service, Spec
from bot.core.names import Name, Sha
from bot.core.standing import Standing
from tests.core.test_decide import HEAD, KEY, PULL, TRUSTED, placed

OLD, BASE = Sha("b" * 40), Sha("c" * 40)
FILTERED = Preview(label="preview", paths=("api/**",))
WEB = Service(image="busybox")


def spec(preview: Preview = FILTERED) -> Spec:
    return Spec(version=1, preview=preview, services={Name("web"): WEB})


def wish(*, person: bool = False, glance: bool = False) -> Wish:
    return Wish(
        key=KEY,
        repository="acme/shop",
        want=Want.DEPLOY,
        sha=HEAD,
        actor="ana",
        why="because",
        person=person,
        glance=glance,
    )


def standing(how: str, *, by_hand: bool = False, draft: bool = False, label: bool = True) -> Standing | None:
    """As it was left by a deploy of a pull that was then a draft or not, with the label or without."""
    if how == "nothing":
        return None
    then = replace(PULL, draft=draft, labels=frozenset({"preview"} if label else ()), head=OLD)
    nodes = {Name("web"): placed(Name("web"), WEB, frozenset())}
    up = Standing(
        key=KEY, repository="acme/shop", generation=1, sha=OLD, serving=OLD, nodes=nodes, spec=spec(), pull=then
    )
    return replace(up, down=how == "down", by_hand=by_hand)


def at(
    stands: Standing | None,
    *,
    draft: bool = False,
    label: bool = True,
    paths: bool = True,
    preview: Preview = FILTERED,
    by: Wish | None = None,
) -> Situation:
    pull = replace(PULL, draft=draft, labels=frozenset({"Preview", "bug"} if label else {"bug"}))
    files = ("api/main.py",) if paths else ("README.md",)
    found = Situation(wish=by or wish(), pull=pull, spec=spec(preview), stands=stands, trust=TRUSTED)
    return replace(found, touched=Touched(since=BASE, files=files) if compares(found) else None)


def comes_to(situation: Situation) -> str:
    decided = decide(situation)
    if isinstance(decided, Plan):
        return str(decided.want)
    assert isinstance(decided, Ignored), decided
    return {DRAFT: "draft", LABEL: "label", PATHS: "paths", NOTHING: "nothing"}[decided.rule]


# (draft, label missing, paths untouched, what stands, by hand, then a draft, then without the label) → what comes of it
TABLE = {
    # nothing stands: what passes every filter is deployed, else the first that does not is named
    (0, 0, 0, "nothing", 0, 0, 0): "deploy",
    (1, 0, 0, "nothing", 0, 0, 0): "draft",
    (0, 1, 0, "nothing", 0, 0, 0): "label",
    (0, 0, 1, "nothing", 0, 0, 0): "paths",
    (1, 1, 0, "nothing", 0, 0, 0): "label",
    (1, 0, 1, "nothing", 0, 0, 0): "draft",
    (0, 1, 1, "nothing", 0, 0, 0): "label",
    (1, 1, 1, "nothing", 0, 0, 0): "label",
    # it runs: a new draft stops, a label that is gone deletes, paths leave it as it is
    (0, 0, 0, "up", 0, 0, 0): "deploy",
    (1, 0, 0, "up", 0, 0, 0): "stop",
    (0, 1, 0, "up", 0, 0, 0): "delete",
    (0, 0, 1, "up", 0, 0, 0): "paths",
    (1, 1, 0, "up", 0, 0, 0): "delete",
    (1, 0, 1, "up", 0, 0, 0): "stop",
    (0, 1, 1, "up", 0, 0, 0): "delete",
    (1, 1, 1, "up", 0, 0, 0): "delete",
    # it is stopped: a draft has nothing to stop any more
    (0, 0, 0, "down", 0, 0, 0): "deploy",
    (1, 0, 0, "down", 0, 0, 0): "draft",
    (0, 1, 0, "down", 0, 0, 0): "delete",
    (0, 0, 1, "down", 0, 0, 0): "paths",
    (0, 0, 0, "down", 0, 1, 0): "deploy",
    # a draft that was deployed by hand as a draft stays; one that became a draft since does not
    (1, 0, 0, "up", 1, 1, 0): "draft",
    (1, 0, 0, "up", 1, 0, 0): "stop",
    (1, 0, 1, "up", 1, 1, 0): "draft",
    (1, 0, 0, "down", 1, 1, 0): "draft",
    (0, 0, 0, "up", 1, 1, 0): "deploy",
    # without the label, by hand: stays; with the label taken away since: goes
    (0, 1, 0, "up", 1, 0, 1): "label",
    (0, 1, 0, "up", 1, 0, 0): "delete",
    (0, 1, 0, "down", 1, 0, 1): "label",
    (0, 1, 1, "up", 1, 0, 1): "label",
    (0, 0, 0, "up", 1, 0, 1): "deploy",
    # both at once
    (1, 1, 0, "up", 1, 1, 1): "label",
    (1, 1, 0, "up", 1, 1, 0): "delete",
    # what stands by hand is no reason to deploy what touches nothing
    (0, 0, 1, "up", 1, 0, 0): "paths",
}


@pytest.mark.parametrize("case", TABLE, ids=str)
def test_a_push_comes_to_what_the_table_says(case) -> None:
    draft, unlabelled, untouched, how, by_hand, was_draft, was_unlabelled = case
    stands = standing(how, by_hand=bool(by_hand), draft=bool(was_draft), label=not was_unlabelled)
    situation = at(stands, draft=bool(draft), label=not unlabelled, paths=not untouched)
    assert comes_to(situation) == TABLE[case]


ALL = list(product([False, True], [False, True], [False, True], ["nothing", "up", "down"], [False, True]))


@pytest.mark.parametrize(("draft", "label", "paths", "how", "by_hand"), ALL)
def test_what_a_person_wants_is_deployed_whatever_the_filters_say(draft, label, paths, how, by_hand) -> None:
    stands = standing(how, by_hand=by_hand)
    assert comes_to(at(stands, draft=draft, label=label, paths=paths, by=wish(person=True))) == "deploy"
    assert comes_to(at(stands, draft=draft, label=label, paths=paths, by=replace(wish(), by_hand=True))) == "deploy"


@pytest.mark.parametrize(("draft", "label", "paths", "how", "by_hand"), ALL)
def test_no_filter_keeps_a_stop_or_a_delete_away(draft, label, paths, how, by_hand) -> None:
    for want in (Want.STOP, Want.DELETE):
        by = replace(wish(), want=want, sha=None)
        assert comes_to(at(standing(how, by_hand=by_hand), draft=draft, label=label, paths=paths, by=by)) == str(want)


@pytest.mark.parametrize(("draft", "label", "paths", "how", "by_hand"), ALL)
def test_a_spec_without_filters_leaves_nothing_out(draft, label, paths, how, by_hand) -> None:
    open_to_all = Preview(drafts=Drafts.DEPLOY)
    stands = standing(how, by_hand=by_hand)
    assert comes_to(at(stands, draft=draft, label=label, paths=paths, preview=open_to_all)) == "deploy"


@pytest.mark.parametrize(("draft", "label", "paths", "how", "by_hand"), ALL)
def test_whatever_is_left_out_says_how_to_have_it(draft, label, paths, how, by_hand) -> None:
    decided = decide(at(standing(how, by_hand=by_hand), draft=draft, label=label, paths=paths))
    if isinstance(decided, Ignored):
        assert decided.rule
        assert "`/preview deploy`" in decided.why
        assert f"`matinee deploy {KEY.environment}`" in decided.why


def test_what_stays_as_it_is_anyway_gives_no_advice() -> None:
    stands = standing("up", by_hand=True, draft=True)
    assert stands is not None
    decided = decide(at(replace(stands, sha=HEAD, serving=HEAD), draft=True))
    assert decided == Ignored("the pull is a draft, and what was deployed by hand stays as it is", DRAFT)


@pytest.mark.parametrize("label", ["preview", "PREVIEW", "PreView", "ﬀ"])
def test_a_label_is_one_whatever_its_case(label: str) -> None:
    assert carries(replace(PULL, labels=frozenset({"other", label.upper()})), label)
    assert not carries(replace(PULL, labels=frozenset({"other", f"{label}2"})), label)


def test_a_forge_without_labels_lets_every_pull_through() -> None:
    assert carries(replace(PULL, labels=None), "preview")


# What a label alone does: (the label is one that counts, was there before, what stands) → what comes of it
@pytest.mark.parametrize(
    ("now", "then", "how", "came"),
    [
        (True, True, "up", "nothing"),
        (True, True, "down", "nothing"),
        (True, True, "nothing", "deploy"),
        (False, True, "up", "delete"),
        (False, True, "nothing", "label"),
        (True, False, "up", "deploy"),
        (True, False, "down", "deploy"),
    ],
)
def test_only_a_label_that_counts_does_anything(now, then, how, came) -> None:
    stands = standing(how, label=then)
    stands = stands and replace(stands, sha=HEAD, serving=HEAD)
    assert comes_to(at(stands, label=now, by=wish(glance=True))) == came


@pytest.mark.parametrize("how", ["up", "down", "nothing"])
def test_where_no_label_counts_a_label_deploys_nothing(how) -> None:
    stands = standing(how)
    stands = stands and replace(stands, sha=HEAD, serving=HEAD)
    assert comes_to(at(stands, preview=Preview(), by=wish(glance=True))) == "nothing"


def test_a_push_that_a_label_event_finds_is_deployed() -> None:
    assert comes_to(at(standing("up"), by=wish(glance=True))) == "deploy"


def test_a_push_is_compared_with_the_commit_that_serves() -> None:
    situation = at(standing("up"))
    assert situation.pull is not None
    assert standing_commit(replace(situation.pull), spec(), situation.stands) == OLD


@pytest.mark.parametrize("changed", ["draft", "label", "base"])
def test_what_is_no_mere_push_is_compared_with_the_merge_base(changed) -> None:
    stands = standing("up", draft=changed == "draft", label=changed != "label")
    pull = replace(PULL, labels=frozenset({"preview"}), base="next" if changed == "base" else "main")
    assert standing_commit(pull, spec(), stands) is None
    assert standing_commit(pull, spec(), None) is None


@pytest.mark.parametrize("serving", [None, BASE])
def test_a_deploy_that_did_not_come_to_its_end_is_gone_on_with_whatever_is_pushed(serving) -> None:
    stands = standing("up")
    assert stands is not None
    assert not compares(at(replace(stands, serving=serving)))
    assert comes_to(at(replace(stands, serving=serving), paths=False)) == "deploy"


@given(files=st.lists(st.sampled_from(["api/a", "api/b/c", "web/x", "README.md", "apis/a"]), unique=True))
def test_a_push_is_left_out_if_and_only_if_no_file_of_it_is_in_the_paths(files) -> None:
    situation = replace(at(standing("up")), touched=Touched(since=OLD, files=tuple(sorted(files))))
    assert (comes_to(situation) == "deploy") is any(file.startswith("api/") for file in files)


@given(
    draft=st.booleans(),
    label=st.booleans(),
    paths=st.booleans(),
    how=st.sampled_from(["nothing", "up", "down"]),
    by_hand=st.booleans(),
    then=st.tuples(st.booleans(), st.booleans()),
)
def test_a_second_look_at_the_same_does_nothing_more(draft, label, paths, how, by_hand, then) -> None:
    """What was stopped or deleted for a filter is left alone from then on: no turn undoes or repeats another."""
    stands = standing(how, by_hand=by_hand, draft=then[0], label=then[1])
    first = at(stands, draft=draft, label=label, paths=paths)
    came = comes_to(first)
    if stands is None or came == "deploy":
        return
    left = {
        "stop": replace(stands.noticing(first.pull), down=True, by_hand=False),
        "delete": None,
    }.get(came, stands.noticing(first.pull))
    again = comes_to(at(left, draft=draft, label=label, paths=paths))
    assert again in {"draft", "label", "paths"}


@pytest.mark.parametrize("happening", Happening)
def test_every_happening_but_a_close_wishes_for_a_look(happening) -> None:
    from bot.core.events import Event, wish

    event = Event(delivery="d", happening=happening, key=KEY, repository="acme/shop", sha=HEAD, actor="ana")
    assert wish(event).want is (Want.DELETE if happening is Happening.CLOSED else Want.DEPLOY)
    glances = (Happening.DRAFTED, Happening.LABELLED, Happening.UNLABELLED)
    assert wish(event).glance is (happening in glances)

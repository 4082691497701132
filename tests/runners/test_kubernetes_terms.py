"""On what terms an environment is, whoever asks and in whatever order: pure."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.group import Address, Group, Home
from bot.core.names import Name, Url
from runners._kubernetes import entrance, names, room
from runners._kubernetes.kinds import Body, labels_of
from runners._kubernetes.room import Room
from runners._kubernetes.terms import Terms, terms
from tests.runners.kubernetes_manifests import HOME
from tests.world.escapes import ESCAPES, Guard

PAGE = Path(__file__).parents[2] / "docs" / "kubernetes.md"
OPEN = Terms(egress=("0.0.0.0/0",), domain="p.example")
STRICT = Terms(security="restricted", quota={"pods": "7"}, domain="p.example")
FORK = replace(HOME, fork=True)
ENFORCED = "pod-security.kubernetes.io/enforce"


def laid(found: Body, home: Home, given: Terms) -> tuple[Body, bool]:
    """The namespace after this generation has looked at it, and whether it furnished it."""
    wanted = wished(found, home, given)
    if not room.due(found, home, wanted):
        return found, False
    notes = {names.ROOM: wanted.mark, names.ROOM_BY: str(home.generation)}
    metadata = {**found["metadata"], "annotations": notes, "labels": {**labels_of(found), **wanted.labels}}
    return {**found, "metadata": metadata}, True


def wished(found: Body, home: Home, given: Terms) -> Room:
    return room.room(room.terms(given, home, found), home, servers=())


def made(home: Home, given: Terms = OPEN) -> Body:
    return laid(room.namespace(room.terms(given, home, None), home), home, given)[0]


def test_a_pull_from_a_fork_is_on_terms_of_its_own_whatever_those_of_others_are() -> None:
    given = terms({"pod_security": "baseline", "egress": "10.20.0.0/16", "fork_egress": "203.0.113.0/24"})
    strict = given.for_forks()
    assert (strict.security, strict.egress, strict.quota) == ("restricted", ("203.0.113.0/24",), given.quota)
    assert terms({}).for_forks().egress == ()


def test_the_namespace_says_that_it_is_of_a_fork_and_enforces_it() -> None:
    assert labels_of(made(FORK)).items() >= {names.TRUST: names.FORKS, ENFORCED: "restricted"}.items()
    assert names.TRUST not in labels_of(made(HOME))


def test_what_was_of_a_fork_is_treated_as_such_by_whoever_does_not_know_it() -> None:
    namespace = made(FORK)
    for generation in (HOME.generation, HOME.generation + 1):
        unknowing = replace(HOME, generation=generation)
        assert room.enforced(OPEN, unknowing, namespace) == OPEN.for_forks()
        assert labels_of(laid(namespace, unknowing, OPEN)[0]) == labels_of(namespace)


def test_what_turns_out_to_be_of_a_fork_is_on_its_terms_at_once() -> None:
    namespace, anew = laid(made(HOME), FORK, OPEN)
    assert anew
    assert room.of_fork(namespace)
    assert labels_of(namespace)[ENFORCED] == "restricted"


def test_pods_keep_what_the_namespace_enforces_where_it_is_stricter_than_the_terms_of_who_asks() -> None:
    assert room.enforced(OPEN, HOME, made(HOME, STRICT)) == replace(OPEN, security="restricted")
    assert room.enforced(STRICT, HOME, made(HOME, OPEN)) == STRICT


def test_changed_terms_hold_from_the_next_generation_on() -> None:
    namespace, anew = laid(made(HOME, OPEN), HOME, STRICT)
    assert not anew
    namespace, anew = laid(namespace, replace(HOME, generation=HOME.generation + 1), STRICT)
    assert anew
    assert labels_of(namespace)[ENFORCED] == "restricted"


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([OPEN, STRICT]), st.booleans()), max_size=30))
def test_bots_on_different_terms_never_furnish_by_turns_for_ever(
    turns: list[tuple[int, Terms, bool]],
) -> None:
    namespace, count, forks = made(replace(HOME, generation=0)), 0, False
    for generation, given_to_it, fork in turns:
        home = replace(HOME, generation=generation, fork=fork)
        namespace, anew = laid(namespace, home, given_to_it)
        count, forks = count + anew, forks or fork
        assert room.of_fork(namespace) == forks
        assert not forks or labels_of(namespace)[ENFORCED] == "restricted"
    assert count <= len({generation for generation, _, _ in turns}) + 1


@pytest.mark.parametrize(
    ("host", "of_own", "of_fork"),
    [
        ("web-github-27961353-7.p.example", True, True),
        ("web-github-27961353-7.before.example", True, True),
        ("shop.example.com", True, False),
        ("shop.p.example", True, False),
        ("web-github-27961353-8.p.example", False, False),
        ("db-github-27961353-7.p.example", False, False),
        ("x.web-github-27961353-8.p.example", False, False),
        (f"{'w' * 40}-github-27961-0123abcd.p.example", False, False),
        ("", True, True),
    ],
    ids=["given", "given before", "own", "own below", "another's", "a neighbour's", "below it", "a cut one", "none"],
)
def test_a_host_that_is_given_to_another_is_no_services_and_a_forks_is_the_given_one(
    host: str, of_own: bool, of_fork: bool
) -> None:
    address = Address(host="web", port=80, url=Url(f"https://{host}" if host else "http://web:80"))
    web = Group(name=Name("web"), image="i", version="v", address=address)
    assert (entrance.unfit(HOME, web, OPEN) is None) == of_own
    assert (entrance.unfit(HOME, web, OPEN.for_forks()) is None) == of_fork


ROWS = {
    Guard.BASELINE: "| PodSecurity `baseline` |",
    Guard.RESTRICTED: "| PodSecurity `restricted` |",
    Guard.QUOTA: "| ResourceQuota |",
    Guard.POLICY: "| the admission policies",
    Guard.NONE: "| only us |",
}


@pytest.mark.parametrize("name", ESCAPES)
def test_the_page_says_who_refuses_each_way_out_of_a_preview(name: str) -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert any(line.startswith(ROWS[ESCAPES[name].guard]) and name in line for line in lines)

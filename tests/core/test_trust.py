from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval import Allowed, Approval, Ground
from bot.core.deciding.decide import Refused, Situation, decide
from bot.core.deciding.plan import Build, Keep, Plan, Run, Start
from bot.core.deciding.plan import Pull as PullImage
from bot.core.deciding.trust import Actor, Trust, Untrusted, judged
from bot.core.events import NOBODY, ActorId, Pull, Want, Wish
from bot.core.model import JobEvent
from bot.core.names import Sha
from bot.core.permission import Permission
from tests.core.test_decide import HEAD, KEY, PULL, SHOP, standing

EVE, ANA = ActorId("9001"), ActorId("9000")
OTHER = Sha("b" * 40)
FORK = replace(PULL, fork=True)
WISH = Wish(key=KEY, repository="acme/shop", want=Want.DEPLOY, sha=HEAD, actor="eve", actor_id=EVE, why="because")
OPERATOR = replace(WISH, actor="pat", actor_id=NOBODY, person=True)
COMMAND = replace(WISH, person=True)


def eve(permission: Permission = Permission.NONE, *, listed: bool = False) -> Trust:
    return Trust(actors=(Actor(login="eve", id=EVE, permission=permission, listed=listed),))


def claimed(*, listed: bool = False) -> Trust:
    """Of whom a delivery says that they acted, and the forge shows nothing of it."""
    return Trust(actors=(Actor(login="eve", id=EVE, permission=Permission.ADMIN, listed=listed, shown=False),))


def word(ground: Ground = Ground.APPROVAL, sha: Sha = HEAD) -> Trust:
    kept = Approval(sha=sha, by="ana", by_id=ANA, at=datetime(2026, 11, 26, tzinfo=UTC), ground=ground)
    return Trust(approval=kept)


def brought(permission: Permission) -> Trust:
    return Trust(actors=(*eve(Permission.READ).actors, Actor(login="ana", id=ANA, permission=permission)))


RULE = {
    "who may write": (WISH, PULL, eve(Permission.WRITE), Ground.WRITE),
    "who may administer": (WISH, PULL, eve(Permission.ADMIN), Ground.WRITE),
    "who may triage": (WISH, PULL, eve(Permission.TRIAGE), None),
    "who may read": (WISH, PULL, eve(Permission.READ), None),
    "a stranger": (WISH, PULL, eve(), None),
    "nobody was asked": (WISH, PULL, Trust(), None),
    "a command of a reader's": (COMMAND, PULL, eve(Permission.READ), None),
    "who may write pushed it, a reader acts": (WISH, PULL, brought(Permission.WRITE), Ground.WRITE),
    "readers all": (WISH, PULL, brought(Permission.READ), None),
    "an account of the operator's list": (WISH, PULL, eve(listed=True), Ground.LISTED),
    "who may write, and is not shown to have acted": (WISH, PULL, claimed(), None),
    "an account of the list that is not shown to have acted": (WISH, PULL, claimed(listed=True), None),
    "somebody else who is shown": (
        WISH,
        PULL,
        Trust(actors=(*claimed().actors, *brought(Permission.WRITE).actors)),
        Ground.WRITE,
    ),
    "the operator": (OPERATOR, PULL, Trust(), Ground.OPERATOR),
    "an event of nobody's": (replace(OPERATOR, person=False), PULL, Trust(), None),
    "an approval": (WISH, PULL, word(), Ground.APPROVAL),
    "an approval of another commit": (WISH, PULL, word(sha=OTHER), None),
    "a word of old": (WISH, PULL, word(Ground.WRITE), Ground.WRITE),
    "a word of old for another commit": (WISH, PULL, word(Ground.WRITE, OTHER), None),
    "a fork, and who may write": (WISH, FORK, eve(Permission.ADMIN), None),
    "a fork, and the operator": (OPERATOR, FORK, Trust(), None),
    "a fork, and the operator's list": (WISH, FORK, eve(listed=True), None),
    "a fork, approved": (WISH, FORK, word(), Ground.APPROVAL),
    "a fork, another commit of it approved": (WISH, FORK, word(sha=OTHER), None),
    "a fork, with a word that was no approval": (WISH, FORK, word(Ground.WRITE), None),
    "a fork, approved, where none runs": (WISH, FORK, replace(word(), no_forks="set it"), None),
}


@pytest.mark.parametrize("case", RULE)
def test_a_commit_runs_by_the_word_of(case):
    wish, pull, trust, ground = RULE[case]
    found = judged(wish, pull, trust)
    assert (found.ground if isinstance(found, Allowed) else None) is ground
    if isinstance(found, Allowed):
        assert found.sha == HEAD


def test_a_refusal_says_who_what_they_may_and_what_it_takes():
    assert judged(WISH, PULL, eve(Permission.READ)) == Untrusted(
        "eve may only read in acme/shop, and that is not enough to run a commit; whoever may write there can allow "
        f"this commit, and no other, with `/preview approve {HEAD}`"
    )
    stranger = judged(WISH, PULL, eve())
    assert isinstance(stranger, Untrusted)
    assert stranger.why.startswith("eve may do nothing in acme/shop")


def test_a_refusal_of_what_only_a_delivery_says_accuses_nobody():
    found = judged(WISH, PULL, claimed())
    assert isinstance(found, Untrusted)
    assert found.why.startswith("nothing shows that eve did anything here, so nobody has spoken for this commit; ")


def test_a_forks_refusal_says_that_it_is_one_and_what_it_takes():
    assert judged(WISH, FORK, eve(Permission.ADMIN)) == Untrusted(
        "the pull comes from a fork, and nobody who may write to acme/shop has approved it; whoever may write there "
        f"can allow this commit, and no other, with `/preview approve {HEAD}`"
    )


def test_where_no_fork_can_run_nobody_is_asked_to_approve_it():
    found = judged(WISH, FORK, replace(word(), no_forks="the operator can set it"))
    assert found == Untrusted("the pull comes from a fork, and this bot runs none: the operator can set it")


ACTORS = st.builds(
    Actor,
    login=st.just("eve"),
    id=st.sampled_from([EVE, ANA, NOBODY]),
    permission=st.sampled_from(Permission),
    listed=st.booleans(),
    shown=st.booleans(),
)
WORDS = st.builds(
    Approval,
    sha=st.sampled_from([HEAD, OTHER]),
    by=st.just("ana"),
    by_id=st.just(ANA),
    at=st.just(datetime(2026, 11, 26, tzinfo=UTC)),
    ground=st.sampled_from(Ground),
)
TRUSTS = st.builds(
    Trust,
    actors=st.lists(ACTORS, max_size=3).map(tuple),
    approval=st.none() | WORDS,
    no_forks=st.sampled_from(["", "the operator can set it"]),
)
WISHES = st.builds(
    replace,
    st.just(WISH),
    sha=st.sampled_from([HEAD, OTHER, None]),
    actor_id=st.sampled_from([EVE, NOBODY]),
    person=st.booleans(),
    afresh=st.booleans(),
    reopens=st.booleans(),
)
PULLS = st.builds(
    replace, st.just(PULL), fork=st.booleans(), draft=st.booleans(), author_id=st.sampled_from([ANA, EVE])
)


def spoken_for(wish: Wish, pull: Pull, trust: Trust) -> bool:
    """The rule once more, as the page about it has it."""
    kept = trust.approval is not None and trust.approval.sha == pull.head
    if pull.fork:
        return kept and trust.approval.ground is Ground.APPROVAL and not trust.no_forks
    operator = wish.person and wish.actor_id == NOBODY
    return (
        kept
        or operator
        or any(each.shown and (each.permission >= Permission.WRITE or each.listed) for each in trust.actors)
    )


@given(WISHES, PULLS, TRUSTS, st.booleans())
def test_nothing_of_a_commit_is_built_or_run_that_nobody_has_spoken_for(wish, pull, trust, stands):
    there = standing(SHOP) if stands else None
    decision = decide(Situation(wish=wish, pull=pull, spec=SHOP, stands=there, trust=trust))
    if spoken_for(wish, pull, trust):
        assert not isinstance(decision, Refused)
    else:
        assert not isinstance(decision, Plan) or not any(_brings_up(step.act) for step in decision.steps)


def _brings_up(act: object) -> bool:
    return isinstance(act, Build | PullImage | Start | Keep) or (isinstance(act, Run) and act.event is JobEvent.DEPLOY)


@given(WISHES, PULLS, TRUSTS, st.sampled_from([Want.STOP, Want.DELETE]))
def test_nobody_needs_a_word_to_take_a_preview_down(wish, pull, trust, want):
    there = standing(SHOP)
    decision = decide(Situation(wish=replace(wish, want=want), pull=pull, spec=None, stands=there, trust=trust))
    assert not isinstance(decision, Refused)

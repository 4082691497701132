from dataclasses import replace

import pytest

from bot.core.approval import Approval
from bot.core.deciding.missed import Seen
from bot.core.decision import Decision, Verdict
from bot.core.errors import Overtaken
from bot.core.events import ActorId, Answer, Commented, Ignored, Remark, RemarkKind, Removed, Renamed, Sign, Want
from bot.core.report import Report, State
from bot.inbox import Claim, Heard, Inbox, Stored
from bot.inbox.decisions import MOST
from tests.inbox.pulls import Clock, digest, event, key, sha, wished


def remark(number: int, *, pull: int = 1, text: str = "/preview deploy") -> Commented:
    return Commented(
        delivery=f"c{number}",
        key=key(pull),
        repository="acme/shop",
        actor="ana",
        actor_id=ActorId("7"),
        text=text,
        remark=Remark(id=str(number), kind=RemarkKind.COMMENT),
    )


def say(inbox: Inbox, number: int, *, pull: int = 1) -> None:
    assert isinstance(inbox.receive(remark(number, pull=pull), digest(f"c{number}")), Stored)


def heard(inbox: Inbox, owner: str = "bot") -> Heard:
    found = inbox.hear(owner, lease=10)
    assert found is not None
    return found


def said(taken: object) -> Answer:
    return Answer(body=f"it came to {taken}", sign=Sign.DONE)


def end(inbox: Inbox) -> None:
    it = heard(inbox)
    inbox.answered(it, answer=said)
    inbox.done(it)


def test_a_remark_is_heard_by_one_bot_at_a_time(inbox: Inbox):
    say(inbox, 1)
    first = heard(inbox)
    assert first.told == remark(1)
    assert inbox.hear("other", lease=10) is None


def test_a_remark_that_came_twice_is_heard_once(inbox: Inbox):
    say(inbox, 1)
    assert inbox.receive(remark(1), digest("c1")) == Ignored("this delivery was received already")
    end(inbox)
    assert inbox.hear("bot", lease=10) is None


def test_a_remark_of_which_another_delivery_tells_again_is_known_to_have_been_answered(inbox: Inbox):
    for number, told in enumerate((remark(1), remark(1), remark(2), remark(1, pull=2)), 1):
        told = replace(told, delivery=f"d{number}")
        assert isinstance(inbox.receive(told, digest(f"d{number}")), Stored)
    known: list[tuple[str, bool]] = []
    while (it := inbox.hear("bot", lease=10)) is not None:
        known.append((it.told.delivery, it.again))
        inbox.answered(it, answer=said)
        inbox.done(it)
    assert known == [("d1", False), ("d2", True), ("d3", False), ("d4", False)]


def test_a_button_may_be_pressed_again(inbox: Inbox):
    for number in (1, 2):
        inbox.receive(replace(remark(number), remark=None), digest(f"c{number}"))
        it = heard(inbox)
        assert not it.again
        inbox.answered(it, answer=said)
        inbox.done(it)


def test_remarks_of_one_pull_are_heard_in_their_order_and_of_two_side_by_side(inbox: Inbox):
    for number, pull in ((1, 1), (2, 1), (3, 2)):
        say(inbox, number, pull=pull)
    assert [heard(inbox).told.delivery, heard(inbox, "other").told.delivery] == ["c1", "c3"]
    assert inbox.hear("third", lease=10) is None


def test_what_a_remark_comes_to_is_wished_and_approved_in_the_moment_that_it_is_done(inbox: Inbox, clock: Clock):
    say(inbox, 1)
    approval = Approval(sha=sha(1), by="ana", by_id=ActorId("7"), at=clock.now)
    (taken,) = inbox.answered(heard(inbox), wishes=(wished(person=True),), approved=(approval,), answer=said)
    assert isinstance(taken, Stored)
    assert inbox.approved(key().environment, sha(1)) == approval
    assert inbox.approved(key().environment, sha(2)) is None
    assert inbox.lanes()[0].lane.wish.person


def test_a_bot_that_died_leaves_its_remark_to_another_and_may_not_answer_it_any_more(inbox: Inbox, clock: Clock):
    say(inbox, 1)
    late = heard(inbox)
    clock.later(11)
    assert heard(inbox, "other").tries == 2
    with pytest.raises(Overtaken):
        inbox.answered(late, wishes=(wished(),), answer=said)
    assert inbox.lanes() == ()


def test_what_a_remark_came_to_is_kept_for_whoever_has_to_tell_it_and_wished_once(inbox: Inbox, clock: Clock):
    say(inbox, 1)
    (taken,) = inbox.answered(heard(inbox), wishes=(wished(person=True),), answer=said)
    clock.later(11)
    again = heard(inbox, "other")
    assert again.answer == said((taken,))
    inbox.done(again)
    clock.later(11)
    assert inbox.hear("third", lease=10) is None
    assert inbox.lanes()[0].lane.generation == 1


def test_a_remark_that_is_only_to_be_told_holds_up_no_other(inbox: Inbox, clock: Clock):
    for number in (1, 2):
        say(inbox, number)
    first = heard(inbox)
    inbox.answered(first, answer=said)
    inbox.defer(first, seconds=30)
    assert heard(inbox).told == remark(2)
    clock.later(30)
    assert heard(inbox, "other").told == remark(1)


def test_a_remark_that_could_not_be_answered_is_heard_again_later(inbox: Inbox, clock: Clock):
    say(inbox, 1)
    inbox.defer(heard(inbox), seconds=30)
    assert inbox.hear("bot", lease=10) is None
    clock.later(30)
    assert heard(inbox).told == remark(1)


def test_a_renamed_repository_keeps_its_lanes(inbox: Inbox):
    inbox.receive(event("d1"), digest("d1"))
    told = Renamed(delivery="r1", forge="github", repository="17", name="acme/store")
    assert isinstance(inbox.receive(told, digest("r1")), Ignored)
    (status,) = inbox.lanes()
    assert status.lane.wish.repository == "acme/store"
    assert status.lane.generation == 1


def test_a_repository_that_is_shown_no_more_is_wished_away_and_no_other(inbox: Inbox):
    inbox.receive(event("d1"), digest("d1"))
    inbox.receive(event("d2", number=2), digest("d2"))
    others = replace(key(), repository="171")
    inbox.wish(replace(wished(), key=others))
    told = Removed(
        delivery="r1", forge="github", repositories=("17",), actor="ana", actor_id=ActorId("7"), why="uninstalled"
    )
    assert isinstance(inbox.receive(told, digest("r1")), Stored)
    wants = {status.environment: status.lane.wish.want for status in inbox.lanes()}
    assert wants == {"github-17-1": Want.DELETE, "github-17-2": Want.DELETE, "github-171-1": Want.DEPLOY}


def test_what_others_may_have_said_of_a_repository_holds_only_while_the_forge_shows_none(inbox: Inbox):
    inbox.receive(event("d1"), digest("d1"))
    told = Removed(
        delivery="r1", forge="github", repositories=("17",), actor="x", actor_id=ActorId(""), why="so", final=False
    )
    assert isinstance(inbox.receive(told, digest("r1")), Stored)
    (status,) = inbox.lanes()
    assert (status.lane.wish.want, status.lane.wish.final) == (Want.DELETE, False)


@pytest.fixture
def lane(inbox: Inbox) -> Claim:
    inbox.wish(wished())
    claim = inbox.claim("bot", lease=10)
    assert claim is not None
    return claim


def test_the_newest_decisions_are_kept(inbox: Inbox, clock: Clock, lane: Claim):
    for number in range(MOST + 3):
        decision = Decision(
            at=clock.now,
            generation=number,
            verdict=Verdict.IGNORED,
            rule="a draft is skipped",
            why="it is a draft",
            cause="the pull was pushed",
            actor="ana",
            facts={"draft": "yes"},
        )
        inbox.decided(lane, decision)
    kept = inbox.decisions(key().environment)
    assert [each.generation for each in kept] == list(range(MOST + 2, 2, -1))
    assert inbox.decisions(key(2).environment) == ()


def test_a_decision_that_is_made_again_at_the_next_try_is_kept_once(inbox: Inbox, clock: Clock, lane: Claim):
    decision = Decision(
        at=clock.now, generation=1, verdict=Verdict.IGNORED, rule="r", why="w", cause="c", actor="ana", facts={"a": "b"}
    )
    inbox.decided(lane, decision)
    inbox.decided(lane, replace(decision, at=clock.later(5)))
    assert inbox.decisions(key().environment) == (decision,)
    inbox.decided(lane, replace(decision, generation=2))
    inbox.decided(lane, decision)
    assert [each.generation for each in inbox.decisions(key().environment)] == [1, 2, 1]


def test_what_a_turn_has_seen_of_its_pull_is_kept_unless_the_lane_is_anothers(inbox: Inbox, clock: Clock, lane: Claim):
    decision = Decision(at=clock.now, generation=1, verdict=Verdict.DEPLOY, rule="r", why="w", cause="c", actor="ana")
    seen = Seen(base="main", draft=True, labels=frozenset({"preview"}), label="preview")
    inbox.decided(lane, decision, seen)
    assert inbox.lanes()[0].seen == seen
    clock.later(11)
    assert inbox.claim("other", lease=10) is not None
    inbox.decided(lane, decision, replace(seen, draft=False))
    assert inbox.lanes()[0].seen == seen


def test_what_was_deleted_by_hand_keeps_why_a_push_brings_nothing(inbox: Inbox):
    inbox.wish(wished())
    inbox.wish(wished(Want.DELETE, person=True))
    assert isinstance(inbox.receive(event("d1", commit=2), digest("d1")), Ignored)
    (kept,) = inbox.decisions(key().environment)
    assert (kept.verdict, kept.sha, kept.actor) == (Verdict.IGNORED, sha(2), "ada")
    assert "grace deleted this preview" in kept.why


def test_what_is_under_way_already_is_no_answer_to_anybody(inbox: Inbox):
    inbox.wish(wished())
    assert isinstance(inbox.receive(event("d1"), digest("d1")), Ignored)
    assert inbox.decisions(key().environment) == ()


def test_an_uninstalled_app_brings_back_nothing_that_is_deleted_already(inbox: Inbox):
    inbox.wish(wished(Want.DELETE))
    claim = inbox.claim("bot", lease=10)
    assert claim is not None
    inbox.settle(claim)
    told = Removed(
        delivery="r1", forge="github", repositories=("17",), actor="ana", actor_id=ActorId("7"), why="uninstalled"
    )
    assert isinstance(inbox.receive(told, digest("r1")), Ignored)
    assert not inbox.lanes()[0].lane.due


def test_a_renamed_repository_is_called_so_in_what_was_told(inbox: Inbox):
    inbox.wish(wished())
    claim = inbox.claim("bot", lease=10)
    assert claim is not None
    report = Report(key=key(), repository="acme/shop", generation=1, state=State.RUNNING, sha=sha(1))
    inbox.tell(claim, report)
    inbox.receive(Renamed(delivery="r1", forge="github", repository="17", name="acme/store"), digest("r1"))
    assert inbox.lanes()[0].report == replace(report, repository="acme/store")


def test_a_lane_of_which_nothing_is_told_has_a_state_all_the_same(inbox: Inbox):
    inbox.wish(wished())
    claim = inbox.claim("bot", lease=10)
    assert claim is not None
    inbox.rest(claim, State.DELETED)
    inbox.settle(claim)
    assert inbox.lanes()[0].lane.state == "deleted"

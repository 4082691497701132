from dataclasses import replace

from bot.core.approval import Allowed, Approval, Ground
from bot.core.events import ActorId, Happening
from bot.inbox import Inbox
from tests.inbox.pulls import Clock, digest, event, key, sha

ANA, BEN = ActorId("7"), ActorId("8")
BY_ANA = Allowed(sha=sha(1), by="ana", by_id=ANA, ground=Ground.WRITE)


def tell(inbox: Inbox, name: str, **changes: object) -> None:
    inbox.receive(replace(event(name), **changes), digest(name))  # type: ignore[arg-type]


def test_who_let_a_commit_run_is_kept_for_that_commit_of_that_pull(inbox: Inbox, clock: Clock):
    inbox.vouched(key().environment, BY_ANA)
    kept = Approval(sha=sha(1), by="ana", by_id=ANA, at=clock.now, ground=Ground.WRITE)
    assert inbox.approved(key().environment, sha(1)) == kept
    assert inbox.approved(key().environment, sha(2)) is None
    assert inbox.approved(key(2).environment, sha(1)) is None


def test_the_first_word_for_a_commit_stays(inbox: Inbox):
    inbox.vouched(key().environment, BY_ANA)
    inbox.vouched(key().environment, replace(BY_ANA, by="ben", by_id=BEN))
    kept = inbox.approved(key().environment, sha(1))
    assert kept is not None
    assert kept.by == "ana"


def test_the_words_outlive_the_environment(inbox: Inbox):
    inbox.vouched(key().environment, BY_ANA)
    inbox.forget(key().environment)
    assert inbox.approved(key().environment, sha(1)) is not None


def test_a_commit_was_brought_by_those_who_opened_the_pull_with_it_or_pushed_it(inbox: Inbox):
    tell(inbox, "d1", happening=Happening.OPENED, actor="ana", actor_id=ANA)
    tell(inbox, "d2", happening=Happening.PUSHED, actor="ben", actor_id=BEN)
    tell(inbox, "d3", happening=Happening.PUSHED, actor="ben", actor_id=BEN)
    for name, happening in (("d4", Happening.REOPENED), ("d5", Happening.READY), ("d6", Happening.CLOSED)):
        tell(inbox, name, happening=happening, actor="eve", actor_id=ActorId("9"))
    tell(inbox, "d7", happening=Happening.PUSHED, sha=sha(2), actor="eve", actor_id=ActorId("9"))
    assert inbox.brought(key().environment, sha(1)) == (("ben", BEN), ("ana", ANA))
    assert inbox.brought(key(2).environment, sha(1)) == ()

"""What one bot of several does from time to time."""

from datetime import timedelta

LOOKS = ("first", "second")


def test_a_chore_that_nobody_ever_did_is_due_and_one_bot_gets_it(inbox):
    chore = inbox.chore(LOOKS, "ada", lease=60)
    assert (chore.name, chore.done_at) == ("first", None)
    assert inbox.chore(LOOKS, "bob", lease=60).name == "second"
    assert inbox.chore(LOOKS, "eve", lease=60) is None


def test_a_chore_is_due_again_when_it_was_said_and_knows_when_it_was_begun_last(inbox, clock):
    began = clock.now
    inbox.chore_ended(inbox.chore(("first",), "ada", lease=60), again=clock.later(10), done_at=began, note="")
    clock.now -= timedelta(seconds=1)
    assert inbox.chore(("first",), "bob", lease=60) is None
    clock.later(1)
    assert inbox.chore(("first",), "bob", lease=60).done_at == began


def test_a_bot_that_died_in_a_chore_loses_it_with_its_lease(inbox, clock):
    lost = inbox.chore(("first",), "ada", lease=60)
    clock.later(59)
    assert inbox.chore(("first",), "bob", lease=60) is None
    clock.later(1)
    taken = inbox.chore(("first",), "bob", lease=60)
    assert taken is not None
    inbox.chore_ended(lost, again=clock.now, done_at=clock.now, note="too late")
    assert [each.note for each in inbox.chores()] == [""]
    assert inbox.chore(("first",), "eve", lease=60) is None


def test_what_could_not_be_done_counts_as_done_when_it_last_was(inbox, clock):
    began = clock.now
    inbox.chore_ended(inbox.chore(("first",), "ada", lease=60), again=clock.now, done_at=began, note="")
    clock.later(10)
    inbox.chore_ended(inbox.chore(("first",), "ada", lease=60), again=clock.now, done_at=None, note="a word")
    (kept,) = inbox.chores()
    assert (kept.done_at, kept.note) == (began, "a word")
    inbox.unasked(("first",))
    assert [each.note for each in inbox.chores()] == [""]


def test_a_chore_is_brought_nearer_and_never_put_off(inbox, clock):
    inbox.chore_ended(inbox.chore(("first",), "ada", lease=60), again=clock.now + timedelta(600), done_at=None, note="")
    inbox.hasten(LOOKS, after=timedelta(seconds=15))
    inbox.hasten(LOOKS, after=timedelta(seconds=30))
    assert inbox.chore(("first",), "bob", lease=60) is None
    clock.later(15)
    assert inbox.chore(("first",), "bob", lease=60).name == "first"

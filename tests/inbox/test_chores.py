"""What one bot of several does from time to time."""

from datetime import timedelta

LOOKS = ("first", "second")


def test_a_chore_that_nobody_ever_did_is_due_and_one_bot_gets_it(inbox):
    chore = inbox.chores.take(LOOKS, "ada", lease=60)
    assert (chore.name, chore.done_at) == ("first", None)
    assert inbox.chores.take(LOOKS, "bob", lease=60).name == "second"
    assert inbox.chores.take(LOOKS, "eve", lease=60) is None


def test_a_chore_is_due_again_when_it_was_said_and_knows_when_it_was_begun_last(inbox, clock):
    began = clock.now
    inbox.chores.end(inbox.chores.take(("first",), "ada", lease=60), again=clock.later(10), done_at=began, note="")
    clock.now -= timedelta(seconds=1)
    assert inbox.chores.take(("first",), "bob", lease=60) is None
    clock.later(1)
    assert inbox.chores.take(("first",), "bob", lease=60).done_at == began


def test_a_bot_that_died_in_a_chore_loses_it_with_its_lease(inbox, clock):
    lost = inbox.chores.take(("first",), "ada", lease=60)
    clock.later(59)
    assert inbox.chores.take(("first",), "bob", lease=60) is None
    clock.later(1)
    taken = inbox.chores.take(("first",), "bob", lease=60)
    assert taken is not None
    inbox.chores.end(lost, again=clock.now, done_at=clock.now, note="too late")
    assert [each.note for each in inbox.chores.all()] == [""]
    assert inbox.chores.take(("first",), "eve", lease=60) is None


def test_what_could_not_be_done_counts_as_done_when_it_last_was(inbox, clock):
    began = clock.now
    inbox.chores.end(inbox.chores.take(("first",), "ada", lease=60), again=clock.now, done_at=began, note="")
    clock.later(10)
    inbox.chores.end(inbox.chores.take(("first",), "ada", lease=60), again=clock.now, done_at=None, note="a word")
    (kept,) = inbox.chores.all()
    assert (kept.done_at, kept.note) == (began, "a word")
    inbox.chores.unasked(("first",))
    assert [each.note for each in inbox.chores.all()] == [""]


def test_a_chore_is_brought_nearer_and_never_put_off(inbox, clock):
    inbox.chores.end(
        inbox.chores.take(("first",), "ada", lease=60), again=clock.now + timedelta(600), done_at=None, note=""
    )
    inbox.chores.hasten(LOOKS, after=timedelta(seconds=15))
    inbox.chores.hasten(LOOKS, after=timedelta(seconds=30))
    assert inbox.chores.take(("first",), "bob", lease=60) is None
    clock.later(15)
    assert inbox.chores.take(("first",), "bob", lease=60).name == "first"

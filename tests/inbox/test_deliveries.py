import threading

from bot.core.events import Happening, Ignored, Want
from bot.inbox import Inbox, Stored
from tests.inbox.pulls import digest, event, key, sha, wished


def test_a_delivery_is_stored_and_makes_its_lane_due(inbox, clock):
    assert inbox.receive(event("d1", commit=7), digest("body")) == Stored(environment="github-17-1", generation=1)
    status = inbox.lane(key().environment)
    assert status.lane.due
    assert status.lane.wish.sha == sha(7)
    assert status.due_at == clock.now
    assert status.report is None
    assert status.owner is None


def test_a_repeated_delivery_changes_nothing(inbox):
    inbox.receive(event("d1"), digest("body"))
    assert inbox.receive(event("d1"), digest("other body")) == Ignored("this delivery was received already")
    assert inbox.lane(key().environment).lane.generation == 1


def test_the_same_body_under_another_id_is_a_replay(inbox):
    inbox.receive(event("d1"), digest("body"))
    assert inbox.receive(event("d2", commit=2), digest("body")) == Ignored("this delivery was received already")
    assert inbox.lane(key().environment).lane.generation == 1


def test_two_forges_may_use_the_same_ids_and_bodies(inbox):
    inbox.receive(event("d1"), digest("body"))
    gitlab = event("d1")
    other = type(gitlab)(
        delivery="d1",
        happening=gitlab.happening,
        key=type(gitlab.key)(forge="gitlab", repository="17", number=1),
        repository="acme/shop",
        sha=gitlab.sha,
        actor="ada",
    )
    assert inbox.receive(other, digest("body")) == Stored(environment="gitlab-17-1", generation=1)


def test_a_delivery_that_changes_nothing_says_why_and_is_known_the_next_time(inbox):
    inbox.receive(event("d1"), digest("1"))
    assert inbox.receive(event("d2"), digest("2")) == Ignored("github-17-1 is under way already")
    assert inbox.receive(event("d2"), digest("2")) == Ignored("this delivery was received already")


def test_a_newer_commit_is_a_newer_generation(inbox):
    inbox.receive(event("d1", commit=1), digest("1"))
    assert inbox.receive(event("d2", commit=2), digest("2")) == Stored(environment="github-17-1", generation=2)


def test_a_close_wishes_for_a_delete(inbox):
    inbox.receive(event("d1", happening=Happening.CLOSED), digest("1"))
    assert inbox.lane(key().environment).lane.wish.want is Want.DELETE


def test_what_a_person_deleted_stays_so_for_pushes(inbox):
    inbox.wish(wished(Want.DELETE, person=True))
    assert isinstance(inbox.receive(event("d1"), digest("1")), Ignored)
    assert isinstance(inbox.receive(event("d2", happening=Happening.REOPENED), digest("2")), Stored)


def test_all_that_eight_threads_receive_is_kept_once(inbox, url):
    def receive(thread: int) -> None:
        for count in range(200):
            delivery = f"{thread % 4}-{count}"
            inbox.receive(event(delivery, number=thread % 4 + 1, commit=count), digest(delivery))

    threads = [threading.Thread(target=receive, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = Inbox.open(url)
    assert all(
        again.receive(event(f"{thread}-{count}"), digest("new")) == Ignored("this delivery was received already")
        for thread in range(4)
        for count in (0, 99, 199)
    )
    assert [status.lane.generation for status in again.lanes()] == [200] * 4

"""Two bots on one database at the same moment."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Connection, update

from bot.core.approval import Allowed, Approval, Ground
from bot.core.events import ActorId
from bot.inbox import Inbox, approvals
from bot.inbox.schema import lanes
from tests.inbox.pulls import Clock, key, sha, wished

pytestmark = pytest.mark.parametrize("url", [pytest.param("postgres", marks=pytest.mark.engine)], indirect=True)


class Meanwhile:
    """A connection after whose first statement somebody else does something, once."""

    def __init__(self, connection: Connection, others: list[Callable[[], None]]) -> None:
        self._connection, self._others = connection, others

    def execute(self, *statement: Any) -> Any:
        done = self._connection.execute(*statement)
        while self._others:
            self._others.pop()()
        return done


def test_two_that_wait_for_each_others_lanes_both_come_to_their_end(inbox: Inbox):
    for number in (1, 2):
        inbox.wish(wished(number=number))
    met = Barrier(2, timeout=30)

    def both(numbers: tuple[int, int]) -> None:
        tries: list[int] = []

        def work(connection: Connection) -> None:
            tries.append(len(tries))
            for number in numbers:
                connection.execute(_counted(number))
                if tries == [0] and number == numbers[0]:
                    met.wait()

        inbox._database.write(work)

    ends = [Thread(target=both, args=(numbers,)) for numbers in ((1, 2), (2, 1))]
    for end in ends:
        end.start()
    for end in ends:
        end.join(timeout=60)
    assert [status.lane.tries for status in inbox.lanes()] == [2, 2]


def test_a_word_that_is_given_while_another_is_found_is_kept(inbox: Inbox, clock: Clock):
    said = Approval(sha=sha(1), by="ada", by_id=ActorId("1"), at=clock.now, ground=Ground.APPROVAL)
    found = Allowed(sha=sha(1), by="bob", by_id=ActorId("2"), ground=Ground.WRITE)
    environment, database = key().environment, inbox._database
    others = [lambda: database.write(lambda other: approvals.keep(other, environment, said))]
    database.write(lambda one: approvals.vouch(Meanwhile(one, others), environment, found, clock.now))
    assert inbox.approved(environment, sha(1)) == said


def _counted(number: int) -> Any:
    return update(lanes).filter_by(environment=key(number).environment).values(tries=lanes.c.tries + 1)

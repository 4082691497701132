import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.errors import Unavailable
from bot.inbox import Inbox
from bot.inbox.chunks import Lines
from bot.inbox.logbook import CHUNK, HEAD, TAIL, LogBook
from tests.inbox.pulls import Clock, key, wished

AT = (key().environment, 1, "run seed on deploy", 1)


def read(inbox: Inbox, at=AT) -> list[str]:
    return [line for _, line in inbox.logs.lines(*at)]


def test_lines_come_back_numbered_in_order_of_arrival(inbox):
    with inbox.logs.begin(*AT) as log:
        log("one")
        log("")
        log("thr\0ee \udc80 …\n")
    assert list(inbox.logs.lines(*AT)) == [(0, "one"), (1, ""), (2, "thr\0ee \udc80 …\n")]
    assert list(inbox.logs.lines(*AT, start=1)) == [(1, ""), (2, "thr\0ee \udc80 …\n")]
    assert list(inbox.logs.lines(*AT, start=3)) == []


def test_lines_can_be_read_while_the_step_runs(inbox, clock):
    log = inbox.logs.begin(*AT)
    log("one")
    assert read(inbox) == []
    clock.later(1)
    log("two")
    assert read(inbox) == ["one", "two"]
    log("three")
    log.flush()
    assert read(inbox) == ["one", "two", "three"]


def test_the_last_lines_before_a_silence_can_be_read_at_the_next_beat(inbox, clock):
    inbox.wish(wished())
    claim = inbox.claim("a", lease=30)
    log = inbox.logs.begin(*AT)
    log("one")
    inbox.beat(claim, lease=30)
    assert read(inbox) == []
    clock.later(1)
    inbox.beat(claim, lease=30)
    assert read(inbox) == ["one"]


def test_much_output_is_written_at_once(inbox):
    log = inbox.logs.begin(*AT)
    for _ in range(CHUNK // 100 + 1):
        log("x" * 99)
    assert len(read(inbox)) == CHUNK // 100 + 1


def test_the_same_lines_written_again_are_there_once(inbox, clock):
    lines = [f"line {number} {'x' * (number % 50)}" for number in range(3000)]
    first = inbox.logs.begin(*AT)
    for line in lines[:2000]:
        first(line)
        clock.later(0.01)
    first.flush()
    again = inbox.logs.begin(*AT)
    for number, line in enumerate(lines):
        again(line)
        clock.later(0.003)
        if number == 700:
            assert read(inbox) == lines[:2000]
    again.close()
    assert read(inbox) == lines


def test_lines_written_again_in_other_words_replace_the_old_ones(inbox):
    with inbox.logs.begin(*AT) as log:
        for number in range(5000):
            log(f"{number} secret " * 3)
    with inbox.logs.begin(*AT) as log:
        for number in range(5000):
            log(f"{number} ***")
    assert read(inbox) == [f"{number} ***" for number in range(5000)]


def test_a_flood_keeps_its_head_and_its_tail_and_says_what_is_missing(inbox):
    count = 3 * (HEAD + TAIL) // 100
    with inbox.logs.begin(*AT) as log:
        for number in range(count):
            log(f"{number:>99}")
    lines = list(inbox.logs.lines(*AT))
    gaps = [(number, line) for number, line in lines if "left out" in line]
    assert len(gaps) == 1
    at, gap = gaps[0]
    missing = count - len(lines) + 1
    assert gap == f"… {missing:,} lines left out …"
    assert all(line == f"{number:>99}" for number, line in lines if line != gap)
    assert at * 100 >= HEAD
    assert (count - at - missing) * 100 >= TAIL - CHUNK
    assert lines[-1][0] == count - 1
    longest = "SELECT max(last - first + 1) FROM chunks"
    assert inbox._database.read(lambda connection: connection.exec_driver_sql(longest).scalar()) * 100 <= CHUNK + 100


def test_a_flood_taken_up_again_ends_the_same(inbox):
    count = 2 * (HEAD + TAIL) // 100
    for upto in (count // 2, count):
        with inbox.logs.begin(*AT) as log:
            for number in range(upto):
                log(f"{number:>99}")
    lines = read(inbox)
    assert len([line for line in lines if "left out" in line]) == 1
    assert len(lines) * 100 <= HEAD + TAIL + 2 * CHUNK


def test_of_a_log_that_is_begun_anew_nothing_older_stays_behind_its_end(inbox):
    for first, upto in ((0, 3 * (HEAD + TAIL) // 100), (90_000, 100_000)):
        with inbox.logs.begin(*AT) as log:
            log.anew()
            for number in range(first, upto):
                log(f"{number:>99}")
    assert read(inbox) == [f"{number:>99}" for number in range(90_000, 100_000)]


def test_many_lines_at_once_are_as_good_as_one_by_one(inbox):
    lines = [f"{number:>{number % 90 + 1}}" for number in range(5000)]
    with inbox.logs.begin(*AT) as log:
        for start in range(0, 5000, 300):
            log.many(lines[start : start + 300])
        log.many(())
        log.many(("x" * 70_000, "end"))
    *kept, long, end = read(inbox)
    assert (kept, end) == (lines, "end")
    assert long.endswith("x … 4,464 characters left out …")


def test_a_line_without_end_is_cut_and_says_so(inbox):
    with inbox.logs.begin(*AT) as log:
        log("x" * 10_000_000)
    assert read(inbox)[0].endswith("x … 9,934,464 characters left out …")


def test_threads_may_write_one_log(inbox):
    with inbox.logs.begin(*AT) as log:
        threads = [threading.Thread(target=lambda: [log("x" * 200) for _ in range(1000)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [number for number, _ in inbox.logs.lines(*AT)] == list(range(4000))


def test_steps_are_listed_as_they_began(inbox, clock):
    home = AT[0]
    for generation, step, attempt in [(1, "run z", 1), (1, "run z", 2), (1, "build a", 1), (2, "build a", 1)]:
        with inbox.logs.begin(home, generation, step, attempt) as log:
            log("x")
        clock.later(1)
    with inbox.logs.begin(key(2).environment, 1, "build b", 1) as log:
        log("x")
    assert inbox.logs.kept(home) == ((1, "run z", 1), (1, "run z", 2), (1, "build a", 1), (2, "build a", 1))


class Shelf:
    """Where a log book writes to; refuses while it is closed."""

    def __init__(self) -> None:
        self.lines: dict[int, str] = {}
        self.open = True
        self.refused = 0

    def __call__(self, new: list[Lines], left_out: tuple[int, int] | None) -> None:
        if not self.open:
            self.refused += 1
            raise Unavailable("the shelf is closed; open it")
        for lines in new:
            self.lines |= dict(enumerate(lines.lines, lines.first))
        if left_out is not None:
            self.lines = {number: line for number, line in self.lines.items() if not left_out[0] < number < left_out[1]}


def test_a_database_that_does_not_answer_stops_no_work_and_loses_no_line():
    shelf, clock = Shelf(), Clock()
    shelf.open = False
    log = LogBook(shelf, clock)
    for number in range(5000):
        log(f"{number:>99}")
    assert shelf.refused == 1
    shelf.open = True
    clock.later(2)
    log("end")
    assert list(shelf.lines.values()) == [*(f"{number:>99}" for number in range(5000)), "end"]


def test_a_log_that_could_not_be_written_is_said_at_its_end():
    shelf = Shelf()
    log = LogBook(shelf, Clock())
    log("one")
    shelf.open = False
    with pytest.raises(Unavailable):
        log.close()


def test_a_flood_without_a_database_stays_in_bounds():
    shelf, clock = Shelf(), Clock()
    shelf.open = False
    log = LogBook(shelf, clock)
    for number in range(3 * (HEAD + TAIL) // 1000):
        log(f"{number:>999}")
    shelf.open = True
    log.close()
    assert len(shelf.lines) * 1000 <= HEAD + TAIL + 3 * CHUNK


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    runs=st.lists(
        st.lists(st.tuples(st.text(max_size=20), st.sampled_from([0.0, 0.4, 1.1])), max_size=30), min_size=1, max_size=4
    )
)
def test_every_line_is_the_one_that_was_written_last(inbox, clock, runs):
    at = (key(2).environment, time.monotonic_ns() % 2**31, "run seed on deploy", 1)
    expected: dict[int, str] = {}
    for run in runs:
        with inbox.logs.begin(*at) as log:
            for number, (line, pause) in enumerate(run):
                log(line)
                expected[number] = line
                clock.later(pause)
    assert dict(inbox.logs.lines(*at)) == expected

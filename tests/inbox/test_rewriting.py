"""Logs that are written anew, because of what they hold turned out to be secret."""

import threading
from pathlib import Path

import pytest

from bot.core.masking import Masker
from bot.inbox import Inbox
from tests.inbox.pulls import key
from tests.world.leaks import leaks

HERE, STEP = key().environment, "run seed on deploy"
SECRET = "s3cr3t-of-the-database"
MASK = Masker([SECRET]).mask


def logged(inbox: Inbox, *lines: str, generation: int = 1, step: str = STEP, attempt: int = 1) -> None:
    with inbox.logs.begin(HERE, generation, step, attempt) as log:
        for line in lines:
            log(line)


def read(inbox: Inbox, generation: int = 1, step: str = STEP, attempt: int = 1) -> list[str]:
    return [line for _, line in inbox.logs.lines(HERE, generation, step, attempt)]


def test_every_run_and_attempt_of_the_step_is_written_anew_and_nothing_else(inbox):
    for generation, attempt in ((1, 1), (1, 2), (2, 1)):
        logged(inbox, "before", f"it is {SECRET}", "after", generation=generation, attempt=attempt)
    logged(inbox, f"it is {SECRET}", step="run other on deploy")
    inbox.logs.rewrite(HERE, STEP, MASK)
    for generation, attempt in ((1, 1), (1, 2), (2, 1)):
        assert read(inbox, generation, attempt=attempt) == ["before", "it is •••", "after"]
    assert read(inbox, step="run other on deploy") == [f"it is {SECRET}"]


def test_lines_keep_their_numbers_over_many_chunks(inbox):
    lines = [f"{number} {SECRET if number % 7 == 0 else 'x' * 90}" for number in range(3000)]
    logged(inbox, *lines)
    inbox.logs.rewrite(HERE, STEP, MASK)
    assert list(inbox.logs.lines(HERE, 1, STEP, 1)) == list(enumerate(map(MASK, lines)))


def test_a_log_without_the_secret_stays_as_it_is(inbox):
    logged(inbox, "one", "two")
    inbox.logs.rewrite(HERE, STEP, MASK)
    inbox.logs.rewrite(HERE, "run nothing on deploy", MASK)
    assert read(inbox) == ["one", "two"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_file_of_the_database_holds_the_value_afterwards(inbox: Inbox, tmp_path: Path):
    logged(inbox, *(f"{number} {SECRET}" for number in range(5000)))
    logged(inbox, f"the same {SECRET}", generation=2)
    assert leaks(tmp_path, SECRET)
    inbox.logs.rewrite(HERE, STEP, MASK)
    assert leaks(tmp_path, SECRET) == []
    assert read(inbox, 2) == ["the same •••"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_others_that_read_and_write_meanwhile_do_not_keep_the_value_there(inbox: Inbox, tmp_path: Path):
    logged(inbox, *(f"{number} {SECRET}" for number in range(3000)))
    over = threading.Event()

    def busy(number: int) -> None:
        while not over.is_set():
            logged(inbox, "something", step=f"run {number} on deploy")
            list(inbox.logs.lines(HERE, 1, STEP, 1))

    threads = [threading.Thread(target=busy, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        inbox.logs.rewrite(HERE, STEP, MASK)
        found = leaks(tmp_path, SECRET)
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert found == []

"""What is masked on its way out, from the moment at which it is known to be secret."""

from dataclasses import replace

from bot.core.events import PullKey
from bot.core.group import Home
from bot.core.names import Name, Sha
from bot.core.standing import Standing, Variable
from bot.masks import Masks, masks
from bot.tail import LENGTH, Tail
from runners.memory import MemoryRunner

KEY = PullKey(forge="github", repository="1", number=7)
EMPTY = Standing(key=KEY, repository="acme/shop", generation=1, sha=Sha("a" * 40))
SECRET = (Variable(name="KEY", value="s3cr3t-key", sensitive=True),)


class Changing:
    def __init__(self) -> None:
        self.stands: Standing | None = None

    def __call__(self) -> Standing | None:
        return self.stands


def test_what_becomes_secret_is_masked_from_then_on_also_by_a_log_that_has_begun():
    standing, kept = Changing(), []
    log = Tail(kept.append, Masks(["bot-token"], standing))
    log("bot-token s3cr3t-key")
    standing.stands = EMPTY.leaving(Name("seed"), SECRET)
    log("bot-token s3cr3t-key")
    assert kept == ["••• s3cr3t-key", "••• •••"]


def test_the_last_lines_are_masked_by_what_is_known_when_they_are_asked_for():
    standing = Changing()
    log = Tail(lambda line: None, Masks([], standing))
    log("s3cr3t-key")
    standing.stands = EMPTY.leaving(Name("seed"), SECRET)
    assert log.last == ("•••",)


def test_what_was_secret_stays_masked_when_the_environment_is_gone():
    standing = Changing()
    standing.stands = EMPTY.leaving(Name("seed"), SECRET)
    hide = Masks([], standing)
    assert hide("s3cr3t-key") == "•••"
    standing.stands = None
    assert hide("s3cr3t-key") == "•••"


def test_a_change_that_brings_no_secret_keeps_the_mask():
    standing = Changing()
    hide = Masks(["bot-token"], standing)
    for number in range(3):
        standing.stands = replace(EMPTY, generation=number)
        assert hide("a bot-token") == "a •••"


def test_a_tail_counts_all_lines_and_keeps_the_last():
    log = Tail(lambda line: None, str)
    for number in range(100):
        log(str(number))
    assert log.count == 100
    assert log.last == tuple(map(str, range(100 - LENGTH, 100)))


def test_a_door_masks_by_what_stands_there():
    runner, home = MemoryRunner(), Home(environment=KEY.environment, generation=1)
    assert masks(runner, home, ["bot-token"])("bot-token s3cr3t-key") == "••• s3cr3t-key"
    runner.remember(home, EMPTY.leaving(Name("seed"), SECRET))
    assert masks(runner, home, ["bot-token"])("bot-token s3cr3t-key") == "••• •••"

"""What a forge lists as deployed of a pull, for as long as its preview is there: the same at every forge."""

import pytest

from bot.core.report import State
from tests.stories.conftest import BOTH
from tests.stories.test_pulls import SHOP

pytestmark = [pytest.mark.slow, BOTH]


@pytest.fixture
def repository(forge):
    return forge.repository("acme/shop", SHOP)


def test_a_preview_is_shown_as_deployed_for_as_long_as_it_is_there(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    assert pull.deployed == (pull.head, bot.report(pull).url)
    pull.push({"web/index.html": "newer"})
    bot.settle()
    assert pull.deployed == (pull.head, bot.report(pull).url)
    pull.close()
    bot.settle()
    assert pull.deployed is None


def test_what_goes_on_serving_is_what_is_shown_as_deployed(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    first = pull.deployed
    pull.push({"matinee.yaml": "version: 1\nservices:\n  web: {build: {root: web}, port: x}\n"})
    bot.settle()
    assert bot.report(pull).state is State.REFUSED
    assert pull.deployed == first
    pull.push({"matinee.yaml": SHOP["matinee.yaml"]})
    bot.settle()
    assert pull.deployed == (pull.head, bot.report(pull).url)


def test_a_preview_that_is_stopped_is_shown_as_deployed_again_when_it_starts(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    pull.say("ana", "/preview stop")
    bot.settle()
    assert pull.deployed is None
    pull.say("ana", "/preview start")
    bot.settle()
    assert pull.deployed == (pull.head, bot.report(pull).url)


def test_two_pulls_have_each_what_is_theirs(repository, bot):
    one, other = (repository.open_pull(branch=branch) for branch in ("one", "other"))
    bot.settle()
    one.close(merged=True)
    bot.settle()
    assert (one.deployed, other.deployed) == (None, (other.head, bot.report(other).url))


def test_a_pull_that_is_opened_again_is_shown_as_deployed_again(repository, bot):
    pull = repository.open_pull()
    bot.settle()
    pull.close()
    bot.settle()
    pull.reopen()
    bot.settle()
    assert pull.deployed == (pull.head, bot.report(pull).url)

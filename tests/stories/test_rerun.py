"""The button of a check run, which GitHub alone has."""

import pytest

from tests.world import github_shapes as shapes

pytestmark = pytest.mark.slow


@pytest.fixture
def pull(forge, bot):
    shop = forge.repository("acme/shop", {"Dockerfile": "FROM scratch\nEXPOSE 80\n"}, ana="write", eve="read")
    pull = shop.open_pull()
    bot.settle()
    return pull


def test_the_button_of_a_check_deploys_again_for_whoever_may_write(bot, forge, pull):
    generation = bot.status(pull).lane.generation
    for author in ("eve", "ana"):
        run = {"id": 7, "name": "matinee", "head_sha": pull.head, "external_id": pull.key.environment}
        forge.happened(
            "check_run", {"action": "rerequested", "check_run": run, **shapes.context(pull.repository, author)}
        )
        bot.settle()
    assert bot.status(pull).lane.generation == generation + 1
    assert bot.status(pull).lane.wish.why == "ana said /preview deploy"

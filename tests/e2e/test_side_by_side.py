"""Two environments of one bot are worked on at the same time: a job of each runs while the other's does."""

from tests.world.bot import Bot, wait
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull
from tests.world.houses import House

SPEC = """\
version: 1
jobs:
  meet:
    image: busybox
    on: {deploy: {entrypoint: [sleep, "90"], max_duration: 100, interruptible: true}}
"""


def test_two_environments_deploy_side_by_side(world: GitHubWorld, bot: Bot, house: House) -> None:
    repository = world.repository("acme/meeting", {"matinee.yaml": SPEC})
    pulls = [repository.open_pull(files={"which": which}) for which in ("one", "other")]
    wait(lambda: all(_runs(bot, pull) for pull in pulls), "both jobs to run at one moment", otherwise=bot.told)
    for pull in pulls:
        pull.close()
    for pull in pulls:
        bot.settled(pull.key.environment, None, "deleted")
        assert house.left(pull.key.environment) == []


def _runs(bot: Bot, pull: Pull) -> bool:
    steps = bot.of(pull.key.environment).get("steps", [])
    return any((each["name"], each["state"]) == ("run meet on deploy", "running") for each in steps)

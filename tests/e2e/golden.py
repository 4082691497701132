"""The example's whole life, from the opening of a pull to its end; its comment says the same wherever it runs."""

import json
from pathlib import Path
from typing import Any

from bot.core.telling.comment import comment
from tests.e2e.shop import FILES
from tests.e2e.told import told
from tests.world.bot import Bot, wait
from tests.world.chart import Release
from tests.world.forge import ForgeWorld
from tests.world.houses import House
from tests.world.pull import Pull

COMMENTS = Path(__file__).parent / "comments"


class Play:
    """One pull, as its author and the operator see it."""

    def __init__(self, pull: Pull[Any], bot: Bot | Release, house: House) -> None:
        self.pull, self.bot, self.house = pull, bot, house
        self.environment = pull.key.environment

    def settled(self, state: str) -> dict[str, Any]:
        """Wait until the newest commit has come to this."""
        return self.bot.settled(self.environment, None if state == "deleted" else self.pull.head, state)

    def says(self, name: str) -> None:
        """Wait until the comment is of the newest report; it reads as the file of that name."""
        wait(lambda: self.pull.comment.body == comment(self.bot.report(self.environment)), "the comment")
        assert told(self.pull) == (COMMENTS / f"{name}.md").read_text()

    def shows(self, url: str, text: str) -> None:
        """Wait until the page has it: a cluster's node learns of new pods a moment later."""
        wait(lambda: text in self.house.page(url), f"{url} to show {text!r}", patience=20)

    def built(self, document: dict[str, Any]) -> list[str]:
        """The images that were made for it."""
        return [each["name"] for each in document["steps"] if each["kind"] == "build" and each["why"] != "unchanged"]


def golden(world: ForgeWorld[Any], bot: Bot | Release, house: House) -> None:
    """A pull of the shop, from its opening to its end."""
    pull = world.repository("acme/shop", FILES).open_pull(files={"news": "soon"})
    play = Play(pull, bot, house)
    up = play.settled("running")
    key = next(each for each in up["outputs"] if each["name"] == "API_KEY")
    assert (key["sensitive"], key["value"]) == (True, None)
    play.says("opened")
    assert up["url"] in pull.comment.body
    wait(lambda: pull.deployed == (pull.head, up["url"]), "the forge to show it as deployed", otherwise=bot.told)
    play.shows(up["url"], next(each["value"] for each in up["outputs"] if each["name"] == "BANNER"))

    newer = FILES["web/index.cgi"] + "echo '<p>newer</p>'\n"
    pull.push({"web/index.cgi": newer})
    pushed = play.settled("running")
    assert play.built(pushed) == ["build web"]
    assert pushed["url"] == up["url"]
    play.says("pushed")
    play.shows(up["url"], "newer")

    pull.push({"web/Dockerfile": FILES["web/Dockerfile"] + "RUN exit 3\n"})
    broken = play.settled("failed")
    line = len(FILES["web/Dockerfile"].splitlines()) + 1
    assert f"web/Dockerfile:{line}" in next(each["why"] for each in broken["steps"] if each["name"] == "build web")
    play.says("broken")
    play.shows(up["url"], "newer")

    pull.push({"web/Dockerfile": FILES["web/Dockerfile"]})
    play.settled("running")
    pull.say("ana", "/preview stop")
    play.settled("stopped")
    play.says("stopped")
    assert "newer" not in house.page(up["url"])

    started = json.loads(bot.run("start", play.environment, "--json"))
    assert (started["state"], started["url"], play.built(started)) == ("running", up["url"], [])
    play.says("started")
    play.shows(up["url"], "newer")

    assert json.loads(bot.run("run", play.environment, "seed", "deploy", "--json"))["state"] == "running"
    pull.say("ana", "/preview logs seed")
    wait(lambda: pull.answers, "the log", otherwise=bot.told)
    assert "jam costs 7" in pull.answers[0]
    play.says("forced")

    pull.close()
    deleted = play.settled("deleted")
    assert "run seed on delete" in [step["name"] for step in deleted["steps"]]
    play.says("deleted")
    assert house.left(play.environment) == []
    assert bot.kept() == []
    wait(lambda: pull.deployed is None, "the forge to show it as gone", otherwise=bot.told)
    assert [signs for signs in pull.signs if signs] == [["eyes", "rocket"]] * 2

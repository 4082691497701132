"""Plays one pull from its opening to its end, on a real engine, with the bot as it is run: `make demo`."""

import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel

from bot.core.telling.comment import comment
from bot.screen.picture import picture
from tests.world.bot import Bot, wait
from tests.world.engine_left import left
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull

SHOP = Path(__file__).parents[2] / "examples" / "shop"
PICTURE = Path(sys.argv[1]) if len(sys.argv) > 1 else None
"""Where the README's picture goes: `python -m tests.demo docs/comment.svg` makes it anew."""

console = Console()


def main() -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="matinee-demo-") as folder, GitHubWorld() as world:
        state = Path(folder) / "state"
        with Bot(state, world.settings) as bot:
            world.hook = bot.hook
            pull = play(world, bot)
        folders = [each.name for each in (state / "environments").glob("*")]
        remains = left(pull.key.environment) + folders
        say(f"left behind: {', '.join(remains) or 'nothing'}")
        if remains:
            sys.exit(1)
    say(f"all of it took {time.monotonic() - began:.0f} s")


def play(world: GitHubWorld, bot: Bot) -> Pull:
    repository = world.repository("acme/shop", files_of(SHOP))
    with act("Ana opens a pull; GitHub signs a webhook and sends it to the bot"):
        pull = repository.open_pull(branch="feature", files={"docs/news.txt": "soon"}, author="ana")
        url = settle(bot, pull, "running")["url"]
    show(pull)
    if PICTURE is not None:
        PICTURE.write_text(picture(bot.report(pull.key.environment)))
    page(url, "Corner Shop")
    with act("She changes the web service only"):
        pull.push({"web/index.cgi": (SHOP / "web" / "index.cgi").read_text().replace("</h1>", ", with news</h1>")})
        steps = settle(bot, pull, "running")["steps"]
    say("built: " + ", ".join(step["name"] for step in steps if step["kind"] == "build" and step["why"] != "unchanged"))
    page(url, "with news")
    with act("She pushes something that does not build"):
        pull.push({"web/Dockerfile": (SHOP / "web" / "Dockerfile").read_text() + "RUN echo oh && exit 3\n"})
        settle(bot, pull, "failed")
    show(pull)
    page(url, "with news")
    with act("She closes the pull"):
        pull.close()
        settle(bot, pull, "deleted")
    show(pull)
    return pull


@contextmanager
def act(what: str) -> Iterator[None]:
    console.rule(f"[bold]{what}", align="left")
    began = time.monotonic()
    yield
    say(f"{time.monotonic() - began:.1f} s")


def settle(bot: Bot, pull: Pull, state: str) -> dict[str, object]:
    found = bot.settled(pull.key.environment, None if state == "deleted" else pull.head, state, "refused")
    if found["state"] != state:
        console.print(pull.comment.body)
        sys.exit(1)
    wait(lambda: pull.comments and pull.comment.body == comment(bot.report(pull.key.environment)), "the comment")
    return found


def show(pull: Pull) -> None:
    console.print(Panel(Markdown(pull.comment.body), title=f"the comment on {pull.title}", title_align="left"))


def page(url: object, expected: str) -> None:
    with urllib.request.urlopen(str(url), timeout=10) as answer:
        text = answer.read().decode()
    console.print(f"[dim]$ curl {url}[/]")
    console.print(text.strip(), markup=False, highlight=False)
    if expected not in text:
        sys.exit(f"the page lacks {expected!r}")


def say(text: str) -> None:
    console.print(f"  [green]●[/] {text}")


def files_of(folder: Path) -> dict[str, str]:
    return {str(each.relative_to(folder)): each.read_text() for each in folder.rglob("*") if each.is_file()}


if __name__ == "__main__":
    main()

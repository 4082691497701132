"""Somebody who never heard of matinee follows the pages, from a laptop with Docker to a bot that hears of a pull."""

import re
from collections.abc import Iterator

import pytest
import requests

from tests.docs.snippets import filled, typed
from tests.e2e.shop import FILES
from tests.world.bot import free_port, wait
from tests.world.github import GitHubWorld
from tests.world.github_repository import Pull
from tests.world.laptop import HOME, Laptop

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

DOCKERFILE = """\
FROM busybox
COPY index.html /www/index.html
EXPOSE 8000
CMD ["httpd", "-f", "-p", "8000", "-h", "/www"]
"""


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def laptop() -> Iterator[Laptop]:
    with Laptop() as laptop:
        yield laptop


def test_the_pages_work_on_a_laptop_as_they_stand(world: GitHubWorld, laptop: Laptop) -> None:
    begins(laptop)
    tries_the_example(laptop)
    runs_a_bot(laptop, world)
    pull = world.repository("acme/shop", FILES).open_pull(files={"news": "soon"})
    waits_for_a_preview(laptop, pull)
    looks_at_the_bot(laptop, pull)
    takes_it_away(laptop, pull)


def begins(laptop: Laptop) -> None:
    """`docs/start.md`: installed from a clone; a folder with a Dockerfile is up, changed, looked at, gone."""
    install, first, look = typed("docs/start.md")
    laptop.type(install.text, at=laptop.clone)
    app = f"{laptop.folder}/app"
    laptop.put(app, {"Dockerfile": DOCKERFILE.encode(), "index.html": b"good morning"})
    assert page(laptop.type(first.text, at=app)) == "good morning"
    laptop.put(app, {"index.html": b"good night"})
    assert page(laptop.type("matinee up", at=app)) == "good night"
    (preview,) = set(re.findall(r"local-[0-9a-f]{12}-0", laptop.type("matinee list")))
    said = laptop.type(filled(look, {"local-5f0c3a9b1d22-0": preview}))
    assert re.search(rf"(?m)^{preview} +app#0 +running", said)
    assert "Preview is deleted" in said


def tries_the_example(laptop: Laptop) -> None:
    """What the README and the example's own page show."""
    _, readme = typed("README.md")
    (example,) = typed("examples/shop/README.md")
    assert filled(readme, {".venv/bin/": ""}) in example.text
    assert "The Corner Shop" in page(laptop.type(example.text, at=laptop.clone))


def runs_a_bot(laptop: Laptop, world: GitHubWorld) -> None:
    """`docs/bot.md`: two files of secrets, and it serves; what else it is told is where this world is."""
    serve, doctor = typed("docs/bot.md")
    laptop.put(HOME, {"token": world.token.encode(), "secret": world.secret.encode()})
    hooks, health = free_port(), free_port()
    listening = {"MATINEE_LISTEN": f"127.0.0.1:{hooks}", "MATINEE_ADMIN_LISTEN": f"127.0.0.1:{health}"}
    laptop.environment |= {"MATINEE_GITHUB_URL": world.settings["github_url"], **listening}
    files = {"TOKEN_FILE=…": f"TOKEN_FILE={HOME}/token", "SECRET_FILE=…": f"SECRET_FILE={HOME}/secret"}
    shown = filled(serve, files)
    laptop.leave_open(shown)
    world.hook = f"http://127.0.0.1:{hooks}/hooks/github"
    wait(lambda: answers(f"http://127.0.0.1:{health}/readyz"), "the bot to be ready", otherwise=laptop.left_open)
    laptop.environment |= dict(re.findall(r"(?m)^export (\w+)=(\S+)", shown))
    said = laptop.type(doctor.text)
    assert "failed" not in said
    assert "ok       github" in said


def waits_for_a_preview(laptop: Laptop, pull: Pull) -> None:
    """`docs/commands.md`: a job of the CI waits for what the bot makes."""
    (waits,) = typed("docs/commands.md")
    names = {"--pull 7": f"--pull {pull.number}", "1cda8e8": pull.head[:7], "github-1296269-7": pull.key.environment}
    said = laptop.type(f"HEAD_SHA={pull.head}\n{filled(waits, names)}\ncurl --silent --fail $URL")
    assert "The Corner Shop" in said


def looks_at_the_bot(laptop: Laptop, pull: Pull) -> None:
    """`docs/operations.md`, on a Tuesday."""
    look, watch, *_ = typed("docs/operations.md")
    health = laptop.environment["MATINEE_ADMIN_LISTEN"]
    said = laptop.type(filled(look, {"github-1296269-7": pull.key.environment, "127.0.0.1:8081": health}))
    assert re.search(rf"(?m)^{pull.key.environment} +acme/shop#{pull.number} +running", said)
    assert laptop.type(filled(watch, {"127.0.0.1:8081": health})).strip() == '{"status":"ready"}'


def takes_it_away(laptop: Laptop, pull: Pull) -> None:
    """`docs/operations.md`, on the last day."""
    *_, away, _ = typed("docs/operations.md")
    names = {"github-1296269-7": pull.key.environment}
    said = laptop.type(filled(away, names))
    assert "Preview is deleted" in said


def page(said: str) -> str:
    """What is at the URL that was printed."""
    answer = requests.get(re.findall(r"http://127\.0\.0\.1:\d+", said)[-1], timeout=10)
    answer.raise_for_status()
    return answer.text


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=1).ok
    except requests.ConnectionError:
        return False

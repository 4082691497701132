"""A pull at one forge that builds from repositories of others: GitHub, GitLab, and Bitbucket of both kinds."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bot.core.events import Want, Wish
from bot.core.report import State, StepState
from bot.foresee import foresee
from tests.stories.approving import approve
from tests.stories.bot import StoryBot
from tests.stories.conftest import BOTH
from tests.world.git_hosts import CLOUD, DATA_CENTER, GITHUB, GITLAB, GitHost, entry, git_host

pytestmark = [pytest.mark.slow, BOTH]

TOKEN = "tok-0123456789abcdef"
HELLO = {"Dockerfile": "FROM busybox\n"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "build.toml"
    file.write_text("repositories = []\n")
    return file


@pytest.fixture
def bot(forge, file: Path, tmp_path: Path) -> Iterator[StoryBot]:
    kind = type("Reading", (StoryBot,), {"more": {"MATINEE_BUILD_CREDENTIALS_FILE": str(file)}})
    with kind(forge, tmp_path / "state") as bot:
        yield bot


@pytest.fixture
def started() -> Iterator[Callable[..., GitHost]]:
    with ExitStack() as stack:
        yield lambda kind: stack.enter_context(git_host(kind))


def spec(**builds: str) -> str:
    lines = (f"  {name}: {{build: {{{build}}}, port: 80}}\n" for name, build in builds.items())
    return f"version: 1\nservices:\n{''.join(lines)}"


def owner(repository) -> str:
    return f"{repository.world.name}:{repository.id}"


def seen(folder: Path, text: str) -> list[Path]:
    """Files of the bot's in which it stands."""
    return [each for each in folder.rglob("*") if each.is_file() and text.encode() in each.read_bytes()]


def test_one_pull_builds_from_the_other_forges_with_a_token_for_each(forge, bot, file, started, tmp_path):
    hosts = {kind: started(kind) for kind in (GITHUB, GITLAB, CLOUD, DATA_CENTER)}
    tokens = {kind: f"{TOKEN}-{number}" for number, kind in enumerate(hosts)}
    deep = {"services/web/Dockerfile.prod": "FROM busybox AS base\nFROM base AS last\nRUN false\n", "docs/a": "x"}
    for kind, host in hosts.items():
        host.repository("acme/web", deep if kind is GITLAB else HELLO, token=tokens[kind])
    where = {kind: f"repository: '{host.url('acme/web')}'" for kind, host in hosts.items()}
    inside = "root: services/web, dockerfile: Dockerfile.prod, target: base, contexts: {docs: docs}, ref: main"
    text = spec(
        one=where[GITHUB],
        two=f"{where[GITLAB]}, {inside}",
        three=where[CLOUD],
        four=where[DATA_CENTER],
        own="ref: main",
    )
    repository = forge.repository("acme/shop", {"matinee.yaml": text, **HELLO})
    file.write_text("".join(entry(host, "acme", tokens[kind], owner(repository)) for kind, host in hosts.items()))
    pull = repository.open_pull()
    bot.settle()
    assert bot.report(pull).state is State.RUNNING, bot.steps(pull)
    assert len({each for host in hosts.values() for each in host.sent}) == len(hosts)
    assert all(len(host.sent) == 1 for host in hosts.values())
    assert seen(tmp_path / "state", TOKEN) == []
    assert TOKEN not in pull.comment.body
    assert bot.builder.environments == {pull.key.environment}


def test_a_fork_is_given_no_token_also_once_its_commit_is_approved(forge, bot, file, started):
    host = started(GITLAB)
    host.repository("acme/web", HELLO, token=TOKEN)
    repository = forge.repository("acme/shop", {"README.md": "shop"})
    file.write_text(entry(host, "acme", TOKEN, owner(repository)))
    text = spec(web=f"repository: '{host.url('acme/web')}'")
    pull = repository.open_pull(files={"matinee.yaml": text}, author="eve", from_fork=True)
    bot.settle()
    approve(bot, pull)
    step = bot.steps(pull)["build web"]
    assert step.state is StepState.FAILED
    assert "is no host to build from for a pull from a fork" in step.why
    assert not host.asked


def test_what_fails_in_another_repository_is_told_with_where_it_is_and_at_no_line_of_the_pull(
    forge, bot, file, started
):
    host = started(DATA_CENTER)
    files = {"Dockerfile": "FROM busybox\nRUN exit 3\n"}
    host.repository("acme/web", files, token=TOKEN)
    url = host.url("acme/web")
    broken, missing = f"repository: '{url}', ref: main", f"repository: '{url}', root: wbe"
    repository = forge.repository("acme/shop", {"matinee.yaml": spec(broken=broken, missing=missing)})
    file.write_text(entry(host, "acme/web.git", TOKEN, owner(repository)))
    pull = repository.open_pull()
    bot.settle()
    steps = bot.steps(pull)
    assert steps["build broken"].why.startswith(f"{url} at main: Dockerfile:2: ")
    assert steps["build missing"].why.startswith(f"{url}: wbe/Dockerfile: there is no folder wbe in commit ")
    assert {(step.file, step.line) for step in steps.values()} == {("", None)}
    assert pull.comment.says("RUN exit 3: exit code 3")


def test_a_push_to_the_other_repository_is_deployed_by_the_next_deploy_which_the_plan_foresees(
    forge, bot, file, started
):
    host = started(GITLAB)
    other = host.repository("acme/web", HELLO, token=TOKEN)
    text = spec(web=f"repository: '{host.url('acme/web')}', ref: main")
    repository = forge.repository("acme/shop", {"matinee.yaml": text})
    file.write_text(entry(host, "acme", TOKEN, owner(repository)))
    pull = repository.open_pull()
    bot.settle()
    before = dict(bot.built)

    def planned() -> str:
        wish = {"want": Want.DEPLOY, "sha": pull.head, "person": True, "actor": "ana", "why": "ana asked"}
        (row,) = foresee(bot.world, Wish(key=pull.key, repository="acme/shop", **wish)).rows
        return str(row.images[0].prospect.verb)

    assert planned() == "unchanged"
    other.commit({"Dockerfile": "FROM busybox\nRUN echo newer\n"})
    bot.sweep()
    assert dict(bot.built) == before
    assert planned() == "build"
    pull.say("ana", "/preview deploy")
    bot.settle()
    assert bot.report(pull).state is State.RUNNING
    assert len(bot.built) == len(before) + 1

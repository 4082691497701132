import io
import logging
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from bot import logs
from bot.core.errors import Gone, MatineeError, Misused, Unavailable
from bot.core.report import Report, State
from bot.forges import github
from bot.forges._github.app import App
from bot.forges._github.installation import EARLY, Installed
from bot.forges._github.permissions import FETCHING, TELLING
from bot.forges.github import GitHub
from bot.settings import secrets, settings
from tests.world.github import GitHubWorld
from tests.world.github_app import HOUR, Issued
from tests.world.github_app import App as WorldApp
from tests.world.github_repository import Pull as Pulled
from tests.world.github_repository import Repository

MINTED = "/access_tokens"


@pytest.fixture
def world() -> Iterator[GitHubWorld]:
    with GitHubWorld(app=True) as world:
        yield world


@pytest.fixture
def app(world: GitHubWorld) -> WorldApp:
    assert world.app is not None
    return world.app


@pytest.fixture
def shop(world: GitHubWorld) -> Repository:
    return world.repository("acme/shop", {"README.md": "shop"})


@pytest.fixture
def forge(world: GitHubWorld) -> GitHub:
    return github.create(world.settings)


@pytest.fixture
def pull(shop: Repository) -> Pulled:
    return shop.open_pull()


def report(pull: Pulled, state: State = State.RUNNING) -> Report:
    full_name = pull.repository.full_name
    return Report(key=pull.key, repository=full_name, generation=1, state=state, sha=pull.head)


def made(world: GitHubWorld) -> int:
    """How many tokens were asked for."""
    return sum(request.endswith(MINTED) for request in world.requests)


def test_an_app_reads_a_pull_and_tells_it_as_its_own_account(forge: GitHub, pull: Pulled) -> None:
    forge.tell(forge.pull(pull.key), report(pull))
    assert pull.comment.author == "matinee-bot[bot]"
    assert pull.status is not None


def test_an_app_knows_its_comment_after_a_restart(world: GitHubWorld, forge: GitHub, pull: Pulled) -> None:
    forge.tell(forge.pull(pull.key), report(pull, State.DEPLOYING))
    again = github.create(world.settings)
    again.tell(again.pull(pull.key), report(pull))
    assert pull.comment.edits == 1


def test_a_token_is_for_one_repository_alone(app: WorldApp, shop: Repository, forge: GitHub, pull: Pulled) -> None:
    forge.pull(pull.key)
    (issued,) = app.issued
    assert issued.repositories == {shop.id}
    assert dict(issued.permissions) == TELLING


def test_git_gets_a_token_that_can_only_read_that_one_repository(
    world: GitHubWorld, app: WorldApp, forge: GitHub, pull: Pulled, tmp_path: Path
) -> None:
    other = world.repository("acme/other").open_pull()
    origin = forge.origin(forge.pull(pull.key))
    assert dict(app.issued[-1].permissions) == FETCHING
    subprocess.run(["git", "init", "--bare", "--quiet", tmp_path], check=True)

    def fetched(url: str, sha: str) -> bool:
        command = [
            "git",
            "-c",
            f"http.extraHeader={origin.header}",
            "-c",
            "credential.helper=",
            "fetch",
            "-q",
            url,
            sha,
        ]
        done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, env={"GIT_TERMINAL_PROMPT": "0"})
        return done.returncode == 0

    assert fetched(origin.url, pull.head)
    assert not fetched(origin.url.replace("shop", "other"), other.head)


def test_what_was_not_granted_is_left_out_and_said_where_it_is_needed(
    app: WorldApp, forge: GitHub, pull: Pulled
) -> None:
    app.installations[0].permissions.update(statuses="read")
    del app.installations[0].permissions["checks"]
    with pytest.raises(Unavailable, match="the App lacks the permission statuses=write"):
        forge.tell(forge.pull(pull.key), report(pull))
    assert pull.comment.says("running")


def test_one_token_serves_until_shortly_before_its_end(world: GitHubWorld, shop: Repository, app: WorldApp) -> None:
    now = [1000.0]
    signing = App(world.settings["github_url"], str(app.id), app.key)
    installed = Installed(signing, str(shop.id), clock=lambda: now[0])
    first = installed.token(TELLING)
    now[0] += HOUR - EARLY - 10
    assert installed.token(TELLING) is first
    assert installed.token(FETCHING) is not first
    now[0] += 20
    assert installed.token(TELLING) is not first


def test_a_token_that_ended_early_is_made_anew_once(
    world: GitHubWorld, app: WorldApp, forge: GitHub, pull: Pulled
) -> None:
    forge.pull(pull.key)
    app.issued.clear()
    forge.tell(forge.pull(pull.key), report(pull))
    assert pull.comment.says("running")
    assert made(world) == 2


def test_a_token_that_github_never_takes_is_asked_for_twice_and_no_more(
    world: GitHubWorld, forge: GitHub, pull: Pulled
) -> None:
    world.fail_next("GET", "/pulls/", status=401, message="Bad credentials", times=9)
    with pytest.raises(Unavailable, match=r"refuses the App.*see whether it is still installed"):
        forge.pull(pull.key)
    assert made(world) == 2


def test_a_token_that_ended_is_also_forgotten_for_git(
    world: GitHubWorld, app: WorldApp, forge: GitHub, pull: Pulled
) -> None:
    known = forge.pull(pull.key)
    before = forge.origin(known).header
    app.installations[0].remove()
    app.install("acme")
    forge.pull(pull.key)
    assert forge.origin(known).header != before


@pytest.mark.parametrize("ahead", [-7200, -300, -90, 45, 240, 86_400])
def test_a_clock_that_is_wrong_breaks_no_signature_and_no_token(world: GitHubWorld, pull: Pulled, ahead: int) -> None:
    world.ahead = ahead
    forge = github.create(world.settings)
    for _ in range(3):
        assert forge.pull(pull.key).head == pull.head
    assert made(world) == 1


def test_a_token_is_made_anew_when_github_says_that_it_has_ended(
    world: GitHubWorld, forge: GitHub, pull: Pulled
) -> None:
    forge.pull(pull.key)
    world.ahead = HOUR + 1
    assert forge.pull(pull.key).open
    assert made(world) == 2


def other_key() -> str:
    return subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"github_private_key": "no key"}, Misused, "is no private key of an App; make one"),
        ({"github_private_key": other_key}, Unavailable, "refuses the App.*of one App"),
        ({"github_app_id": "4711"}, Unavailable, "GitHub knows no App 4711; set MATINEE_GITHUB_APP_ID"),
    ],
    ids=["no key at all", "the key of another", "an id that nobody has"],
)
def test_a_wrong_key_or_id_is_said_to_be_one(
    world: GitHubWorld, pull: Pulled, wrong: dict[str, object], error: type[MatineeError], says: str
) -> None:
    given = {name: value() if callable(value) else str(value) for name, value in wrong.items()}
    forge = github.create({**world.settings, **given})
    with pytest.raises(error, match=says) as refusal:
        forge.pull(pull.key)
    assert "PRIVATE KEY--" not in str(refusal.value)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"github_private_key": ""}, "both an id and a private key"),
        ({"github_app_id": " "}, "both an id and a private key"),
        ({"github_app_id": "12/../13"}, "is no App ID"),
    ],
)
def test_half_an_app_is_refused_before_anything_is_asked(world: GitHubWorld, wrong: dict[str, str], says: str) -> None:
    with pytest.raises(Misused, match=says):
        github.create({**world.settings, **wrong})
    assert world.requests == []


def test_a_key_whose_lines_were_escaped_is_read(world: GitHubWorld, pull: Pulled) -> None:
    given = {**world.settings, "github_private_key": world.settings["github_private_key"].replace("\n", "\\n")}
    assert github.create(given).pull(pull.key).open


def test_a_suspended_installation_is_said_to_be_one_and_works_again_after_it(
    app: WorldApp, forge: GitHub, pull: Pulled
) -> None:
    forge.pull(pull.key)
    app.installations[0].suspend()
    for _ in range(2):
        with pytest.raises(Unavailable, match="installation of acme is suspended; have an owner of acme"):
            forge.pull(pull.key)
    app.installations[0].unsuspend()
    assert forge.pull(pull.key).open


def test_a_repository_without_the_app_is_gone(app: WorldApp, forge: GitHub, pull: Pulled) -> None:
    forge.pull(pull.key)
    app.installations[0].remove()
    with pytest.raises(Gone, match=r"not installed where repository .* install it there"):
        forge.pull(pull.key)


def test_a_repository_that_the_installation_does_not_have_is_gone(
    world: GitHubWorld, app: WorldApp, shop: Repository, forge: GitHub
) -> None:
    other = world.repository("acme/other").open_pull()
    app.installations[0].repositories = [shop]
    with pytest.raises(Gone):
        forge.pull(other.key)


def test_a_repository_that_moved_to_another_installation_is_still_there(
    app: WorldApp, shop: Repository, forge: GitHub, pull: Pulled
) -> None:
    app.install("globex")
    forge.pull(pull.key)
    shop.rename("globex/shop")
    assert forge.pull(pull.key).repository == "globex/shop"
    forge.tell(forge.pull(pull.key), report(pull))
    assert pull.comment.says("running")


def test_a_repository_that_moved_to_where_the_app_is_not_is_gone(shop: Repository, forge: GitHub, pull: Pulled) -> None:
    forge.pull(pull.key)
    shop.rename("globex/shop")
    with pytest.raises(Gone, match="not installed where"):
        forge.pull(pull.key)


def test_a_permission_that_was_accepted_meanwhile_is_used_at_once(app: WorldApp, forge: GitHub, pull: Pulled) -> None:
    del app.installations[0].permissions["statuses"]
    with pytest.raises(Unavailable, match="the App lacks the permission statuses="):
        forge.tell(forge.pull(pull.key), report(pull))
    app.installations[0].permissions["statuses"] = "write"
    forge.tell(forge.pull(pull.key), report(pull))
    assert pull.status is not None


def test_a_pull_that_is_not_there_is_looked_for_no_further(world: GitHubWorld, forge: GitHub, pull: Pulled) -> None:
    forge.pull(pull.key)
    with pytest.raises(Gone):
        forge.pull(replace(pull.key, number=99))
    assert made(world) == 1


def test_the_app_is_used_where_there_is_a_token_too(world: GitHubWorld, app: WorldApp, pull: Pulled) -> None:
    forge = github.create({**world.settings, "github_token": world.token})
    forge.tell(forge.pull(pull.key), report(pull))
    assert pull.comment.author == "matinee-bot[bot]"
    assert any(check.name == "github token" and "not used" in check.why for check in forge.checks({}))


def test_threads_share_the_token_of_a_repository(world: GitHubWorld, shop: Repository, forge: GitHub) -> None:
    pulls = [shop.open_pull(branch=f"feature-{number}") for number in range(4)]
    errors: list[MatineeError] = []

    def tell(pull: Pulled) -> None:
        try:
            forge.tell(forge.pull(pull.key), report(pull))
        except MatineeError as error:
            errors.append(error)

    threads = [Thread(target=tell, args=(pull,)) for pull in pulls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert made(world) == 1


def test_no_log_has_a_token_a_signature_or_the_key(
    world: GitHubWorld, app: WorldApp, forge: GitHub, pull: Pulled
) -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    logs.set_up(stream, level=logging.DEBUG, secrets=world.settings.values())
    try:
        logging.getLogger("bot").debug("the key is %s", app.key)
        forge.tell(forge.pull(pull.key), report(pull))
        forge.origin(forge.pull(pull.key))
        world.fail_next(status=500, times=20)
        with pytest.raises(Unavailable):
            github.create(world.settings).pull(pull.key)
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
    told = stream.getvalue()
    assert "the key is" in told
    assert all(issued.token not in told for issued in app.issued)
    assert all(line not in told for line in app.key.splitlines())
    assert "eyJ" not in told


def test_an_apps_key_is_a_secret_of_the_settings(world: GitHubWorld, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(world.settings["github_private_key"])
    given = settings({"MATINEE_GITHUB_PRIVATE_KEY_FILE": str(file), "MATINEE_STATE": str(tmp_path)})
    assert given["github_private_key"] in secrets(given)


def test_a_token_shows_itself_nowhere(app: WorldApp, forge: GitHub, pull: Pulled) -> None:
    origin = forge.origin(forge.pull(pull.key))
    issued: Issued = app.issued[-1]
    assert issued.token not in repr(origin) + repr(forge)

"""`matinee doctor` as an operator runs it, with one thing wrong at a time."""

import json
import os
import socket
from datetime import UTC, datetime, timedelta

import pytest

from bot import settings
from bot.core.events import PullKey, Want, Wish
from bot.core.group import Home
from bot.core.names import Sha
from bot.core.standing import Standing
from bot.inbox import Inbox
from bot.keeping.cipher import new_key
from runners import docker
from tests.world.bot import Bot, command, free_port
from tests.world.github import GitHubWorld

pytestmark = pytest.mark.slow

ALWAYS = {"settings", "database", "encryption key", "secrets file", "git", "forges", "listen", "admin listen"}
SPEC = "version: 1\nservices: {web: {image: busybox, port: 80, public: true}}\n"


@pytest.fixture
def environment(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    memory = {"MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory", "MATINEE_STATE": str(tmp_path / "state")}
    free = {"MATINEE_LISTEN": f"127.0.0.1:{free_port()}", "MATINEE_ADMIN_LISTEN": f"127.0.0.1:{free_port()}"}
    return {**clean, **memory, **free, "COLUMNS": "120"}


@pytest.fixture
def world():
    with GitHubWorld() as world:
        yield world


@pytest.fixture
def bot(world, tmp_path):
    with Bot(tmp_path / "state", {"runner": "memory", "builder": "memory", **world.settings}) as bot:
        world.hook = bot.hook
        yield bot


def seen(environment, *, code):
    """What it says of each thing, by name; it says something of everything."""
    done = command("doctor", "--json", environment=environment)
    assert done.returncode == code, done.stdout + done.stderr
    checks = json.loads(done.stdout)["checks"]
    found = {check["name"]: check for check in checks}
    assert len(found) == len(checks)
    assert all(check["state"] in ("ok", "warning", "failed") and check["why"] for check in checks)
    assert all(check["advice"] for check in checks if check["state"] == "warning")
    assert {*found} >= ALWAYS
    return found


def test_a_machine_that_has_all_is_exit_code_0(environment):
    found = seen(environment, code=0)
    assert {name for name, check in found.items() if check["state"] != "ok"} == {"bot", "forges"}


def test_a_person_is_shown_a_table_with_the_advice_below(environment):
    done = command("doctor", environment=environment)
    assert done.returncode == 0
    assert "warning  bot " in done.stdout
    assert "start one with `matinee serve`" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "check", "says"),
    [
        ("MATINEE_WORKERS", "many", "settings", "no whole number"),
        ("MATINEE_GITHUB_TOKEN_FILE", "/nowhere", "settings", "/nowhere cannot be read"),
        ("MATINEE_RUNNER", "dokcer", "runner", "did you mean docker?"),
        ("MATINEE_ENCRYPTION_KEY", "no key", "encryption key", "one of the keys is none"),
        ("MATINEE_LISTEN", "here", "listen", "is no address"),
        ("MATINEE_LISTEN", "203.0.113.1:8080", "listen", "choose another address"),
        ("MATINEE_GITHUB_URL", "http://elsewhere.example", "github", "use https://"),
        ("MATINEE_GITHUB_TOKEN", "ghs_1234567", "github webhook secret", "MATINEE_GITHUB_WEBHOOK_SECRET"),
        ("MATINEE_GITHUB_WEBHOOK_SECRET", "0123456789", "github token", "neither a token nor an App is set"),
        ("MATINEE_DATABASE_URL", "mysql://here/x", "database", "keeps nothing in mysql"),
        ("MATINEE_STATE", "/dev/null/state", "state folder", "set MATINEE_STATE"),
    ],
    ids=lambda value: value if value.startswith("MATINEE") else "",
)
def test_a_wrong_setting_is_exit_code_2_and_hides_nothing_else(environment, name, value, check, says):
    databases = {"MATINEE_DATABASE_URL": f"sqlite:///{environment['MATINEE_STATE']}/matinee.db"}
    found = seen({**environment, **databases, "MATINEE_GITHUB_URL": "http://127.0.0.1:1", name: value}, code=2)
    assert found[check]["state"] == "failed"
    assert says in found[check]["why"] + "; " + found[check]["advice"]


def test_a_variable_that_is_no_setting_is_answered_with_the_nearest(environment):
    found = seen({**environment, "MATINEE_WOKERS": "4"}, code=0)
    assert found["names of settings"]["state"] == "warning"
    assert "did you mean MATINEE_WORKERS?" in found["names of settings"]["advice"]


def test_what_others_can_read_is_a_warning(environment, tmp_path):
    (tmp_path / "state").mkdir(mode=0o755)
    (tmp_path / "state" / "secrets.json").write_text('{"github:1": {"trusted": {"HOOK": "s3cr3t-of-a-hook"}}}')
    found = seen(environment, code=0)
    assert "chmod 700" in found["state folder"]["advice"]
    assert "chmod 600" in found["secrets file"]["advice"]
    (tmp_path / "state" / "secrets.json").chmod(0o600)
    assert "matinee secrets rotate" in seen(environment, code=0)["secrets file"]["advice"]


def test_a_key_that_opens_nothing_of_what_is_kept_is_exit_code_5(environment, tmp_path):
    (tmp_path / "value").write_text("s3cr3t-of-a-hook")
    given = ("secrets", "set", "github:1", "HOOK", "--from-file", str(tmp_path / "value"))
    assert command(*given, environment=environment).returncode == 0
    other = command("secrets", "key", environment=environment).stdout.strip()
    found = seen({**environment, "MATINEE_ENCRYPTION_KEY": other}, code=5)
    assert "HOOK of github:1 cannot be read" in found["secrets file"]["why"]
    assert other not in json.dumps(found)


def test_a_key_that_opens_no_memory_of_an_environment_is_exit_code_5(environment):
    key, sha = PullKey(forge="local", repository="1", number=1), Sha("a" * 40)
    standing = Standing(key=key, repository="shop", generation=1, sha=sha)
    chosen = settings.settings(environment)
    docker.create(chosen).remember(Home(environment=key.environment, generation=1), standing)
    inbox = Inbox.open(chosen["database_url"])
    inbox.wish(Wish(key=key, repository="shop", want=Want.DEPLOY, sha=sha, actor="ana", why=""))
    inbox.close()
    away = {**environment, "MATINEE_RUNNER": "docker", "DOCKER_HOST": "tcp://127.0.0.1:1"}
    told = seen(away, code=5)
    assert told["database"]["why"].endswith("it knows 1 environment")
    assert told["kept environments"]["why"] == "what is kept of 1 can be read"
    found = seen({**away, "MATINEE_ENCRYPTION_KEY": new_key()}, code=5)["kept environments"]
    assert found["state"] == "failed"
    assert "none of the encryption keys opens it" in found["why"]


def test_a_database_that_is_none_is_exit_code_5(environment, tmp_path):
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "matinee.db").write_bytes(b"no database at all, by no means" * 40)
    found = seen(environment, code=5)
    assert "not a database" in found["database"]["why"]
    assert found["encryption key"]["state"] == "ok"


def test_a_machine_without_git_is_exit_code_5(environment, tmp_path):
    found = seen({**environment, "PATH": str(tmp_path)}, code=5)
    assert "install git" in found["git"]["advice"]


def test_an_address_that_something_else_has_is_exit_code_5(environment):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        found = seen({**environment, "MATINEE_LISTEN": taken}, code=5)
    assert f"something else listens at {taken}" in found["listen"]["why"]
    assert found["admin listen"]["state"] == "ok"


def test_a_bot_that_serves_is_well_and_none_of_its_secrets_is_shown(world, bot):
    pull = world.repository("acme/shop", {"matinee.yaml": SPEC}).open_pull()
    bot.run("wait", pull.key.environment)
    found = seen(bot.environment, code=0)
    assert {name: check["why"] for name, check in found.items() if check["state"] != "ok"} == {}
    assert found["bot"]["why"] == "a bot serves"
    assert "a bot listens" in found["listen"]["why"]
    assert "as matinee-bot" in found["github token"]["why"]
    assert "deliveries arrived" in found["github acme/shop webhook"]["why"]
    shown = json.dumps(found) + bot.run("doctor")
    assert world.token not in shown
    assert world.secret not in shown


def test_a_bot_that_is_an_app_is_well_and_its_key_is_not_shown(tmp_path):
    memory = {"runner": "memory", "builder": "memory"}
    with GitHubWorld(app=True) as world, Bot(tmp_path / "state", {**memory, **world.settings}) as bot:
        world.hook = bot.hook
        pull = world.repository("acme/shop", {"matinee.yaml": SPEC}).open_pull()
        bot.run("wait", pull.key.environment)
        found = seen(bot.environment, code=0)
        assert {name: check["why"] for name, check in found.items() if check["state"] != "ok"} == {}
        assert "as matinee-bot" in found["github app"]["why"]
        assert "deliveries arrived" in found["github app webhook"]["why"]
        shown = json.dumps(found) + bot.run("doctor") + bot.told()
        assert not any(line in shown for line in world.app.key.splitlines())
        assert not any(issued.token in shown for issued in world.app.issued)


def test_a_token_that_github_does_not_take_is_exit_code_5_and_not_shown(world, bot):
    wrong = {**bot.environment, "MATINEE_GITHUB_TOKEN": "ghs_another"}
    found = seen(wrong, code=5)
    assert found["github token"]["state"] == "failed"
    assert "MATINEE_GITHUB_TOKEN" in found["github token"]["advice"]
    assert "ghs_another" not in json.dumps(found)


def of(world, environment):
    """The settings of a bot that works with this GitHub."""
    return {**environment, **{f"MATINEE_{name.upper()}": value for name, value in world.settings.items()}}


@pytest.mark.parametrize(("ahead", "says"), [(95, "s behind GitHub's"), (-3600, "s ahead of GitHub's")])
def test_a_clock_that_is_not_githubs_is_a_warning(world, environment, ahead, says):
    world.ahead = ahead
    clock = seen(of(world, environment), code=0)["github clock"]
    assert clock["state"] == "warning"
    assert says in clock["why"]


def in_three_days():
    return f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d %H:%M:%S} UTC"


@pytest.mark.parametrize(
    ("header", "value", "says"),
    [
        ("X-OAuth-Scopes", lambda: "read:org, gist", "none lets it write"),
        ("github-authentication-token-expiration", in_three_days, "it ends on"),
    ],
    ids=["scopes", "ends soon"],
)
def test_a_token_that_will_not_do_is_a_warning(world, environment, header, value, says):
    world.headers[header] = value()
    token = seen(of(world, environment), code=0)["github token"]
    assert token["state"] == "warning"
    assert says in token["why"]


def test_deliveries_that_the_bot_refuses_are_a_warning_with_the_reason(world, bot):
    pull = world.repository("acme/shop", {"matinee.yaml": SPEC}).open_pull()
    bot.run("wait", pull.key.environment)
    with world.holding() as held:
        pull.push({"README.md": "newer"})
    held[0].headers["X-Hub-Signature-256"] = "sha256=" + "0" * 64
    assert held[0].redeliver() == 401
    found = seen(bot.environment, code=0)["github acme/shop webhook"]
    assert found["state"] == "warning"
    assert "answered with 401" in found["why"]
    assert "MATINEE_GITHUB_WEBHOOK_SECRET" in found["advice"]


def test_webhooks_that_the_token_may_not_see_are_no_trouble(world, bot):
    pull = world.repository("acme/shop", {"matinee.yaml": SPEC}).open_pull()
    bot.run("wait", pull.key.environment)
    world.fail_next("GET", "/hooks", status=403, message="Resource not accessible by personal access token")
    assert "may not see webhooks" in seen(bot.environment, code=0)["github acme/shop webhook"]["why"]


@pytest.mark.engine
def test_a_real_engine_is_well(environment):
    found = seen({**environment, "MATINEE_RUNNER": "docker", "MATINEE_BUILDER": "docker"}, code=0)
    names = {"docker engine", "companion image", "resource limits", "engine disk", "buildx", "buildkit"}
    assert names <= {*found}
    assert found["docker engine"]["state"] == found["buildx"]["state"] == "ok"


@pytest.mark.engine
def test_an_engine_that_is_not_there_is_exit_code_5_and_said_once(environment):
    dead = {"MATINEE_RUNNER": "docker", "MATINEE_BUILDER": "docker", "DOCKER_HOST": "tcp://127.0.0.1:1"}
    found = seen({**environment, **dead}, code=5)
    failures = {name for name, check in found.items() if check["state"] == "failed"}
    assert failures == {"docker engine", "buildkit"}
    assert "DOCKER_HOST" in found["docker engine"]["advice"]


def test_a_socket_that_is_not_there_is_said_in_plain_words(environment, tmp_path):
    away = {"MATINEE_RUNNER": "docker", "DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}
    found = seen({**environment, **away}, code=5)["docker engine"]
    assert found["why"].endswith("/docker.sock does not answer: [Errno 2] No such file or directory")
    assert found["advice"] == "start it or set DOCKER_HOST"


def test_an_engine_that_says_nothing_is_given_up(environment):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        found = seen({**environment, "MATINEE_RUNNER": "docker", "DOCKER_HOST": host}, code=5)
    assert "does not answer" in found["docker engine"]["why"]


def test_whether_pulls_from_forks_can_be_previewed_is_told_with_what_to_set(environment):
    found = seen(environment, code=0)
    assert found["pulls from forks"]["why"].startswith("they are refused: no builder of the forks' own is set")
    assert "MATINEE_FORK_BUILDER" in found["pulls from forks"]["why"]
    found = seen({**environment, "MATINEE_FORK_BUILDER": "memory"}, code=0)
    assert "once it is approved" in found["pulls from forks"]["why"]
    assert found["memory builder for forks"]["state"] == "ok"


def test_a_wrong_setting_of_the_forks_builder_is_told_by_its_name(environment):
    found = seen({**environment, "MATINEE_FORK_BUILDER": "buildkit"}, code=2)
    assert found["pulls from forks"]["state"] == "failed"
    assert found["pulls from forks"]["why"].startswith("MATINEE_FORK_REGISTRY: not set")

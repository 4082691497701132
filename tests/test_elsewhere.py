"""Builds from other repositories: whose token goes where, what is told where it is refused, and what stays shut."""

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from bot import premises, settings, world
from bot.core.address import Address
from bot.core.errors import Misused, Unavailable
from bot.core.events import Pull, PullKey
from bot.core.model import Build
from bot.core.names import EnvironmentId, Sha
from bot.core.telling.checkup import Check
from bot.gathering.elsewhere import elsewhere
from bot.keeping.credentials import Credentials
from bot.world import World
from builders.base import Commit, Unbuilt
from builders.source import Sources
from tests.docs.snippets import of
from tests.world.git_hosts import CLOUD, DATA_CENTER, GITHUB, GITLAB, KINDS, GitHost, entry, git_host
from tests.world.served import served

TOKEN, OTHER = "tok-0123456789abcdef", "tok-another-987654321"
FILES = {"Dockerfile": "FROM busybox\n", "web/Dockerfile": "FROM busybox\n"}
PULL = Pull(
    key=PullKey(forge="github", repository="7", number=1),
    repository="acme/shop",
    branch="feature",
    head=Sha("a" * 40),
    base="main",
    author="ana",
    open=True,
    fork=False,
)
US = "github:7"


@pytest.fixture
def hosts() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def host(hosts: ExitStack) -> GitHost:
    return started(hosts, GITLAB)


def started(hosts: ExitStack, kind: object) -> GitHost:
    made: GitHost = hosts.enter_context(git_host(kind))
    made.repository("acme/web", FILES, token=TOKEN)
    return made


@pytest.fixture
def opened(tmp_path: Path, host: GitHost, hosts: ExitStack):
    """A world with these lines in the operator's file, and these settings."""

    def open_world(*entries: str, **more: str) -> World:
        file = tmp_path / "build.toml"
        file.write_text("".join(entries))
        ours = {"MATINEE_GITHUB_TOKEN": "ghs_own_of_the_bot", "MATINEE_GITHUB_URL": "https://github.invalid/api/v3"}
        memory = {"MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory", "MATINEE_STATE": str(tmp_path / "state")}
        named = {"MATINEE_BUILD_CREDENTIALS_FILE": str(file)} if entries else {}
        made = world.world(settings.settings({**ours, **memory, **named, **more}))
        hosts.callback(made.inbox.close)
        return replace(made, sources=Sources(tmp_path / "state" / "mirrors", pauses=(0.01,)))

    return open_world


def built(at: World, url: str, *, pull: Pull = PULL, **build: str) -> Commit | Unbuilt:
    return elsewhere(at, pull, Build(repository=url, **build), Event())


def why(found: Commit | Unbuilt) -> str:
    assert isinstance(found, Unbuilt)
    assert TOKEN not in found.why
    return found.why


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_private_repository_of_each_kind_of_host_is_read_with_the_operators_token(hosts, opened, kind):
    host = started(hosts, kind)
    at = opened(entry(host, "acme", TOKEN, US))
    assert built(at, host.url("acme/web")).read("web/Dockerfile", limit=99) == b"FROM busybox\n"
    assert built(at, host.url("acme/web"), ref="main").sha == built(at, host.url("acme/web")).sha


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_token_that_is_refused_is_told_apart_from_a_repository_that_it_may_not_read(hosts, opened, kind):
    host = started(hosts, kind)
    host.repository("acme/vault", FILES, token=OTHER)
    refused = why(built(opened(entry(host, "acme", "tok-of-nobody-at-all", US)), host.url("acme/web")))
    assert "refuses the operator's token; renew the one for" in refused
    assert "tok-of-nobody" not in refused
    at = opened(entry(host, "acme", TOKEN, US))
    private, nowhere = (why(built(at, host.url(name))) for name in ("acme/vault", "acme/nowhere"))
    assert "is not there, or not for the operator's token to read" in private
    assert private.replace("vault", "nowhere") == nowhere


@pytest.mark.parametrize("kind", [GITHUB, CLOUD, DATA_CENTER])
def test_a_token_that_is_sent_in_another_way_than_the_host_takes_is_refused(hosts, opened, kind):
    host = started(hosts, kind)
    other = entry(host, "acme", TOKEN, US).replace(f'user = "{kind.user}"\ntoken', "bearer")
    other = other.replace("bearer", 'user = "x-token-auth"\ntoken') if not kind.user else other
    assert "refuses the operator's token" in why(built(opened(other), host.url("acme/web")))


def test_without_a_token_for_its_repository_a_pull_hears_the_same_of_a_private_repository_and_of_none(host, opened):
    at = opened(entry(host, "acme", TOKEN, "github:8"), MATINEE_BUILD_HOSTS=host.base.removeprefix("http://"))
    told = [why(built(at, host.url(name))) for name in ("acme/web", "acme/nowhere")]
    assert told[0].replace("web", "nowhere") == told[1]
    assert "there is none, or it is private" in told[0]
    assert "give pulls of github:7 a token" in told[0]
    assert not host.sent


def test_a_public_repository_needs_no_token_where_its_host_is_allowed(host, opened):
    host.public.add("acme/web")
    at = opened(MATINEE_BUILD_HOSTS=host.base.removeprefix("http://"))
    assert built(at, host.url("acme/web")).read("Dockerfile", limit=99)
    assert not host.sent


def test_a_host_that_nobody_allowed_is_not_asked_at_all(host, opened):
    host.public.add("acme/web")
    told = why(built(opened(), host.url("acme/web")))
    assert "is no host to build from; the operator can add it to MATINEE_BUILD_HOSTS, or give a token" in told
    assert not host.asked


def test_a_pull_from_a_fork_is_given_no_token(host, opened):
    at = opened(entry(host, "acme", TOKEN, US), MATINEE_BUILD_HOSTS=host.base.removeprefix("http://"))
    assert built(at, host.url("acme/web")).sha
    host.asked.clear()
    fork = replace(PULL, fork=True)
    for ref in ({}, {"ref": "main"}, {"ref": built(at, host.url("acme/web")).sha}):
        host.asked.clear()
        assert "a pull from a fork is given no token" in why(built(at, host.url("acme/web"), pull=fork, **ref))
        assert host.asked
        assert not host.sent
    unlisted = opened(entry(host, "acme", TOKEN, US))
    host.asked.clear()
    assert "is no host to build from for a pull from a fork" in why(built(unlisted, host.url("acme/web"), pull=fork))
    assert not host.asked


def test_what_was_fetched_for_one_repositorys_pulls_is_given_to_no_others_even_by_its_commit(host, opened):
    at = opened(entry(host, "acme", TOKEN, US), MATINEE_BUILD_HOSTS=host.base.removeprefix("http://"))
    sha = built(at, host.url("acme/web")).sha
    stranger = replace(PULL, key=replace(PULL.key, repository="8"))
    assert "not to be read without a token" in why(built(at, host.url("acme/web"), pull=stranger, ref=sha))
    host.revoke(TOKEN)
    assert "refuses the operator's token" in why(built(at, host.url("acme/web"), ref=sha))


def test_the_forges_own_tokens_go_to_no_other_repository(host, hosts, opened):
    neighbour = started(hosts, GITHUB)
    more = {"MATINEE_GITHUB_URL": f"{neighbour.base}/api/v3", "MATINEE_GITLAB_URL": host.base}
    at = opened(**more, MATINEE_GITLAB_TOKEN=TOKEN, MATINEE_GITHUB_TOKEN=TOKEN, MATINEE_BUILD_HOSTS=host.base[7:])
    for each in (host, neighbour):
        assert "not to be read without a token" in why(built(at, each.url("acme/web")))
        assert each.asked
        assert not each.sent


def test_its_own_repository_by_its_address_is_its_own(hosts, opened):
    own = started(hosts, GITHUB)
    own.repository("acme/shop", FILES, token="ghs_own")
    at = opened(MATINEE_GITHUB_URL=f"{own.base}/api/v3", MATINEE_GITHUB_TOKEN="ghs_own")
    assert built(at, own.url("acme/shop")).read("Dockerfile", limit=99)
    assert built(at, own.url("acme/shop").removesuffix(".git")).sha


def test_a_redirect_is_not_followed_and_nothing_is_sent_there(hosts, host, opened):
    evil = started(hosts, GITLAB)
    host.leads["acme/web"] = evil.base
    at = opened(entry(host, "acme", TOKEN, US))
    assert "leads elsewhere, where no build follows" in why(built(at, host.url("acme/web")))
    del host.leads["acme/web"]
    assert "with .git at its end" in why(built(at, host.url("acme/web").removesuffix(".git")))
    assert not evil.asked


def test_a_host_that_is_down_is_no_fault_of_the_pull(host, opened):
    host.broken = True
    with pytest.raises(Unavailable, match="cannot be fetched"):
        built(opened(entry(host, "acme", TOKEN, US)), host.url("acme/web"))


def test_what_a_host_sends_back_of_a_token_is_not_told(hosts, opened):
    def echo(environ: dict[str, str], start: Callable[..., object]) -> list[bytes]:
        given = environ.get("HTTP_AUTHORIZATION", "")
        start("200 OK", [("Content-Type", "application/x-git-upload-pack-advertisement")])
        plain = base64.b64decode(given.rpartition(" ")[2]).decode()
        line = f"ERR you sent {given}, which is {plain}".encode()
        return [b"001e# service=git-upload-pack\n0000%04x%s" % (len(line) + 4, line)]

    base = hosts.enter_context(served(echo))
    lines = f'[[repositories]]\nurl = "{base}/acme"\npulls = ["{US}"]\nuser = "oauth2"\ntoken = "{TOKEN}"\n'
    with pytest.raises(Unavailable, match="you sent Basic •••, which is oauth2:•••") as raised:
        built(opened(lines), f"{base}/acme/web.git")
    assert TOKEN not in str(raised.value)


def test_the_nearest_place_decides_also_where_it_is_for_others_only(host, opened):
    host.repository("acme/vault", FILES, token=TOKEN)
    host.repository("acme/tools/saw", FILES, token=OTHER)
    lines = (
        entry(host, "acme", TOKEN, US),
        entry(host, "acme/vault.git", TOKEN, "github:8"),
        entry(host, "acme/tools", OTHER, US),
    )
    at = opened(*lines)
    assert built(at, host.url("acme/web")).sha
    assert built(at, host.url("acme/tools/saw")).sha
    assert "is no host to build from" in why(built(at, host.url("acme/vault")))


@pytest.mark.parametrize(
    "other",
    [
        "{base}/acme-evil/web.git",
        "{base}/acme.git/web.git",
        "{base}/Acme/web.git",
        "{base}/evil/acme/web.git",
        "{base}/x/acme/web.git",
        "http://127.0.0.1.evil.invalid:{port}/acme/web.git",
        "http://127.0.0.1/acme/web.git",
        "http://localhost:{port}/acme/web.git",
        "https://127.0.0.1:{port}/acme/web.git",
    ],
)
def test_a_token_goes_to_no_address_that_only_looks_like_its_own(host, opened, other):
    host.repository("acme-evil/web", FILES, token=TOKEN)
    at = opened(entry(host, "acme", TOKEN, US))
    url = other.format(base=host.base, port=host.base.rpartition(":")[2])
    assert "is no host to build from" in why(built(at, url))
    assert not host.asked


@pytest.mark.parametrize(
    "written",
    [
        "{base}/acme/../evil/web.git",
        "{base}/acme/./web.git",
        "{base}/acme//web.git",
        "{base}//acme/web.git",
        "{base}/acme/%2e%2e/evil/web.git",
        "{base}/acme%2fweb.git",
        "{base}/%61cme/web.git",
        "{base}/acme/web.git%00",
        "{base}/acme/web.git?service=x",
        "{base}/acme/web.git#x",
        "{base}/acme/web.git;x",
        "{base}\\@evil.invalid/acme/web.git",
        "http://127.0.0.1:{port}@evil.invalid/acme/web.git",
        "http://oauth2@127.0.0.1:{port}/acme/web.git",
        "http://127.0.0.1:{port}:80/acme/web.git",
        "{base}.evil.invalid/acme/web.git",
        "{base}0/acme/web.git",
        "http://127.0.0.1.:{port}/acme/web.git",
        "ssh://127.0.0.1/acme/web.git",
        "file:///etc/acme/web.git",
        "HTTP://127.0.0.1:{port}/acme/web.git",
        "http://127.0.0.1:{port}/acme/wéb.git",
        "http://127.0.0.1:{port}\n/acme/web.git",
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_none(host, opened, written):
    url = written.format(base=host.base, port=host.base.rpartition(":")[2])
    with pytest.raises(ValueError, match="repository"):
        Build(repository=url)
    unchecked = Build.model_construct(repository=url)
    assert "is no address" in why(elsewhere(opened(entry(host, "acme", TOKEN, US)), PULL, unchecked, Event()))
    assert not host.asked


def test_the_same_host_is_the_same_however_it_is_written(hosts, opened):
    at = opened(f'[[repositories]]\nurl = "https://Forge.example:443/acme"\npulls = ["{US}"]\nbearer = "{TOKEN}"\n')

    for url in ("https://FORGE.example/acme/web", "https://forge.example:443/acme/web.git/"):
        assert at.grants.of(US, Address.read(url)) is not None
    for url in (
        "http://forge.example/acme/web",
        "https://forge.example:444/acme/web",
        "https://forge.example/acme-x/w",
    ):
        assert at.grants.of(US, Address.read(url)) is None


def test_a_token_that_is_changed_counts_from_the_next_build_on(host, opened, tmp_path):
    at = opened(entry(host, "acme", OTHER, US))
    assert "refuses" in why(built(at, host.url("acme/web")))
    (tmp_path / "build.toml").write_text(entry(host, "acme", TOKEN, US))
    assert built(at, host.url("acme/web")).sha


def test_a_ref_that_there_is_not_is_named_with_its_repository(host, opened):
    at = opened(entry(host, "acme", TOKEN, US))
    told = why(built(at, host.url("acme/web"), ref="3f2c1aa"))
    assert told.startswith(f"{host.url('acme/web')} has no branch, tag or commit 3f2c1aa; ")
    assert "has no commit" in why(built(at, host.url("acme/web"), ref="b" * 40))


GOOD = 'url = "https://forge.example/acme"\npulls = ["github:7"]\nbearer = "tok-0123"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is no TOML"),
        ("", "nothing but tables"),
        ("x = 1", "nothing but tables"),
        ("repositories = [1]", "1: it is no table"),
        (f"[[repositories]]\n{GOOD}tokn = 'tok-0123'", "'tokn' is none of bearer, check"),
        (f"[[repositories]]\n{GOOD.replace('https', 'ssh')}", "url is no address"),
        (f"[[repositories]]\n{GOOD.replace('forge', 'me:tok-0123@forge')}", "url is no address"),
        (f"[[repositories]]\n{GOOD.replace('github:7', '*')}", "'\\*' is no repository; write it like github:1296269"),
        (f"[[repositories]]\n{GOOD.replace('github:7', 'acme/shop')}", "'acme/shop' is no repository"),
        ("[[repositories]]\n" + GOOD.replace('"github:7"', ""), "pulls lists whose pulls"),
        (f"[[repositories]]\n{GOOD}user = 'x'", "give user and token, or bearer alone"),
        (f"[[repositories]]\n{GOOD.replace('tok-0123', 'tok-0123 ')}", "bearer is no text of one line"),
        (f"[[repositories]]\n{GOOD.replace('bearer', 'token')}user = 'a:b'", "user is no text .* colons"),
        (f"[[repositories]]\n{GOOD}check = 'https://other.example/acme/web'", "check is no repository below url"),
        (f"[[repositories]]\n{GOOD}[[repositories]]\n{GOOD}", "github:7 has two tokens for https://forge.example/acme"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_place_and_without_a_token(opened, tmp_path, text, says):
    at = opened("x")
    (tmp_path / "build.toml").write_text(text)
    with pytest.raises(Misused, match=says) as refused:
        built(at, "https://forge.example/acme/web.git")
    assert f"MATINEE_BUILD_CREDENTIALS_FILE: {tmp_path / 'build.toml'}" in str(refused.value)
    assert "tok-0123" not in str(refused.value)


def test_a_file_that_is_not_there_is_told(opened, tmp_path):
    at = opened("x")
    (tmp_path / "build.toml").unlink()
    with pytest.raises(Misused, match="cannot be read: No such file"):
        built(at, "https://forge.example/acme/web.git")


def test_the_file_that_the_page_shows_is_one_with_each_kind_of_token(opened, tmp_path):
    (shown,) = [each for each in of("toml") if each.page.name == "elsewhere.md"]
    at = opened("x")
    (tmp_path / "build.toml").write_text(shown.text.replace("…", "0123"))
    headers = [grant.header.split(" ")[1] for grant in at.grants.all()]
    assert headers == ["Basic", "Basic", "Basic", "Bearer"]
    assert [bool(grant.check) for grant in at.grants.all()] == [True, True, True, False]


def test_the_images_file_that_the_page_shows_keeps_an_entry_for_one_repository(tmp_path):
    (shown,) = [each for each in of("json") if each.page.name == "elsewhere.md"]
    (tmp_path / "config.json").write_text(shown.text)
    file = Credentials(setting="registry_pull_credentials_file", file=tmp_path / "config.json")
    image = "registry.gitlab.example/acme/web:1"
    assert file.of(EnvironmentId("github-1296269-1")).login(image)["username"] == "gitlab+deploy-token-1"
    assert not file.of(EnvironmentId("github-7-1")).login(image)
    assert file.login("registry.example/acme/web")["username"] == "acme-bot"
    assert file.login("acme/web")["username"] == "acme"


def looked(at: World, file: Path) -> dict[str, Check]:
    """What `matinee doctor` says of the file, by name."""
    return {each.name: each for each in premises.grants({"build_credentials_file": str(file)}, at.sources)}


def test_the_doctor_tries_each_token_where_it_can(hosts, host, opened, tmp_path):
    other = started(hosts, DATA_CENTER)
    broken = started(hosts, CLOUD)
    at = opened(
        entry(host, "acme/web.git", TOKEN, US),
        entry(host, "acme", TOKEN, US, check="acme/nowhere"),
        entry(other, "acme", "tok-of-nobody-at-all", US, check="acme/web"),
        entry(broken, "acme", TOKEN, US, check="acme/web"),
        f'[[repositories]]\nurl = "https://forge.example/acme"\npulls = ["{US}"]\nbearer = "{TOKEN}"\n',
    )
    broken.broken = True
    file = tmp_path / "build.toml"
    file.chmod(0o600)
    found = looked(at, file)
    assert found["build credentials"].why == f"5 tokens in {file}"
    assert "without TLS" in found[f"token for {host.base}/acme/web.git"].why
    assert "is not there, or not for it to read (404)" in found[f"token for {host.base}/acme"].why
    assert "acme/web.git refuses it" in found[f"token for {other.base}/scm/acme"].why
    assert "cannot be fetched" in found[f"token for {broken.base}/acme"].why
    assert found["token for https://forge.example/acme"].why == "for pulls of github:7; not tried"
    assert "check = " in found["token for https://forge.example/acme"].advice
    assert not any(secret in str(found) for secret in (TOKEN, "tok-of-nobody"))
    file.chmod(0o640)
    assert found.keys() == looked(at, file).keys()
    assert "can be read by others" in looked(at, file)["build credentials"].why

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Misused
from bot.core.group import Exposure, Group, Task
from bot.core.model import Hook
from bot.core.names import EnvironmentId, Name
from runners._kubernetes import names
from runners._kubernetes.addresses import address
from runners._kubernetes.attempt import Attempt, pod
from runners._kubernetes.container import literally, part, unfit
from runners._kubernetes.terms import Terms, terms
from tests.runners.kubernetes_manifests import ALL, HOME, LABELS, MANIFESTS, SEED, WEB, shown


@pytest.mark.parametrize("name", ALL)
def test_a_manifest_is_what_was_agreed_on(name: str) -> None:
    assert shown(ALL[name]) == (MANIFESTS / f"{name}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("max_duration", [1, 300, 86_400])
def test_what_a_job_left_is_held_for_ten_minutes_at_least_however_long_it_took(max_duration: int) -> None:
    before = Task(name=Name("init"), image="i", hook=Hook.PRESTART, restarts=2, max_duration=120)
    group = replace(SEED, tasks=(before,), max_duration=max_duration)
    attempt = Attempt(home=HOME, group=group, number=1, terms=Terms(), companion="busybox")
    assert pod(attempt, None)["activeDeadlineSeconds"] >= max_duration + 3 * 120 + 600


def test_no_value_that_a_container_is_given_is_in_its_pod() -> None:
    body = str(part(WEB, Terms(), labels=LABELS).body)
    assert "hunter2" not in body
    assert "level=debug" not in body
    assert "hunter2" not in repr(part(WEB, Terms(), labels=LABELS).secrets[0]["metadata"])


def test_what_is_too_much_for_one_secret_is_given_in_several() -> None:
    many = Group(name=Name("web"), image="i", version="v", variables={f"N{n}": "x" * 100_000 for n in range(15)})
    secrets = part(many, Terms(), labels=LABELS).secrets
    assert len(secrets) == 3
    assert [key for secret in secrets for key in secret["data"]] == list(many.variables)


def expanded(word: str) -> str:
    """What the cluster makes of `$$`; nothing else begins an expansion after it."""
    return word.replace("$$", "$")


@given(st.text(alphabet="$()A b"))
def test_a_word_of_a_command_comes_out_as_it_went_in(word: str) -> None:
    [written] = literally([word])
    assert expanded(written) == word
    assert "$(" not in written.replace("$$", "")


@given(st.from_regex(r"[a-z][a-z0-9-]{0,90}[a-z0-9]", fullmatch=True), st.integers(20, 63))
def test_a_name_that_is_too_long_is_cut_and_stays_its_own(name: str, longest: int) -> None:
    fitted = names.fitted(name, longest)
    assert len(fitted) <= longest
    assert fitted[-1] != "-"
    assert len(name) > longest or fitted == name
    assert len(name) <= longest or names.fitted(name + "x", longest) != fitted


def test_a_user_that_is_a_name_is_refused_before_anything_runs() -> None:
    ended = unfit(Group(name=Name("web"), image="i", version="v", user="nginx"))
    assert ended is not None
    assert "'nginx' is a name" in ended.detail
    assert unfit(WEB) is None


@pytest.mark.parametrize(
    ("settings", "exposure", "url"),
    [
        ({}, Exposure(port=80, public=True), "http://web:80"),
        ({"domain": "p.example"}, Exposure(port=80, public=False), "http://web:80"),
        ({"domain": "p.example"}, Exposure(port=80, public=True), "http://web-github-27961353-7.p.example"),
        (
            {"domain": "p.example", "ingress_tls": "default"},
            Exposure(port=80, public=True),
            "https://web-github-27961353-7.p.example",
        ),
        ({"domain": "p.example"}, Exposure(port=80, public=True, domain="shop.example.com"), "http://shop.example.com"),
        ({}, Exposure(port=80, public=True, domain="shop.example.com"), "http://shop.example.com"),
        ({"domain": "p.example"}, Exposure(port=None, public=False), ""),
    ],
    ids=["no domain", "not public", "public", "by TLS", "a host of its own", "that needs no domain", "no port"],
)
def test_a_service_is_reached_at(settings: dict[str, str], exposure: Exposure, url: str) -> None:
    assert address(terms(settings), HOME, Name("web"), exposure).url == url


def test_a_host_is_never_longer_than_a_label_may_be() -> None:
    home = type(HOME)(environment=EnvironmentId(f"github-{'9' * 32}-1234567890"), generation=1)
    url = address(terms({"domain": "p.example"}), home, Name("w" * 40), Exposure(port=80, public=True)).url
    assert len(url.removeprefix("http://").split(".")[0]) <= 63


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"pod_security": "lax"}, "MATINEE_POD_SECURITY: 'lax' is none of baseline, restricted"),
        ({"kubernetes_requests": "cpu=2"}, "MATINEE_KUBERNETES_REQUESTS: cpu=2 is no share"),
        ({"kubernetes_pending": "2m"}, "MATINEE_KUBERNETES_PENDING: '2m' is no whole number of seconds above 0"),
        ({"kubernetes_requests": "cpu"}, "MATINEE_KUBERNETES_REQUESTS: 'cpu' has no value"),
        ({"kubernetes_quota": "pods"}, "MATINEE_KUBERNETES_QUOTA: 'pods' has no value"),
        ({"egress": "everywhere"}, "MATINEE_EGRESS: 'everywhere' is no network"),
        ({"fork_egress": "everywhere"}, "MATINEE_FORK_EGRESS: 'everywhere' is no network"),
    ],
    ids=["security", "share", "seconds", "no share", "quota", "network", "network of forks"],
)
def test_a_setting_that_cannot_be_is_refused_by_name(settings: dict[str, str], why: str) -> None:
    with pytest.raises(Misused, match=why):
        terms(settings)

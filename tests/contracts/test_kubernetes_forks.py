"""An environment of a pull from a fork: on the strictest terms all of the contract is kept, and nobody relaxes them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.group import Address, Ended, Fate, Probe, ProbeKind, Unfit, Up
from bot.core.model import Hook
from bot.core.names import Name, Url
from runners._kubernetes import names
from runners._kubernetes.ground import Ground
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Kind, labels_of
from runners._kubernetes.terms import Terms
from tests.contracts import test_job_groups, test_job_outputs, test_patterns, test_runners, test_service_groups
from tests.contracts.kubernetes_fixtures import api, by_admin, ground
from tests.contracts.runner_fixtures import OUTPUT, Place, placed
from tests.world import cluster

pytestmark = [pytest.mark.engine, pytest.mark.cluster]
KEPT = (
    test_patterns.test_an_init_task_waits_for_a_service_before_the_main_starts,
    test_patterns.test_a_companion_reads_what_the_main_writes_for_as_long_as_it_lives,
    test_patterns.test_a_cleanup_task_runs_after_the_main_however_it_ended,
    test_service_groups.test_a_service_goes_through_its_hooks,
    test_service_groups.test_a_replaced_version_owes_its_poststop_tasks_and_a_bad_one_its_own,
    test_job_groups.test_prestart_sidecars_start_first_then_the_others_one_after_the_other_as_written,
    test_job_groups.test_a_prestart_task_is_tried_again_as_often_as_it_may,
    test_job_groups.test_tasks_share_the_network_and_alloc_with_their_job_whoever_they_run_as,
    test_job_groups.test_each_task_has_its_own_variables_and_files_read_only_for_any_user,
    test_job_groups.test_the_port_of_a_job_is_told_when_it_answers,
    test_job_outputs.test_each_attempt_begins_with_an_empty_output_folder,
    test_runners.test_a_new_version_of_a_service_with_a_volume_finds_its_data,
)
ENFORCED = "pod-security.kubernetes.io/enforce"


def of_fork(place: Place) -> Place:
    """The place as one of a fork, whose images do not run as root."""
    return replace(place, user="1000", home=replace(place.home, fork=True))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    for one in placed("kubernetes", str(tmp_path_factory.mktemp("state"))):
        yield of_fork(one)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Place]:
    for one in placed("kubernetes", str(tmp_path)):
        yield of_fork(one)


@pytest.fixture
def hold(place: Place, tmp_path: Path) -> Hold:
    """As another bot has it, which does not know whose pull it is."""
    place.runner.remember(place.home, place.standing())
    return ground(tmp_path / "another").hold(replace(place.home, fork=False))


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.__name__.removeprefix("test_"))
def test_what_holds_for_all_environments_holds_for_it(place: Place, kept: Callable[[Place], None]) -> None:
    kept(place)


def test_its_services_listen_below_1024_without_being_root(place: Place) -> None:
    script = "mkdir -p /tmp/low; id -u > /tmp/low/index.html; exec httpd -f -p 80 -h /tmp/low"
    probe = Probe(kind=ProbeKind.HTTP, port=80, path="/", every=0.2)
    web = place.service(script, name="low", health=probe, address=Address(host="low", port=80, url=Url("")))
    assert place.start(web) == Up(changed=True)
    assert place.run(place.job("wget -q -O - http://low/")).succeeded
    assert place.lines == ["1000"]


def test_an_output_file_of_its_own_user_is_read_though_nobody_else_may(place: Place) -> None:
    ended = place.run(place.job(f"umask 077; echo well > {OUTPUT}"))
    assert ended == Ended(fate=Fate.EXITED, code=0, output=b"well\n")


def test_an_output_file_that_is_closed_to_its_own_user_says_how_to_write_it(place: Place) -> None:
    ended = place.run(place.job(f"echo well > {OUTPUT}; chmod 000 {OUTPUT}"))
    assert isinstance(ended.output, Unfit)
    assert "chmod a+r" in ended.output.why


def test_volumes_are_writable_for_whoever_its_containers_run_as(place: Place) -> None:
    bye = place.task("bye", "cat /alloc/it > /alloc/more; cat /alloc/more; id -G", Hook.POSTSTOP, user="2000")
    job = place.job("echo kept > /alloc/it", tasks=(bye,))
    assert place.finish(job, place.run(job)) == ()
    assert place.lines[0] == "bye | kept"
    assert place.user in place.lines[1].split()  # the group that owns the volume


@pytest.mark.parametrize("user", [None, "0"], ids=["the image's own", "by its number"])
def test_root_is_refused_with_the_reason(place: Place, user: str | None) -> None:
    for ended in (place.run(place.job("true", user=user)), place.start(place.service("sleep 600", user=user))):
        assert isinstance(ended, Ended)
        assert ended.fate is Fate.NOT_STARTED
        assert "run as root" in ended.detail or "runAsUser=0" in ended.detail


def test_a_bot_that_does_not_know_whose_it_is_keeps_to_its_terms(fresh: Place, tmp_path: Path) -> None:
    fresh.runner.remember(fresh.home, fresh.standing())
    unknowing = replace(fresh, user=None, home=replace(fresh.home, fork=False))
    ended = unknowing.run(unknowing.job("true"))
    assert ended.fate is Fate.NOT_STARTED
    assert "root" in ended.detail
    relaxed = Ground(api(tmp_path / "relaxed"), Terms(security="baseline"))
    namespace = relaxed.standing(replace(unknowing.home, generation=2))
    assert labels_of(namespace).items() >= {names.TRUST: names.FORKS, ENFORCED: "restricted"}.items()
    assert relaxed.hold(replace(unknowing.home, generation=2)).terms.restricted


def test_it_calls_nobody_but_itself_and_dns_unless_the_operator_says_so(place: Place, hold: Hold) -> None:
    [policy] = by_admin(hold).listed(Kind.POLICY)
    inside, dns = policy["spec"]["egress"]
    assert inside == {"to": [{"podSelector": {}}]}
    assert {port["port"] for port in dns["ports"]} == {53}


def test_a_host_of_its_own_is_refused_before_anything_changes(place: Place, hold: Hold) -> None:
    address = Address(host="claims", port=8080, url=Url("https://www.example.com"))
    ended = place.start(place.web("hello", name="claims", address=address))
    assert isinstance(ended, Ended)
    assert "www.example.com" in ended.detail
    assert "fork" in ended.detail
    assert hold.listed(Kind.DEPLOYMENT, service="claims") == hold.listed(Kind.SERVICE, service="claims") == ()


def test_it_is_told_apart_and_removed_by_whoever_knows_nothing_of_it(fresh: Place) -> None:
    fresh.runner.remember(fresh.home, fresh.standing())
    [home] = [home for home in fresh.runner.homes() if home.environment == fresh.home.environment]
    assert home == fresh.home
    assert fresh.start(fresh.web("hello", name=Name("web"))) == Up(changed=True)
    assert fresh.runner.remove(replace(home, fork=False), log=print).objects == ()
    assert fresh.runner.recall(home) is None


def test_what_turns_out_to_be_of_a_fork_is_on_its_terms_from_then_on(fresh: Place) -> None:
    before = replace(fresh, user=None, home=replace(fresh.home, fork=False))
    assert before.run(before.job("id -u")).succeeded
    assert fresh.run(fresh.job("id -u")).succeeded
    assert fresh.lines == ["1000"]
    namespaces = cluster.client().resources.get(api_version="v1", kind="Namespace")
    assert namespaces.get(name=f"matinee-{fresh.home.environment}").metadata.labels[ENFORCED] == "restricted"
    assert before.run(before.job("id -u")).fate is Fate.NOT_STARTED

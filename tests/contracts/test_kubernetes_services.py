"""What only the Kubernetes runner promises of services: its objects, their door to the world, refusals told whole."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import plugins
from bot.core.errors import Overtaken
from bot.core.group import Address, Ended, Ending, Fate, Group, Home, Probe, ProbeKind, Result, Task, Up
from bot.core.model import Hook
from bot.core.names import Name, Url
from runners._kubernetes import names
from runners._kubernetes.exec import Spot, execute
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, labels_of, name_of, uid_of
from runners._kubernetes.poststop import Farewell, performed
from tests.contracts.kubernetes_fixtures import ground, owners, until
from tests.contracts.runner_fixtures import Place, environment, facts, placed, settings_for
from tests.world import cluster

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

UP = Up(changed=True)
TCP = Probe(kind=ProbeKind.TCP, port=8080, every=0.2)
TOLD = 'echo "$MATINEE_RESULT"'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def hold(place: Place, tmp_path: Path) -> Hold:
    """What another process sees there."""
    return ground(tmp_path).hold(place.home)


@pytest.fixture
def on_terms(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Environments of an operator who has set this and that."""
    made: list[Place] = []

    def place(**settings: str) -> Place:
        state = str(tmp_path / str(len(made)))
        runner: Any = plugins.create(
            "runners", "kubernetes", {"state": state, **settings_for("kubernetes"), **settings}
        )
        made.append(Place(runner=runner, image=cluster.busybox(), home=Home(environment=environment(), generation=1)))
        return made[-1]

    yield place
    for each in made:
        assert each.runner.remove(replace(each.home, generation=10**6), log=print).objects == ()


def public(group: Group, host: str) -> Group:
    """The same service, for the world to see."""
    return replace(group, address=Address(host=group.name, port=8080, url=Url(f"https://{host}")))


def there(hold: Hold, kind: Kind, **of: str) -> Body:
    [body] = hold.listed(kind, **of)
    return body


def test_a_service_is_a_deployment_with_a_name_and_all_carry_whose_they_are(place: Place, hold: Hold) -> None:
    web = place.web("hello", name="web", variables={"KEY": "hunter2"})
    assert place.start(web) == UP
    made = {kind: there(hold, kind, service="web") for kind in (Kind.DEPLOYMENT, Kind.SERVICE, Kind.POD)}
    for kind, body in made.items():
        assert labels_of(body)[names.ENVIRONMENT] == place.home.environment, kind
        assert labels_of(body)[names.MANAGED] == "matinee", kind
    assert owners(made[Kind.DEPLOYMENT]) == owners(made[Kind.SERVICE]) == ["generation-1"]
    assert made[Kind.SERVICE]["spec"]["ports"] == [
        {"name": "port-8080", "port": 8080, "protocol": "TCP", "targetPort": 8080}
    ]
    assert "hunter2" not in str(made)
    assert hold.listed(Kind.INGRESS) == ()


def test_a_version_that_is_replaced_leaves_nothing_of_its_own(place: Place, hold: Hold) -> None:
    for page in ("one", "two"):
        assert place.start(place.web(page, name="twice", variables={"PAGE": page})) == UP
    deployment = there(hold, Kind.DEPLOYMENT, service="twice")
    assert {labels_of(body)[names.GROUP] for body in hold.listed(Kind.SECRET, service="twice")} == {name_of(deployment)}
    until(lambda: len(hold.listed(Kind.POD, service="twice")) == 1, "the pod before to be gone")


def test_a_public_service_has_a_door_on_the_terms_of_the_operator(
    on_terms: Callable[..., Place], tmp_path: Path
) -> None:
    place = on_terms(ingress_class="nginx", ingress_tls="wildcard", ingress_annotations="example.com/body=8m")
    web = place.web("hello", name="web")
    assert place.start(public(web, "web-1.preview.test")) == UP
    hold = held(place, tmp_path)
    door = there(hold, Kind.INGRESS, service="web")
    assert door["metadata"]["annotations"] == {"example.com/body": "8m"}
    assert door["spec"]["ingressClassName"] == "nginx"
    assert door["spec"]["tls"] == [{"hosts": ["web-1.preview.test"], "secretName": "wildcard"}]
    [rule] = door["spec"]["rules"]
    assert rule["host"] == "web-1.preview.test"
    assert rule["http"]["paths"][0]["backend"]["service"] == {"name": "web", "port": {"number": 8080}}

    assert place.start(public(replace(web, version="two"), "shop.example.com")) == UP
    assert there(hold, Kind.INGRESS)["spec"]["rules"][0]["host"] == "shop.example.com"
    place.stop(web.name)
    assert there(hold, Kind.INGRESS)
    assert place.start(replace(web, version="three")) == UP
    assert hold.listed(Kind.INGRESS) == ()


def test_volumes_are_claims_of_the_size_asked_for_that_outlive_the_service(place: Place, hold: Hold) -> None:
    db = place.service("exec sleep 600", name="db", volumes={"/data": 2**20})
    assert place.start(db) == UP
    claim = there(hold, Kind.CLAIM, service="db")
    assert claim["spec"]["resources"]["requests"]["storage"] == str(2**20)
    assert names.VERSION not in labels_of(claim)
    place.runner.discard(place.home, db.name, log=print)
    assert uid_of(there(hold, Kind.CLAIM, service="db")) == uid_of(claim)
    assert hold.listed(Kind.SERVICE, service="db") == hold.listed(Kind.DEPLOYMENT, service="db") == ()
    place.runner.empty(place.home, db.name)
    assert hold.listed(Kind.CLAIM, service="db") == ()


def test_the_command_of_a_probe_is_asked_as_it_is_written(place: Place) -> None:
    asks = Probe(
        kind=ProbeKind.EXEC, command=("sh", "-c", 'test "$$" -gt 0 && test "$(echo $(echo a))" = a'), every=0.2
    )
    assert place.start(place.service("exec sleep 600", name="asked", health=asks, max_duration=10)) == UP


def test_a_service_without_a_port_has_a_name_all_the_same(place: Place, hold: Hold) -> None:
    worker = place.service("mkdir /www; echo works > /www/index.html; exec httpd -f -p 8080 -h /www", name="worker")
    assert place.start(worker) == UP
    assert there(hold, Kind.SERVICE, service="worker")["spec"]["clusterIP"] == "None"
    assert place.fetched(worker.name) == "works"
    assert place.start(place.web("hello", name="worker")) == UP
    assert place.fetched(Name("worker")) == "hello"


def test_another_bot_finds_a_version_serving_and_leaves_it_untouched(place: Place, hold: Hold, tmp_path: Path) -> None:
    web = place.web("hello", name="found", tasks=(place.task("after", "true", Hook.POSTSTART),))
    assert place.start(web) == UP
    before = there(hold, Kind.POD, service="found")
    assert beside(place, tmp_path).start(web) == Up(changed=False)
    assert uid_of(there(hold, Kind.POD, service="found")) == uid_of(before)


def test_a_pod_that_the_cluster_made_anew_is_given_its_poststart_tasks_at_the_next_start(
    place: Place, hold: Hold
) -> None:
    web = place.web("hello", name="anew", tasks=(place.task("after", "echo after", Hook.POSTSTART),))
    assert place.start(web) == UP
    old = there(hold, Kind.POD, service="anew")
    hold.delete(Kind.POD, name_of(old), grace=0)
    until(lambda: [uid_of(body) for body in hold.listed(Kind.POD, service="anew")] != [uid_of(old)], "another pod")
    assert place.start(web) == UP
    assert len(there(hold, Kind.POD, service="anew")["spec"]["ephemeralContainers"]) == 1
    assert place.start(web) == Up(changed=False)


@pytest.mark.parametrize(
    ("settings", "other", "why"),
    [
        ({"kubernetes_quota": "limits.memory=64Mi"}, {"memory": 128 * 2**20}, "exceeded quota"),
        ({"pod_security": "restricted"}, {"user": "0"}, "runAsUser=0"),
    ],
    ids=["quota", "security"],
)
def test_what_the_cluster_would_not_take_is_told_whole_before_anything_changes(
    on_terms: Callable[..., Place], tmp_path: Path, settings: dict[str, str], other: dict[str, Any], why: str
) -> None:
    place = on_terms(**settings)
    place.runner.remember(place.home, place.standing())
    hold = held(place, tmp_path)
    db = place.service("exec sleep 600", name="db", volumes={"/data": 2**20}, **{"variables": {"A": "b"}, **other})
    ended = place.start(db)
    assert isinstance(ended, Ended)
    assert ended.fate is Fate.NOT_STARTED
    assert why in ended.detail
    kinds = (Kind.DEPLOYMENT, Kind.SERVICE, Kind.SECRET, Kind.CLAIM, Kind.POD)
    assert [hold.listed(kind, service="db") for kind in kinds] == [()] * len(kinds)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"cpu": 25.0}, "insufficient cpu"),
        ({"image": "sha256:" + "1" * 64}, "no such image"),
        ({"user": "nginx"}, "'nginx' is a name"),
    ],
    ids=["no node is large enough", "no such image", "a user by name"],
)
def test_what_never_begins_says_why(place: Place, other: dict[str, Any], why: str) -> None:
    ended = place.start(place.service("exec sleep 600", max_duration=2, **other))
    assert isinstance(ended, Ended)
    assert ended.fate is Fate.NOT_STARTED
    assert why in ended.detail.lower()


def test_a_service_that_takes_too_much_memory_is_out_of_it(place: Place) -> None:
    ended = place.start(place.service("tail /dev/zero", memory=16 * 2**20))
    assert facts(ended)[0] is Fate.OUT_OF_MEMORY


def test_a_prestart_task_over_its_time_has_its_other_tries_in_other_pods(place: Place) -> None:
    init = place.task("init", "echo tries; sleep 60", Hook.PRESTART, max_duration=1, restarts=1)
    assert facts(place.start(place.web("hello", tasks=(init,)))) == (Fate.TIMED_OUT, "init", 137)
    assert place.lines == ["init | tries"] * 2


def test_nobody_who_asks_meets_a_version_that_is_gone(place: Place) -> None:
    def version(page: str) -> Group:
        page = f"mkdir -p /www; echo {page} > /www/index.html; httpd -p 8080 -h /www"
        script = f"trap 'exit 0' TERM; {page}; while true; do sleep 0.1; done"
        return place.service(script, name="live", health=TCP)

    asks = "while true; do wget -q -O - http://live:8080/ 2>/dev/null || echo nobody; usleep 10000; done"
    pages = ["one", "two", "three", "four"]
    assert place.start(version("one")) == UP
    client = place.service(asks, name="client")
    assert place.start(client) == UP
    for page in pages[1:]:  # a node that has just followed takes its time until it does again
        assert place.start(version(page)) == UP
    until(lambda: said(place, client.name).count("four") > 50, "the last version to stay")
    assert list(dict.fromkeys(said(place, client.name))) == pages


def test_the_lines_of_a_service_are_followed_over_its_restarts_until_it_ends(place: Place, hold: Hold) -> None:
    ends = "httpd -p 8080; until test -e /data/go; do sleep 0.1; done; exit 1"
    script = f"echo begins; test -e /data/once && exec sleep 600; : > /data/once; {ends}"
    more = place.task("more", "echo more; exec sleep 600")
    talks = place.service(script, name="talks", volumes={"/data": 2**20}, tasks=(more,))
    assert place.start(talks) == UP
    heard: list[str] = []
    follower = threading.Thread(target=lambda: hear(place, talks.name, heard), daemon=True)
    follower.start()
    [pod] = hold.listed(Kind.POD, service=talks.name)
    spot = Spot(namespace=hold.namespace, pod=name_of(pod), container=names.OWN)
    assert execute(hold.api, spot, ["touch", "/data/go"]).code == 0
    until(lambda: sorted(heard) == ["begins", "begins", "more | more"], "the lines of its second run")
    place.stop(talks.name)
    follower.join(30)
    assert not follower.is_alive()
    assert sorted(heard) == ["begins", "begins", "more | more"]


def test_an_old_bot_that_wakes_up_late_in_a_start_leaves_what_a_newer_one_made(fresh: Place, tmp_path: Path) -> None:
    slow = fresh.service("echo began; sleep 600", name="web", health=TCP, max_duration=60)
    new = beside(fresh, tmp_path, generation=2)
    with ThreadPoolExecutor(1) as hands:
        late = hands.submit(fresh.start, slow)
        until(lambda: fresh.lines == ["began"], "the old bot to wait for its version")
        new.runner.remember(new.home, new.standing())
        web = new.web("newer", name="web")
        assert new.start(web) == UP
        with pytest.raises(Overtaken):
            late.result(30)
    with pytest.raises(Overtaken):
        fresh.start(slow)
    assert new.fetched(web.name) == "newer"
    assert new.start(web) == Up(changed=False)


def test_what_an_old_bot_owed_when_it_was_overtaken_in_a_stop_the_newer_one_does(fresh: Place, tmp_path: Path) -> None:
    script = "trap 'sleep 2; exit 0' TERM; httpd -p 8080; while true; do sleep 0.1; done"
    web = fresh.service(script, name="web", health=TCP, tasks=(fresh.task("bye", TOLD, Hook.POSTSTOP),))
    assert fresh.start(web) == UP
    new = beside(fresh, tmp_path, generation=2)
    seen = ground(tmp_path / "seen")
    hold = seen.hold(fresh.home)
    with ThreadPoolExecutor(1) as hands:
        late = hands.submit(fresh.stop, web.name)
        until(lambda: hold.listed(Kind.DEPLOYMENT) == (), "the old bot to wait for the last pod")
        new.runner.remember(new.home, new.standing())
        with pytest.raises(Overtaken):
            late.result(60)
    assert new.start(new.web("next", name="web")) == UP
    assert [*fresh.lines, *new.lines] == ["bye | stopped"]


def test_what_a_killed_bot_still_owed_is_done_at_the_next_start(place: Place, hold: Hold) -> None:
    owing = place.web("old", name="killed", tasks=(place.task("bye", TOLD, Hook.POSTSTOP),))
    assert place.start(owing) == UP
    hold.delete(Kind.DEPLOYMENT, name_of(there(hold, Kind.DEPLOYMENT, service="killed")))
    assert place.start(owing) == UP
    assert place.lines == ["bye | stopped"]
    hold.delete(Kind.DEPLOYMENT, name_of(there(hold, Kind.DEPLOYMENT, service="killed")))
    assert place.start(place.web("new", name="killed")) == UP
    assert place.lines == ["bye | replaced"]
    assert hold.listed(Kind.CONFIG, service="killed") == ()


def test_what_a_killed_bot_left_of_a_version_goes_at_the_next_start(place: Place, hold: Hold) -> None:
    def version(page: str, *tasks: Task) -> Group:
        return place.web(page, name="left", variables={"PAGE": page}, tasks=tasks)

    assert place.start(version("one")) == UP
    hold.delete(Kind.DEPLOYMENT, name_of(there(hold, Kind.DEPLOYMENT, service="left")))
    assert place.start(version("two", place.task("bye", TOLD, Hook.POSTSTOP))) == UP
    [owing] = [labels_of(body)[names.GROUP] for body in hold.listed(Kind.CONFIG, service="left")]
    hold.delete(Kind.DEPLOYMENT, owing)
    performed(Farewell(hold=hold, ending=Ending(result=Result.REPLACED), log=print), owing)
    assert place.start(version("three")) == UP
    serving = name_of(there(hold, Kind.DEPLOYMENT, service="left"))

    def left() -> set[str]:
        kinds = (Kind.DEPLOYMENT, Kind.SECRET, Kind.CONFIG, Kind.CLAIM, Kind.JOB)
        return {labels_of(body)[names.GROUP] for kind in kinds for body in hold.listed(kind, service="left")}

    until(lambda: left() == {serving}, "all of the versions before to go")


def held(place: Place, folder: Path) -> Hold:
    """What another process sees of an environment that is there, on whatever terms."""
    hold = ground(folder / "held").held(place.home)
    assert hold is not None
    return hold


def said(place: Place, name: Name) -> list[str]:
    return list(place.runner.logs(place.home, name, follow=False))


def hear(place: Place, name: Name, heard: list[str]) -> None:
    for line in place.runner.logs(place.home, name, follow=True):
        heard.append(line)


def beside(place: Place, state: Path, *, generation: int = 1) -> Place:
    """The same environment, as a bot on another machine would have it."""
    settings = {"state": str(state / "beside"), **settings_for("kubernetes")}
    runner: Any = plugins.create("runners", "kubernetes", settings)
    return replace(place.at(generation), runner=runner, lines=[])

"""What only the Docker runner promises: its labels, the gate of a public service, limits, nothing left."""

import socket
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPException

import docker
import pytest

from bot.core.group import Ended, Exposure, Fate, Group, Probe, ProbeKind, Task, Up
from bot.core.model import Hook
from bot.core.names import Name
from bot.core.telling.reasons import reason
from runners._docker.engine import Engine
from tests.contracts.runner_fixtures import Place, placed

pytestmark = pytest.mark.engine

HTTP = Probe(kind=ProbeKind.HTTP, port=8080, path="/", every=0.2)


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("docker", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def engine() -> docker.DockerClient:
    return docker.from_env()


UP = Up(changed=True)


def public(place: Place, word: str, *, name: str = "web") -> Group:
    """A public service that answers with this word."""
    exposed = {Name(name): Exposure(port=8080, public=True)}
    address = place.runner.addresses(place.home, exposed, {})[Name(name)]
    return place.web(word, name=name, address=address, health=HTTP)


def page(group: Group, path: str = "/") -> bytes:
    assert group.address is not None
    with urllib.request.urlopen(f"{group.address.url}{path}", timeout=10) as answer:
        body: bytes = answer.read()
        return body.strip()


def everything(engine: docker.DockerClient, place: Place) -> list[object]:
    ours = {"label": f"matinee.dev/environment={place.home.environment}"}
    containers = engine.containers.list(all=True, filters=ours)
    return [*containers, *engine.networks.list(filters=ours), *engine.volumes.list(filters=ours)]


def test_all_that_is_made_says_whose_it_is(place, engine):
    assert place.start(public(place, "hello")) == UP
    place.run(place.job("true", name="seed", volumes={"/data": 2**20}))
    labels = [each.attrs.get("Config", each.attrs)["Labels"] for each in everything(engine, place)]
    assert {each["app.kubernetes.io/managed-by"] for each in labels} == {"matinee"}
    assert {each.get("matinee.dev/service") for each in labels} >= {"web"}
    assert {each.get("matinee.dev/job") for each in labels} >= {"seed"}
    assert all(each["matinee.dev/generation"] == "1" for each in labels if "matinee.dev/service" in each)


def test_a_removal_leaves_nothing_that_says_so(place, engine):
    assert place.start(public(place, "hello")) == UP
    place.run(place.job("true", volumes={"/data": 2**20}))
    place.runner.remove(place.home, log=print)
    assert everything(engine, place) == []


def test_a_public_service_is_reached_at_the_loopback_and_keeps_its_url(place):
    old = public(place, "old")
    assert place.start(old) == UP
    assert page(old) == b"old"
    new = replace(place.web("new", name="web", health=HTTP), address=old.address)
    assert place.start(new) == UP
    assert page(old) == b"new"
    place.runner.stop(place.home, Name("web"), log=print)
    assert place.start(old) == UP
    assert page(old) == b"old"


def test_a_host_port_that_somebody_took_meanwhile_is_said_and_the_next_turn_reserves_another(place):
    web, exposed = public(place, "hello"), {Name("web"): Exposure(port=8080, public=True)}
    with socket.create_server(("127.0.0.1", web.address.published)):
        ended = place.start(web)
        assert isinstance(ended, Ended)
        said = "could not start: its port is taken on this machine; free it, then deploy again"
        assert reason(ended, web) == said
        other = place.runner.addresses(place.home, exposed, {Name("web"): web.address})[Name("web")]
        assert other.published != web.address.published
    assert place.start(replace(web, address=other, version="at another port")) == UP
    assert page(replace(web, address=other)) == b"hello"


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "with a task"])
def test_a_roll_over_drops_no_request(place, alone):
    command = {"image": place.image, "entrypoint": ("sleep",), "args": ("600",), "memory": 64 * 2**20}
    tasks = () if alone else (Task(name=Name("side"), hook=Hook.PRESTART, sidecar=True, **command),)
    old = replace(public(place, "old"), tasks=tasks)
    assert place.start(old) == UP
    over, answers, failures = threading.Event(), [], []

    def ask() -> None:
        while not over.is_set():
            try:
                answers.append(page(old))
            except (OSError, HTTPException) as error:
                failures.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert place.start(replace(place.web("new", name="web", health=HTTP), address=old.address, tasks=tasks)) == UP
    while not (answers and answers[-1] == b"new"):
        assert asking.is_alive()
    over.set()
    asking.join()
    assert failures == []
    assert set(answers) == {b"old", b"new"}


def test_the_replicas_of_a_public_service_are_visited_in_turn(place):
    web = public(place, "$(hostname)")
    assert place.start(replace(web, replicas=2)) == UP
    visits = [page(web) for _ in range(6)]
    assert len(set(visits[:2])) == 2
    assert visits == visits[:2] * 3
    one = replace(web, version="one")
    assert place.start(one) == UP
    assert {page(one) for _ in range(3)}.isdisjoint(visits)


def test_lines_that_end_just_when_nobody_wants_them_any_more_leave_no_closed_connection_behind(place):
    place.runner.remember(place.home, place.standing())
    assert place.start(place.service("echo here; sleep 600", name="talks")) == UP
    reading = Engine()
    [talks] = [each for each in reading.listed([f"matinee.dev/environment={place.home.environment}"]) if each.running]
    stream = reading.streams.logs(talks.id, stream=True, follow=False)
    wire = stream._response.raw._fp.fp.raw._sock
    assert list(stream) == [b"here\n"]
    wire.close()
    assert list(reading.streams.logs(talks.id, stream=True, follow=False)) == [b"here\n"]


def test_twenty_visitors_at_once_each_get_ten_megabytes(place):
    web = public(place, "hello")
    script = f"mkdir -p /tmp/www; head -c 10485760 /dev/zero > /tmp/www/big; {web.args[0]}"
    assert place.start(replace(web, args=(script,), version="big")) == UP
    with ThreadPoolExecutor(20) as visitors:
        sizes = list(visitors.map(lambda _: len(page_raw(web)), range(20)))
    assert sizes == [10 * 2**20] * 20


def page_raw(group: Group) -> bytes:
    assert group.address is not None
    with urllib.request.urlopen(f"{group.address.url}/big", timeout=60) as answer:
        body: bytes = answer.read()
        return body


def test_a_container_has_its_limits_and_no_right_that_it_does_not_need(place, engine):
    assert place.start(place.service("sleep 600", name="db", memory=64 * 2**20, cpu=0.25)) == UP
    (found,) = [each for each in everything(engine, place) if getattr(each, "status", "") == "running"]
    host = found.attrs["HostConfig"]
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"]) == (64 * 2**20, 64 * 2**20, 250_000_000)
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges" in host["SecurityOpt"]
    assert not host["Privileged"]


def test_an_attempt_that_needs_more_memory_than_it_has_says_so(place):
    ended = place.run(place.job("exec tail -c 190000000 /dev/zero", memory=16 * 2**20))
    assert ended.fate is Fate.OUT_OF_MEMORY


def test_a_second_runner_adopts_what_the_first_one_began(place, tmp_path_factory):
    from bot import plugins

    job = place.job("echo began; sleep 2; echo ended")
    other = plugins.create("runners", "docker", {"state": str(tmp_path_factory.mktemp("other"))})
    told: list[str] = []
    with ThreadPoolExecutor(1) as hands:
        first = hands.submit(place.run, job)
        while place.lines != ["began"]:
            assert not first.done()
        second = other.run(place.home, job, attempt=1, log=lambda line: told.append(line), cancel=threading.Event())
    assert first.result() == second
    assert told == ["began", "ended"]


def test_jobs_that_begin_together_have_a_folder_each_that_any_user_may_write_into(place, engine):
    script = "stat -c %a /qovery-output; ls /qovery-output; echo $0 > $MATINEE_OUTPUT_FILE"
    jobs = [place.job(script, user="1000") for _ in range(6)]
    jobs = [replace(job, args=(script, job.name)) for job in jobs]
    told: dict[str, list[str]] = {job.name: [] for job in jobs}
    together = threading.Barrier(len(jobs))

    def run(job: Group) -> object:
        together.wait()
        log = told[job.name].append
        ended = place.runner.run(place.home, job, attempt=1, log=lambda line: log(line), cancel=threading.Event())
        return ended.output

    with ThreadPoolExecutor(len(jobs)) as hands:
        outputs = list(hands.map(run, jobs))
    assert outputs == [f"{job.name}\n".encode() for job in jobs]
    assert list(told.values()) == [["1777"]] * len(jobs)
    assert [each for each in everything(engine, place) if "folders" in each.name] == []

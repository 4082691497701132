"""Groups on the real engine: what the contract leaves to a runner, and what is on the engine afterwards."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker
import pytest

from bot.core.group import Ended, Ending, Fate, Probe, ProbeKind, Result, Task, Up
from bot.core.model import Hook
from bot.core.names import Name
from tests.contracts.runner_fixtures import Place, placed

pytestmark = pytest.mark.engine

UP = Up(changed=True)
WELL = Ending(result=Result.SUCCEEDED, code=0)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """For tests that only add to it."""
    yield from placed("docker", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("docker", str(tmp_path_factory.mktemp("state")))


def task(place: Place, name: str, script: str, **other: Any) -> Task:
    command = {"image": place.image, "entrypoint": ("sh", "-c"), "args": (script,), "memory": 64 * 2**20}
    return Task(name=Name(name), **{**command, "max_duration": 20, **other})


def on_engine(place: Place, **labels: str) -> list[str]:
    """The names of all that is on the engine of this place, but its network and kept volumes."""
    client = docker.from_env()
    wanted = [f"matinee.dev/environment={place.home.environment}"]
    wanted += [f"matinee.dev/{key}={value}" for key, value in labels.items()]
    found = [
        *client.containers.list(all=True, filters={"label": wanted}),
        *client.volumes.list(filters={"label": wanted}),
    ]
    client.close()
    return sorted(each.name.removeprefix(f"matinee-{place.home.environment}-") for each in found)


def finish(place: Place, group, ending=WELL, *, attempt: int = 1) -> tuple[Ended, ...]:
    return place.runner.finish(place.home, group, attempt=attempt, ending=ending, log=place.lines.append)


def test_a_group_goes_through_its_hooks_in_order(shared: Place) -> None:
    job = shared.job(
        "echo main; cat /alloc/note; sleep 0.5",
        tasks=(
            task(shared, "init", "echo first > /alloc/note; echo init", hook=Hook.PRESTART),
            task(shared, "side", "echo side; sleep 600", hook=Hook.PRESTART, sidecar=True),
            task(shared, "after", "echo after", hook=Hook.POSTSTART),
            task(shared, "bye", 'echo "$MATINEE_RESULT $MATINEE_EXIT_CODE"; cat /alloc/note', hook=Hook.POSTSTOP),
        ),
    )
    ended = shared.run(job)
    assert ended == Ended(fate=Fate.EXITED, code=0)
    assert [line for line in shared.lines if "side" not in line and "after" not in line] == [
        "init | init",
        "main",
        "first",
    ]
    assert {"side | side", "after | after"} <= set(shared.lines)
    assert finish(shared, job) == ()
    assert shared.lines[-2:] == ["bye | succeeded 0", "bye | first"]
    lines = list(shared.lines)
    assert shared.run(job) == ended
    assert finish(shared, job) == ()
    assert set(shared.lines) == {line for line in lines if not line.startswith(("side", "bye"))}


def test_a_group_of_a_service_goes_through_its_hooks(shared: Place) -> None:
    web = shared.web(
        "hello",
        tasks=(
            task(shared, "init", "echo first > /alloc/note; echo init", hook=Hook.PRESTART),
            task(shared, "side", "echo side; sleep 600", hook=Hook.PRESTART, sidecar=True),
            task(
                shared,
                "more",
                "echo more; exec httpd -f -p 9090",
                health=Probe(kind=ProbeKind.TCP, port=9090, every=0.2),
            ),
            task(shared, "after", "wget -q -O - http://127.0.0.1:9090/etc/hostname", hook=Hook.POSTSTART, restarts=3),
            task(shared, "bye", 'echo "$MATINEE_RESULT"; cat /alloc/note', hook=Hook.POSTSTOP),
        ),
    )
    assert shared.start(web) == UP
    assert shared.fetched(web.name) == "hello"
    assert shared.start(web) == Up(changed=False)
    said = list(shared.runner.logs(shared.home, web.name, follow=False))
    assert {"side | side", "more | more"} == set(said)
    told: list[str] = []
    assert shared.runner.stop(shared.home, web.name, log=told.append) == ()
    assert told == ["bye | stopped", "bye | first"]
    assert on_engine(shared, service=web.name) == []


def test_a_new_version_replaces_the_old_ones_group(shared: Place) -> None:
    bye = task(shared, "bye", 'echo "$MATINEE_RESULT"', hook=Hook.POSTSTOP)
    old = shared.web("old", tasks=(bye,))
    assert shared.start(old) == UP
    assert shared.start(shared.web("new", name=old.name, tasks=(bye,))) == UP
    assert "bye | replaced" in shared.lines
    assert shared.fetched(old.name) == "new"
    assert len(on_engine(shared, service=old.name, role="own")) == 1
    bad = shared.service("exit 3", name=old.name, tasks=(bye,))
    assert shared.start(bad) == Ended(fate=Fate.EXITED, code=3)
    assert "bye | failed" in shared.lines
    assert shared.fetched(old.name) == "new"


def test_files_are_mounted_read_only_for_any_user(shared: Place) -> None:
    path = "/etc/web/deep/site.conf"
    script = f"cat {path}; echo x > {path} || echo refused; ls -ld /etc/web /tmp | cut -c1-10; id -u"
    shared.run(shared.job(script, files={path: "level=debug\n", "/tmp/other": "two"}, user="1000"))
    assert shared.lines[:1] == ["level=debug"]
    assert "refused" in shared.lines
    assert shared.lines[-3:] == ["drwxr-xr-x", "drwxrwxrwt", "1000"]
    shared.run(shared.job(f"echo x > {path} || echo refused; cat {path}", files={path: "level"}))
    assert shared.lines[-2:] == ["refused", "level"]


def test_replicas_stand_side_by_side(place: Place) -> None:
    web = place.web("$(hostname)", replicas=3)
    assert place.start(web) == UP
    assert len({place.fetched(web.name) for _ in range(12)}) > 1
    assert len(on_engine(place, role="own", service=web.name)) == 3
    assert place.start(web) == Up(changed=False)
    place.runner.stop(place.home, web.name, log=print)
    assert on_engine(place, service=web.name) == []


def test_a_job_port_is_told_when_it_answers(shared: Place) -> None:
    shared.run(shared.job("httpd -p 8080 -h /; sleep 1", port=8080))
    assert shared.lines == ["port 8080 answers"]
    shared.run(shared.job("sleep 0.3", port=8080))
    assert shared.lines == ["port 8080 never answered"]


def bye(place: Place, **other: Any) -> Task:
    return task(place, "bye", 'echo "$MATINEE_RESULT $MATINEE_FAILED_TASK"', hook=Hook.POSTSTOP, **other)


def test_a_new_attempt_clears_the_former_ones_group_and_its_poststop_runs_once_at_the_end(shared: Place) -> None:
    job = shared.job(
        "test -e /data/tried && exit 0; touch /data/tried; exit 3", volumes={"/data": 2**20}, tasks=(bye(shared),)
    )
    assert shared.run(job) == Ended(fate=Fate.EXITED, code=3)
    assert shared.run(job, attempt=2) == Ended(fate=Fate.EXITED, code=0)
    assert shared.lines == []
    assert on_engine(shared, job=job.name, role="holder") == [f"{job.name}-deploy-g1-2_holder"]
    assert finish(shared, job, attempt=2) == ()
    assert shared.lines == ["bye | succeeded "]
    assert on_engine(shared, job=job.name, role="holder") == []
    assert shared.run(job) == Ended(fate=Fate.EXITED, code=3)


def test_what_a_killed_bot_owed_is_done_by_the_next_turn(shared: Place) -> None:
    job = shared.job("exit 3", tasks=(bye(shared),))
    shared.run(job)
    later = shared.at(2)
    later.run(job)
    assert later.lines == [f"bye | failed {job.name}"]
    assert on_engine(shared, job=job.name, role="holder") == [f"{job.name}-deploy-g2-1_holder"]


@pytest.mark.parametrize("role", ["own", "holder"])
def test_what_was_owed_is_done_though_containers_were_removed_or_died(shared: Place, role: str) -> None:
    web = shared.service("sleep 600", tasks=(bye(shared),))
    assert shared.start(web) == UP
    client = docker.from_env()
    (name,) = on_engine(shared, service=web.name, role=role)
    client.containers.get(f"matinee-{shared.home.environment}-{name}").kill()
    client.close()
    told: list[str] = []
    assert shared.runner.stop(shared.home, web.name, log=told.append) == ()
    assert told == ["bye | stopped "]


def test_a_group_whose_holder_died_comes_up_again_as_the_same_group(shared: Place) -> None:
    init = task(shared, "init", "echo init >> /alloc/told", hook=Hook.PRESTART)
    side = task(shared, "side", "sleep 600", hook=Hook.PRESTART, sidecar=True)
    serve = "mkdir -p /www; cp /alloc/told /www/index.html; exec httpd -f -p 8080 -h /www"
    web = shared.web("hello", args=(serve,), version="told", tasks=(init, side))
    assert shared.start(web) == UP
    client = docker.from_env()
    (name,) = on_engine(shared, service=web.name, role="holder")
    client.containers.get(f"matinee-{shared.home.environment}-{name}").kill()
    client.close()
    assert shared.start(web) == UP
    assert shared.fetched(web.name) == "init"


def test_what_is_owed_is_done_before_all_is_removed(place: Place) -> None:
    place.run(place.job("exit 3", name="seed", tasks=(bye(place),)))
    place.start(place.service("sleep 600", name="web", tasks=(bye(place, restarts=1),)))
    told: list[str] = []
    assert place.runner.remove(place.home, log=told.append).objects == ()
    assert sorted(told) == ["bye | failed seed", "bye | stopped "]
    assert on_engine(place) == []


def test_a_discarded_job_does_what_it_owes_and_leaves_nothing(shared: Place) -> None:
    job = shared.job("exit 3", tasks=(bye(shared),), files={"/etc/note": "!"})
    shared.run(job)
    told: list[str] = []
    assert shared.runner.discard(shared.home, job.name, log=told.append) == ()
    assert told == [f"bye | failed {job.name}"]
    assert on_engine(shared, job=job.name) == []


def test_a_failed_poststop_task_is_told_and_stops_nothing(shared: Place) -> None:
    web = shared.service("sleep 600", tasks=(task(shared, "bye", "exit 4", hook=Hook.POSTSTOP, restarts=1),))
    assert shared.start(web) == UP
    told = shared.runner.stop(shared.home, web.name, log=print)
    assert told == (Ended(fate=Fate.EXITED, task="bye", code=4),)
    assert on_engine(shared, service=web.name) == []


def test_an_emptied_service_begins_anew(shared: Place) -> None:
    db = shared.service("echo began >> /data/log; cat /data/log; sleep 600", volumes={"/data": 2**20})
    for lines in (["began"], ["began", "began"]):
        shared.start(db)
        assert shared.lines == lines
        shared.runner.stop(shared.home, db.name, log=print)
    shared.runner.empty(shared.home, db.name)
    shared.runner.empty(shared.home, db.name)
    shared.start(db)
    assert shared.lines == ["began"]


def test_the_lines_of_all_that_serves_are_followed_until_it_ends(shared: Place) -> None:
    web = shared.service(
        "echo web; sleep 600", tasks=(task(shared, "side", "echo side; sleep 600", hook=Hook.PRESTART, sidecar=True),)
    )
    assert shared.start(web) == UP
    following = shared.runner.logs(shared.home, web.name, follow=True)
    assert {next(following), next(following)} == {"web", "side | side"}
    shared.runner.stop(shared.home, web.name, log=print)
    assert list(following) == []


def test_a_group_that_runs_is_adopted_with_all_its_lines(shared: Place) -> None:
    side = task(shared, "side", "echo side; sleep 600", hook=Hook.PRESTART, sidecar=True)
    job = shared.job("echo main; sleep 1.5", tasks=(task(shared, "init", "echo init", hook=Hook.PRESTART), side))
    cancel, told = threading.Event(), ([], [])

    def run(lines: list[str]) -> Ended:
        return shared.runner.run(shared.home, job, attempt=1, log=lines.append, cancel=cancel)

    with ThreadPoolExecutor(2) as hands:
        ends = list(hands.map(run, told))
    assert ends == [Ended(fate=Fate.EXITED, code=0)] * 2
    assert [set(lines) for lines in told] == [{"side | side", "init | init", "main"}] * 2


def test_a_sidecar_is_started_again_whenever_it_ends_and_keeps_no_job_alive(shared: Place) -> None:
    side = task(shared, "side", "echo again", hook=Hook.PRESTART, sidecar=True)
    assert shared.run(shared.job("sleep 1.5", tasks=(side,))) == Ended(fate=Fate.EXITED, code=0)
    assert shared.lines.count("side | again") > 1

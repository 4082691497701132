"""What only the Docker runner promises of groups: what is on the engine afterwards, and what survives a death."""

from collections.abc import Iterator
from typing import Any

import docker
import pytest

from bot.core.group import Ended, Ending, Fate, Result, Task, Up
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


def test_files_are_mounted_read_only_for_any_user(shared: Place) -> None:
    path = "/etc/web/deep/site.conf"
    script = f"cat {path}; (echo x > {path}) 2>/dev/null || echo refused; ls -ld /etc/web /tmp | cut -c1-10; id -u"
    shared.run(shared.job(script, files={path: "level=debug\n", "/tmp/other": "two"}, user="1000"))
    assert shared.lines[:1] == ["level=debug"]
    assert "refused" in shared.lines
    assert shared.lines[-3:] == ["drwxr-xr-x", "drwxrwxrwt", "1000"]
    shared.run(shared.job(f"(echo x > {path}) 2>/dev/null || echo refused; cat {path}", files={path: "level"}))
    assert shared.lines[-2:] == ["refused", "level"]


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


def test_of_what_a_killed_bot_owed_nothing_is_left_after_the_next_turn(shared: Place) -> None:
    job = shared.job("exit 3", tasks=(bye(shared),))
    shared.run(job)
    shared.at(2).run(job)
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


def test_a_discarded_job_does_what_it_owes_and_leaves_nothing(shared: Place) -> None:
    job = shared.job("exit 3", tasks=(bye(shared),), files={"/etc/note": "!"})
    shared.run(job)
    told: list[str] = []
    assert shared.runner.discard(shared.home, job.name, log=told.append) == ()
    assert told == [f"bye | failed {job.name}"]
    assert on_engine(shared, job=job.name) == []

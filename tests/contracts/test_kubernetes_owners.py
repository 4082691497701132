"""Whose the volumes of a cluster are: a main that is not root writes to them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.group import Ended
from bot.core.model import Hook
from tests.contracts.runner_fixtures import Place, placed

pytestmark = [pytest.mark.engine, pytest.mark.cluster]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path), kubernetes_requests="cpu=0")


def test_a_job_that_is_not_root_writes_to_alloc_as_one_of_its_owners(place: Place) -> None:
    bye = place.task("bye", "cat /alloc/it; id -G", Hook.POSTSTOP, user="1000")
    job = place.job("id -G; id -u > /alloc/it", user="1000", tasks=(bye,))
    ended = place.run(job)
    assert ended.succeeded, (ended, place.lines)
    assert "1000" in place.lines[0].split()
    assert place.finish(job, ended) == ()
    assert place.lines[0] == "bye | 1000"
    assert "1000" in place.lines[1].removeprefix("bye | ").split()


def test_a_service_that_is_not_root_writes_to_its_volume_as_one_of_its_owners(place: Place) -> None:
    script = (
        "id -G > /data/groups; mkdir /tmp/www; cp /data/groups /tmp/www/index.html; exec httpd -f -p 8080 -h /tmp/www"
    )
    started = place.start(place.web("", name="web", args=(script,), user="1000", volumes={"/data": 2**20}))
    assert not isinstance(started, Ended), (started, place.lines)
    page = place.fetched("web")
    assert page is not None
    assert "1000" in page.split()

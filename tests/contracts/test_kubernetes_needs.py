"""That the bot has no right in a cluster which no life of a preview takes."""

import re
from dataclasses import replace
from typing import Any

import pytest

from bot.core.group import Address, Home, Up
from bot.core.model import Hook
from bot.core.names import Name, Url
from runners import kubernetes
from runners._kubernetes import rights
from runners._kubernetes.api import Api
from runners.base import Runner
from tests.contracts.runner_fixtures import OUTPUT, Place, environment, settings_for
from tests.world import cluster

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

_PATH = re.compile(
    r"/(?:api/v1|apis/(?P<group>[^/]+)/[^/]+)(?:/namespaces/[^/]+(?=/))?/(?P<kind>[a-z]+)(?:/(?P<name>[^/]+))?(?:/(?P<part>[a-z]+))?$"
)
_VERBS = {"get": "get", "post": "create", "put": "update", "patch": "patch", "delete": "delete"}


class AskingApi(Api):
    """The real connection, which notes the rights that each request takes; commands have a way of their own."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.rights: set[tuple[str, str]] = set()

    def _called(self, method: str, path: str, **request: Any) -> Any:
        found = _PATH.match(path)
        if found:
            group, name, part = found["group"], found["name"], found["part"]
            watched = ("watch", "true") in request.get("query", ())
            verb = ("watch" if watched else "list") if method == "get" and not name else _VERBS[method]
            whole = f"{found['kind']}.{group}" if group else found["kind"]
            what = f"{whole}/{part}" if part else whole
            # What is applied may have to be made.
            self.rights |= {
                (each, what) for each in ({verb, "create"} if "apply" in request.get("content", "") else {verb})
            }
        return super()._called(method, path, **request)


def test_every_right_that_it_has_is_used_in_a_life(tmp_path):
    settings = {"state": str(tmp_path / "state"), **settings_for("kubernetes"), "kubernetes_pending": "3"}
    api = AskingApi(kubeconfig=settings["kubeconfig"], context="", folder=tmp_path / "cache")
    live(kubernetes.over(api, settings))
    given = set(rights.each({**rights.EVERYWHERE, **rights.INSIDE}))
    commands = {("get", "pods/exec"), ("create", "pods/exec")}
    routes = {right for right in given if right[1].startswith("httproutes")}
    assert given - api.rights - commands - routes == set()


def live(runner: Runner) -> None:
    """All that a runner does, in one environment that two generations lead."""
    place = Place(runner=runner, image=cluster.busybox(), home=Home(environment=environment(), generation=1))
    try:
        led(place)
    finally:
        assert runner.remove(place.at(2).home, log=print).objects == ()


def led(place: Place) -> None:
    tasks = (place.task("hello", "true", Hook.POSTSTART), place.task("bye", "true", Hook.POSTSTOP))
    door = Address(host="web", port=8080, url=Url("http://web.preview.test"))
    web = place.web("one", name="web", volumes={"/data": 2**20}, tasks=tasks, address=door, variables={"A": "b"})
    runner, now = place.runner, place.at(2)
    for each, group in ((place, web), (now, replace(web, version="two"))):
        number = each.home.generation
        runner.remember(each.home, each.standing())
        script = f"echo x > {OUTPUT}; exit {number - 1}"
        job = each.job(script, name="job", tasks=tasks, variables={"A": "b"})
        each.finish(job, each.run(job, attempt=number), attempt=number)
        assert isinstance(each.start(group), Up)
    assert list(runner.logs(now.home, web.name, follow=False)) == []
    assert not now.run(now.job("true", image="127.0.0.1:9/nobody/nothing:1", name="none")).succeeded
    now.stop(web.name)
    for name in (Name("job"), web.name):
        runner.discard(now.home, name, log=print)
    runner.empty(now.home, web.name)
    assert runner.recall(now.home) == now.standing()
    assert now.home in list(runner.homes())
    list(runner.checks())

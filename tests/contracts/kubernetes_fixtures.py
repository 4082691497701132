"""What the tests of the Kubernetes runner act with: its own parts, as a second process would have them."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.core.group import Home
from runners._kubernetes import names
from runners._kubernetes.api import Api
from runners._kubernetes.container import part
from runners._kubernetes.exec import Spot
from runners._kubernetes.ground import Ground
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Body, Kind, manifest
from runners._kubernetes.pod import spec
from runners._kubernetes.seen import Pod, pod
from runners._kubernetes.terms import terms
from tests.contracts.runner_fixtures import Place, settings_for
from tests.world import account, cluster


def api(folder: Path, kubeconfig: str = "") -> Api:
    return Api(kubeconfig=kubeconfig or account.kubeconfig(), context="", folder=folder)


def ground(folder: Path, kubeconfig: str = "") -> Ground:
    """Another process's view of the same cluster."""
    return Ground(api(folder, kubeconfig), terms(settings_for("kubernetes")))


def by_admin(hold: Hold) -> Hold:
    """The same hold, for a test that looks at what the bot has no need to see."""
    return replace(hold, api=api(hold.api._folder, cluster.kubeconfig()))


def until(true: Callable[[], Any], what: str, patience: float = 30) -> Any:
    """Wait for it."""
    ends = time.monotonic() + patience
    while not (found := true()):
        assert time.monotonic() < ends, f"waited {patience:.0f} s for {what}"
        time.sleep(0.05)
    return found


def settings(name: str, **data: str) -> Body:
    """A small object to write."""
    return manifest(Kind.CONFIG, name, {}, data=data)


def running(place: Place, hold: Hold, script: str, **other: Any) -> Spot:
    """A pod that runs this script, once it has begun."""
    group = place.job(script, **other)
    labels = names.labels(hold.home, group, of=group.name)
    own = part(group, hold.terms, labels=labels)
    for secret in own.secrets:
        hold.ensure(secret)
    body = manifest(Kind.POD, group.name, labels, spec={"restartPolicy": "Never", **spec(hold.terms, then=[own])})
    hold.ensure(body)
    spot = Spot(namespace=hold.namespace, pod=group.name, container=names.OWN)
    until(lambda: seen(hold, spot).vessel(names.OWN).began, "the container to begin")
    return spot


def seen(hold: Hold, spot: Spot) -> Pod:
    body = hold.read(Kind.POD, spot.pod)
    assert body is not None
    return pod(body)


def owners(body: Body | None) -> list[str]:
    assert body is not None
    return [each["name"] for each in body["metadata"].get("ownerReferences") or ()]


def at(place: Place, generation: int) -> Home:
    return place.at(generation).home

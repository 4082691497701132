"""Write the golden manifests anew: `python -m tests.runners.kubernetes_manifests`; read the difference first."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.core.group import Address, Group, Home, Probe, ProbeKind, Task
from bot.core.model import Hook
from bot.core.names import EnvironmentId, Name, Url
from runners._kubernetes import entrance, names, room
from runners._kubernetes.attempt import Attempt, job, joining, secrets
from runners._kubernetes.container import part, probe
from runners._kubernetes.deployment import Cast, made, sizes
from runners._kubernetes.deployment import passing as adding
from runners._kubernetes.pod import ALLOC, claim, kept, passing, rehearsed, spec, volumes
from runners._kubernetes.terms import terms

MANIFESTS = Path(__file__).parent / "manifests"

HOME = Home(environment=EnvironmentId("github-27961353-7"), generation=3)
BASELINE = terms({"domain": "preview.example.com", "ingress_namespaces": "ingress-nginx,traefik"})
RESTRICTED = terms({"pod_security": "restricted", "egress": "10.20.0.0/16", "kubernetes_requests": "cpu=0.5"})
FORKS = terms({"egress": "0.0.0.0/0", "fork_egress": "203.0.113.0/24"}).for_forks()
WEB = Group(
    name=Name("web"),
    image="registry.example/web@sha256:0123",
    version="v1",
    entrypoint=("/web",),
    args=("--log=$(LEVEL)", "$$"),
    variables={"LEVEL": "debug", "KEY": "hunter2"},
    files={"/etc/web/site.conf": "level=debug\n", "/etc/web/motd": "héllo"},
    user="1000:2000",
    cpu=0.25,
    memory=256 * 2**20,
    volumes={"/data": 2**30},
    tasks=(Task(name=Name("wait-for-db"), image="busybox@sha256:4567", hook=Hook.PRESTART, args=("true",)),),
)
LABELS = names.labels(HOME, WEB, of=names.service(WEB))
PROBE = Probe(kind=ProbeKind.HTTP, port=8080, path="/health", every=0.2, timeout=1.6, after=3)


def _pod(stands: Any) -> list[Any]:
    mounts = [ALLOC, *(mount for mount, _ in volumes(WEB))]
    own = part(WEB, stands, labels=LABELS, mounts=mounts)
    task = part(WEB.tasks[0], stands, labels=LABELS, mounts=[ALLOC])
    pod = spec(stands, first=[task], then=[own], volumes=[passing("alloc")])
    return [*own.secrets, *task.secrets, rehearsed(pod, name=names.service(WEB), labels=LABELS)]


def _room(stands: Any) -> list[Any]:
    return [room.namespace(stands, HOME), *room.room(stands, HOME, servers=("203.0.113.9/32",)).bodies]


SEED = Group(
    name=Name("seed"),
    image="registry.example/seed@sha256:89ab",
    version="v1",
    event="deploy",
    args=("seed",),
    variables={"KEY": "hunter2"},
    port=8080,
    volumes={"/data": 2**30},
    max_duration=60,
    tasks=(
        Task(name=Name("wait-for-db"), image="busybox@sha256:4567", hook=Hook.PRESTART, max_duration=10),
        Task(name=Name("fetch"), image="busybox@sha256:4567", hook=Hook.PRESTART, max_duration=10, restarts=1),
        Task(name=Name("proxy"), image="busybox@sha256:4567", hook=Hook.PRESTART, sidecar=True, health=PROBE),
        Task(name=Name("ships"), image="busybox@sha256:4567", hook=Hook.POSTSTART, sidecar=True),
        Task(name=Name("after"), image="busybox@sha256:4567", hook=Hook.POSTSTART, max_duration=10),
        Task(name=Name("bye"), image="busybox@sha256:4567", hook=Hook.POSTSTOP),
    ),
)


def _attempt(stands: Any) -> list[Any]:
    one = Attempt(home=HOME, group=SEED, number=1, terms=stands, companion="busybox@sha256:cdef")
    fetch, after = SEED.tasks[1], SEED.tasks[4]
    joined = [joining(fetch, 2, one.part(fetch)), joining(after, 1, one.part(after))]
    return [job(one, kept("alloc", "seed-alloc")), *secrets(one), *joined]


SHOP = Group(
    name=Name("shop"),
    image="registry.example/shop@sha256:0123",
    version="v1",
    variables={"KEY": "hunter2"},
    address=Address(host="shop", port=8080, url=Url("https://shop-7.preview.example.com")),
    health=PROBE,
    user="1000",
    volumes={"/data": 2**30},
    replicas=2,
    tasks=(
        Task(name=Name("wait-for-db"), image="busybox@sha256:4567", hook=Hook.PRESTART),
        Task(name=Name("proxy"), image="busybox@sha256:4567", hook=Hook.PRESTART, sidecar=True, health=PROBE),
        Task(name=Name("metrics"), image="busybox@sha256:4567"),
        Task(name=Name("ships"), image="busybox@sha256:4567", hook=Hook.POSTSTART, sidecar=True),
        Task(name=Name("after"), image="busybox@sha256:4567", hook=Hook.POSTSTART, variables={"A": "b"}),
    ),
)
DOORS = {
    "ingress": terms({"domain": "preview.example.com", "ingress_class": "nginx", "ingress_tls": "wildcard"}),
    "route": terms({"domain": "preview.example.com", "gateway": "edge/public"}),
}


def _service(stands: Any) -> list[Any]:
    [(name, replicas)] = sizes(SHOP).items()
    cast = Cast(home=HOME, group=SHOP, terms=stands, name=name, replicas=replicas, alloc=passing("alloc"))
    of_it = made(cast)
    after = SHOP.hooked(Hook.POSTSTART)[0]
    return [of_it.deployment, *of_it.secrets, adding(cast, after, number=2), entrance.service(HOME, SHOP)]


ALL: Mapping[str, Any] = {
    "room": _room(BASELINE),
    "room-restricted": _room(RESTRICTED),
    "room-forks": _room(FORKS),
    "room-forks-by-default": _room(terms({}).for_forks()),
    "pod": _pod(BASELINE),
    "pod-restricted": _pod(RESTRICTED),
    "claim": [claim(HOME, name, WEB.volumes[mount.path], LABELS) for mount, name in volumes(WEB)],
    "attempt": _attempt(BASELINE),
    "attempt-restricted": _attempt(RESTRICTED),
    "service": _service(BASELINE),
    "service-restricted": _service(RESTRICTED),
    "probe": probe(PROBE, failures=30),
    **{name: entrance.door(HOME, SHOP, stands) for name, stands in DOORS.items()},
}


def shown(manifest: Any) -> str:
    """As it is kept."""
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    MANIFESTS.mkdir(exist_ok=True)
    for name, manifest in ALL.items():
        (MANIFESTS / f"{name}.json").write_text(shown(manifest), encoding="utf-8")

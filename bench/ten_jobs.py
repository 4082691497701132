"""Ten independent jobs of a second each: a deploy of them, over a script that runs the same ten containers."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docker

from bench.product import Product, Taken, product
from bench.rounds import Ratio, in_turn
from bot.core.events import Want

JOBS = 10
IMAGE = "busybox:latest"
CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"]
TARGET = 1.15

_JOB = """\
  job{number}:
    image: busybox:latest
    on: {{deploy: {{entrypoint: [sleep], args: ["1"]}}}}
"""
SPEC = "version: 1\njobs:\n" + "".join(_JOB.format(number=number) for number in range(JOBS))


def measured(rounds: int) -> tuple[Ratio, ...]:
    """The run steps and the whole turn, each over the script."""
    with product({"matinee.yaml": SPEC}) as made:
        found = in_turn(lambda: _deployed(made), _scripted, rounds)
    theirs = tuple(script for _, script in found)
    runs = tuple(ours.runs for ours, _ in found)
    whole = tuple(ours.whole for ours, _ in found)
    return (
        Ratio(name="ten jobs", against="a script", ours=runs, theirs=theirs, target=TARGET),
        Ratio(name="ten jobs, the whole turn", against="a script", ours=whole, theirs=theirs),
    )


def _deployed(made: Product) -> Taken:
    taken = made.turned()
    made.turned(Want.DELETE)
    return taken


def _scripted() -> float:
    """What one would write: a network, then ten threads that create, start and await a container each."""
    client = docker.from_env(max_pool_size=JOBS)
    began = time.monotonic()
    network = client.networks.create("matinee-bench", driver="bridge")
    with ThreadPoolExecutor(JOBS) as hands:
        containers = list(hands.map(lambda _: _ran(client, str(network.name)), range(JOBS)))
    taken = time.monotonic() - began
    for container in containers:
        container.remove(force=True)
    network.remove()
    client.close()
    return taken


def _ran(client: Any, network: str) -> Any:
    container = client.containers.create(
        IMAGE,
        ["1"],
        entrypoint=["sleep"],
        network=network,
        init=True,
        nano_cpus=500_000_000,
        mem_limit="512m",
        memswap_limit="512m",
        pids_limit=512,
        cap_drop=["ALL"],
        cap_add=CAPABILITIES,
        security_opt=["no-new-privileges"],
    )
    container.start()
    container.wait()
    return container

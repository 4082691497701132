"""A deploy that changes nothing, in round trips to the engine."""

import time

import docker

from bench.product import Product, product
from bench.rounds import Ratio, in_turn

SPEC = """\
version: 1
services:
  web: {image: "busybox:latest", entrypoint: [httpd, -f, -p, "8080"], port: 8080}
jobs:
  seed:
    image: busybox:latest
    needs: [web]
    on: {deploy: {entrypoint: ["true"], run: on-change}}
"""
TRIPS = 100


def measured(rounds: int) -> tuple[Ratio, ...]:
    """The whole turn over one look at a container."""
    with product({"matinee.yaml": SPEC}) as made:
        made.turned()
        found = in_turn(lambda: _again(made), _trip, 3 * rounds)
    ours, theirs = tuple(our for our, _ in found), tuple(their for _, their in found)
    return (Ratio(name="a deploy without a change", against="an inspect", ours=ours, theirs=theirs),)


def _again(made: Product) -> float:
    return made.turned().whole


def _trip() -> float:
    """The mean of many, since one alone takes hardly longer than the clock's own noise."""
    client = docker.from_env()
    (container, *_) = client.containers.list(filters={"label": "matinee.dev/service=web"})
    began = time.monotonic()
    for _ in range(TRIPS):
        client.api.inspect_container(str(container.id))
    taken = (time.monotonic() - began) / TRIPS
    client.close()
    return taken

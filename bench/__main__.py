"""`python -m bench [NAME…] [--json]`: prints each ratio beside its target; it judges nothing."""

import json
import os
from collections.abc import Callable, Mapping

import click

from bench import cluster, hooks, redeploy, start, ten_jobs
from bench.rounds import Ratio, document, told

BENCHES: Mapping[str, Callable[[int], tuple[Ratio, ...]]] = {
    "jobs": ten_jobs.measured,
    "start": start.measured,
    "hooks": hooks.measured,
    "redeploy": redeploy.measured,
    "cluster": cluster.measured,
}


@click.command(name="bench")
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHES)), metavar="[NAME]…")
@click.option("--rounds", type=click.IntRange(min=1), default=7, help="Rounds of the longest; shorter ones take more.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document with every measure.")
def bench(names: tuple[str, ...], rounds: int, *, as_json: bool) -> None:
    """Measure matinee beside doing the same by hand, in turn, in one run.

    \b
    jobs      ten jobs of a second each, over a script that runs the same containers
    start     matinee --help, over python -c pass
    hooks     a signed delivery stored, over a hello of Flask and waitress
    redeploy  a deploy without a change, over one look at a container
    cluster   a preview of one service on Kubernetes, over kubectl making the same

    Without NAME all of them. jobs and redeploy need a Docker engine with busybox:latest, cluster a Kubernetes besides.
    """
    found: list[Ratio] = []
    before = os.getloadavg()[0]
    for name in names or BENCHES:
        measured = BENCHES[name](rounds)
        found += measured
        for ratio in () if as_json else measured:
            click.echo(told(ratio))
    load = (before, os.getloadavg()[0])
    if as_json:
        click.echo(json.dumps({"cores": os.cpu_count(), "load": load, "ratios": list(map(document, found))}, indent=2))
    else:
        click.echo(f"{os.cpu_count()} cores; load {load[0]:.1f} before and {load[1]:.1f} after")


if __name__ == "__main__":
    bench()

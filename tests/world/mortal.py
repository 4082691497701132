"""The bot as a process that kills itself at each point that matters: at one point a life.

`python -m tests.world.mortal DEATHS` serves as `matinee serve` does; DEATHS is the file of the points that it died at:
where it keeps something; on a cluster, before each kind of request that changes something, or that waits for something.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any


class Deaths:
    """The points at which it has died, one a line; it dies at no point twice."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = set(file.read_text().splitlines()) if file.exists() else set()

    def reach(self, point: str) -> None:
        """Die here, unless an earlier life did."""
        if point in self._known:
            return
        with self._file.open("a") as file:
            file.write(f"{point}\n")
        os.kill(os.getpid(), signal.SIGKILL)


def watch_keeping(deaths: Deaths) -> None:
    """Die around each record of a step's outcome, and before each change of what is remembered."""
    from sqlalchemy import Engine, event
    from sqlalchemy.pool import Pool

    kept: list[str] = []

    def about_to_record(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith("INSERT INTO outcomes"):
            step = " ".join(each for each in map(str, parameters) if each.split(" ")[0] in _VERBS)
            deaths.reach(f"before the record of {step}")
            kept.append(step)

    def handed_back(*connection: Any) -> None:
        if kept:
            deaths.reach(f"after the record of {kept.pop()}")

    event.listen(Engine, "before_cursor_execute", about_to_record)
    event.listen(Pool, "checkin", handed_back)
    sys.addaudithook(_remembering(deaths))


def watch_requests(deaths: Deaths) -> None:
    """Die before whatever a cluster is asked to do, to tell or to keep."""
    from runners import kubernetes
    from runners._kubernetes import collector
    from runners._kubernetes.api import connected
    from tests.world.met_api import MetApi

    execute = collector.execute

    def executed(api: Any, spot: Any, command: Any) -> Any:
        deaths.reach(f"before {command[0]} in {spot.container}")
        return execute(api, spot, command)

    met = partial(MetApi, lambda what: deaths.reach(f"before: {what}"))
    setattr(kubernetes, "connected", partial(connected, of=met))  # noqa: B010
    setattr(collector, "execute", executed)  # noqa: B010 - neither is made to be replaced


def _remembering(deaths: Deaths) -> Callable[[str, tuple[Any, ...]], None]:
    count = 0

    def heard(name: str, given: tuple[Any, ...]) -> None:
        nonlocal count
        if name == "os.rename" and str(given[1]).endswith("standing.json"):
            count += 1
            deaths.reach(f"before the memory's change number {count}")

    return heard


_VERBS = frozenset({"build", "pull", "run", "keep", "start", "wake", "stop", "empty", "discard", "remove"})


def main() -> None:
    """Serve until a point is reached."""
    deaths = Deaths(Path(sys.argv[1]))
    (watch_requests if os.environ.get("MATINEE_RUNNER") == "kubernetes" else watch_keeping)(deaths)
    sys.argv[1:] = ["serve"]
    from bot.cli import main as command

    command()


if __name__ == "__main__":
    main()

import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from bot.inbox import Inbox
from tests.inbox.pulls import Clock

POSTGRES = Path(__file__).parents[1] / "testbed" / "postgres.sh"
NUMBERS = itertools.count(1)
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")


@pytest.fixture(scope="session")
def server() -> str:
    up = subprocess.run([POSTGRES, "up"], check=False, capture_output=True, text=True)
    assert up.returncode == 0, f"PostgreSQL is missing and could not be set up: {up.stderr}"
    return up.stdout.splitlines()[-1]


@pytest.fixture(scope="session")
def template(server: str) -> str:
    name = f"matinee_template_{WORKER}"
    administer(server, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    Inbox.open(database(server, name)).close()
    return name


EACH = ["sqlite", pytest.param("postgres", marks=pytest.mark.engine)]


@pytest.fixture(params=EACH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with today's tables, or one of which they are made at once."""
    yield from fresh(request, tmp_path, like="template")


@pytest.fixture(params=EACH)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database in which nothing is."""
    yield from fresh(request, tmp_path)


def fresh(request: pytest.FixtureRequest, tmp_path: Path, *, like: str = "") -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/state/matinee.db"
        return
    server, name = request.getfixturevalue("server"), f"matinee_{WORKER}_{next(NUMBERS)}"
    template = f" TEMPLATE {request.getfixturevalue(like)}" if like else ""
    administer(server, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}{template}")
    yield database(server, name)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(url: str, clock: Clock) -> Iterator[Inbox]:
    inbox = Inbox.open(url, clock=clock)
    yield inbox
    inbox.close()


def database(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def administer(server: str, *commands: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for command in commands:
            connection.exec_driver_sql(command)
    engine.dispose()

import contextlib
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from bot.core.errors import Unavailable
from bot.core.model import Build
from builders.base import Built, Commit, Unbuilt
from builders.docker import DockerBuilder
from builders.source import Sources
from tests.world.engine_images import content, remove_images
from tests.world.frail_engine import FrailEngine
from tests.world.history import History

pytestmark = pytest.mark.engine


@pytest.fixture
def repository() -> Iterator[str]:
    name = f"local-{uuid.uuid4().hex[:12]}"
    yield name
    remove_images(name)


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "origin.git")


def fetched(history: History, repository: str, tmp_path: Path) -> Commit:
    sources = Sources(tmp_path / "mirrors", pauses=())
    return sources.fetch(history.url, None, repository=repository, sha=history.head, cancel=threading.Event())


def built(commit: Commit, tmp_path: Path, lines: list[str] | None = None, **build: object) -> Built | Unbuilt:
    builder = DockerBuilder(tmp_path / "state")
    log = [].append if lines is None else lines.append
    return builder.build(commit, Build(**build), log=log, cancel=threading.Event())


def test_a_change_of_equal_size_and_equal_time_is_really_in_the_image(
    history: History, repository: str, tmp_path: Path
) -> None:
    found = []
    for text in ("one", "two", "six"):
        history.commit({"Dockerfile": "FROM busybox\nCOPY . /app\n", "page": text})
        image = built(fetched(history, repository, tmp_path), tmp_path).image
        found.append(content(image, "/app/page")["page"][1].decode())
    assert found == ["one", "two", "six"]


def test_modes_and_links_are_those_of_the_commit(history: History, repository: str, tmp_path: Path) -> None:
    files = {"Dockerfile": "FROM busybox\nCOPY . /app\n", "run": "#!/bin/sh\n", "page": "x"}
    history.commit({**files, ".gitattributes": "page export-ignore\n"}, links={"away": "/etc/passwd"})
    mask = os.umask(0o077)
    try:
        image = built(fetched(history, repository, tmp_path), tmp_path).image
    finally:
        os.umask(mask)
    there = {path: each for path, (each, _) in content(image, "/app").items()}
    assert (there["app/run"].mode & 0o777, there["app/page"].mode & 0o777) == (0o755, 0o644)
    assert there["app/away"].linkname == "/etc/passwd"


def test_the_ignore_file_beside_the_dockerfile_counts(history: History, repository: str, tmp_path: Path) -> None:
    files = {
        "docker/web": "FROM busybox\nCOPY . /app\n",
        "docker/web.dockerignore": "secret\n",
        "secret": "x",
        "page": "y",
    }
    history.commit(files)
    image = built(fetched(history, repository, tmp_path), tmp_path, dockerfile="docker/web").image
    assert "app/page" in content(image, "/app")
    assert "app/secret" not in content(image, "/app")


def test_nothing_of_the_bots_environment_is_seen_by_a_build(
    history: History, repository: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "of-the-bot")
    monkeypatch.setenv("BUILDX_BUILDER", "of-the-bot")
    history.commit({"Dockerfile": 'FROM busybox\nARG SECRET\nRUN echo "<$SECRET>"; env; false\n'})
    lines: list[str] = []
    built(fetched(history, repository, tmp_path), tmp_path, lines)
    assert "<>" in lines
    assert not any("of-the-bot" in line for line in lines)


def test_a_front_end_that_a_dockerfile_asks_for_is_not_fetched(
    history: History, repository: str, tmp_path: Path
) -> None:
    history.commit({"Dockerfile": "#syntax = nowhere.invalid/front:1\nFROM busybox\nRUN true\n"})
    assert isinstance(built(fetched(history, repository, tmp_path), tmp_path), Built)


def test_an_escape_directive_below_a_front_end_still_counts(history: History, repository: str, tmp_path: Path) -> None:
    text = "# syntax=nowhere.invalid/front:1\n# escape=`\nFROM busybox\nRUN true && `\n  exit 5\n"
    history.commit({"Dockerfile": text})
    assert (
        built(fetched(history, repository, tmp_path), tmp_path).why == "Dockerfile:4: RUN true && exit 5: exit code 5"
    )


def test_nothing_is_left_on_disk(history: History, repository: str, tmp_path: Path) -> None:
    history.commit({"Dockerfile": "FROM busybox\nCOPY nothing /\n"})
    built(fetched(history, repository, tmp_path), tmp_path)
    left = [path for folder in ("state", "mirrors/exports") for path in (tmp_path / folder).rglob("*")]
    assert {path.name for path in left} == {"builds", "locks"}


def test_a_build_that_takes_too_long_is_stopped(history: History, repository: str, tmp_path: Path) -> None:
    history.commit({"Dockerfile": "FROM busybox\nRUN sleep 60\n"})
    builder = DockerBuilder(tmp_path / "state", longest=1)
    commit = fetched(history, repository, tmp_path)
    failed = builder.build(commit, Build(), log=[].append, cancel=threading.Event())
    assert failed.why == "Dockerfile: not built within 1 s, so it was stopped"


def test_an_engine_that_is_not_there_is_named(
    history: History, repository: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.commit({"Dockerfile": "FROM busybox\n"})
    commit = fetched(history, repository, tmp_path)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(Unavailable, match=r"no Docker engine answers at .*nowhere/docker.sock: .*; start it"):
        built(commit, tmp_path)
    with pytest.raises(Unavailable, match="no Docker engine answers"):
        DockerBuilder(tmp_path / "state").pin("busybox", log=[].append, cancel=threading.Event())


def test_a_missing_buildx_is_named(history: History, repository: str, tmp_path: Path) -> None:
    history.commit({"Dockerfile": "FROM busybox\nRUN true\n"})
    builder = DockerBuilder(tmp_path / "state", buildx="/nowhere/docker-buildx")
    commit = fetched(history, repository, tmp_path)
    with pytest.raises(Unavailable, match="buildx is not there: no /nowhere/docker-buildx; install"):
        builder.build(commit, Build(), log=[].append, cancel=threading.Event())


def test_an_engine_that_dies_during_a_build_is_no_failure_of_the_build(
    history: History, repository: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.commit({"Dockerfile": "FROM busybox\nRUN echo begun && sleep 60\n"})
    commit = fetched(history, repository, tmp_path)
    engine = FrailEngine(tmp_path / "docker.sock")
    monkeypatch.setenv("DOCKER_HOST", engine.url)

    def log(line: str) -> None:
        if line == "begun":
            engine.die()

    with pytest.raises(Unavailable, match="engine"):
        DockerBuilder(tmp_path / "state").build(commit, Build(), log=log, cancel=threading.Event())


BOT = """
import sys, threading
from pathlib import Path
from bot.core.model import Build
from builders.docker import DockerBuilder
from builders.source import Sources
url, repository, sha, folder = sys.argv[1:]
commit = Sources(Path(folder, "mirrors")).fetch(url, None, repository=repository, sha=sha, cancel=threading.Event())
builder = DockerBuilder(Path(folder, "state"))
builder.build(commit, Build(), log=lambda line: print(line, flush=True), cancel=threading.Event())
"""


def test_a_killed_bot_leaves_no_build_running_and_its_folders_vanish(
    history: History, repository: str, tmp_path: Path
) -> None:
    history.commit({"Dockerfile": "FROM busybox\nRUN echo begun && sleep 60\n"})
    command = [sys.executable, "-c", BOT, history.url, repository, history.head, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bot:
        assert any("begun" in line for line in bot.stdout if not line.startswith("#"))
        bot.send_signal(signal.SIGKILL)
    waiting = threading.Event()
    for _ in range(100):
        if not running(repository):
            break
        waiting.wait(0.05)
    assert not running(repository)
    history.commit({"Dockerfile": "FROM busybox\nRUN false\n"})
    built(fetched(history, repository, tmp_path), tmp_path)
    assert not [*(tmp_path / "state/builds").iterdir(), *(tmp_path / "mirrors/exports").iterdir()]


def running(repository: str) -> list[bytes]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes())
    return [command for command in found if f"--tag=matinee/{repository}:".encode() in command]


def test_a_secret_is_there_for_the_lines_that_ask_for_it_and_nowhere_else(
    history: History, repository: str, tmp_path: Path
) -> None:
    line = "RUN --mount=type=secret,id=TOKEN wc -c /run/secrets/TOKEN && ! env | grep -q s3cr3t"
    text = f"FROM busybox\nENV OF={repository}\n{line}\n"
    history.commit({"Dockerfile": text})
    lines: list[str] = []
    made = DockerBuilder(tmp_path / "state").build(
        fetched(history, repository, tmp_path),
        Build(secrets=("TOKEN",)),
        secrets={"TOKEN": "s3cr3t-canary"},
        log=lines.append,
        cancel=threading.Event(),
    )
    assert isinstance(made, Built), made
    assert any("13 /run/secrets/TOKEN" in line for line in lines)
    client = docker.from_env()
    told = f"{client.api.history(made.image)}{client.api.inspect_image(made.image)}{lines}"
    packed = b"".join(client.images.get(made.image).save())
    client.close()
    assert "s3cr3t-canary" not in told
    assert b"s3cr3t-canary" not in packed


def test_named_contexts_are_used_or_refused_in_words_where_the_engine_does_not_know_them(
    history: History, repository: str, tmp_path: Path
) -> None:
    history.commit({"Dockerfile": "FROM busybox\nCOPY --from=docs a /a\n", "docs/a": "hi"})
    made = built(fetched(history, repository, tmp_path), tmp_path, contexts={"docs": "docs"})
    if isinstance(made, Built):
        assert content(made.image, "/a")["a"][1] == b"hi"
    else:
        assert "knows no named contexts" in made.why

"""What every builder promises, whatever it builds with."""

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot import plugins
from bot.core.model import Build
from bot.core.names import EnvironmentId
from bot.core.telling.checkup import Health
from builders.base import Builder, Built, Commit, Unbuilt
from builders.source import Sources
from tests.world.engine_images import remove_images
from tests.world.farm import Farm, remove_pushed
from tests.world.history import History

PATIENCE = 20


@dataclass(slots=True, kw_only=True)
class Site:
    """A builder and a repository for it."""

    builder: Builder
    history: History
    sources: Sources
    repository: str = field(default_factory=lambda: f"local-{uuid.uuid4().hex[:12]}")
    lines: list[str] = field(default_factory=list)
    cancel: threading.Event = field(default_factory=threading.Event)

    def commit(self, files: dict[str, str | None], **links: str) -> Commit:
        sha = self.history.commit(files, links=links)
        return self.sources.fetch(self.history.url, None, repository=self.repository, sha=sha, cancel=self.cancel)

    def build(self, commit: Commit, **build: object) -> Built | Unbuilt:
        secrets = {str(name): f"s3cr3t-{name}" for name in build.get("secrets", ())}
        return self.builder.build(commit, Build(**build), secrets=secrets, log=self.lines.append, cancel=self.cancel)

    @contextmanager
    def building(self, commit: Commit, **build: object) -> Iterator[Callable[[], Built | Unbuilt]]:
        ended: list[Built | Unbuilt] = []
        thread = threading.Thread(target=lambda: ended.append(self.build(commit, **build)))
        thread.start()

        def end() -> Built | Unbuilt:
            thread.join(PATIENCE)
            return ended[0]

        yield end
        self.cancel.set()
        thread.join(PATIENCE)

    def hears(self, text: str) -> None:
        waiting = threading.Event()
        for _ in range(PATIENCE * 50):
            if any(text in line for line in self.lines):
                return
            waiting.wait(0.02)
        raise AssertionError(f"{text!r} was never logged: {self.lines}")


def marked(name: str) -> object:
    marks = [] if name == "memory" else [pytest.mark.engine]
    return pytest.param((name, {"buildkit": "buildkit_here"}.get(name)), id=name, marks=marks)


INSIDE = pytest.param(
    ("buildkit", "buildkit_in_the_cluster"), id="buildkit in a cluster", marks=[pytest.mark.engine, pytest.mark.cluster]
)


@pytest.fixture
def buildkit_here(farm: Farm) -> Mapping[str, str]:
    return farm.settings


@pytest.fixture(params=[*(marked(name) for name in plugins.choices("builders")), INSIDE])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    name, daemon = request.param
    settings = request.getfixturevalue(daemon) if daemon else {}
    builder = plugins.create("builders", name, {"state": str(tmp_path / "state"), **settings})
    history, sources = History(tmp_path / "origin.git"), Sources(tmp_path / "mirrors", pauses=())
    site = Site(builder=builder, history=history, sources=sources)
    yield site
    if name == "docker":
        remove_images(site.repository)
    if name == "buildkit":
        remove_pushed(site.repository)


STAGES = """\
FROM busybox AS base
ARG FLAVOUR=plain
COPY . /app
FROM base AS runtime
RUN echo "flavour $FLAVOUR"
FROM base AS broken
RUN exit 3
"""


def test_a_stage_is_built_with_arguments(site: Site) -> None:
    commit = site.commit({"Dockerfile": STAGES})
    built = site.build(commit, target="runtime", args={"FLAVOUR": "preview"})
    assert isinstance(built, Built)
    assert built.fresh
    assert "sha256:" in built.image


def test_the_same_content_is_built_once(site: Site) -> None:
    commit = site.commit({"Dockerfile": "FROM busybox\nCOPY . /app\n"})
    first, second = site.build(commit), site.build(commit)
    assert (first.fresh, second.fresh) == (True, False)
    assert first.image == second.image


def test_a_change_elsewhere_in_the_repository_builds_nothing(site: Site) -> None:
    first = site.build(site.commit({"web/Dockerfile": "FROM busybox\nCOPY . /app\n", "README": "one"}), root="web")
    second = site.build(site.commit({"README": "two"}), root="web")
    assert (first.fresh, second.fresh) == (True, False)


def test_a_change_inside_is_built(site: Site) -> None:
    first = site.build(site.commit({"Dockerfile": "FROM busybox\nCOPY . /app\n", "a": "one"}))
    second = site.build(site.commit({"a": "two"}))
    assert (first.fresh, second.fresh) == (True, True)
    assert first.image != second.image


@pytest.mark.parametrize(
    "build",
    [
        {"root": "services/web"},
        {"root": "./services/web/"},
        {"root": "services/web", "dockerfile": "./Dockerfile"},
        {"dockerfile": "services/web/Dockerfile"},
        {"root": "docs", "dockerfile": "../services/web/Dockerfile"},
    ],
    ids=str,
)
def test_root_and_dockerfile_may_be_anywhere_in_the_repository(site: Site, build: dict[str, str]) -> None:
    files = {"services/web/Dockerfile": "FROM busybox\nCOPY . /app\n", "docs/index": "x"}
    assert isinstance(site.build(site.commit(files), **build), Built)


def test_a_failing_line_is_named(site: Site) -> None:
    failed = site.build(site.commit({"web/Dockerfile": STAGES}), root="web", target="broken")
    assert failed == Unbuilt(why="web/Dockerfile:7: RUN exit 3: exit code 3", file="web/Dockerfile", line=7)


def test_a_failing_line_is_named_below_comments_and_continued_lines(site: Site) -> None:
    text = "# syntax=nowhere.invalid/front:1\nFROM busybox\n\nRUN echo a && \\\n # why\n    echo b\nRUN echo c; false\n"
    failed = site.build(site.commit({"Dockerfile": text}))
    assert failed == Unbuilt(why="Dockerfile:7: RUN echo c; false: exit code 1", file="Dockerfile", line=7)


def test_a_stage_that_is_not_there_is_named(site: Site) -> None:
    failed = site.build(site.commit({"Dockerfile": STAGES}), target="runtimes")
    assert failed.why == "Dockerfile: there is no stage runtimes; there is base, runtime, broken"


def test_a_missing_dockerfile_is_answered_with_those_that_there_are(site: Site) -> None:
    failed = site.build(site.commit({"services/web/Dockerfile": "FROM busybox\n"}), root="service/web")
    assert isinstance(failed, Unbuilt)
    assert "there is no folder service/web" in failed.why
    assert "did you mean services/web/Dockerfile?" in failed.why


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        ({"root": ".."}, "root '..' leads out of the repository"),
        ({"root": "/etc"}, "root '/etc' leads out of the repository"),
        ({"dockerfile": "../Dockerfile"}, "dockerfile '../Dockerfile' leads out of the repository"),
        ({"dockerfile": "/etc/passwd"}, "dockerfile '/etc/passwd' leads out of the repository"),
        ({"root": "out"}, "out is a symbolic link"),
        ({"root": "out/etc"}, "out is a symbolic link"),
        ({"dockerfile": "passwd"}, "passwd is a symbolic link"),
        ({"dockerfile": "-"}, "there is no -"),
        ({"args": {"BUILDKIT_SYNTAX": "nowhere/front"}}, "BUILDKIT_SYNTAX would steer the builder"),
    ],
    ids=str,
)
def test_a_path_out_of_the_repository_is_refused(site: Site, build: dict[str, str], reason: str) -> None:
    commit = site.commit({"Dockerfile": "FROM busybox\n"}, out="/", passwd="/etc/passwd")
    failed = site.build(commit, **build)
    assert isinstance(failed, Unbuilt)
    assert reason in failed.why


def test_lines_come_while_it_builds(site: Site) -> None:
    commit = site.commit({"Dockerfile": "FROM busybox\nRUN echo begun && sleep 60\n"})
    with site.building(commit):
        site.hears("RUN echo begun")
        site.hears("begun")


def test_a_cancelled_build_ends_at_once(site: Site) -> None:
    commit = site.commit({"Dockerfile": "FROM busybox\nRUN echo begun && sleep 60\n"})
    with site.building(commit) as end:
        site.hears("begun")
        site.cancel.set()
        ended = threading.Event()
        threading.Thread(target=lambda: (end(), ended.set())).start()
        assert ended.wait(2)
        assert end().cancelled


def test_two_builds_of_the_same_content_become_one(site: Site) -> None:
    commit = site.commit({"Dockerfile": "FROM busybox\nRUN sleep 0.3\n"})
    with site.building(commit) as one, site.building(commit) as other:
        results = (one(), other())
    assert sorted(each.fresh for each in results) == [False, True]


def test_an_image_that_is_there_is_pinned(site: Site) -> None:
    pinned = site.builder.pin("busybox:latest", log=site.lines.append, cancel=site.cancel)
    assert isinstance(pinned, Built)
    assert "sha256:" in pinned.image


def test_an_image_that_is_nowhere_is_not_pinned(site: Site) -> None:
    failed = site.builder.pin("missing/nowhere:1", log=site.lines.append, cancel=site.cancel)
    assert isinstance(failed, Unbuilt)
    assert "missing/nowhere:1 cannot be fetched" in failed.why


def test_a_target_that_is_no_stage_of_an_unnamed_file_says_how_to_name_one(site: Site) -> None:
    failed = site.build(site.commit({"Dockerfile": "FROM busybox\n"}), target="runtime")
    assert failed.why == "Dockerfile: there is no stage runtime; no stage has a name; write FROM … AS a-name"


def test_what_is_in_a_further_context_is_part_of_the_content(site: Site) -> None:
    commit = site.commit({"web/Dockerfile": "FROM busybox\n", "docs/a": "1"})
    missing = site.build(commit, root="web", contexts={"docs": "dosc"})
    assert missing.why == f"context docs: there is no folder dosc in commit {commit.sha[:7]}"
    outside = site.build(commit, root="web", contexts={"docs": "../docs"})
    assert "leads out of the repository" in outside.why


def test_an_image_that_somebody_still_makes_is_waited_for_and_said_so(site: Site) -> None:
    ended = site.builder.pin("missing/image:1", wait=0.3, log=site.lines.append, cancel=site.cancel)
    assert isinstance(ended, Unbuilt)
    assert "it was waited for" in ended.why
    assert any("missing/image:1 is not there yet" in line for line in site.lines)


def test_waiting_for_an_image_ends_when_nobody_wants_it(site: Site) -> None:
    thread = threading.Thread(
        target=lambda: site.builder.pin("missing/image:1", wait=600, log=site.lines.append, cancel=site.cancel)
    )
    thread.start()
    site.hears("is not there yet")
    site.cancel.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_what_is_known_of_a_build_is_what_it_would_find_and_nothing_is_made_to_know_it(site: Site) -> None:
    first = site.commit({"web/Dockerfile": "FROM busybox\nCOPY . /app\n", "README": "one"})
    assert site.builder.known(first, Build(root="web")) is None
    assert site.builder.known(first, Build(root="web")) is None
    built = site.build(first, root="web")
    assert isinstance(built, Built)
    assert built.fresh
    assert site.builder.known(site.commit({"README": "two"}), Build(root="web")) == built.image
    assert site.builder.known(site.commit({"web/a": "1"}), Build(root="web")) is None
    assert site.builder.known(first, Build(root="web", args={"FLAVOUR": "other"})) is None


def test_what_is_wrong_with_a_build_is_known_before(site: Site) -> None:
    commit = site.commit({"web/Dockerfile": "FROM busybox\n"})
    wrong = site.builder.known(commit, Build(root="wbe"))
    assert wrong == site.build(commit, root="wbe")
    assert isinstance(wrong, Unbuilt)


def test_an_image_that_is_here_is_the_one_that_is_pinned(site: Site) -> None:
    pinned = site.builder.pin("busybox:latest", log=site.lines.append, cancel=site.cancel)
    assert isinstance(pinned, Built)
    assert site.builder.here("busybox:latest") == pinned.image


@pytest.mark.parametrize("image", ["missing/nowhere:1", "missing/No Name"])
def test_an_image_that_is_nowhere_is_not_here(site: Site, image: str) -> None:
    assert site.builder.here(image) is None
    assert site.lines == []


def test_what_it_needs_is_looked_at_and_well(site: Site) -> None:
    checks = list(site.builder.checks())
    assert checks
    assert len({check.name for check in checks}) == len(checks)
    assert [check for check in checks if check.state is Health.FAILED] == []
    assert all(check.why and (check.advice or check.state is Health.OK) for check in checks)


def test_git_is_looked_at_and_well(tmp_path: Path) -> None:
    assert [check.state for check in Sources(tmp_path / "mirrors").checks()] == [Health.OK]


def test_an_image_is_held_for_as_long_as_an_environment_needs_it_and_letting_go_twice_is_fine(site: Site) -> None:
    image, environment = (
        site.build(site.commit({"Dockerfile": "FROM busybox\nENV A=1\n"})).image,
        EnvironmentId("a-b-1"),
    )
    assert site.builder.hold(image, environment)
    site.builder.release(environment, {image})
    assert site.builder.hold(image, environment)
    site.builder.release(environment, frozenset())
    site.builder.release(environment, frozenset())

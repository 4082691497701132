import base64
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders._build_failure import failure
from builders._buildx_progress import Broken, Line, Said, read
from builders.base import Unbuilt

NOW = "2026-01-01T00:00:00Z"
MAKE, TEST = "[2/3] RUN make", "[3/3] RUN make  \\  test"


def begun(name: str, **more: object) -> bytes:
    return json.dumps({"vertexes": [{"digest": name, "name": name, "started": NOW, **more}]}).encode()


def printed(name: str, data: bytes, stream: int = 1) -> bytes:
    log = {"vertex": name, "stream": stream, "data": base64.b64encode(data).decode(), "timestamp": NOW}
    return json.dumps({"logs": [log]}).encode()


def shown(*lines: bytes) -> list[str]:
    return [event.text for event in read(lines) if isinstance(event, Line)]


def test_a_heading_then_what_the_step_prints() -> None:
    assert shown(begun(MAKE), printed(MAKE, b"one\ntwo\n")) == ["#1 [2/3] RUN make", "one", "two"]


def test_a_heading_again_where_steps_speak_in_turn() -> None:
    spoken = shown(begun(MAKE), begun(TEST), printed(MAKE, b"a\n"), printed(TEST, b"b\n"))
    heads = ["#1 [2/3] RUN make", "#2 [3/3] RUN make \\ test"]
    assert spoken == [*heads, heads[0], "a", heads[1], "b"]


def test_a_cached_step_says_so() -> None:
    assert shown(begun(MAKE, completed=NOW, cached=True)) == ["#1 [2/3] RUN make (cached)"]


def test_what_the_builder_does_for_itself_is_not_shown() -> None:
    assert shown(begun("[internal] load .dockerignore"), begun("exporting to image")) == []


def test_a_progress_bar_shows_its_last_state() -> None:
    assert shown(begun(MAKE), printed(MAKE, b"10%\r50%\r100%\r\n"))[1:] == ["100%"]


def test_what_has_no_line_end_comes_when_the_step_ends() -> None:
    assert shown(begun(MAKE), printed(MAKE, b"half"), begun(MAKE, completed=NOW), begun(TEST))[1] == "half"
    assert shown(begun(MAKE), printed(MAKE, b"half"))[1] == "half"


@pytest.mark.parametrize(
    "name", ["importing cache manifest from registry.example/cache:1", "exporting cache to registry"]
)
def test_a_cache_that_is_not_there_breaks_nothing(name: str) -> None:
    assert not [each for each in read([begun(name, error="not found")]) if isinstance(each, Broken)]


def test_a_broken_step_is_told_once() -> None:
    broken = begun(MAKE, completed=NOW, error="exit code: 2")
    assert [each for each in read([broken, broken]) if isinstance(each, Broken)] == [Broken(MAKE, "exit code: 2")]


def test_what_is_no_progress_is_passed_on() -> None:
    assert list(read([b"ERROR: failed\n"])) == [Said("ERROR: failed")]


@given(st.text(alphabet="ab\n"), st.lists(st.integers(0, 40)))
def test_lines_are_the_same_however_they_are_cut(text: str, cuts: list[int]) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [printed(MAKE, text[start:end].encode()) for start, end in pairwise(places)]
    whole = text.removesuffix("\n").split("\n") if text else []
    assert shown(begun(MAKE), *chunks)[1:] == whole


ODD = ["[]", "1", '{"vertexes": 1}', '{"logs": [{"vertex": "a", "stream": 1, "data": "%"}]}', '{"vertexes": [{}]}']


@given(st.lists(st.binary() | st.sampled_from(ODD).map(str.encode)))
def test_no_progress_crashes(lines: list[bytes]) -> None:
    assert len(list(read(lines))) <= len(lines)


DOCKERFILE = "FROM busybox\nRUN make\nRUN make \\\n  test\nCOPY dist /app\n"


@pytest.mark.parametrize(
    ("broken", "said", "why", "line"),
    [
        (
            Broken("[3/4] RUN make   test", "executor failed running [/bin/sh -c make test]: exit code: 2"),
            (),
            "web/Dockerfile:3: RUN make test: exit code 2",
            3,
        ),
        (
            Broken("[3/4] RUN make", 'process "/bin/sh -c make test" did not complete successfully: exit code: 2'),
            ("Dockerfile:4", "--------------------", "   3 | >>> RUN make"),
            "web/Dockerfile:3: RUN make test: exit code 2",
            3,
        ),
        (
            Broken("[4/4] COPY dist /app", 'failed to compute cache key: "/dist" not found: not found'),
            (),
            'web/Dockerfile:5: COPY dist /app: "/dist" not found',
            5,
        ),
        (
            None,
            ("ERROR: failed to solve: dockerfile parse error on line 2: unknown instruction: RNU",),
            "web/Dockerfile:2: unknown instruction: RNU",
            2,
        ),
        (
            None,
            ("ERROR: failed to solve: busybox: no match for platform in manifest sha256:12: not found",),
            "web/Dockerfile: its base image is not there for this platform; check build.platform, or leave it out",
            None,
        ),
        (None, ("ERROR: failed to build: no such stage",), "web/Dockerfile: no such stage", None),
        (None, (), "web/Dockerfile: buildx gave no reason", None),
    ],
    ids=["old engine", "new engine", "copy", "parse", "platform", "no place", "silence"],
)
def test_a_failure_names_place_instruction_and_reason(
    broken: Broken | None, said: tuple[str, ...], why: str, line: int | None
) -> None:
    assert failure("web/Dockerfile", DOCKERFILE, broken, said) == Unbuilt(why=why, file="web/Dockerfile", line=line)

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders._dockerfile import images, instructions, place, remote_add, without_frontend

TEXT = """\
# escape=`
ARG TAG=latest
FROM busybox:$TAG AS Base

WORKDIR /app
# a comment
RUN echo one && `
    # inside
    echo two
COPY . .
FROM base
LABEL a=b
RUN echo three
FROM registry.example/tools/make:4
ENTRYPOINT ["make"]
RUN make
"""


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ("[base 1/4] FROM docker.io/library/busybox:latest", 3),
        ("[base 2/4] WORKDIR /app", 5),
        ("[base 3/4] RUN echo one &&     echo two", 7),
        ("[base 2/3] RUN echo one &&     echo two", 7),
        ("[linux/arm64 base 4/4] COPY . .", 10),
        ("[stage-1 1/1] RUN echo three", 13),
        ("[stage-2 2/2] RUN make", 16),
        ("[stage-2  2/2] RUN make", 16),
        ("[internal] load metadata for registry.example/tools/make:4", 14),
        ("[internal] load metadata for docker.io/library/unknown:1", None),
        ("[base 3/4] ADD . .", None),
        ("[base 9/9] RUN x", None),
        ("[nobody 1/1] RUN x", None),
        ("exporting to image", None),
    ],
)
def test_a_step_is_found_in_the_file(step: str, line: int | None) -> None:
    found = place(TEXT, step)
    assert (found and found.line) == line


def test_a_file_of_one_stage_has_steps_without_a_name() -> None:
    found = place("FROM busybox\nRUN a\nRUN b\n", "[3/3] RUN b")
    assert (found and str(found)) == "RUN b"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("# syntax=x/y:1\nFROM a\n", "#\nFROM a\n"),
        ("#SYNTAX = x\r\nFROM a\r\n", "#\nFROM a\r\n"),
        ("# syntax=x\n# escape=`\nFROM a", "# escape=`\n#\nFROM a"),
        ("# escape=`\n# syntax=x\n# check=skip=all\nFROM a", "# escape=`\n# check=skip=all\n#\nFROM a"),
        ("\ufeff# syntax=x\nFROM a", "#\nFROM a"),
        ("#!/usr/bin/env x\n# syntax=x\nFROM a", "#\n#\nFROM a"),
        ("// syntax=x\nFROM a", "#\nFROM a"),
        ('{"syntax": "x"}', "#"),
        ("FROM a\n# syntax=x\n", "FROM a\n# syntax=x\n"),
        ("# a comment\n# syntax=x\nFROM a", "# a comment\n# syntax=x\nFROM a"),
        ("", ""),
    ],
)
def test_a_file_loses_its_front_end_and_nothing_else(text: str, plain: str) -> None:
    assert without_frontend(text) == plain


LINES = st.lists(
    st.sampled_from(
        ["# syntax=x", "#syntax = y", "// syntax=z", "# escape=`", "#!x", "", "# c", "FROM a", "{", "\ufeff"]
    )
)


@given(LINES.map("\n".join) | st.text(alphabet="#/! {}syntax=\n\r\ufeff:x"))
def test_no_front_end_is_left_and_no_line_is_moved(text: str) -> None:
    plain = without_frontend(text)
    assert plain.count("\n") == text.count("\n")
    assert without_frontend(plain) == plain
    head = []
    for line in plain.split("\n"):
        if not re.match(r"(#|//)\s*[A-Za-z]\w*\s*=\s*.", line):
            break
        head.append(line.lower())
    assert not any("syntax" in re.split("=", line)[0] for line in head)


@given(st.text())
def test_no_text_of_a_file_crashes(text: str) -> None:
    assert all(each.line >= 1 for each in instructions(text))
    place(text, "[2/2] RUN x")


def test_a_line_of_a_mebibyte_is_read_in_no_time_to_speak_of():
    line = "# a=x" + " " * 2**20 + "y"
    assert without_frontend(f"{line}\nFROM busybox\n").startswith(line)


@pytest.mark.parametrize(
    "add",
    [
        "ADD http://127.0.0.1:8081/x /x",
        "add https://one.example/a b /x/",
        "ADD --checksum=sha256:00 http://one.example/a /x",
        "ADD https://git.example/acme/shop.git#main /x",
        "ADD git@git.example:acme/shop.git /x",
        "ADD $WHERE /x",
        "ADD ${WHERE} /x",
        'ADD ["http://one.example/a", "/x"]',
        'ADD ["http:\\u002f\\u002fone.example/a","/x"]',
        "ADD http:\\//one.example/a /x",
        'ADD "http:"//one.example/a /x',
        "ADD \\\n  http://one.example/a \\\n  /x",
        "ONBUILD ADD http://one.example/a /x",
        "onbuild  add http://one.example/a /x",
    ],
)
def test_an_add_of_what_lies_elsewhere_is_found_at_its_line(add):
    found = remote_add(f"FROM busybox\n{add}\n")
    assert found is not None
    assert found.line == 2


@pytest.mark.parametrize(
    "line",
    [
        "ADD a b /x/",
        "ADD a $HOME/x",
        'ADD ["a", "/x"]',
        "COPY a /x",
        "RUN wget http://one.example/a",
        "ENV ADD=http://one.example",
        "# ADD http://one.example/a /x",
        "ADD",
        "ADD <<EOF /x\nhttp://one.example\nEOF",
    ],
)
def test_what_adds_nothing_from_elsewhere_is_let_be(line):
    assert remote_add(f"FROM busybox\n{line}\n") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "FROM r.example/a/base:1 AS build\nFROM build\nCOPY --from=build /a /b\nCOPY --from=0 /a /b\n",
            ["r.example/a/base:1"],
        ),
        ("FROM scratch\nCOPY --chown=1 --from=r.example/a/tool /a /b\n", ["r.example/a/tool"]),
        ("FROM busybox\nRUN --mount=type=bind,from=r.example/x,target=/x true\n", ["busybox", "r.example/x"]),
        ('ARG BASE=r.example/a/base\nARG TAG="1"\nFROM --platform=linux/amd64 ${BASE}:$TAG\n', ["r.example/a/base:1"]),
        ("ARG BASE\nFROM $BASE\n", ["given.example/base"]),
        ("ARG BASE=r.example/a\nFROM $BASE\n", ["given.example/base"]),
        ("FROM ${WHO:-r.example/a}\nFROM $NOBODY/a\n", []),
        ("", []),
    ],
)
def test_the_images_that_a_dockerfile_names_are_found(text, found):
    assert list(images(text, {"BASE": "given.example/base"} if "BASE" in text and "TAG" not in text else {})) == found


@given(st.text(alphabet='FROMCPYARG from=$:{}/-,\n\\"ab1', max_size=200))
def test_no_text_is_too_strange_to_look_for_images_in(text):
    assert all("$" not in each for each in images(text, {"A": "$A"}))

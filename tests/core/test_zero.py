import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Build, Service, Spec
from bot.core.reading.dockerfile import instructions
from bot.core.reading.spec import Unreadable
from bot.core.reading.zero import Bare, bare, found


def repository(**files: bytes):
    named = {name.replace("_", "."): text for name, text in files.items()}
    return lambda name, limit: named.get(name)


def spec_of(dockerfile: str) -> Spec:
    read = found(repository(Dockerfile=dockerfile.encode()))
    assert isinstance(read, Spec), str(read)
    return read


def why(dockerfile: str) -> str:
    read = found(repository(Dockerfile=dockerfile.encode()))
    assert isinstance(read, Unreadable)
    (problem,) = read.problems
    return problem.message


def test_a_repository_without_a_spec_but_with_a_dockerfile_is_one_public_service_on_its_exposed_port():
    spec = spec_of("FROM nginx\nEXPOSE 8080\n")
    assert spec.jobs == {}
    assert spec.services == {"app": Service(build=Build(), port=8080, public=True)}


def test_a_spec_wins_over_a_dockerfile():
    read = found(
        repository(matinee_yaml=b"version: 1\nservices: {web: {image: a}}\n", Dockerfile=b"FROM a\nEXPOSE 80\n")
    )
    assert isinstance(read, Spec)
    assert set(read.services) == {"web"}


def test_a_repository_with_neither_is_told_what_to_add():
    read = found(repository())
    assert isinstance(read, Unreadable)
    assert "nor a Dockerfile to preview without one; add one" in str(read)


@pytest.mark.parametrize("name", ["matinee.yml", ".matinee.yaml", ".matinee.yml"])
def test_a_spec_of_another_name_is_not_overlooked(name):
    read = found(lambda asked, limit: {name: b"version: 1\n", "Dockerfile": b"FROM a\nEXPOSE 80\n"}.get(asked))
    assert isinstance(read, Unreadable)
    assert f"the spec is named matinee.yaml; rename {name}" in str(read)


def test_a_dockerfile_that_is_a_link_is_not_followed():
    def look(name, limit):
        if name == "Dockerfile":
            raise ValueError("Dockerfile is a symbolic link; put the file itself there")

    read = found(look)
    assert isinstance(read, Unreadable)
    assert "there is no matinee.yaml, and Dockerfile is a symbolic link" in str(read)


@pytest.mark.parametrize(
    ("dockerfile", "port"),
    [
        ("FROM a\nEXPOSE 80\n", 80),
        ("FROM a\nexpose 80/tcp\n", 80),
        ("FROM a\nEXPOSE 53/udp 8080/TCP\n", 8080),
        ("FROM a\nEXPOSE 8000-8010\n", 8000),
        ("FROM a\r\nEXPOSE 80\r\n", 80),
        ("FROM a\nEXPOSE 80 443\nEXPOSE 9000\n", 80),
        ("FROM a\nEXPOSE \\\n  # the port\n  80\n", 80),
        ("# escape=`\nFROM a\nEXPOSE `\n 80\n", 80),
        ("ARG TAG=1\nFROM --platform=$BUILDPLATFORM a:${TAG} AS Build\nEXPOSE 1\nFROM scratch\nEXPOSE 80\n", 80),
        ("FROM a AS base\nEXPOSE 80\nFROM BASE\nRUN make\n", 80),
        ("FROM a AS base\nEXPOSE 80 90\nFROM base\nEXPOSE 90 70\n", 90),
        ("FROM a\nRUN <<EOF\nEXPOSE 1\nEOF\nEXPOSE 80\n", 80),
        ("FROM a\nCOPY <<-'ONE' <<TWO /etc/\nEXPOSE 1\n\tONE\nEXPOSE 2\nTWO\nEXPOSE 80\n", 80),
        ("FROM a\nRUN echo $((1<<2))\nEXPOSE 80\n", 80),
        ("FROM a\nRUN cat <<NEVER\nEXPOSE 80\n", 80),
        ("\ufeffFROM a\nEXPOSE 80\n", 80),
    ],
    ids=repr,
)
def test_the_first_tcp_port_of_the_last_stage_counts(dockerfile, port):
    assert spec_of(dockerfile).services["app"].port == port


@pytest.mark.parametrize(
    ("dockerfile", "said"),
    [
        ("", "no EXPOSE with a TCP port"),
        ("FROM a\n", "no EXPOSE with a TCP port"),
        ("EXPOSE 80\n", "no EXPOSE with a TCP port"),
        ("FROM a\nEXPOSE 53/udp\n", "no EXPOSE with a TCP port"),
        ("FROM a\nEXPOSE 80\nFROM b\n", "no EXPOSE with a TCP port"),
        ("FROM a\nONBUILD EXPOSE 80\n", "no EXPOSE with a TCP port"),
        ("FROM a\nENV PORT=80\nEXPOSE $PORT\n", "Dockerfile:3: EXPOSE $PORT is known only when it is built"),
        ("FROM a\nEXPOSE ${PORT:-80}/tcp\n", "Dockerfile:2: EXPOSE ${PORT:-80}/tcp is known only when it is built"),
        ("FROM a\nEXPOSE http\n", "Dockerfile:2: EXPOSE http names no port"),
        ("FROM a\nEXPOSE 99999\n", "Dockerfile:2: EXPOSE 99999 names no port"),
        ("FROM a\nEXPOSE 0\n", "Dockerfile:2: EXPOSE 0 names no port"),
    ],
    ids=repr,
)
def test_a_dockerfile_without_a_port_to_read_is_told_what_to_write(dockerfile, said):
    message = why(dockerfile)
    assert said in message
    assert "add a matinee.yaml that says which: {version: 1, services: {app: {build: {}, port: 8080" in message


def test_what_is_advised_is_a_spec():
    text = why("FROM a\n").partition("that says which: ")[2]
    assert isinstance(found(repository(matinee_yaml=text.encode())), Spec)


def test_of_several_ports_it_is_said_which():
    read = bare("FROM a\nEXPOSE 8080 9090\nEXPOSE 8080 443\n")
    assert isinstance(read, Bare)
    assert "at port 8080 (EXPOSE in line 2 of the Dockerfile, the first of 8080, 9090, 443)" in str(read)


@given(st.text(st.sampled_from("FROMEXPSabs 0189/$<\\\n\t#`'\"-=.,") | st.characters(), max_size=80))
def test_no_dockerfile_crashes_the_reader(text):
    bare(f"FROM a AS b\n{text}")
    bare(text)


def test_a_long_dockerfile_of_texts_that_never_end_takes_little_time():
    assert len(instructions("FROM a\n" + "RUN <<A <<-B\n" * 100_000)) == 100_001

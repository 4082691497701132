"""What is seen of a repository, and the first spec that comes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.importing.draft import Imported, Unimportable
from bot.core.importing.repository import Seen, drafted
from bot.core.model import Build, Health, Service


def services_of(*others: str, **dockerfiles: str) -> dict[str, Service]:
    named = {path.replace("__", "/").replace("_", "."): text for path, text in dockerfiles.items()}
    seen = Seen(name="shop", paths=frozenset([*named, *others]), dockerfiles=named)
    source, made = drafted(seen)
    assert source == ""
    assert isinstance(made, Imported), made
    return dict(made.spec.services)


def test_one_dockerfile_is_one_public_service_at_its_port():
    found = services_of(Dockerfile="FROM nginx\nEXPOSE 8080\n")
    assert found == {"app": Service(build=Build(), port=8080, public=True)}


def test_each_folder_with_a_dockerfile_is_a_service_by_its_name():
    found = services_of(api__Dockerfile="FROM a\nEXPOSE 80\n", jobs__worker__Dockerfile="FROM a\n")
    assert found["api"].build == Build(root="api")
    assert found["worker"] == Service(build=Build(root="jobs/worker"))


def test_a_port_at_which_no_browser_is_answered_is_not_public():
    assert services_of(Dockerfile="FROM postgres\nEXPOSE 5432\n")["app"].public is False


def test_a_dockerfile_that_copies_from_the_top_is_built_there():
    copies = "FROM a\nCOPY package.json api/src ./\nEXPOSE 80\n"
    found = services_of("package.json", "api/src/main.js", api__Dockerfile=copies)
    assert found["api"].build == Build(dockerfile="api/Dockerfile")
    own = services_of("api/package.json", "package.json", api__Dockerfile="FROM a\nCOPY package.json ./\n")
    assert own["api"].build == Build(root="api")


def test_a_healthcheck_is_taken_over():
    line = 'HEALTHCHECK --interval=5s --start-period=1m CMD ["curl", "-f", "http://localhost/${X}"]'
    (service,) = services_of(Dockerfile=f"FROM a\nEXPOSE 80\n{line}\n").values()
    assert service.health == Health(exec=("curl", "-f", "http://localhost/$${X}"), every="5s", after="1m")
    (shell,) = services_of(Dockerfile="FROM a\nHEALTHCHECK CMD wget -q localhost || exit 1\n").values()
    assert shell.health == Health(exec=("sh", "-c", "wget -q localhost || exit 1"))


def test_of_several_in_one_folder_the_plain_one_is_taken_and_the_others_are_named():
    texts = {"Dockerfile": "FROM a\nEXPOSE 80\n", "Dockerfile.dev": "FROM a\n"}
    _, made = drafted(Seen(name="shop", paths=frozenset(texts), dockerfiles=texts))
    assert list(made.spec.services) == ["app"]
    assert [each.path for each in made.left_out] == ["Dockerfile.dev"]


def test_several_without_a_plain_one_are_several_services():
    texts = {"web.Dockerfile": "FROM a\nEXPOSE 80\n", "Dockerfile.worker": "FROM a\n"}
    _, made = drafted(Seen(name="shop", paths=frozenset(texts), dockerfiles=texts))
    assert {name: each.build for name, each in made.spec.services.items()} == {
        "web": Build(dockerfile="web.Dockerfile"),
        "worker": Build(dockerfile="Dockerfile.worker"),
    }


def test_a_compose_file_wins_and_takes_ports_from_dockerfiles():
    text = b"services:\n  web: {build: web}\n  db: {image: postgres}\n"
    seen = Seen(name="shop", dockerfiles={"web/Dockerfile": "FROM a\nEXPOSE 3000\n"}, compose={"compose.yaml": text})
    source, made = drafted(seen)
    assert source == "compose.yaml"
    assert (made.spec.services["web"].port, made.spec.services["db"].port) == (3000, 5432)


def test_the_port_of_a_dockerfile_is_that_of_the_stage_that_is_built():
    dockerfile = "FROM a AS build\nFROM b AS run\nEXPOSE 8080\nFROM run AS debug\nEXPOSE 9229\nFROM build AS test\n"
    services = b"services: {a: {build: {target: run}}, b: {build: {target: debug}}, c: {build: {context: .}}}"
    _, made = drafted(Seen(name="shop", dockerfiles={"Dockerfile": dockerfile}, compose={"compose.yaml": services}))
    assert [each.port for each in made.spec.services.values()] == [8080, 9229, None]


def test_the_file_that_compose_takes_over_the_first_one_is_taken_and_what_they_name_is_read():
    files = {
        "compose.yml": b"services: {web: {build: web, env_file: web.env}}",
        "docker-compose.override.yml": b"services: {web: {ports: ['80:80']}}",
        "docker-compose.override.yaml": b"services: {web: {ports: ['81:81']}}",
    }
    source, made = drafted(Seen(name="shop", compose=files), {"web.env": b"A=1", ".env": b""}.__getitem__)
    assert source == "compose.yml"
    assert made.spec.services["web"] == Service(build=Build(root="web"), port=80, public=True, variables={"A": "1"})


def test_nothing_to_build_says_what_is_needed():
    _, made = drafted(Seen(name="shop", paths=frozenset(["README.md"])))
    assert isinstance(made, Unimportable)
    assert "add a Dockerfile" in made.why


@pytest.mark.parametrize("name", ["Dockerfile", "a b/Dockerfile", "../Dockerfile", "ä/Dockerfile", "x/Dockerfile.\n"])
@given(text=st.text(st.sampled_from('FROMCPYEXPSHALTK 0189/$<\\\n["]{}') | st.characters(), max_size=80))
def test_no_dockerfile_raises(name, text):
    drafted(
        Seen(
            name="…", paths=frozenset(["a"]), dockerfiles={name: f"FROM a\nEXPOSE 80\nHEALTHCHECK {text}\nCOPY {text}"}
        )
    )

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Build
from bot.core.names import Sha
from builders.base import Unbuilt
from builders.content import Content, content, within

NOUGHT = Sha("0" * 40)
TREE = {
    ".": ("040000", "t0"),
    "web": ("040000", "t1"),
    "web/Dockerfile": ("100644", "b1"),
    "web/Dockerfile.dockerignore": ("100644", "b2"),
    "api": ("040000", "t2"),
    "api/Dockerfile": ("100644", "b1"),
    "vendor": ("160000", "c1"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A commit of which only the names are known."""

    sha: Sha = NOUGHT
    repository: str = "github-1"
    tree: Mapping[str, tuple[str, str]] = field(default_factory=lambda: TREE)

    def read(self, path: str, *, limit: int) -> bytes | None:
        raise NotImplementedError

    def identities(self, paths: tuple[str, ...]) -> Mapping[str, tuple[str, str] | None]:
        return {path: self.tree.get(path) for path in paths}

    def files(self, name: str) -> tuple[str, ...]:
        files = [path for path, (mode, _) in self.tree.items() if mode == "100644"]
        return tuple(path for path in files if path.rpartition("/")[2].lower() == name.lower())

    def export(self, path: str) -> AbstractContextManager[Path]:
        raise NotImplementedError


COMMIT, BUILD = Written(), Build(root="web")


def key(commit: Written = COMMIT, trust: str = "trusted", **build: object) -> str:
    found = content(commit, BUILD.model_copy(update=build), trust=trust)
    assert isinstance(found, Content)
    return found.key


def changed(path: str) -> Written:
    return replace(COMMIT, tree={**TREE, path: ("100644", "other")})


OTHER_KEYS = {
    "argument": key(args={"A": "1"}),
    "argument's value": key(args={"A": "2"}),
    "target": key(target="a"),
    "platform": key(platform="linux/arm64"),
    "root": key(root="api"),
    "Dockerfile": key(dockerfile="../api/Dockerfile", root="web"),
    "root's tree": key(replace(COMMIT, tree={**TREE, "web": ("040000", "t9")})),
    "Dockerfile's text": key(changed("web/Dockerfile")),
    "ignore file": key(changed("web/Dockerfile.dockerignore")),
    "trust": key(trust="forks"),
    "repository": key(replace(COMMIT, repository="github-2")),
}


def test_whatever_decides_the_result_is_in_the_key() -> None:
    assert len({key(), *OTHER_KEYS.values()}) == len(OTHER_KEYS) + 1


def test_what_does_not_decide_the_result_is_not_in_the_key() -> None:
    elsewhere = replace(COMMIT, sha=Sha("1" * 40), tree={**TREE, ".": ("040000", "t9"), "api": ("040000", "t9")})
    assert key(elsewhere) == key() == key(root="./web/", dockerfile="./Dockerfile")


def test_the_order_of_arguments_is_not_in_the_key() -> None:
    assert key(args={"A": "1", "B": "2"}) == key(args={"B": "2", "A": "1"})


def test_keys_stay_the_same_for_ever() -> None:
    assert key() == "b9d0339559f71b7e25fe8b42d4ba40a4"


@pytest.mark.parametrize(
    ("build", "why"),
    [
        ({"root": "vendor"}, "vendor is a submodule, which is not followed; put the files themselves there"),
        ({"root": "web/Dockerfile"}, "there is no folder web/Dockerfile in commit 0000000"),
        ({"dockerfile": "."}, "web is a folder, not a Dockerfile; there is web/Dockerfile, api/Dockerfile"),
        ({"dockerfile": "Dockerfiel"}, "there is no web/Dockerfiel in commit 0000000"),
        ({"dockerfile": "dockerfile"}, "did you mean web/Dockerfile?"),
        ({"args": {"buildkit_syntax": "x"}}, "build argument buildkit_syntax would steer the builder itself"),
    ],
)
def test_what_is_wrong_is_said_with_what_there_is(build: dict[str, object], why: str) -> None:
    found = content(COMMIT, BUILD.model_copy(update=build), trust="trusted")
    assert isinstance(found, Unbuilt)
    assert why in found.why


def test_a_repository_without_any_dockerfile_says_so() -> None:
    found = content(Written(tree={".": TREE["."]}), Build(), trust="trusted")
    assert isinstance(found, Unbuilt)
    assert found.why == "there is no Dockerfile in commit 0000000, nor any Dockerfile; add one, or name an image"


PARTS = st.lists(st.sampled_from(["..", ".", "a", "b", "", "...", "\0", "-", "*"]), max_size=6).map("/".join)


@given(st.lists(PARTS | st.text(max_size=10), min_size=1, max_size=3))
def test_no_path_leads_out_of_the_repository(parts: list[str]) -> None:
    path = within(*parts)
    assert path is None or (path and not path.startswith("/") and ".." not in path.split("/"))
    assert path is None or within(path) == path

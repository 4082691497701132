"""What the bot's image is installed from: one version of each package, by its hash, and from no place in particular."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docs.snippets import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNS = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["postgres"]]
LOCKS = {"requirements.txt": RUNS, "requirements-build.txt": PROJECT["build-system"]["requires"]}
IMAGE = {"python_version": "3.11", "python_full_version": "3.11.2", "sys_platform": "linux", "extra": ""}
"""Debian bookworm's Python."""


def locked(name: str) -> dict[str, str]:
    """Package → version, each with a hash."""
    text = (ROOT / "deploy" / name).read_text()
    found = re.findall(r"(?m)^([a-z0-9-]+)==(\S+) \\\n    --hash=sha256:[0-9a-f]{64}", text)
    assert len(found) == len(re.findall(r"(?m)^[^\s#]", text)), "a line without a version and a hash"
    return dict(found)


@pytest.mark.parametrize("name", LOCKS)
def test_each_package_that_is_asked_for_is_locked_within_its_range(name):
    versions = locked(name)
    asked = [each for text in LOCKS[name] if not (each := Requirement(text)).marker or each.marker.evaluate(IMAGE)]
    wrong = [str(each) for each in asked if versions.get(canonicalize_name(each.name), "") not in each.specifier]
    assert wrong == [], "make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index(name):
    assert re.findall(r"://|--(?:extra-)?index|--find-links", (ROOT / "deploy" / name).read_text()) == []


def test_what_the_image_installs_is_locked_or_here():
    text = (ROOT / "deploy" / "Dockerfile").read_text().replace("\\\n", " ")
    calls = re.findall(r"\bpip (?:--python \S+ )?(?:install|wheel) [^&\n]*", text)
    assert {name for name in LOCKS for call in calls if f"--requirement {name}" in call} == {*LOCKS}
    assert [call for call in calls if "--require-hashes" not in call and "--no-index" not in call] == []

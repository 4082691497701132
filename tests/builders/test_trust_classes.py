"""What a fork's build leaves behind is never what another build reads, also where both build the same content."""

import re
from pathlib import Path

import pytest

from builders import buildkit, docker, memory
from builders._order import Into, Order
from builders._workshop import Making
from builders.content import Content, content
from tests.builders.test_content import BUILD, COMMIT

CLASSES = ("trusted", "forks")


def found(trust: str) -> Content:
    place = content(COMMIT, BUILD, trust=trust)
    assert isinstance(place, Content)
    return place


def making(trust: str) -> Making:
    return Making(commit=COMMIT, build=BUILD, found=found(trust), trust=trust, secrets={})


def into(tmp_path: Path, trust: str) -> str:
    """What buildx is told of images and caches by a builder of this class, in the same registry."""
    given = {"state": str(tmp_path), "registry": "registry.example/previews", "trust": trust}
    builder = buildkit.create(given)
    tag = builder._tag(COMMIT, found(trust))
    return " ".join(builder._into(making(trust), tag, tmp_path / "metadata.json"))


def test_a_registry_has_no_image_and_no_cache_of_both(tmp_path):
    names = [set(re.findall(r"(?:name|ref)=([^,\s]+)", into(tmp_path, trust))) for trust in CLASSES]
    assert all(len(each) == 2 for each in names)
    assert not names[0] & names[1]


def test_an_engine_has_no_image_of_both():
    tags = {docker._tag(COMMIT, found(trust)) for trust in CLASSES}
    assert len(tags) == 2


def test_no_cache_mount_is_of_both(tmp_path):
    scopes = {making(trust).scope for trust in CLASSES}
    assert len(scopes) == 2
    orders = (
        Order(into=Into(builder="default", flags=()), context=tmp_path, dockerfile=tmp_path, scope=scope, build=BUILD)
        for scope in scopes
    )
    spaces = {flag for order in orders for flag in order.flags if "BUILDKIT_CACHE_MOUNT_NS" in flag}
    assert len(spaces) == 2


def test_no_build_argument_of_a_forks_leads_into_the_others_cache_mounts():
    steering = BUILD.model_copy(update={"args": {"BUILDKIT_CACHE_MOUNT_NS": making("trusted").scope}})
    assert not isinstance(content(COMMIT, steering, trust="forks"), Content)


@pytest.mark.parametrize("adapter", [docker, buildkit, memory])
def test_a_builder_is_of_the_class_that_its_settings_name(adapter, tmp_path):
    given = {"state": str(tmp_path), "registry": "registry.example/previews"}
    ours, theirs = adapter.create(given), adapter.create({**given, "trust": "forks"})
    for builder, trust in ((ours, "trusted"), (theirs, "forks")):
        assert getattr(builder, "_workshop", builder).trust == trust


def test_what_a_forks_builder_has_built_another_does_not_know():
    forks, ours = memory.create({"trust": "forks"}), memory.create({})
    forks.built.update({found("forks").key: "poisoned"})
    ours.built.update(forks.built)
    assert forks.known(COMMIT, BUILD) == "poisoned"
    assert ours.known(COMMIT, BUILD) is None

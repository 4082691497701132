"""What only the Kubernetes runner promises of its memory: sealed, apart, in as many Secrets as it takes."""

import base64
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.errors import Overtaken, Unavailable
from bot.core.names import Name
from bot.core.standing import Variable
from bot.keeping.cipher import cipher, new_key
from runners._kubernetes.ground import Ground
from runners._kubernetes.kinds import Body, Kind, name_of
from runners._kubernetes.memory import INDEX, Memory
from tests.contracts.kubernetes_fixtures import api, at, ground
from tests.contracts.runner_fixtures import SECRET, Place, placed

pytestmark = [pytest.mark.engine, pytest.mark.cluster]


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def other(tmp_path: Path) -> Ground:
    return ground(tmp_path / "other")


def secrets(other: Ground, place: Place) -> list[Body]:
    return list(other.api.listed(Kind.SECRET, name_of(other.any(place.home))).items)


def test_nothing_of_it_can_be_read_without_the_key(place, other):
    place.runner.remember(place.home, place.standing(outputs={Name("seed"): (SECRET,)}))
    kept = [base64.b64decode(text) for body in secrets(other, place) for text in body["data"].values()]
    assert len(kept) == 3
    assert not any(SECRET.value.encode() in text for text in kept)


def test_outputs_lie_apart_and_are_written_only_when_they_change(place, other):
    standing = place.standing(outputs={Name("seed"): (SECRET,), Name("other"): ()})
    place.runner.remember(place.home, standing)
    before = {name_of(body) for body in secrets(other, place)}
    place.runner.remember(place.home, replace(standing, down=True))
    after = {name_of(body) for body in secrets(other, place)}
    assert {name.rsplit("-", 2)[0] for name in before & after} == {INDEX, "remembered-seed", "remembered-other"}
    assert {name.rsplit("-", 2)[0] for name in before ^ after} == {"remembered-environment"}


def test_it_may_be_larger_than_one_secret(place, other):
    large = tuple(Variable(name=f"N{number}", value=os.urandom(60_000).hex()) for number in range(20))
    standing = place.standing(outputs={Name("seed"): large})
    place.runner.remember(place.home, standing)
    assert place.runner.recall(place.home) == standing
    assert len(secrets(other, place)) > 4
    place.runner.remember(place.home, replace(standing, outputs={}))
    assert len(secrets(other, place)) == 2


def test_a_piece_that_is_missing_is_told_and_not_read_over(place, other):
    place.runner.remember(place.home, place.standing(outputs={Name("seed"): (SECRET,)}))
    [piece] = [body for body in secrets(other, place) if name_of(body).startswith("remembered-seed")]
    other.api.delete(piece)
    with pytest.raises(Unavailable, match="damaged"):
        place.runner.recall(place.home)


def test_another_key_is_told_and_the_newest_one_seals_all_anew(place, other, tmp_path):
    old, new = new_key(), new_key()
    where = {"state": str(tmp_path)}
    memories = {
        keys: Memory(api(tmp_path / "cache"), cipher({**where, "encryption_key": keys}))
        for keys in (old, new, f"{new} {old}")
    }
    namespace = other.standing(place.home)
    memories[old].remember(place.home, namespace, place.standing())
    with pytest.raises(Unavailable, match="MATINEE_ENCRYPTION_KEY"):
        memories[new].recall(namespace, place.home.environment)
    memories[f"{new} {old}"].reseal(place.home, namespace)
    assert memories[new].recall(namespace, place.home.environment) == place.standing()


def test_who_read_before_a_newer_one_wrote_writes_nothing(place, other, tmp_path):
    place.runner.remember(place.home, place.standing())
    late = Memory(api(tmp_path / "cache"), cipher({"state": str(tmp_path)}))
    namespace = other.any(place.home)
    found = late._found(namespace, place.home.environment)
    newer = place.at(2).standing(down=True)
    place.runner.remember(at(place, 2), newer)
    with pytest.raises(Overtaken, match="2"):
        late._write(place.home, namespace, found, {"": b"late"}, {})
    assert place.runner.recall(place.home) == newer


def test_a_crash_before_the_last_write_leaves_what_was(place, other):
    place.runner.remember(place.home, place.standing())
    namespace = other.any(place.home)
    leftover = next(body for body in secrets(other, place) if name_of(body) != INDEX)
    half = {**leftover, "metadata": {key: leftover["metadata"][key] for key in ("namespace", "labels")}}
    half["metadata"]["name"] = "remembered-environment-half-0"
    other.api.create(half)
    assert place.runner.recall(place.home) == place.standing()
    place.runner.remember(place.home, place.standing(down=True))
    assert "remembered-environment-half-0" not in {name_of(body) for body in secrets(other, place)}
    assert name_of(namespace) == half["metadata"]["namespace"]

import contextlib
import json
import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Misused, Unavailable
from bot.core.events import PullKey
from bot.keeping.cipher import cipher, new_key
from bot.keeping.shelf import FileShelf
from bot.keeping.vault import Vault

OWNER = "github:1296269"
KEY = PullKey(forge="github", repository="1296269", number=7)
NOW = datetime(2026, 5, 4, tzinfo=UTC)
OLD, NEW = new_key(), new_key()


def vault(folder: Path, keys: str = OLD) -> Vault:
    return Vault(FileShelf(folder / "secrets.json"), cipher({"state": str(folder), "encryption_key": keys}))


@pytest.fixture
def given_one(tmp_path):
    vault(tmp_path).set(OWNER, "HOOK", "s3cr3t-value", fork=False, now=NOW)
    return tmp_path


def test_a_secret_that_was_set_is_given_to_pulls_of_that_repository_only(given_one):
    assert vault(given_one).given(KEY, fork=False) == {"HOOK": "s3cr3t-value"}
    other = PullKey(forge="github", repository="1", number=7)
    assert vault(given_one).given(other, fork=False) == {}


def test_a_fork_sees_the_values_for_forks_only(given_one):
    assert vault(given_one).given(KEY, fork=True) == {}
    vault(given_one).set(OWNER, "HOOK", "for-forks", fork=True, now=NOW)
    assert vault(given_one).given(KEY, fork=True) == {"HOOK": "for-forks"}
    assert sorted(vault(given_one).hidden(KEY)) == ["for-forks", "s3cr3t-value"]


def test_the_file_holds_names_and_no_values_and_is_this_users_only(given_one):
    file = given_one / "secrets.json"
    assert "HOOK" in file.read_text()
    assert "s3cr3t-value" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_documented_form_is_read_and_sealed_at_the_next_write(tmp_path):
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({OWNER: {"trusted": {"PLAIN": "by-hand"}, "forks": {}}}))
    file.chmod(0o600)
    assert vault(tmp_path).given(KEY, fork=False) == {"PLAIN": "by-hand"}
    assert [each.sealed for each in vault(tmp_path).entries()] == [False]
    vault(tmp_path).set(OWNER, "OTHER", "value", fork=False, now=NOW)
    assert "by-hand" not in file.read_text()
    assert vault(tmp_path).given(KEY, fork=False) == {"OTHER": "value", "PLAIN": "by-hand"}


def test_what_is_unset_is_gone(given_one):
    assert vault(given_one).unset(OWNER, "HOOK", fork=False)
    assert not vault(given_one).unset(OWNER, "HOOK", fork=False)
    assert vault(given_one).given(KEY, fork=False) == {}


def test_entries_name_what_there_is_and_when_it_was_set_without_a_key(given_one):
    (entry,) = vault(given_one, NEW).entries()
    assert (entry.owner, entry.tier, entry.name, entry.set_at) == (
        OWNER,
        "trusted",
        "HOOK",
        "2026-05-04T00:00:00+00:00",
    )


def test_after_a_rotation_the_old_key_is_not_needed(given_one):
    with pytest.raises(Unavailable, match="HOOK of github:1296269"):
        vault(given_one, NEW).given(KEY, fork=False)
    assert vault(given_one, f"{NEW},{OLD}").reseal() == 1
    assert vault(given_one, NEW).given(KEY, fork=False) == {"HOOK": "s3cr3t-value"}


def test_a_rotation_without_the_old_key_loses_nothing(given_one):
    before = (given_one / "secrets.json").read_bytes()
    with pytest.raises(Unavailable):
        vault(given_one, NEW).reseal()
    assert (given_one / "secrets.json").read_bytes() == before


def test_writers_at_once_lose_nothing(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: vault(tmp_path).set(OWNER, f"S{n}", "value", fork=False, now=NOW), range(24)))
    assert len(vault(tmp_path).given(KEY, fork=False)) == 24


@pytest.mark.parametrize(
    ("owner", "name", "value", "why"),
    [
        ("acme/shop", "HOOK", "x", "no repository"),
        (OWNER, "1HOOK", "x", "no name of a secret"),
        (OWNER, "HOOK", "a\0b", "fits no environment variable"),
        (OWNER, "HOOK", "x" * 130_000, "fits no environment variable"),
    ],
)
def test_what_cannot_be_a_secret_is_refused(tmp_path, owner, name, value, why):
    with pytest.raises(Misused, match=why) as refused:
        vault(tmp_path).set(owner, name, value, fork=False, now=NOW)
    assert value not in str(refused.value) or value == "x"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"acme": {}}',
        '{"github:1": {"friends": {}}}',
        '{"github:1": {"trusted": {"A": 1}}}',
        '{"github:1": 3}',
    ],
)
def test_a_file_of_another_form_is_refused_and_left_as_it_is(tmp_path, text):
    file = tmp_path / "secrets.json"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(Misused, match="secrets\\.json"):
        vault(tmp_path).set(OWNER, "HOOK", "x", fork=False, now=NOW)
    assert file.read_text() == text


def test_a_file_that_others_may_change_is_not_believed(given_one):
    (given_one / "secrets.json").chmod(0o666)
    with pytest.raises(Misused, match="chmod 600"):
        vault(given_one).given(KEY, fork=False)


@given(
    st.one_of(
        st.binary(max_size=300), st.from_regex(r"\{\"github:1\": \{\"(trusted|forks)\": .{0,50}\}\}").map(str.encode)
    )
)
def test_no_bytes_crash_the_reader(text):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "secrets.json"
        file.write_bytes(text)
        file.chmod(0o600)
        with contextlib.suppress(Misused):
            vault(Path(folder)).entries()

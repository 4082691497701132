import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Misused, Unavailable
from bot.keeping.cipher import cipher, new_key

OLD, NEW = new_key(), new_key()


@pytest.fixture
def with_keys(tmp_path):
    return lambda keys="": cipher({"state": str(tmp_path), "encryption_key": keys})


def test_what_is_sealed_can_be_opened_and_not_be_read(with_keys):
    sealed = with_keys(OLD).seal(b"s3cr3t")
    assert "s3cr3t" not in sealed
    assert with_keys(OLD).open(sealed, "it") == b"s3cr3t"


def test_the_first_key_seals_and_every_key_opens(with_keys):
    sealed = with_keys(OLD).seal(b"s3cr3t")
    both = with_keys(f"{NEW}, {OLD}")
    assert both.open(sealed, "it") == b"s3cr3t"
    assert with_keys(NEW).open(both.seal(b"other"), "it") == b"other"


def test_a_missing_key_is_said_with_what_cannot_be_read(with_keys):
    sealed = with_keys(OLD).seal(b"s3cr3t")
    with pytest.raises(Unavailable, match="the secret X cannot be read: none of the encryption keys opens it"):
        with_keys(NEW).open(sealed, "the secret X")


def test_what_is_no_key_is_refused_without_being_repeated(with_keys):
    with pytest.raises(Misused, match="matinee secrets key") as refused:
        with_keys("my-password").seal(b"x")
    assert "my-password" not in str(refused.value)


def test_without_a_key_one_is_made_for_this_user_only(with_keys, tmp_path):
    sealed = with_keys().seal(b"x")
    assert with_keys().open(sealed, "it") == b"x"
    assert stat.S_IMODE((tmp_path / "encryption.key").stat().st_mode) == 0o600


def test_two_that_make_a_key_at_once_take_the_same(with_keys):
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda _: with_keys().seal(b"x"), range(8)))
    assert {with_keys().open(each, "it") for each in sealed} == {b"x"}


@given(st.text(max_size=200))
def test_nothing_but_what_was_sealed_is_ever_opened(sealed):
    with pytest.raises(Unavailable):
        cipher({"state": "/nowhere", "encryption_key": OLD}).open(sealed, "it")

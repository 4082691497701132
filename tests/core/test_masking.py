import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.masking import MASK, SHORTEST, Masker, forms

PLAIN = st.text(st.characters(exclude_characters="•", exclude_categories=("Cs",)))
SECRETS = PLAIN.filter(lambda text: len(text.strip()) >= SHORTEST)

PEM = "-----BEGIN KEY-----\nMIIEvgIBADANBgkqhkiG\n9w0BAQEFAASCBKgwggSk\n-----END KEY-----\n"


@pytest.mark.parametrize(
    ("secret", "printed"),
    [
        ("hunter2!", "the password is hunter2!."),
        ("hunter2!", "hunter2!hunter2!"),
        ("pa ss/wö", f"postgres://app:{quote('pa ss/wö', safe='')}@db"),
        ("pa ss/wö", f"postgres://app:{quote('pa ss/wö', safe='').lower()}@db"),
        ("pa ss/wö", f"q={quote_plus('pa ss/wö')}"),
        ('say "x"\\', json.dumps({"p": 'say "x"\\'})),
        ("a/b/c/d", '{"p": "a\\/b\\/c\\/d"}'),
        ("a<b>&c", '{"p": "a\\u003cb\\u003e\\u0026c"}'),
        ("pässwort", json.dumps("pässwort")),
        ("s3cret\n", "s3cret"),
        (PEM, "  MIIEvgIBADANBgkqhkiG  "),
        (PEM, json.dumps(PEM)),
        ('{"user": "app", "keys": ["k-12345678"]}', "connecting with k-12345678"),
    ],
    ids=lambda value: value[:20].replace("\n", " "),
)
def test_a_secret_is_hidden_however_it_is_printed(secret, printed):
    masked = Masker([secret]).mask(printed)
    assert MASK in masked
    assert all(part.strip() not in masked for part in secret.splitlines() if len(part) >= SHORTEST)


@given(SECRETS, PLAIN, PLAIN)
def test_no_form_of_a_secret_survives(secret, before, after):
    masker = Masker([secret])
    spoken = (
        secret,
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    )
    for form in spoken:
        assert form not in masker.mask(before + form + after)


@given(st.binary(max_size=7), SECRETS, st.binary(max_size=7), st.sampled_from([b64encode, urlsafe_b64encode]))
def test_base64_around_a_secret_keeps_at_most_its_edges(before, secret, after, encode):
    raw = secret.encode()
    encoded = encode(before + raw + after).decode()
    masked = Masker([secret]).mask(encoded)
    assert MASK in masked
    inner = encoded[-(-len(before) * 8 // 6) : (len(before) + len(raw)) * 8 // 6]
    assert inner not in masked


def test_base64_wrapped_into_lines_is_hidden_in_every_line():
    secret = "".join(chr(33 + number * 7 % 90) for number in range(200))
    encoded = b64encode(secret.encode()).decode()
    for width in (64, 76):
        lines = [encoded[start : start + width] for start in range(0, len(encoded), width)]
        assert [Masker([secret]).mask(line) for line in lines] == [MASK] * len(lines)


@given(st.lists(SECRETS, max_size=5), PLAIN)
def test_text_without_secrets_is_unchanged(secrets, text):
    if not any(form in text for secret in secrets for form in forms(secret)):
        assert Masker(secrets).mask(text) == text


@given(st.lists(SECRETS, min_size=1, max_size=5), st.lists(st.integers(0, 4), max_size=6), PLAIN)
def test_secrets_side_by_side_hide_each_other_wholly(secrets, picked, between):
    masked = Masker(secrets).mask(between.join(secrets[number % len(secrets)] for number in picked))
    assert not any(secret in masked for secret in secrets)


def test_overlapping_secrets_are_hidden_together():
    assert Masker(["abcdef", "defghi"]).mask("xabcdefghix") == f"x{MASK}x"


def test_the_longer_of_two_secrets_is_hidden_whole():
    assert Masker(["hunter2", "hunter2-prod"]).mask("hunter2-prod!") == f"{MASK}!"


@pytest.mark.parametrize("short", ["", "a", "abc", "  a ", "\n\n\n\n"])
def test_short_secrets_are_not_hunted(short):
    text = f"abc {short} a b c" * 3
    assert Masker([short]).mask(text) == text


def test_more_secrets_can_be_added_and_none_is_lost():
    first = Masker(["first-secret"])
    both = first.also(["second-secret"])
    assert both.mask("first-secret second-secret") == f"{MASK} {MASK}"
    assert first.mask("second-secret") == "second-secret"


def test_masking_twice_is_masking_once():
    masker = Masker(["hunter2!", "••••"])
    once = masker.mask("hunter2! ••••")
    assert masker.mask(once) == once


def test_a_masker_prints_no_secret():
    assert "hunter2" not in repr(Masker(["hunter2!"]))


@given(st.lists(st.text(), max_size=4), st.text())
def test_no_text_crashes_the_masker(secrets, text):
    Masker(secrets).mask(text)


def test_many_secrets_in_many_lines_take_little_time():
    masker = Masker([f"secret-number-{number}-{number**5}" for number in range(300)])
    lines = [f"2025-01-01 12:00:00 step {number} of the build printed a line of usual length" for number in range(5000)]
    assert [masker.mask(line) for line in lines] == lines

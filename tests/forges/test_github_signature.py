import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Misused
from bot.core.events import Delivery, Forged
from bot.forges import github

SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
GOOD = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
"""GitHub's documentation gives this one for this secret and this body."""
NAME = "x-hub-signature-256"
SHA1 = f"sha1={hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()}"


def verdict(*headers: tuple[str, str], body: bytes = BODY, secret: str = SECRET) -> Forged | None:
    return github.create({"github_webhook_secret": secret}).verify(Delivery(headers=headers, body=body))


def test_the_documented_example_is_believed() -> None:
    assert verdict((NAME, GOOD)) is None


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((), id="none"),
        pytest.param(((NAME, GOOD), (NAME, GOOD)), id="sent twice"),
        pytest.param(((NAME, f"{GOOD},{GOOD}"),), id="sent twice and joined"),
        pytest.param(((NAME, ""),), id="empty"),
        pytest.param(((NAME, "sha256"),), id="no value"),
        pytest.param(((NAME, "sha256="),), id="empty value"),
        pytest.param(((NAME, "sha256=é"),), id="not ASCII"),
        pytest.param(((NAME, "sha256=" + "٠" * 64),), id="digits of another script"),
        pytest.param(((NAME, SHA1),), id="SHA-1"),
        pytest.param((("x-hub-signature", SHA1),), id="the SHA-1 header alone"),
        pytest.param(((NAME, GOOD.upper()),), id="upper case"),
        pytest.param(((NAME, "sha256=" + GOOD[7:].upper()),), id="upper-case digits"),
        pytest.param(((NAME, f"{GOOD} "),), id="a space after it"),
        pytest.param(((NAME, f" {GOOD}"),), id="a space before it"),
        pytest.param(((NAME, f"{GOOD}\n"),), id="a line end after it"),
        pytest.param(((NAME, GOOD[7:]),), id="digits alone"),
        pytest.param(((NAME, GOOD[:-1] + "6"),), id="one digit off"),
    ],
)
def test_anything_else_is_forged(headers: tuple[tuple[str, str], ...]) -> None:
    assert isinstance(verdict(*headers), Forged)


@pytest.mark.parametrize("body", [b"", BODY + b"\n", b"hello, World!"])
def test_another_body_is_forged(body: bytes) -> None:
    assert isinstance(verdict((NAME, GOOD), body=body), Forged)


@pytest.mark.parametrize("secret", ["", " ", "\n"])
def test_a_blank_secret_believes_nothing_even_what_is_signed_with_it(secret: str) -> None:
    signed = f"sha256={hmac.new(secret.encode(), BODY, hashlib.sha256).hexdigest()}"
    refusal = verdict((NAME, signed), secret=secret)
    assert isinstance(refusal, Forged)
    assert "MATINEE_GITHUB_WEBHOOK_SECRET" in refusal.why


@given(value=st.text(), body=st.binary(), secret=st.text(alphabet=st.characters(codec="utf-8"), min_size=1))
def test_no_signature_raises_and_no_reason_tells_the_secret_or_the_body(value: str, body: bytes, secret: str) -> None:
    refusal = verdict((NAME, value), body=body, secret=f"<{secret}>")
    assert isinstance(refusal, Forged)
    assert f"<{secret}>" not in refusal.why
    assert len(body) < 8 or body.decode(errors="replace") not in refusal.why


def test_what_is_missing_to_receive_webhooks_is_said_in_one_sentence() -> None:
    whole = {"github_token": "ghp_x", "github_webhook_secret": "s"}
    assert github.missing(whole) is None
    assert "set MATINEE_GITHUB_WEBHOOK_SECRET" in (github.missing({**whole, "github_webhook_secret": " "}) or "")
    assert "set MATINEE_GITHUB_WEBHOOK_SECRET" in (github.missing({}) or "")
    assert "set MATINEE_GITHUB_TOKEN" in (github.missing({**whole, "github_token": "\n"}) or "")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://github.example/api/v3", "use https://"),
        ("http://169.254.169.254", "use https://"),
        ("ftp://github.example", "no base address"),
        ("github.example", "no base address"),
        ("https://user:pass@github.example", "no base address"),
        ("https://github.example?x=1", "no base address"),
        ("https://github.example#x", "no base address"),
        ("https://[", "no base address"),
        ("https://github.example:99999", "no base address"),
    ],
)
def test_an_address_that_would_show_the_token_is_refused(url: str, said: str) -> None:
    with pytest.raises(Misused, match=said):
        github.create({"github_url": url})


def test_a_token_with_a_line_end_inside_is_refused_without_being_shown() -> None:
    with pytest.raises(Misused, match="MATINEE_GITHUB_TOKEN") as refusal:
        github.create({"github_token": "ghp_a\r\nX-Evil: 1"})
    assert "ghp_a" not in str(refusal.value)

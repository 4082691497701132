import base64
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Misused
from bot.core.events import Delivery, Forged
from bot.forges import gitlab
from bot.forges._gitlab.signature import refusal, secrets, signature

KEY = b"matinee-matinee-matinee-matinee-"
SIGNING = f"whsec_{base64.b64encode(KEY).decode()}"
BODY = b'{"object_kind":"push"}'
NOW = 1_767_225_600.0
BOTH = secrets("s3cret", SIGNING)
BY_TOKEN = secrets("s3cret", "")
SIGNED = secrets("", SIGNING)


def delivery(*headers: tuple[str, str], body: bytes = BODY) -> Delivery:
    return Delivery(headers=headers, body=body)


def signed(*, id_: str = "msg_1", stamp: str = str(int(NOW)), body: bytes = BODY, **changed: str) -> Delivery:
    headers = {
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(id_, stamp, body, KEY),
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    return delivery(*headers.items(), body=BODY)


def test_the_signature_is_the_one_of_standard_webhooks() -> None:
    # The example of the specification Standard Webhooks.
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    assert signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body, key) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_the_right_token_is_believed() -> None:
    assert refusal(delivery(("x-gitlab-token", "s3cret")), BY_TOKEN, NOW) is None


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param((), id="missing"),
        pytest.param((("x-gitlab-token", ""),), id="empty"),
        pytest.param((("x-gitlab-token", "S3cret"),), id="another case"),
        pytest.param((("x-gitlab-token", "s3cret "),), id="a space more"),
        pytest.param((("x-gitlab-token", "s3cre"),), id="shorter"),
        pytest.param((("x-gitlab-token", "é"),), id="not ASCII"),
        pytest.param((("x-gitlab-token", "\ud800"),), id="no text at all"),
        pytest.param((("x-gitlab-token", "s3cret"), ("x-gitlab-token", "s3cret")), id="twice"),
    ],
)
def test_any_other_token_is_refused(sent: tuple[tuple[str, str], ...]) -> None:
    forged = refusal(delivery(*sent), BY_TOKEN, NOW)
    assert forged is not None
    assert "s3cret" not in forged.why


def test_a_token_of_any_letters_is_compared_as_it_came_over_the_network() -> None:
    sent = "geheim-äöü".encode().decode("latin-1")
    assert refusal(delivery(("x-gitlab-token", sent)), secrets("geheim-äöü", ""), NOW) is None


def test_a_right_signature_is_believed() -> None:
    assert refusal(signed(), SIGNED, NOW) is None


@pytest.mark.parametrize("others", ["v1,AAAA {}", "{} v1,AAAA", "v1a,xyz {} v2,zzz", "v1,\ud800 {}"])
def test_one_right_signature_among_several_is_enough(others: str) -> None:
    right = signature("msg_1", str(int(NOW)), BODY, KEY)
    assert refusal(signed(webhook_signature=others.format(right)), SIGNED, NOW) is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"body": b"{}"}, "does not fit", id="of another body"),
        pytest.param({"webhook_id": "msg_2"}, "does not fit", id="of another delivery"),
        pytest.param({"webhook_timestamp": str(int(NOW) + 1)}, "does not fit", id="of another second"),
        pytest.param({"webhook_signature": "v1,"}, "does not fit", id="empty"),
        pytest.param({"webhook_signature": "é"}, "does not fit", id="not ASCII"),
        pytest.param({"stamp": "soon"}, "no number", id="no time"),
        pytest.param({"stamp": "1e9"}, "no number", id="a float"),
        pytest.param({"stamp": "٣"}, "no number", id="digits of another script"),
        pytest.param({"stamp": "9" * 5000}, "no number", id="a time without end"),
        pytest.param({"stamp": str(int(NOW) - 301)}, "clock", id="of the past"),
        pytest.param({"stamp": str(int(NOW) + 301)}, "clock", id="of the future"),
    ],
)
def test_any_other_signature_is_refused(changed: dict[str, Any], said: str) -> None:
    forged = refusal(signed(**changed), SIGNED, NOW)
    assert forged is not None
    assert said in forged.why


@pytest.mark.parametrize("away", [-300, 300])
def test_clocks_may_differ_by_five_minutes(away: int) -> None:
    assert refusal(signed(stamp=str(int(NOW) + away)), SIGNED, NOW) is None


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_signed_delivery_needs_all_three_headers(name: str) -> None:
    short = tuple(header for header in signed().headers if header[0] != name)
    assert refusal(delivery(*short), SIGNED, NOW) is not None
    assert refusal(delivery(*signed().headers, (name, "again")), SIGNED, NOW) is not None


def test_where_both_are_set_both_must_hold() -> None:
    token = ("x-gitlab-token", "s3cret")
    assert refusal(delivery(*signed().headers, token), BOTH, NOW) is None
    assert refusal(delivery(token), BOTH, NOW) is not None
    assert refusal(signed(), BOTH, NOW) is not None


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_without_a_secret_nothing_is_believed(blank: str) -> None:
    forge = gitlab.create({"gitlab_webhook_secret": blank, "gitlab_signing_token": blank})
    forged = forge.verify(delivery(("x-gitlab-token", blank), *signed().headers))
    assert isinstance(forged, Forged)
    assert "MATINEE_GITLAB_WEBHOOK_SECRET" in forged.why


def test_the_forge_looks_at_the_clock() -> None:
    forge = gitlab.create({"gitlab_signing_token": SIGNING})
    assert forge.verify(signed(stamp=str(int(time.time())))) is None
    assert isinstance(forge.verify(signed()), Forged)


@pytest.mark.parametrize("token", ["whsec_", "whsec_***", "s3cret", "whsec_c2hvcnQ=", "whsec_é"])
def test_a_signing_token_that_is_none_is_said_at_once_and_not_shown(token: str) -> None:
    with pytest.raises(Misused, match="MATINEE_GITLAB_SIGNING_TOKEN") as refused:
        gitlab.create({"gitlab_signing_token": token})
    assert token.removeprefix("whsec_") not in str(refused.value).replace("whsec_", "") or token == "whsec_"


def test_a_signing_token_without_its_prefix_is_the_same() -> None:
    assert secrets("", SIGNING.removeprefix("whsec_")) == SIGNED


def test_no_secret_is_shown() -> None:
    assert "s3cret" not in repr(BOTH)
    assert KEY.decode() not in repr(BOTH)


@given(
    names=st.lists(
        st.sampled_from(["x-gitlab-token", "webhook-id", "webhook-timestamp", "webhook-signature"]), max_size=6
    ),
    data=st.data(),
)
def test_no_headers_raise(names: list[str], data: st.DataObject) -> None:
    sent = tuple((name, data.draw(st.text(max_size=30))) for name in names)
    for known in (BY_TOKEN, SIGNED, BOTH):
        assert isinstance(refusal(delivery(*sent), known, NOW), Forged)

import hashlib
import hmac
import io
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from bot.core.errors import Unavailable
from bot.core.events import CAP, Event, Happening, Ignored
from bot.forges import github
from bot.web.hooks import door

SECRET = "a secret of the webhook"
SHA = "1" * 40
PAYLOAD = {
    "action": "opened",
    "number": 7,
    "pull_request": {"head": {"sha": SHA}, "base": {"repo": {"id": 1296269}}},
    "repository": {"id": 1296269, "full_name": "acme/shop"},
    "sender": {"id": 5, "login": "ana"},
}
FORGES = {"github": github.create({"github_webhook_secret": SECRET})}


@dataclass(frozen=True)
class Lane:
    environment: str = "github-1296269-7"
    generation: int = 3


class Box:
    """An inbox that keeps what it is given, or answers what it is told to."""

    def __init__(self, answer: Callable[[], Lane | Ignored] = Lane) -> None:
        self.answer = answer
        self.kept: list[tuple[Event, str]] = []

    def receive(self, event: Event, digest: str) -> Lane | Ignored:
        answer = self.answer()
        self.kept.append((event, digest))
        return answer

    def client(self, why: str | None = None) -> FlaskClient:
        return door(FORGES, self.receive, lambda: why).test_client()


def signed(body: bytes, **headers: str) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }


def post(client: FlaskClient, payload: Any = PAYLOAD, *, path: str = "/hooks/github", **headers: str) -> Any:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return client.post(path, data=body, headers=signed(body, **headers))


def unavailable() -> Lane:
    raise Unavailable("the database at /var/lib is read-only")


def broken() -> Lane:
    raise RuntimeError("there is no such column")


def test_a_delivery_is_stored_once_with_the_digest_of_its_body_and_answered_202() -> None:
    box = Box()
    answer = post(box.client())
    assert answer.status_code == 202
    assert answer.json == {"status": "stored", "environment": "github-1296269-7", "generation": 3}
    ((event, digest),) = box.kept
    assert (event.happening, event.sha, event.key.environment) == (Happening.OPENED, SHA, "github-1296269-7")
    assert digest == hashlib.sha256(json.dumps(PAYLOAD).encode()).hexdigest()


def remark(body: str) -> dict[str, Any]:
    issue = {"number": 7, "pull_request": {}}
    return {**PAYLOAD, "action": "created", "issue": issue, "comment": {"id": 1, "body": body}}


def test_a_comment_with_a_command_is_stored() -> None:
    box = Box()
    answer = post(box.client(), remark("please\n/preview deploy"), **{"X-GitHub-Event": "issue_comment"})
    assert answer.status_code == 202
    assert len(box.kept) == 1


def test_a_comment_without_a_command_is_answered_200_and_nothing_is_stored() -> None:
    box = Box(broken)
    answer = post(box.client(), remark("looks good to me"), **{"X-GitHub-Event": "issue_comment"})
    assert (answer.status_code, answer.json) == (200, {"status": "ignored", "why": "no command is in it"})
    assert box.kept == []


def test_a_delivery_that_changes_nothing_is_answered_200_with_the_reason() -> None:
    answer = post(Box(lambda: Ignored("it was delivered before")).client())
    assert (answer.status_code, answer.json) == (200, {"status": "ignored", "why": "it was delivered before"})


def test_an_event_that_means_nothing_is_answered_200_and_not_stored() -> None:
    box = Box()
    answer = post(box.client(), {"zen": "Half measures."}, X_GitHub_Event="ping")
    assert (answer.status_code, answer.json["status"]) == (200, "ignored")
    assert box.kept == []


@pytest.mark.parametrize("signature", ["", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "é"])
def test_a_wrong_signature_is_answered_401_before_anything_is_read(signature: str) -> None:
    box = Box()
    answer = post(box.client(), b"no JSON", X_Hub_Signature_256=signature)
    assert (answer.status_code, answer.json["status"]) == (401, "refused")
    assert box.kept == []


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b"[" * 100_000, b'{"action": "opened"}'])
def test_a_malformed_body_is_answered_400(body: bytes) -> None:
    answer = post(Box().client(), body)
    assert (answer.status_code, answer.json["status"]) == (400, "malformed")


def test_a_form_is_answered_400_with_the_cure() -> None:
    answer = post(Box().client(), b"payload=%7B%7D", Content_Type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert "application/json" in answer.json["why"]


@pytest.mark.parametrize("path", ["/hooks/gitlab", "/hooks/", "/hooks/github/x", "/", "/hooks/%F0%9F"])
def test_what_is_not_there_is_answered_404_in_json(path: str) -> None:
    answer = post(Box().client(), path=path)
    assert (answer.status_code, answer.json["status"]) == (404, "not found")


def test_another_method_is_answered_405_with_those_that_are_allowed() -> None:
    answer = Box().client().get("/hooks/github")
    assert (answer.status_code, answer.json["status"]) == (405, "method not allowed")
    assert "POST" in answer.headers["Allow"]


class Unread(io.RawIOBase):
    """A body that must not be read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise AssertionError("the body was read")


class Endless(io.RawIOBase):
    """A body without an end, and how much of it was read."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.given += len(buffer)
        return len(buffer)


def sent(body: io.IOBase, **environ: Any) -> int:
    """The status that a body gets which is read as it comes."""
    whole = create_environ("/hooks/github", method="POST", headers=signed(b""))
    _, status, _ = run_wsgi_app(Box().client().application, {**whole, "wsgi.input": body, **environ})
    return int(status[:3])


def test_a_body_that_is_announced_too_large_is_answered_413_unread() -> None:
    assert sent(Unread(), CONTENT_LENGTH=str(CAP + 1)) == 413


def test_a_body_without_a_length_is_read_up_to_the_cap() -> None:
    body = Endless()
    assert sent(body, **{"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}) == 413
    assert body.given <= CAP + 2**20


def test_a_body_that_ends_before_its_length_is_answered_400() -> None:
    assert sent(io.BytesIO(b"{"), CONTENT_LENGTH="100") == 400


def test_a_body_of_just_the_cap_is_taken() -> None:
    body = json.dumps({**PAYLOAD, "padding": ""}).encode()
    body = body[:-2] + b"x" * (CAP - len(body)) + body[-2:]
    assert len(body) == CAP
    assert post(Box().client(), body).status_code == 202


def test_a_delivery_that_cannot_be_stored_is_answered_503() -> None:
    answer = post(Box(unavailable).client())
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
    assert "/var/lib" not in answer.text


def test_a_fault_of_ours_is_answered_500_in_json_without_its_words() -> None:
    answer = post(Box(broken).client())
    assert (answer.status_code, answer.json["status"]) == (500, "internal server error")
    assert "column" not in answer.text


def test_the_process_is_alive_also_where_it_is_not_ready() -> None:
    client = Box().client("the database does not answer")
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, {"status": "alive"})
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").json == {"status": "not ready", "why": "the database does not answer"}
    assert Box().client().get("/readyz").json == {"status": "ready"}


def test_no_log_line_has_the_secret_the_signature_or_the_body(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = Box().client()
    body = b'{"action": "a very private body"}'
    for headers in ({}, {"X_Hub_Signature_256": f"sha256={SECRET}"}, {"X_GitHub_Event": "ping"}):
        post(client, body, **headers)
    assert len(caplog.records) == 3
    assert "private" not in caplog.text
    assert SECRET not in caplog.text
    assert hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest() not in caplog.text


CLIENT = Box().client()
names = st.sampled_from(["X-Hub-Signature-256", "X-GitHub-Event", "X-GitHub-Delivery", "Content-Type", "X-Other"])
values = st.text(alphabet=st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=80)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=400), headers=st.dictionaries(names, values), sign=st.booleans())
def test_no_bytes_and_no_headers_are_a_fault_of_ours(
    caplog: pytest.LogCaptureFixture, body: bytes, headers: dict[str, str], sign: bool
) -> None:
    caplog.clear()
    given_ = {**(signed(body) if sign else {}), **headers}
    answer = CLIENT.post("/hooks/github", data=body, headers=given_)
    assert answer.status_code < 500
    assert answer.is_json
    assert all(record.exc_info is None for record in caplog.records)

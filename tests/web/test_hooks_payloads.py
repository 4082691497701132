"""Every payload that GitHub sends, as it is and changed anywhere, through the door into a real inbox."""

import copy
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.forges import github
from bot.inbox import Inbox
from bot.web.hooks import door
from tests.forges.test_github_payload import NAMES, event_of, json_values, payload, places

SECRET = "a secret of the webhook"
PLACES = {name: list(places(payload(name))) for name in NAMES}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    inbox = Inbox.open(f"sqlite:///{tmp_path_factory.mktemp('door') / 'matinee.db'}")
    forges = {"github": github.create({"github_webhook_secret": SECRET})}
    yield door(forges, inbox.receive, lambda: None).test_client()
    inbox.close()


def post(client: FlaskClient, name: str, document: Any) -> Any:
    body = json.dumps(document).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event_of(name),
        "X-GitHub-Delivery": hashlib.sha256(body).hexdigest()[:36],
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    return client.post("/hooks/github", data=body, headers=headers)


@pytest.mark.parametrize("name", NAMES)
def test_each_is_stored_or_ignored_with_a_reason_and_the_second_time_nothing_comes_of_it(
    client: FlaskClient, name: str
) -> None:
    first, second = (post(client, name, payload(name)) for _ in range(2))
    assert first.status_code == 202 or (first.status_code == 200 and first.json["why"])
    assert second.status_code == 200
    assert second.json["status"] == "ignored"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(name=st.sampled_from(NAMES), data=st.data())
def test_whatever_is_changed_in_one_is_no_fault_of_ours(client: FlaskClient, name: str, data: st.DataObject) -> None:
    document = copy.deepcopy(payload(name))
    *parents, last = data.draw(st.sampled_from(PLACES[name]))
    spot = document
    for parent in parents:
        spot = spot[parent]
    spot[last] = data.draw(json_values)
    assert post(client, name, document).status_code in (200, 202, 400)

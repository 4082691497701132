import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.events import Commented, Delivery, Event, Ignored, Malformed, PullKey, Removed, Renamed, Tidings
from bot.forges import github
from bot.forges._github.payload import PullRequest, pull

PAYLOADS = Path(__file__).parent / "payloads" / "github"
STORED = sorted(path for path in PAYLOADS.rglob("*.json") if not path.name.endswith(".event.json"))
NAMES = [str(path.relative_to(PAYLOADS).with_suffix("")) for path in STORED]
"""`opened` and the like of a pull; those of another event are in a folder that is called as GitHub calls it."""
ID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
FORGE = github.create({})


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))


def read(body: bytes | str | Mapping[str, Any], *, event: str = "pull_request", **headers: str) -> Any:
    named = {"x-github-event": event, "x-github-delivery": ID, "content-type": "application/json"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    return FORGE.read(Delivery(headers=tuple(named.items()), body=raw))


def changed(name: str, path: str, value: Any) -> Any:
    document = payload(name)
    *parents, last = path.split(".")
    place = document
    for parent in parents:
        place = place[parent]
    place[last] = value
    return document


def event_of(name: str) -> str:
    return "ping" if name == "ping" else (str(Path(name).parent) if "/" in name else "pull_request")


def told(outcome: Tidings | Ignored) -> dict[str, Any]:
    match outcome:
        case Ignored(why):
            return {"ignored": why}
        case Renamed():
            return {"renamed": outcome.name, "repository": outcome.repository}
        case Removed():
            by = {"actor": outcome.actor, "actor_id": outcome.actor_id, "why": outcome.why}
            return {"removed": list(outcome.repositories), **by}
    place = {"environment": outcome.key.environment, "repository": outcome.repository}
    by = {"actor": outcome.actor, "actor_id": outcome.actor_id}
    if isinstance(outcome, Event):
        return {"happening": outcome.happening, **place, "sha": outcome.sha, **by}
    remark = {"id": outcome.remark.id, "kind": outcome.remark.kind} if outcome.remark else None
    return {**place, **by, "text": outcome.text, "remark": remark}


@pytest.mark.parametrize("name", NAMES)
def test_a_payload_is_read_as_its_golden_twin_says(name: str) -> None:
    outcome = read((PAYLOADS / f"{name}.json").read_bytes(), event=event_of(name))
    assert told(outcome) == payload(f"{name}.event")
    assert getattr(outcome, "delivery", ID) == ID


@pytest.mark.parametrize("event", ["push", "issues", "projects_v2_item", "__class__", "an_event_of_next_year"])
def test_other_events_are_ignored_by_name(event: str) -> None:
    assert read({}, event=event) == Ignored(f"the event {event} means nothing to a preview")


def test_an_edited_title_is_ignored() -> None:
    assert isinstance(read(changed("edited-base", "changes", {"title": {"from": "old"}})), Ignored)


def test_an_action_of_next_year_is_ignored() -> None:
    assert isinstance(read(changed("opened", "action", "teleported")), Ignored)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut short"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"1", id="a number"),
        pytest.param(b"\xff\xfe{}", id="no UTF-8"),
        pytest.param('{"action": "é"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"action": "opened"}', id="a byte order mark"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="deep and whole"),
        pytest.param(b'{"number": NaN}', id="NaN"),
        pytest.param(b'{"number": -Infinity}', id="Infinity"),
        pytest.param(b'{"number": ' + b"9" * 10_000 + b"}", id="a huge number"),
        pytest.param(b"{}", id="no action"),
        pytest.param(b'{"action": 1}', id="an action that is no word"),
        pytest.param(b'{"action": "opened\\u0000"}', id="an action with a control character"),
        pytest.param(b'{"action": "opened"}', id="nothing but an action"),
        pytest.param(b'{"action": "edited"}', id="edited without changes"),
    ],
)
def test_what_github_would_not_send_is_malformed(body: bytes) -> None:
    assert isinstance(read(body), Malformed)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("number", "1"),
        ("number", True),
        ("number", 1.0),
        ("number", 0),
        ("number", -1),
        ("number", 2**31),
        ("number", None),
        ("repository", None),
        ("repository.id", 0),
        ("repository.id", 2**63),
        ("repository.id", "1296269"),
        ("repository.full_name", "../x"),
        ("repository.full_name", "a/.."),
        ("repository.full_name", "a/."),
        ("repository.full_name", "a/b?c"),
        ("repository.full_name", "a/b#"),
        ("repository.full_name", "a/b/c"),
        ("repository.full_name", "a/b\n"),
        ("repository.full_name", "-a/b"),
        ("repository.full_name", "ácme/shop"),
        ("repository.full_name", "a/\ud800"),
        ("pull_request", []),
        ("pull_request.head", None),
        ("pull_request.head.sha", "HEAD"),
        ("pull_request.head.sha", "--upload-pack=x"),
        ("pull_request.head.sha", "A" * 40),
        ("pull_request.head.sha", "a" * 41),
        ("pull_request.head.sha", "a" * 40 + "\n"),
        ("pull_request.base.repo.id", 4),
        ("sender", {}),
        ("sender.login", "a b"),
        ("sender.login", "@all"),
    ],
)
def test_a_field_that_is_out_of_its_bounds_is_named_but_not_repeated(path: str, value: Any) -> None:
    outcome = read(changed("opened", path, value))
    assert isinstance(outcome, Malformed)
    assert outcome.why.startswith(path)
    assert not isinstance(value, str) or len(value) < 3 or value not in outcome.why


def test_a_form_is_answered_with_the_setting_that_cures_it() -> None:
    outcome = read(b"payload=%7B%7D", content_type="application/x-www-form-urlencoded; charset=utf-8")
    assert isinstance(outcome, Malformed)
    assert "application/json" in outcome.why


@pytest.mark.parametrize("id_", ["", "a b", "x" * 65, "é", "1\n"])
def test_a_delivery_needs_an_id(id_: str) -> None:
    assert isinstance(read(payload("opened"), x_github_delivery=id_), Malformed)


@pytest.mark.parametrize("event", ["", "pull request", "Pull_Request", "x" * 65, "é"])
def test_an_event_needs_a_name(event: str) -> None:
    assert isinstance(read(payload("opened"), event=event), Malformed)


def test_no_address_in_a_payload_changes_what_is_read() -> None:
    foreign = json.loads(json.dumps(payload("opened")).replace("https://", "https://evil.example/"))
    assert read(foreign) == read(payload("opened"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    path=st.sampled_from(["action", "number", "repository", "sender", "pull_request", "pull_request.head", "changes"]),
    value=json_values,
)
def test_no_value_in_any_place_raises(path: str, value: Any) -> None:
    assert isinstance(read(changed("edited-base", path, value)), Event | Ignored | Malformed)


def places(document: Any, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document but its root."""
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in entries:
        yield (*here, key)
        if isinstance(value, dict | list):
            yield from places(value, (*here, key))


PLACES = {name: list(places(payload(name))) for name in NAMES}


@given(name=st.sampled_from(NAMES), data=st.data())
def test_no_payload_changed_anywhere_raises(name: str, data: st.DataObject) -> None:
    document = payload(name)
    *parents, last = data.draw(st.sampled_from(PLACES[name]))
    spot = document
    for parent in parents:
        spot = spot[parent]
    if data.draw(st.booleans()):
        del spot[last]
    else:
        spot[last] = data.draw(json_values)
    assert isinstance(read(document, event=event_of(name)), Event | Commented | Renamed | Removed | Ignored | Malformed)


@given(body=st.binary(max_size=300))
def test_no_body_raises(body: bytes) -> None:
    assert isinstance(read(body), Ignored | Malformed)


@pytest.mark.parametrize(
    ("name", "fork"), [("opened", False), ("opened-from-fork", True), ("reopened-without-head", True)]
)
def test_a_head_that_is_not_shown_to_be_ours_is_a_forks(name: str, fork: bool) -> None:
    key = PullKey(forge="github", repository="1296269", number=1)
    assert pull(key, PullRequest.model_validate(payload(name)["pull_request"])).fork is fork


def test_a_draft_is_one() -> None:
    key = PullKey(forge="github", repository="1296269", number=1)
    assert pull(key, PullRequest.model_validate(payload("opened-from-fork")["pull_request"])).draft

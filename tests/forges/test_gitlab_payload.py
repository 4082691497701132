import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.events import Commented, Delivery, Event, Ignored, Malformed, PullKey, RemarkKind, Removed
from bot.forges import gitlab
from bot.forges._gitlab.answers import MergeRequest, pull

PAYLOADS = Path(__file__).parent / "payloads" / "gitlab"
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json") if not path.name.endswith(".event.json"))
ID = "a5461c4d-9c7f-4af9-add6-cddebe3c426f"
EVENT_ID = "9cebe914-4827-408f-b014-cfa23a47a35f"
FORGE = gitlab.create({})


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))


def delivered(body: bytes | str | Mapping[str, Any], **headers: str | None) -> Delivery:
    named = {"x-gitlab-event": "Merge Request Hook", "idempotency-key": ID, "content-type": "application/json"}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    kept = {name: value for name, value in {**named, **given}.items() if value is not None}
    return Delivery(headers=tuple(kept.items()), body=raw)


def read(body: bytes | str | Mapping[str, Any], **headers: str | None) -> Any:
    return FORGE.read(delivered(body, **headers))


def changed(name: str, path: str, value: Any) -> Any:
    document = payload(name)
    *parents, last = path.split(".")
    place = document
    for parent in parents:
        place = place[parent]
    place[last] = value
    return document


def told(outcome: Event | Commented | Removed | Ignored) -> dict[str, Any]:
    if isinstance(outcome, Ignored):
        return {"ignored": outcome.why}
    if isinstance(outcome, Removed):
        return {"removed": list(outcome.repositories), "why": outcome.why}
    place = {"environment": outcome.key.environment, "repository": outcome.repository, "actor": outcome.actor}
    if isinstance(outcome, Commented):
        assert outcome.remark is not None
        assert outcome.remark.kind is RemarkKind.COMMENT
        return {"commented": outcome.text, **place, "remark": outcome.remark.id}
    return {"happening": outcome.happening, **place, "sha": outcome.sha}


@pytest.mark.parametrize("name", NAMES)
def test_a_payload_is_read_as_its_golden_twin_says(name: str) -> None:
    event = "System Hook" if name.startswith("system-") else "Merge Request Hook"
    outcome = read((PAYLOADS / f"{name}.json").read_bytes(), x_gitlab_event=event)
    assert told(outcome) == payload(f"{name}.event")
    assert getattr(outcome, "delivery", ID) == ID


def test_who_did_it_is_known_by_a_number() -> None:
    assert read(payload("open")).actor_id == str(payload("open")["user"]["id"])
    assert read(payload("note")).actor_id == str(payload("note")["user"]["id"])


@pytest.mark.parametrize("kind", ["wiki_page", "deployment", "__class__", "an_event_of_next_year"])
def test_other_events_are_ignored_by_name(kind: str) -> None:
    assert read({"object_kind": kind}) == Ignored(f"the event {kind} means nothing to a preview")


@pytest.mark.parametrize("action", ["teleported", "unapproved", "x" * 90, "Übernommen", "a b", "__class__"])
def test_an_action_of_next_year_is_ignored(action: str) -> None:
    assert isinstance(read(changed("open", "object_attributes.action", action)), Ignored)


@pytest.mark.parametrize("changes", [None, [], "draft", {"title": {}}, {"reviewers": {"previous": [], "current": []}}])
def test_an_update_that_changes_nothing_of_ours_is_ignored(changes: Any) -> None:
    assert isinstance(read(changed("update-title", "changes", changes)), Ignored)


def test_one_label_for_another_is_a_label_more() -> None:
    sides = {"previous": [{"title": "old"}], "current": [{"title": "new"}]}
    assert read(changed("update-labelled", "changes", {"labels": sides})).happening == "labelled"


def test_the_delivery_is_known_by_the_key_that_stays_the_same() -> None:
    assert read(payload("open"), x_gitlab_event_uuid=EVENT_ID).delivery == ID


def test_before_there_was_such_a_key_what_follows_from_one_event_is_told_apart_by_its_body() -> None:
    old = {"idempotency_key": None, "x_gitlab_event_uuid": EVENT_ID}
    one, other = (read(payload(name), **old).delivery for name in ("open", "close"))
    assert one.startswith(EVENT_ID)
    assert len(one) <= 255
    assert one != other
    assert one == read(payload("open"), **old).delivery


@pytest.mark.parametrize("number", [None, "", "a b", "x" * 65, "é", "1\n"])
def test_a_delivery_without_any_number_is_known_by_its_body(number: str | None) -> None:
    one, other = (
        read(payload(name), idempotency_key=number, x_gitlab_event_uuid=number).delivery for name in ("open", "close")
    )
    assert one != other
    assert len(one) == 64


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut short"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
        pytest.param(b"\xff\xfe{}", id="no UTF-8"),
        pytest.param('{"object_kind": "é"}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"object_kind": "note"}', id="a byte order mark"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="deep and whole"),
        pytest.param(b'{"number": NaN}', id="NaN"),
        pytest.param(b'{"number": ' + b"9" * 10_000 + b"}", id="a huge number"),
        pytest.param(b"{}", id="no kind"),
        pytest.param(b'{"object_kind": 1}', id="a kind that is no word"),
        pytest.param(b'{"object_kind": "note\\u0000"}', id="a kind with a control character"),
        pytest.param(b'{"object_kind": "merge_request"}', id="nothing but a kind"),
        pytest.param(b'{"object_kind": "note"}', id="a note without a note"),
    ],
)
def test_what_gitlab_would_not_send_is_malformed(body: bytes) -> None:
    assert isinstance(read(body), Malformed)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("object_attributes", None),
        ("object_attributes.iid", "1"),
        ("object_attributes.iid", True),
        ("object_attributes.iid", 1.0),
        ("object_attributes.iid", 0),
        ("object_attributes.iid", 2**31),
        ("object_attributes.action", 7),
        ("object_attributes.target_project_id", 999),
        ("object_attributes.target_project_id", None),
        ("object_attributes.last_commit", []),
        ("object_attributes.last_commit.id", "HEAD"),
        ("object_attributes.last_commit.id", "--upload-pack=x"),
        ("object_attributes.last_commit.id", "A" * 40),
        ("object_attributes.last_commit.id", "a" * 40 + "\n"),
        ("object_attributes.oldrev", "HEAD"),
        ("project", None),
        ("project.id", 0),
        ("project.id", 2**63),
        ("project.id", "15"),
        ("project.path_with_namespace", "../x"),
        ("project.path_with_namespace", "a/.."),
        ("project.path_with_namespace", "a/../b"),
        ("project.path_with_namespace", "a//b"),
        ("project.path_with_namespace", "a"),
        ("project.path_with_namespace", "a/b?c"),
        ("project.path_with_namespace", "a/b#"),
        ("project.path_with_namespace", "a/b\n"),
        ("project.path_with_namespace", "-a/b"),
        ("project.path_with_namespace", "ácme/shop"),
        ("project.path_with_namespace", "a/\ud800"),
        ("user", {}),
        ("user.id", None),
        ("user.username", "a b"),
        ("user.username", "@all"),
    ],
)
def test_a_field_that_is_out_of_its_bounds_is_named_but_not_repeated(path: str, value: Any) -> None:
    outcome = read(changed("open", path, value))
    assert isinstance(outcome, Malformed)
    assert outcome.why.startswith(path)
    assert not isinstance(value, str) or len(value) < 3 or value not in outcome.why


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("object_attributes.id", "7"),
        ("object_attributes.note", None),
        ("object_attributes.system", "false"),
        ("merge_request", None),
        ("merge_request.iid", 0),
        ("merge_request.target_project_id", 999),
        ("user.username", "a\nb"),
        ("project.id", -1),
    ],
)
def test_a_note_out_of_its_bounds_is_malformed(path: str, value: Any) -> None:
    outcome = read(changed("note", path, value))
    assert isinstance(outcome, Malformed)
    assert outcome.why.startswith(path)


@pytest.mark.parametrize(
    "login", ["group_97_bot_0a1b2c", "project_15_bot", "service_account_group_7_ab", "ghost", "support-bot"]
)
def test_no_program_gives_commands(login: str) -> None:
    assert isinstance(read(changed("note", "user.username", login)), Ignored)


@pytest.mark.parametrize("kind", [None, "DiscussionNote", "DiffNote"])
def test_a_note_is_heard_in_whatever_discussion_it_stands(kind: str | None) -> None:
    assert isinstance(read(changed("note", "object_attributes.type", kind)), Commented)


@pytest.mark.parametrize("login", ["ana", "ana.bot", "robot", "project_manager", "_ana-x", "bot_ana"])
def test_a_person_gives_commands_whatever_the_name(login: str) -> None:
    assert isinstance(read(changed("note", "user.username", login)), Commented)


@pytest.mark.parametrize("text", ["", " \r\n", "x" * (64 * 2**10 + 1)], ids=["empty", "blank", "too long"])
def test_a_note_with_nothing_to_read_is_ignored(text: str) -> None:
    assert isinstance(read(changed("note", "object_attributes.note", text)), Ignored)


def test_a_form_is_answered_with_what_gitlab_sends() -> None:
    outcome = read(b"payload=%7B%7D", content_type="application/x-www-form-urlencoded; charset=utf-8")
    assert isinstance(outcome, Malformed)
    assert "application/json" in outcome.why


def test_no_address_in_a_payload_changes_what_is_read() -> None:
    for name in ("open", "note"):
        foreign = json.loads(json.dumps(payload(name)).replace("https://", "https://evil.example/"))
        assert read(foreign) == read(payload(name))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places(document: Any, before: tuple[str, ...] = ()) -> list[str]:
    if not isinstance(document, dict):
        return []
    here = [".".join((*before, name)) for name in document]
    return here + [deeper for name, inner in document.items() for deeper in places(inner, (*before, name))]


@given(data=st.data(), name=st.sampled_from(NAMES), value=json_values)
def test_no_value_in_any_place_raises(data: st.DataObject, name: str, value: Any) -> None:
    path = data.draw(st.sampled_from(places(payload(name))))
    assert isinstance(read(changed(name, path, value)), Event | Commented | Removed | Ignored | Malformed)


@given(
    value=json_values,
    path=st.sampled_from(["changes", "changes.labels", "changes.labels.previous", "changes.labels.current"]),
)
def test_no_change_of_whatever_form_raises(value: Any, path: str) -> None:
    assert isinstance(read(changed("update-labelled", path, value)), Event | Ignored | Malformed)


@given(body=st.binary(max_size=300))
def test_no_body_raises(body: bytes) -> None:
    assert isinstance(read(body), Ignored | Malformed)


def answer(**changes: Any) -> MergeRequest:
    known = {
        "iid": 1,
        "created_at": "2026-11-23T09:00:00.000Z",
        "state": "opened",
        "draft": False,
        "labels": ["preview"],
        "author": {"id": 9000, "username": "ana"},
        "source_branch": "feature",
        "target_branch": "main",
        "sha": "a" * 40,
        "source_project_id": 15,
        "target_project_id": 15,
        "references": {"short": "!1", "relative": "!1", "full": "acme/web/shop!1"},
    }
    return MergeRequest.model_validate({**known, **changes})


@pytest.mark.parametrize(("source", "fork"), [(15, False), (16, True), (None, True)])
def test_a_head_that_is_not_shown_to_be_in_the_project_is_a_forks(source: int | None, fork: bool) -> None:
    key = PullKey(forge="gitlab", repository="15", number=1)
    found = pull(key, answer(source_project_id=source))
    assert found.fork is fork
    assert (found.repository, found.labels, found.author_id) == ("acme/web/shop", frozenset({"preview"}), "9000")


@pytest.mark.parametrize(("state", "open_"), [("opened", True), ("locked", True), ("closed", False), ("merged", False)])
def test_a_merge_request_is_open_until_it_is_closed_or_merged(state: str, open_: bool) -> None:
    assert pull(PullKey(forge="gitlab", repository="15", number=1), answer(state=state)).open is open_

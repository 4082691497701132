from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.errors import Gone, Unavailable
from bot.core.events import ActorId, Commented, Ignored, Remark, RemarkKind
from bot.forges import gitlab
from bot.forges.gitlab import GitLab
from tests.world.gitlab import GitLabWorld
from tests.world.gitlab_merge_request import MergeRequest, Note


@pytest.fixture
def world() -> Iterator[GitLabWorld]:
    with GitLabWorld() as world:
        yield world


@pytest.fixture
def forge(world: GitLabWorld) -> GitLab:
    return gitlab.create(world.settings)


@pytest.fixture
def pull(world: GitLabWorld) -> MergeRequest:
    return world.repository("acme/web/shop", eve="read", ben="write").open_pull(author="eve")


def told(note: Note, **changes: Any) -> Commented:
    """What a delivery says of it."""
    known = Commented(
        delivery="d",
        key=note.pull.key,
        repository="acme/web/shop",
        actor=note.author,
        actor_id=ActorId(str(note.pull.project.world.person(note.author))),
        text=note.body,
        remark=Remark(id=str(note.id), kind=RemarkKind.COMMENT),
    )
    return replace(known, **changes)


@pytest.mark.parametrize(
    "text", ["/preview deploy", "one\r\n/preview deploy\r\n", "  \n/preview stop\n\n", "é \U0001f600"]
)
def test_a_note_that_gitlab_shows_as_it_was_told_is_confirmed(forge: GitLab, pull: MergeRequest, text: str) -> None:
    note = pull.say("ana", text)
    assert forge.confirm(told(note)) is None
    assert forge.confirm(told(note, text=text.replace("\r\n", "\n"))) is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"text": "/preview delete --yes"}, "another text"),
        ({"text": "/preview deploy\n/preview stop"}, "another text"),
        ({"actor_id": ActorId("1")}, "ana wrote it"),
        ({"actor_id": ActorId("")}, "ana wrote it"),
        ({"actor": "root"}, "root wrote it"),
        ({"remark": None}, "without a number"),
        ({"remark": Remark(id="1/../2", kind=RemarkKind.COMMENT)}, "without a number"),
    ],
)
def test_a_note_that_is_another_is_not(forge: GitLab, pull: MergeRequest, changes: dict[str, Any], why: str) -> None:
    doubt = forge.confirm(told(pull.say("ana", "/preview deploy"), **changes))
    assert isinstance(doubt, Ignored)
    assert why in doubt.why


@pytest.mark.parametrize("kind", ["internal", "system"])
def test_a_note_of_another_kind_is_not(forge: GitLab, pull: MergeRequest, kind: str) -> None:
    note = pull.say("ana", "/preview deploy", **{kind: True})
    assert isinstance(forge.confirm(told(note)), Ignored)


def test_a_note_that_was_taken_away_or_is_on_another_pull_is_gone(forge: GitLab, pull: MergeRequest) -> None:
    note = pull.say("ana", "/preview deploy")
    other = pull.project.open_pull(branch="other")
    with pytest.raises(Gone):
        forge.confirm(told(note, key=other.key))
    note.delete()
    with pytest.raises(Gone):
        forge.confirm(told(note))


def test_while_gitlab_is_away_a_note_is_neither(world: GitLabWorld, forge: GitLab, pull: MergeRequest) -> None:
    note = pull.say("ana", "/preview deploy")
    with world.outage(), pytest.raises(Unavailable):
        forge.confirm(told(note))


ACTS: dict[str, Callable[[MergeRequest], object]] = {
    "push": lambda pull: pull.push(by="ben"),
    "reopen": lambda pull: (pull.close(by="eve"), pull.reopen(by="ben")),
    "retarget": lambda pull: pull.retarget("release", by="ben"),
    "ready": lambda pull: (pull.back_to_draft(by="eve"), pull.ready(by="ben")),
}


def acted(forge: GitLab, pull: MergeRequest, login: str) -> bool:
    return forge.acted(forge.pull(pull.key), ActorId(str(pull.project.world.person(login))))


@pytest.mark.parametrize("act", ACTS)
def test_who_acted_is_found_where_gitlab_keeps_it(forge: GitLab, pull: MergeRequest, act: str) -> None:
    assert not acted(forge, pull, "ben")
    ACTS[act](pull)
    assert acted(forge, pull, "ben")
    assert not acted(forge, pull, "ana")


def test_of_the_author_nothing_more_is_asked(world: GitLabWorld, forge: GitLab, pull: MergeRequest) -> None:
    known = forge.pull(pull.key)
    before = len(world.requests)
    assert forge.acted(known, known.author_id)
    assert len(world.requests) == before


ELSE: dict[str, Callable[[MergeRequest], object]] = {
    "pushed what is no head any more": lambda pull: (pull.push(by="ben"), pull.push(by="eve")),
    "pushed to another pull": lambda pull: pull.project.open_pull(branch="other").push(by="ben"),
    "opened it again before somebody else did": lambda pull: [
        (pull.close(by="eve"), pull.reopen(by=by)) for by in ("ben", "eve")
    ],
    "closed it": lambda pull: pull.close(by="ben"),
    "labelled it": lambda pull: pull.label("preview", by="ben"),
    "made a draft of it": lambda pull: pull.back_to_draft(by="ben"),
    "wrote a note": lambda pull: pull.say("ben", "changed target branch from `a` to `b`"),
    "referred to it": lambda pull: pull.say(
        "ben", "mentioned in merge request !9: marked this merge request as **ready**", system=True
    ),
}


@pytest.mark.parametrize("act", ELSE)
def test_what_else_somebody_did_is_no_word(forge: GitLab, pull: MergeRequest, act: str) -> None:
    ELSE[act](pull)
    assert not acted(forge, pull, "ben")


def test_a_push_is_found_beside_many_and_what_is_long_ago_is_not(forge: GitLab, pull: MergeRequest) -> None:
    pull.push(by="ben")
    head, act = pull.head, pull.acts[-1]
    others = [("push", "eve", f"{number:040x}", act[3] + number) for number in range(1, 100)]
    pull.acts += others
    assert acted(forge, pull, "ben")
    pull.acts.append(("push", "eve", "f" * 40, act[3] + 100))
    assert pull.head == head
    assert not acted(forge, pull, "ben")


def test_while_gitlab_is_away_nobody_is_said_not_to_have_acted(
    world: GitLabWorld, forge: GitLab, pull: MergeRequest
) -> None:
    known = forge.pull(pull.key)
    with world.outage(), pytest.raises(Unavailable):
        forge.acted(known, ActorId("7"))

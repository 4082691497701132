"""One comment of ours on a pull, whatever else is written there and whatever becomes of a request: at every world."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pytest

from bot import plugins
from bot.core.errors import Unavailable
from bot.core.report import Report, State, StepLine, StepState
from bot.core.telling.comment import LIMIT, comment
from bot.core.telling.markdown import size
from bot.forges.base import Forge
from tests.world.forge import ForgeWorld
from tests.world.github import GitHubWorld
from tests.world.gitlab import GitLabWorld
from tests.world.pull import Pull

WORLDS: dict[str, Callable[[], ForgeWorld[Any]]] = {
    "github": GitHubWorld,
    "github_app": partial(GitHubWorld, app=True),
    "gitlab": GitLabWorld,
}
POST = {"github": "/issues/{number}/comments", "gitlab": "/merge_requests/{number}/notes"}
EDIT = {"github": "PATCH {root}/issues/comments/{id}", "gitlab": "PUT {root}/merge_requests/{number}/notes/{id}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A pull, and the bot there."""

    world: ForgeWorld[Any]
    pull: Pull[Any]
    forge: Forge

    @property
    def root(self) -> str:
        return f"{self.world.ROOT}{self.pull.repository.id}"

    @property
    def post(self) -> str:
        return f"POST {self.root}{POST[self.world.name].format(number=self.pull.number)}"

    @property
    def posts(self) -> int:
        return self.world.requests.count(self.post)

    @property
    def edit(self) -> str:
        pull = self.pull
        return EDIT[self.world.name].format(root=self.root, number=pull.number, id=pull.comment.id)

    def restarted(self) -> Forge:
        """The bot after a restart, or another one."""
        return plugins.create("forges", self.world.name, self.world.settings)

    def report(self, state: State = State.RUNNING, **more: Any) -> Report:
        pull = self.pull
        given = {"generation": 1, "sha": pull.head, **more}
        return Report(key=pull.key, repository=pull.repository.full_name, state=state, **given)

    def tell(self, state: State = State.RUNNING, *, by: Forge | None = None, **more: Any) -> None:
        forge = by or self.forge
        forge.tell(forge.pull(self.pull.key), self.report(state, **more))


@pytest.fixture(params=WORLDS)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with WORLDS[request.param]() as world:
        pull = world.repository("acme/shop").open_pull()
        yield Place(world=world, pull=pull, forge=plugins.create("forges", world.name, world.settings))


def test_nothing_is_asked_to_tell_the_same_twice(place: Place) -> None:
    known = place.forge.pull(place.pull.key)
    place.forge.tell(known, place.report())
    before = len(place.world.requests)
    place.forge.tell(known, place.report())
    assert len(place.world.requests) == before
    assert place.pull.comment.body.rstrip() == comment(place.report()).rstrip()


def test_a_new_generation_is_told_over_what_another_bot_told_since(place: Place) -> None:
    place.tell()
    place.tell(State.FAILED, by=place.restarted(), generation=2)
    place.tell(generation=3)
    assert place.pull.comment.says("running")
    assert place.pull.status.state == "success"


def test_a_restarted_bot_finds_its_comment_beyond_the_first_pages(place: Place) -> None:
    for number in range(124):
        place.pull.say("ben", f"remark {number}")
    place.tell(State.DEPLOYING)
    for number in range(125):
        place.pull.say("ben", f"answer {number}")
    place.tell(by=place.restarted())
    assert len(place.pull.comments) == 250
    assert place.pull.comment.edits == 1
    assert place.posts == 1


def test_a_user_who_pastes_our_marker_gets_neither_an_edit_nor_a_second_comment_of_ours(place: Place) -> None:
    before = place.pull.say("eve", comment(place.report()))
    place.tell(State.DEPLOYING)
    after = place.pull.say("eve", comment(place.report()))
    place.tell(by=place.restarted())
    assert (before.edits, after.edits, place.pull.comment.edits) == (0, 0, 1)
    assert before in place.pull.comments
    assert after in place.pull.comments
    assert place.pull.comment.author == place.world.bot


def test_the_oldest_of_several_is_kept_and_the_others_of_ours_are_deleted(place: Place) -> None:
    ours = comment(place.report(State.QUEUED))
    first, second = (place.pull.say(place.world.bot, ours) for _ in range(2))
    other = place.pull.say(place.world.bot, f"<!-- matinee:v1 {place.world.name}-1-1 -->\nof another environment")
    place.tell()
    assert place.pull.comments == [first, other]
    assert second not in place.pull.comments
    assert first.body.rstrip() == comment(place.report()).rstrip()


def test_two_bots_that_comment_at_the_same_time_leave_one_comment(place: Place) -> None:
    bots = place.forge, place.restarted()
    both = Barrier(2)
    place.world.meanwhile[place.post] = lambda: both.wait(20)
    telling = [Thread(target=place.tell, kwargs={"by": bot}) for bot in bots]
    for each in telling:
        each.start()
    for each in telling:
        each.join()
    assert place.posts == 2
    assert place.pull.comment.says("running")
    for bot in bots:
        place.tell(State.FAILED, by=bot)
        assert place.pull.comment.says("failed")


def test_a_comment_that_a_user_deletes_while_it_is_being_edited_is_written_anew(place: Place) -> None:
    place.tell(State.DEPLOYING)

    def delete() -> None:
        if place.pull.comments:
            place.pull.comment.delete()

    place.world.meanwhile[place.edit] = delete
    place.tell()
    assert place.pull.comment.says("running")
    assert place.posts == 2


@pytest.mark.parametrize("status", [502, 504, 0], ids=["bad gateway", "gateway timeout", "connection cut"])
def test_after_an_answer_that_was_lost_the_comment_is_looked_for_and_not_posted_again(
    place: Place, status: int
) -> None:
    place.world.fail_next("POST", place.world.COMMENTS, status=status, after_effect=True)
    place.tell(State.DEPLOYING)
    place.tell()
    assert place.pull.comment.says("running")
    assert place.posts == 1


def test_a_bot_that_could_not_even_look_finds_the_comment_when_it_tells_again(place: Place) -> None:
    world = place.world
    world.fail_next("POST", world.COMMENTS, status=502, after_effect=True)
    world.meanwhile[place.post] = lambda: world.fail_next("GET", world.COMMENTS, times=3)
    with pytest.raises(Unavailable):
        place.tell()
    place.tell()
    assert place.pull.comment.says("running")
    assert place.posts == 1


def test_a_post_that_had_no_effect_is_unavailable_and_told_again_later(place: Place) -> None:
    place.world.fail_next("POST", place.world.COMMENTS, status=502)
    with pytest.raises(Unavailable):
        place.tell()
    assert place.pull.comments == []
    place.tell()
    assert place.pull.comment.says("running")


def test_a_report_that_is_far_too_long_is_a_comment_that_fits(place: Place) -> None:
    loud = StepLine(name="build web", kind="build", state=StepState.FAILED, tail=("\U0001f600<" * 500,) * 100)
    place.tell(State.FAILED, steps=(loud,) * 100)
    assert place.pull.comment.says("failed")
    assert size(place.pull.comment.body) < LIMIT

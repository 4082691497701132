"""One remark at a time, over a forge in memory: what it comes to, once, whatever fails or dies on the way."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.approval import Ground
from bot.core.errors import Unavailable
from bot.core.events import ActorId, Commented, Pull, Remark, RemarkKind, Sign, Want
from bot.core.permission import Permission
from bot.core.report import State
from bot.desk.attend import LEASE, PATIENCE, attend
from bot.forks import Forks
from bot.world import World
from tests.world.lives import Killed, Life, Mortal, life, reborn

ANA, EVE = ActorId("7"), ActorId("8")
SPEC = """\
version: 1
services:
  web: {image: busybox}
"""


class Desk:
    """One pull's desk, at which ana may write and eve may read."""

    def __init__(self, opened: World) -> None:
        self.life: Life = reborn(opened)
        self.life.world = replace(self.life.world, forks=Forks(builder=opened.builder))
        self.forge: Any = self.life.world.forges["memory"]
        self.forge.allow("1", ANA, Permission.WRITE)
        self.forge.allow("1", EVE, Permission.READ)
        self._numbers = itertools.count(1)
        self.life.push(SPEC)
        self.life.settle()

    def say(self, text: str, *, actor: ActorId = ANA, kind: RemarkKind = RemarkKind.COMMENT) -> Remark:
        """Somebody comments, and the forge tells of it."""
        number = str(next(self._numbers))
        remark = Remark(id=number, kind=kind)
        told = Commented(
            delivery=f"{self.life.key.number}-c{number}",
            key=self.life.key,
            repository="acme/shop",
            actor="ana" if actor == ANA else "eve",
            actor_id=actor,
            text=text,
            remark=remark,
        )
        self.life.world.inbox.receive(told, f"{self.life.key.number}-{number}")
        return remark

    def attend(self) -> bool:
        """Take a remark of this pull up; whether there was one."""
        heard = self.life.world.inbox.hear("desk", lease=LEASE)
        if heard is not None:
            with suppress(Killed):
                attend(heard, self.life.world)
            self.life.fuse.renew()
        return heard is not None

    def attend_all(self) -> None:
        """Take up all there are and will be, hours later where need be."""
        while self.attend() or self.attend_later():
            pass

    def attend_later(self) -> bool:
        """The same hours later."""
        self.life.now += timedelta(hours=3)
        return self.attend()

    def said(self, text: str, *, actor: ActorId = ANA) -> str:
        """What is replied to a comment; empty where nothing is."""
        remark = self.say(text, actor=actor)
        self.attend_all()
        return self.reply(remark)

    def reply(self, remark: Remark) -> str:
        body: str = self.forge.replies.get((self.life.key, remark), "")
        return body

    def signs(self, remark: Remark) -> tuple[Sign, ...]:
        signs: tuple[Sign, ...] = self.forge.signs.get(remark, ())
        return signs


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = life(tmp_path_factory.mktemp("desk"))
    yield made.world
    made.world.inbox.close()


@pytest.fixture
def desk(opened: World) -> Desk:
    return Desk(opened)


def test_a_command_is_signed_wished_and_signed_again_and_the_one_comment_follows_it(desk):
    remark = desk.say("please:\n\n/preview stop")
    desk.attend()
    assert desk.signs(remark) == (Sign.SEEN, Sign.DONE)
    assert desk.reply(remark) == ""
    wish = desk.life.status.lane.wish
    assert (wish.want, wish.actor, wish.actor_id, wish.person) == (Want.STOP, "ana", ANA, True)
    assert wish.why == "ana said /preview stop"
    desk.life.settle()
    assert desk.life.report.state is State.STOPPED


def test_whoever_may_not_is_told_what_it_takes_and_nothing_changes(desk):
    before = desk.life.status
    remark = desk.say("/preview delete", actor=EVE)
    desk.attend()
    assert desk.signs(remark) == (Sign.SEEN, Sign.CONFUSED)
    assert "takes write permission" in desk.reply(remark)
    assert desk.life.status == before


def test_a_remark_without_a_command_is_left_alone(desk):
    remark = desk.say("> /preview delete\n\nwhy would one?")
    desk.attend()
    assert desk.signs(remark) == ()
    assert not desk.attend()


def test_commands_of_one_remark_are_judged_each_by_itself_and_answered_in_one_reply(desk):
    reply = desk.said("/preview stop\n/preview dploy\n/preview status", actor=EVE)
    assert "takes write permission" in reply
    assert "did you mean deploy?" in reply
    assert "Preview is running" in reply


def test_a_forge_that_does_not_answer_puts_a_remark_off_and_it_is_carried_out_later(desk):
    with away(desk, "permission"):
        remark = desk.say("/preview stop")
        desk.attend()
    assert desk.reply(remark) == ""
    assert desk.life.status.lane.wish.want is Want.DEPLOY
    desk.attend_all()
    assert desk.life.status.lane.wish.want is Want.STOP


def test_a_remark_that_cannot_be_carried_out_for_an_hour_is_given_up_with_a_plain_note(desk):
    remark = desk.say("/preview stop")
    with away(desk, "permission"):
        for _ in range(PATIENCE):
            assert desk.reply(remark) == ""
            desk.attend_later()
        desk.attend_all()
    assert "nothing was changed" in desk.reply(remark)
    assert desk.signs(remark)[-1] is Sign.CONFUSED
    assert desk.life.status.lane.wish.want is Want.DEPLOY


def test_a_reply_that_cannot_be_told_keeps_no_later_command_waiting_and_comes_after_all(desk):
    first, second = desk.say("/preview help"), desk.say("/preview stop")
    with away(desk, "reply"):
        desk.attend()
        desk.attend()
    assert desk.life.status.lane.wish.want is Want.STOP
    assert desk.signs(second) == (Sign.SEEN, Sign.DONE)
    desk.attend_all()
    assert "/preview deploy" in desk.reply(first)


def test_no_command_fails_for_want_of_a_sign(desk):
    with away(desk, "react"):
        desk.said("/preview stop")
    assert desk.life.status.lane.wish.want is Want.STOP


def test_a_button_is_a_command_without_a_remark(desk):
    desk.life.push(SPEC.replace("busybox", "exit-1"))
    told = Commented(
        delivery=f"{desk.life.key.number}-rerun",
        key=desk.life.key,
        repository="acme/shop",
        actor="ana",
        actor_id=ANA,
        text="/preview deploy",
        remark=None,
    )
    desk.life.settle()
    desk.life.world.inbox.receive(told, f"{desk.life.key.number}-rerun")
    generation = desk.life.status.lane.generation
    desk.attend()
    assert desk.life.status.lane.generation == generation + 1
    assert desk.forge.signs == {}


def test_killed_at_any_point_a_command_is_wished_once_and_answered_once(opened):
    deaths = 0
    for left in itertools.count():
        desk = Desk(opened)
        mortal(desk)
        remark = desk.say("/preview reset\n/preview help")
        generation = desk.life.status.lane.generation
        desk.life.fuse.left = left
        desk.attend()
        died = desk.life.fuse.left is None and Sign.DONE not in desk.signs(remark)
        deaths += died
        desk.attend_all()
        assert desk.life.status.lane.generation == generation + 1, left
        assert "/preview deploy" in desk.reply(remark)
        assert desk.signs(remark)[-1] is Sign.DONE
        assert len(desk.forge.replies) == 1
        if not died and left > 12:
            break
    assert deaths > 5


def test_a_fork_that_nobody_approved_is_not_deployed_and_the_way_is_told(desk):
    pull = put(desk, fork=True)
    assert f"/preview approve {pull.head[:7]}" in desk.said("/preview deploy")
    assert "/preview approve" in desk.said("/preview reset")


def test_where_no_fork_runs_none_is_deployed_or_approved(desk):
    desk.life.world = replace(desk.life.world, forks=Forks(against="there is no builder for them"))
    pull = put(desk, fork=True)
    assert "there is no builder for them" in desk.said("/preview deploy")
    assert "there is no builder for them" in desk.said(f"/preview approve {pull.head}")
    assert not approved(desk, pull)


def test_an_approval_is_kept_with_the_deploy_that_it_asks_for(desk):
    pull = put(desk, fork=True)
    assert desk.said(f"/preview approve {pull.head[:9]}") == ""
    approval = desk.life.world.inbox.approved(pull.key.environment, pull.head)
    assert approval is not None
    assert (approval.by, approval.by_id, approval.sha) == ("ana", ANA, pull.head)
    wish = desk.life.status.lane.wish
    assert (wish.want, wish.sha, wish.person) == (Want.DEPLOY, pull.head, True)


def test_an_approval_of_another_commit_names_the_head_and_is_none(desk):
    pull = put(desk, fork=True)
    reply = desk.said("/preview approve 0123456")
    assert pull.head[:7] in reply
    assert not approved(desk, pull)


def test_who_can_only_read_approves_nothing(desk):
    pull = put(desk, fork=True)
    assert "takes write permission" in desk.said(f"/preview approve {pull.head}", actor=EVE)
    assert not approved(desk, pull)


def test_an_approval_counts_for_the_commands_that_follow_it_in_the_same_remark(desk):
    pull = put(desk, fork=True)
    assert desk.said(f"/preview approve {pull.head}\n/preview deploy").startswith("Nothing changes: ")


@pytest.mark.parametrize("command", ["deploy", "stop", "start", "cancel", "run seed deploy", "clone web", "reset"])
def test_on_a_closed_pull_most_is_refused(desk, command):
    put(desk, open=False)
    assert "is not for a closed pull" in desk.said(f"/preview {command}")


@pytest.mark.parametrize("command", ["help", "status", "why", "logs web", "delete"])
def test_on_a_closed_pull_it_can_be_looked_at_and_deleted(desk, command):
    put(desk, open=False)
    assert "is not for a closed pull" not in desk.said(f"/preview {command}")


def test_an_errand_where_nothing_stands_is_no_success(desk):
    desk.said("/preview delete")
    desk.life.settle()
    remark = desk.say("/preview run seed deploy")
    desk.attend()
    assert "nothing stands" in desk.reply(remark)
    assert desk.signs(remark)[-1] is Sign.CONFUSED


def test_a_command_twice_is_carried_out_once_and_again_after_its_end(desk):
    generation = desk.life.status.lane.generation
    assert "under way already" in desk.said("/preview deploy\n/preview deploy")
    assert desk.life.status.lane.generation == generation + 1
    desk.life.settle()
    assert desk.said("/preview deploy") == ""
    assert desk.life.status.lane.generation == generation + 2


def approved(desk: Desk, pull: Pull) -> bool:
    """Whether somebody has approved the pull's head aloud."""
    word = desk.life.world.inbox.approved(pull.key.environment, pull.head)
    return word is not None and word.ground is Ground.APPROVAL


def mortal(desk: Desk) -> None:
    """Let the bot die before or after each act that leaves something behind."""
    world, fuse = desk.life.world, desk.life.fuse
    inbox: Any = Mortal(world.inbox, fuse, frozenset({"answered", "done", "defer"}))
    forge: Any = Mortal(desk.forge, fuse, frozenset({"react", "reply"}))
    desk.life.world = replace(world, inbox=inbox, forges={"memory": forge})


def put(desk: Desk, **changes: Any) -> Pull:
    """Change the pull without an event of it."""
    pull = replace(desk.forge.pull(desk.life.key), **changes)
    desk.forge.put(pull)
    return pull


@contextmanager
def away(desk: Desk, what: str) -> Iterator[None]:
    """The forge does not answer this while it lasts."""

    def fails(*_: Any, **__: Any) -> None:
        raise Unavailable("the forge does not answer; try again later")

    setattr(desk.forge, what, fails)
    try:
        yield
    finally:
        delattr(desk.forge, what)

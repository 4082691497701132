"""The button `Re-run` beside a check: it stands for a command."""

from collections.abc import Mapping
from typing import Any

from bot.core.events import ActorId, Commented, Ignored, PullKey
from bot.core.names import ENVIRONMENT
from bot.forges._github.hooks.pull_request import Base
from bot.forges._github.payload import Number, Repository, Shape, User

AGAIN = "/preview deploy"


class _Run(Shape):
    external_id: str | None = None
    """Of a check that we made it is the environment; `pull_requests` is empty for a fork's."""


class _Pull(Shape):
    number: Number
    base: Base


class _Suite(Shape):
    pull_requests: list[_Pull]


class _Told(Shape):
    repository: Repository
    sender: User


class _ToldRun(_Told):
    check_run: _Run


class _ToldSuite(_Told):
    check_suite: _Suite


def read(delivery: str, action: str, payload: Mapping[str, Any]) -> Commented | Ignored:
    """One check is to be run again."""
    if action != "rerequested":
        return Ignored(f"the action {action} of a check run changes no preview")
    told = _ToldRun.model_validate(payload)
    number = _number(told.check_run.external_id or "", told.repository)
    return Ignored("the check is none of this bot's") if number is None else _again(delivery, told, number)


def read_suite(delivery: str, action: str, payload: Mapping[str, Any]) -> Commented | Ignored:
    """All checks are to be run again; whose pull's is known only where there is one, and no fork's."""
    if action != "rerequested":
        return Ignored(f"the action {action} of a check suite changes no preview")
    told = _ToldSuite.model_validate(payload)
    pulls = [pull for pull in told.check_suite.pull_requests if pull.base.repo.id == told.repository.id]
    if len(pulls) != 1:
        return Ignored(f"the suite names {len(pulls)} pulls; re-run the check itself, or comment {AGAIN}")
    return _again(delivery, told, pulls[0].number)


def _again(delivery: str, told: _Told, number: int) -> Commented:
    return Commented(
        delivery=delivery,
        key=PullKey(forge="github", repository=str(told.repository.id), number=number),
        repository=told.repository.full_name,
        actor=told.sender.login,
        actor_id=ActorId(str(told.sender.id)),
        text=AGAIN,
        remark=None,
    )


def _number(external_id: str, repository: Repository) -> int | None:
    """The pull's, where the check is of an environment of this very repository: anybody's check may claim anything."""
    of_it, _, number = external_id.rpartition("-")
    if not ENVIRONMENT.fullmatch(external_id) or of_it != f"github-{repository.id}":
        return None
    return int(number) if 0 < int(number) < 2**31 else None

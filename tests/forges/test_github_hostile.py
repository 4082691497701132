"""What a stranger writes, as GitHub has it in the end."""

from dataclasses import replace

import pytest

from bot.core.events import Remark, RemarkKind, Sign
from bot.forges import github
from tests.core.answered import WITH
from tests.core.hostile_reports import linked, reports, wrong
from tests.world import judge
from tests.world.github import GitHubWorld
from tests.world.hostile import HOSTILE

pytestmark = pytest.mark.slow

SHARES = [dict(list(HOSTILE.items())[first::4]) for first in range(4)]
"""Told of side by side: between two writes the bot waits."""


@pytest.mark.parametrize("share", SHARES, ids="abcd")
def test_nothing_that_is_told_does_anything_but_tell(share: dict[str, str]) -> None:
    with GitHubWorld(app=True) as world:
        shop = world.repository("acme/shop")
        pull = shop.open_pull()
        forge = github.create(world.settings)
        known = forge.pull(pull.key)
        for number, (kind, text) in enumerate(share.items(), 1):
            for given in list(reports(text))[-2:]:
                report = replace(given, key=pull.key, sha=pull.head, generation=number)
                forge.tell(known, report)
                assert judge.markdown(pull.comment.body, links=linked(report)) == [], kind
                assert pull.status is not None
                assert wrong(pull.status.description, report) == [], kind
                run = shop.check_runs[-1]
                assert pull.comment.body.partition("\n")[2].strip() == (run.summary or "").strip(), kind
                assert wrong(run.title or "", report) == [], kind
                for each in run.annotations:
                    for place in ("path", "title", "message"):
                        assert judge.plain(each[place], limit=2000) == [], (kind, place)
                for deployment in shop.deployments:
                    assert wrong(deployment.statuses[-1].description, report) == [], kind


def test_nothing_that_is_answered_does_anything_but_answer() -> None:
    with GitHubWorld() as world:
        pull = world.repository("acme/shop").open_pull()
        forge = github.create(world.settings)
        for kind, text in HOSTILE.items():
            pull.notes.clear()
            remark = Remark(id=str(pull.say("eve", text).id), kind=RemarkKind.COMMENT)
            forge.react(pull.key, remark, Sign.CONFUSED)
            forge.reply(pull.key, remark, WITH["mistake"](text, 1000))
            _, ours = pull.comments
            assert judge.markdown(ours.body) == [], kind
            assert ours.says(f"<!-- matinee:answer {pull.key.environment} {remark.id} -->")

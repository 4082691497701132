"""Which pulls get a preview, in the words of those who open them."""

from collections.abc import Iterator

import pytest

from bot.core.decision import Decision, Verdict
from bot.core.events import Want
from bot.core.report import State
from tests.stories.bot import StoryBot
from tests.stories.conftest import BOTH
from tests.world.github_repository import Pull

pytestmark = [pytest.mark.slow, BOTH]

SPEC = """\
version: 1
PREVIEW
services:
  web: {build: {root: web}, port: 8080, public: true}
jobs:
  seed:
    image: busybox
    on:
      deploy: {entrypoint: [sh, -c], args: ["echo seeded"]}
      stop: {entrypoint: [sh, -c], args: ["echo saved"]}
      delete: {entrypoint: [sh, -c], args: ["echo dropped"]}
"""


def shop(preview: str = "") -> dict[str, str]:
    spec = SPEC.replace("PREVIEW", f"preview: {{{preview}}}" if preview else "")
    return {"matinee.yaml": spec, "web/Dockerfile": "FROM busybox\n", "web/index.html": "old", "README.md": "read"}


def quiet(bot: StoryBot, pull: Pull) -> bool:
    """Nothing was told, and nothing is there."""
    untold = not pull.comments and not pull.statuses and bot.status(pull).report is None
    return untold and list(bot.world.runner.homes()) == [] and bot.status(pull).lane.state != "queued"


def decided(bot: StoryBot, pull: Pull) -> Decision:
    return bot.world.inbox.decisions(pull.key.environment)[0]


def runs(bot: StoryBot, pull: Pull, sha: str | None = None) -> bool:
    report = bot.report(pull)
    return report.state is State.RUNNING and report.serving == (sha or pull.head)


def seeded(bot: StoryBot, pull: Pull) -> int:
    """How often the job has run."""
    return sum(step == "run seed on deploy" for _, step, _ in bot.world.inbox.logs.kept(pull.key.environment))


@pytest.fixture
def acme(forge, request) -> Iterator:
    return forge.repository("acme/shop", shop(getattr(request, "param", "")))


def test_a_draft_is_told_nothing_until_it_is_ready(forge, acme, bot):
    pull = acme.open_pull(draft=True)
    bot.settle()
    assert quiet(bot, pull)
    assert (decided(bot, pull).verdict, decided(bot, pull).rule) == (Verdict.IGNORED, "a draft is skipped")
    pull.ready()
    bot.settle()
    assert runs(bot, pull)
    assert pull.comment.says("Preview is running")


def test_a_pull_that_becomes_a_draft_is_stopped_and_says_how_to_have_it_back(acme, bot):
    pull = acme.open_pull()
    bot.settle()
    pull.back_to_draft()
    bot.settle()
    report = bot.report(pull)
    assert report.state is State.STOPPED
    assert {step.name for step in report.steps} == {"stop web", "run seed on stop"}
    assert pull.comment.says("mark it as ready for review")
    assert not pull.comment.says("next push")
    pull.ready()
    bot.settle()
    assert runs(bot, pull)
    assert not pull.comment.says("draft")


def test_pushes_to_a_draft_that_was_stopped_leave_it_so(acme, bot):
    pull = acme.open_pull()
    bot.settle()
    pull.back_to_draft()
    bot.settle()
    pull.push({"web/index.html": "newer"})
    bot.settle()
    assert bot.report(pull).state is State.STOPPED
    pull.ready()
    bot.settle()
    assert runs(bot, pull)


@pytest.mark.parametrize("acme", ["drafts: deploy"], indirect=True)
def test_where_drafts_are_deployed_nothing_is_done_when_a_pull_becomes_one(acme, bot):
    pull = acme.open_pull(draft=True)
    bot.settle()
    assert runs(bot, pull)
    edits = pull.comment.edits
    pull.ready()
    pull.back_to_draft()
    bot.settle()
    assert runs(bot, pull)
    assert pull.comment.edits >= edits


def test_a_draft_that_a_person_deploys_stays_while_newer_commits_wait_for_a_word(acme, bot):
    pull = acme.open_pull(draft=True)
    bot.settle()
    bot.asked(pull, Want.DEPLOY)
    bot.settle()
    first = pull.head
    assert runs(bot, pull)
    newer = pull.push({"web/index.html": "newer"})
    bot.settle()
    assert runs(bot, pull, first)
    assert pull.comment.says(f"commit {newer[:4]}")
    assert pull.comment.says("/preview deploy")
    bot.asked(pull, Want.DEPLOY)
    bot.settle()
    assert runs(bot, pull, newer)
    assert not pull.comment.says("left out")


def test_what_a_person_deployed_as_a_draft_is_stopped_when_it_becomes_a_draft_once_more(acme, bot):
    pull = acme.open_pull(draft=True)
    bot.settle()
    bot.asked(pull, Want.DEPLOY)
    bot.settle()
    pull.ready()
    bot.settle()
    pull.back_to_draft()
    bot.settle()
    assert bot.report(pull).state is State.STOPPED


def test_a_push_right_after_a_persons_word_is_deployed_too(acme, bot):
    pull = acme.open_pull(draft=True)
    bot.settle()
    with bot.held_at("web") as reached:
        bot.asked(pull, Want.DEPLOY)
        assert reached.wait(20)
        pull.push({"web/index.html": "newer"})
    bot.settle()
    assert runs(bot, pull)


def test_a_draft_conversion_during_a_build_ends_stopped(acme, bot):
    with bot.held_at("web") as reached:
        pull = acme.open_pull()
        assert reached.wait(20)
        pull.back_to_draft()
    bot.settle()
    assert bot.report(pull).state is State.STOPPED
    assert pull.comment.says("draft")


@pytest.mark.parametrize("acme", ["label: preview"], indirect=True)
def test_a_label_brings_a_preview_and_takes_it_away(acme, bot):
    pull = acme.open_pull()
    bot.settle()
    assert quiet(bot, pull)
    pull.label("Preview")
    bot.settle()
    assert runs(bot, pull)
    pull.unlabel("Preview")
    bot.settle()
    report = bot.report(pull)
    assert report.state is State.DELETED
    assert "run seed on delete" in {step.name for step in report.steps}
    assert list(bot.world.runner.homes()) == []
    assert pull.comment.says("does not carry the label preview")
    pull.label("preview")
    bot.settle()
    assert runs(bot, pull)
    assert len(pull.comments) == 1


@pytest.mark.parametrize("acme", ["", "label: preview"], indirect=True)
def test_a_label_that_does_not_count_runs_no_job_again(acme, bot):
    pull = acme.open_pull(labels=("preview",))
    bot.settle()
    edits, times = pull.comment.edits, seeded(bot, pull)
    pull.label("bug")
    pull.unlabel("bug")
    bot.settle()
    assert runs(bot, pull)
    assert (pull.comment.edits, seeded(bot, pull)) == (edits, times)
    assert decided(bot, pull).verdict is Verdict.IGNORED


@pytest.mark.parametrize("acme", ["label: preview"], indirect=True)
def test_a_label_that_is_put_on_during_the_build_breaks_nothing_off(acme, bot):
    with bot.held_at("web") as reached:
        pull = acme.open_pull(labels=("preview",))
        assert reached.wait(20)
        pull.label("bug")
        generation = bot.status(pull).lane.generation
    bot.settle()
    assert runs(bot, pull)
    assert generation == 1
    assert seeded(bot, pull) == 1


@pytest.mark.parametrize("acme", ["label: preview"], indirect=True)
def test_a_label_that_is_taken_off_during_the_build_ends_deleted(acme, bot):
    with bot.held_at("web") as reached:
        pull = acme.open_pull(labels=("preview",))
        assert reached.wait(20)
        pull.unlabel("preview")
    bot.settle()
    assert bot.report(pull).state is State.DELETED
    assert list(bot.world.runner.homes()) == []


@pytest.mark.parametrize("acme", ['paths: ["web/**"]'], indirect=True)
def test_only_a_push_that_touches_the_paths_is_deployed(acme, bot):
    pull = acme.open_pull(files={"web/index.html": "new"})
    bot.settle()
    first = pull.head
    assert runs(bot, pull)
    second = pull.push({"README.md": "read again"})
    bot.settle()
    assert runs(bot, pull, first)
    assert pull.comment.says("touches none of web/")
    assert bot.report(pull).sha == first
    assert decided(bot, pull).facts["compared with"] == first
    third = pull.push({"web/index.html": "newest"})
    bot.settle()
    assert runs(bot, pull, third)
    assert not pull.comment.says("touches none of")
    assert second not in {status.sha for status in pull.statuses}


@pytest.mark.parametrize("acme", ['paths: ["web/**"]'], indirect=True)
@pytest.mark.parametrize(
    "files",
    [{"web/index.html": None}, {"web/index.html": None, "docs/index.html": "old"}, {"web/new.html": "new"}],
    ids=["deleted", "renamed away", "added"],
)
def test_a_file_that_is_gone_or_new_is_touched(acme, bot, files):
    pull = acme.open_pull(files={"web/other.html": "new"})
    bot.settle()
    pull.push(files)
    bot.settle()
    assert runs(bot, pull)


@pytest.mark.parametrize("acme", ['paths: ["web/**"]'], indirect=True)
def test_a_pull_that_touches_none_of_the_paths_is_told_nothing_until_it_does(acme, bot):
    pull = acme.open_pull(files={"README.md": "read again"})
    bot.settle()
    assert quiet(bot, pull)
    pull.push({"web/index.html": "new"})
    bot.settle()
    assert runs(bot, pull)


@pytest.mark.parametrize("acme", ['paths: ["web/**"]'], indirect=True)
def test_what_main_has_got_since_counts_for_nothing(acme, bot):
    pull = acme.open_pull(files={"README.md": "read again"})
    acme.change({"web/index.html": "main's"})
    pull.push({"README.md": "and again"})
    bot.settle()
    assert quiet(bot, pull)


@pytest.mark.parametrize("acme", ['paths: ["web/**"]'], indirect=True)
def test_a_push_beside_the_paths_during_a_build_does_not_lose_what_is_built(acme, bot):
    with bot.held_at("web") as reached:
        pull = acme.open_pull(files={"web/index.html": "new"})
        assert reached.wait(20)
        pull.push({"README.md": "read again"})
    bot.settle()
    assert bot.report(pull).state is State.RUNNING
    assert bot.report(pull).serving in pull.shas  # either has the page; which one depends on how far the build was


@pytest.mark.parametrize("acme", ['paths: ["web/**"]'], indirect=True)
def test_a_draft_that_becomes_ready_is_brought_back_though_nothing_was_pushed(acme, bot):
    pull = acme.open_pull(files={"web/index.html": "new"})
    bot.settle()
    pull.back_to_draft()
    bot.settle()
    assert bot.report(pull).state is State.STOPPED
    pull.ready()
    bot.settle()
    assert runs(bot, pull)


@pytest.mark.parametrize("acme", ['paths: ["web/**"]'], indirect=True)
def test_a_changed_base_is_compared_from_where_the_branch_went_off(acme, bot):
    pull = acme.open_pull(files={"web/index.html": "new"})
    bot.settle()
    acme.bare.point("refs/heads/next", acme.head)
    pull.retarget("next")
    bot.settle()
    assert runs(bot, pull)
    assert decided(bot, pull).verdict is Verdict.DEPLOY
    assert decided(bot, pull).facts["compared with"] == acme.head


def test_a_changed_base_deploys_again(acme, bot):
    pull = acme.open_pull()
    bot.settle()
    acme.bare.point("refs/heads/next", acme.head)
    pull.retarget("next")
    bot.settle()
    assert runs(bot, pull)
    assert seeded(bot, pull) == 2


@pytest.mark.parametrize("acme", ["label: preview", 'paths: ["docs/**"]', ""], indirect=True)
def test_a_close_of_a_pull_that_was_left_out_is_told_nothing_either(acme, bot):
    pull = acme.open_pull(draft=True)
    bot.settle()
    pull.close()
    bot.settle()
    assert quiet(bot, pull)
    pull.reopen()
    bot.settle()
    assert quiet(bot, pull)


@pytest.mark.parametrize("acme", ['paths: ["web/**"]', ""], indirect=True)
def test_no_filter_keeps_a_closed_pull_alive(acme, bot):
    pull = acme.open_pull(files={"web/index.html": "new"})
    bot.settle()
    pull.push({"README.md": "read again"})
    pull.draft = True
    pull.close()
    bot.settle()
    assert bot.report(pull).state is State.DELETED
    assert list(bot.world.runner.homes()) == []


def test_a_renamed_repository_keeps_its_previews_comments_and_statuses(forge, acme, bot):
    pull = acme.open_pull()
    bot.settle()
    acme.rename("umbrella/store")
    assert forge.name != "github" or bot.report(pull).repository == "umbrella/store"
    pull.push({"web/index.html": "newer"})
    bot.settle()
    assert runs(bot, pull)
    assert [status.environment for status in bot.world.inbox.lanes()] == [pull.key.environment]
    assert len(pull.comments) == 1
    assert pull.comment.says(pull.head[:7])
    assert pull.status.state == "success"


def test_what_the_app_is_taken_away_from_is_deleted_though_its_pulls_are_still_open(forge, acme, bot):
    if forge.name != "github":
        pytest.skip("only GitHub has Apps")
    other = forge.repository("acme/docs", shop())
    pull, kept = acme.open_pull(), other.open_pull()
    bot.settle()
    gone = {"id": acme.id, "node_id": "R_1", "name": "shop", "full_name": "acme/shop", "private": True}
    sender = {"login": "ben", "id": forge.person("ben"), "type": "User"}
    payload = {"action": "removed", "installation": {"id": 1}, "repositories_added": [], "repositories_removed": [gone]}
    forge.happened("installation_repositories", {**payload, "repository_selection": "selected", "sender": sender})
    bot.settle()
    assert bot.report(pull).state is State.DELETED
    assert "run seed on delete" in bot.steps(pull)
    assert {home.environment for home in bot.world.runner.homes()} == {kept.key.environment}
    assert "ben took the repository out" in decided(bot, pull).why
    pull.push({"web/index.html": "back again"})
    bot.settle()
    assert runs(bot, pull)


def test_what_was_deleted_by_hand_says_so_to_whoever_pushes(acme, bot):
    pull = acme.open_pull()
    bot.settle()
    bot.asked(pull, Want.DELETE)
    bot.settle()
    pull.push({"web/index.html": "newer"})
    bot.settle()
    assert bot.report(pull).state is State.DELETED
    told = decided(bot, pull)
    assert (told.verdict, told.rule) == (Verdict.IGNORED, "what was deleted by hand stays away")
    assert "pat deleted this preview" in told.why
    assert told.sha == pull.head


def test_every_turn_is_kept_with_its_reason_and_a_try_that_was_repeated_once(acme, bot, forge):
    pull = acme.open_pull()
    bot.settle()
    forge.fail_next("GET", "/pulls/", status=502, times=3)
    pull.close()
    bot.until(pull, State.DELETED)
    kept = bot.world.inbox.decisions(pull.key.environment)
    assert [(each.verdict, each.cause) for each in kept] == [
        (Verdict.DELETE, "the pull was closed"),
        (Verdict.DEPLOY, "the pull was opened"),
    ]
    assert kept[1].facts["draft"] == "no"
    assert kept[1].facts["stands"] == "nothing"
    assert kept[1].actor == "ana"

"""What people say on a pull, and what comes of it."""

import re
from datetime import timedelta

import pytest

from bot.core.events import Want
from bot.core.group import Home
from bot.core.lifetime import moment
from bot.core.report import State, StepState
from tests.stories.conftest import BOTH
from tests.stories.test_jobs import spec, writes
from tests.world.bot import wait

pytestmark = [pytest.mark.slow, BOTH]

SPEC = spec(web="    variables: {URL: '${jobs.seed.outputs.URL}'}", script=writes(URL="http://x"))


@pytest.fixture
def shop(forge):
    return forge.repository("acme/shop", {"matinee.yaml": SPEC, "db/a.sql": "1"}, ana="write", ben="triage", eve="read")


@pytest.fixture
def pull(shop, bot):
    pull = shop.open_pull()
    bot.settle()
    return pull


@pytest.fixture
def say(bot):
    """Say something on a pull as ana, who may write; what the bot replies to it."""

    def said(pull, text: str, *, author: str = "ana") -> str:
        before = len(pull.answers)
        pull.say(author, text)
        bot.settle()
        answers = pull.answers[before:]
        assert len(answers) < 2
        return answers[0] if answers else ""

    return said


def signs(pull) -> list[list[str]]:
    """The bot's reactions, comment by comment of people's."""
    return pull.signs


def stands(bot, pull):
    return bot.world.runner.recall(Home(environment=pull.key.environment, generation=0))


def test_a_command_is_seen_before_more_than_itself_is_asked_and_signed_when_it_is_done(bot, forge, pull):
    before = len(forge.requests)
    note = pull.say("ana", "/preview stop")
    bot.settle()
    others = [asked for asked in forge.requests[before:] if not re.fullmatch(rf"GET .*/notes/{note.id}", asked)]
    assert re.search("reactions|award_emoji", others[0])
    assert signs(pull) == [["eyes", "rocket"]]
    assert bot.report(pull).state is State.STOPPED
    assert pull.answers == []
    assert bot.status(pull).lane.wish.why == "ana said /preview stop"


def test_a_stopped_preview_is_started_and_deleted_and_deployed_again(bot, pull, say):
    states = []
    for command in ("stop", "start", "delete", "deploy"):
        assert say(pull, f"/preview {command}") == ""
        states.append(bot.report(pull).state)
    assert states == [State.STOPPED, State.RUNNING, State.DELETED, State.RUNNING]


def test_a_delete_goes_on_without_the_jobs_that_fail_when_it_is_told_to(bot, shop, say):
    pull = shop.open_pull(files={"matinee.yaml": spec().replace("echo dropped", "exit 5")})
    bot.settle()
    pull.say("ana", "/preview delete")
    bot.until_tried(pull, 1)
    say(pull, "/preview delete --force")
    assert bot.report(pull).state is State.DELETED


def test_a_deploy_under_way_is_cancelled_and_what_served_goes_on_serving(bot, forge):
    text = "version: 1\nservices:\n  web:\n    build: {root: web}\n    port: 80\n    public: true\n"
    files = {"matinee.yaml": text, "web/Dockerfile": "FROM scratch\n"}
    pull = forge.repository("acme/site", files, ana="write").open_pull()
    bot.settle()
    served = pull.head
    with bot.held_at("web") as reached:
        pull.push({"web/index.html": "newer"})
        assert reached.wait(30)
        pull.say("ana", "/preview cancel")
        bot.settle()
    report = bot.report(pull)
    assert (report.state, report.serving) == (State.FAILED, served)
    assert report.why == f"ana said /preview cancel, which ended the deploy of {pull.head[:7]}"
    assert bot.steps(pull)["build web"].state is StepState.CANCELLED
    assert pull.comment.says(f"Commit `{served[:7]}` goes on serving")
    assert signs(pull) == [["eyes", "rocket"]]
    pull.say("ana", "/preview deploy")
    bot.settle()
    assert bot.report(pull).serving == pull.head


def test_where_nothing_is_under_way_there_is_nothing_to_cancel(pull, say):
    assert "nothing is under way" in say(pull, "/preview cancel")
    assert signs(pull) == [["eyes", "confused"]]


def test_a_job_is_run_by_hand(bot, pull, say):
    assert say(pull, "/preview run seed deploy") == ""
    assert list(bot.steps(pull)) == ["run seed on deploy"]
    assert bot.report(pull).state is State.RUNNING


def test_a_clone_survives_a_push_and_a_deleted_service_stays_away(bot, pull, say):
    say(pull, "/preview clone web as web2")
    assert "web2" in stands(bot, pull).nodes
    assert say(pull, "/preview delete web2").count("--yes") == 2
    assert "web2" in stands(bot, pull).nodes
    pull.push({"news": "1"})
    bot.settle()
    assert bot.steps(pull)["start web2"].why == "unchanged"
    say(pull, "/preview delete web2 --yes\n/preview delete web --yes")
    assert not {"web", "web2"} & set(stands(bot, pull).nodes)
    pull.push({"news": "2"})
    bot.settle()
    assert not {"start web", "start web2"} & set(bot.steps(pull))


def test_a_clone_goes_to_another_repository_where_one_may_write_in_both(bot, pull, forge, say):
    own = spec().replace("seed:", "own:")
    theirs = forge.repository("acme/theirs", {"matinee.yaml": own}, ana="read", ben="write").open_pull(author="ben")
    ours = forge.repository("acme/ours", {"matinee.yaml": own}, ana="write").open_pull()
    bot.settle()
    refused = say(pull, f"/preview clone seed to {theirs.key.environment}")
    assert "There is no environment" in refused
    assert refused.replace(theirs.key.environment, "X") == say(pull, "/preview clone seed to github-1-1").replace(
        "github-1-1", "X"
    )
    assert "seed" not in stands(bot, theirs).nodes
    assert say(pull, f"/preview clone seed to {ours.key.environment}") == ""
    assert bot.steps(ours)["clone seed"].state is StepState.SUCCEEDED


def test_a_preview_is_kept_longer_and_its_comment_shows_until_when(bot, shop, say):
    pull = shop.open_pull(files={"matinee.yaml": f"{spec()}preview: {{ttl: 72h}}\n"})
    bot.settle()
    before = bot.report(pull).expires_at
    assert say(pull, "/preview extend 24h") == ""
    assert bot.report(pull).expires_at == before + timedelta(hours=24)
    assert pull.comment.says(moment(before + timedelta(hours=24)))
    assert "at most" in say(pull, "/preview extend 9000h")
    assert signs(pull) == [["eyes", "rocket"], ["eyes", "confused"]]


def test_what_never_ends_by_itself_is_not_extended(pull, say):
    assert "neither sleeps nor ends" in say(pull, "/preview extend 24h")


def test_a_reset_empties_and_deploys_and_names_what_there_is(bot, pull, say):
    say(pull, "/preview reset web")
    assert {"stop web", "empty web"} <= set(bot.steps(pull))
    say(pull, "/preview reset wbe")
    assert pull.comment.says("there is no service wbe")


def test_logs_of_a_step_a_job_and_a_service_are_shown_to_whoever_may_triage(bot, shop, say):
    pull = shop.open_pull(files={"matinee.yaml": spec(script="seq 101 200")})
    bot.settle()
    for name in ("seed", "'run seed on deploy'"):
        answer = say(pull, f"/preview logs {name}", author="ben")
        assert answer.startswith("**Log of `run seed on deploy`**")
        assert "Its last 80 lines (20 hidden)" in answer
        assert "\n200\n" in answer
    assert "**Log of `web`**" in say(pull, "/preview logs web", author="ben")
    assert "takes triage permission" in say(pull, "/preview logs web", author="eve")


def test_logs_of_what_there_is_not_name_those_there_are(pull, say):
    answer = say(pull, "/preview logs wbe")
    assert "did you mean web?" in answer
    assert "/preview logs web" in answer
    assert signs(pull) == [["eyes", "confused"]]


def test_the_status_is_what_the_one_comment_says(pull, say):
    answer = say(pull, "/preview status", author="eve")
    assert "**Preview is running**" in answer
    assert f"`{pull.head[:7]}`" in answer


def test_a_plan_says_what_a_deploy_would_do_and_does_nothing(bot, pull, say):
    generation = bot.status(pull).lane.generation
    assert f"What a deploy of `{pull.head[:7]}` would do" in say(pull, "/preview plan", author="ben")
    assert bot.status(pull).lane.generation == generation


def test_why_on_a_pull_that_the_bot_never_heard_of_says_what_would_be_and_how_to_get_it(bot, forge, shop, say):
    with forge.holding():
        pull = shop.open_pull(branch="quiet")
    answer = say(pull, "/preview why", author="eve")
    assert "Nothing was decided" in answer
    assert "/preview deploy" in answer
    assert bot.world.inbox.lane(pull.key.environment) is None


def test_help_is_a_table_for_everybody(pull, say):
    answer = say(pull, "/preview help", author="eve")
    assert "`/preview run <job> <event>`" in answer
    assert "**`/preview run <job> <event>`**" in say(pull, "/preview help run", author="eve")


def test_who_can_only_read_changes_nothing(bot, pull, say):
    generation = bot.status(pull).lane.generation
    for command in ("deploy", "stop", "delete", "cancel", "run seed deploy", "clone web as w", "reset"):
        assert "takes write permission; eve has read permission" in say(pull, f"/preview {command}", author="eve")
    assert bot.status(pull).lane.generation == generation
    assert signs(pull) == [["eyes", "confused"]] * 7


def test_several_commands_are_carried_out_in_their_order_and_answered_once(bot, pull, say):
    answer = say(pull, "/preview stop\n/preview status\n/preview frobnicate\nThanks!")
    assert bot.report(pull).state is State.STOPPED
    assert "there is no command frobnicate" in answer
    assert "**Preview is running**" in answer
    assert signs(pull) == [["eyes", "confused"]]


def test_what_is_nearly_a_command_is_answered_with_what_was_meant(pull, say):
    assert "did you mean deploy?" in say(pull, "/preview dploy")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("> /preview delete\n\nDo not!", id="in a quote"),
        pytest.param("```\n/preview delete\n```", id="in code"),
        pytest.param("    /preview delete\nand more", id="in indented code"),
        pytest.param("say /preview delete", id="within a line"),
        pytest.param("<!--\n/preview delete\n-->", id="in a comment of HTML"),
    ],
)
def test_what_is_only_shown_is_no_command(bot, pull, say, text):
    assert say(pull, text) == ""
    assert signs(pull) == [[]]
    assert bot.report(pull).state is State.RUNNING


def test_a_command_with_the_line_ends_of_a_browser_counts(bot, pull, say):
    say(pull, "Away with it:\r\n\r\n/preview delete\r\n")
    assert bot.report(pull).state is State.DELETED


def test_an_edited_comment_and_one_by_a_program_are_no_commands(forge, bot, pull):
    pull.say("ana", "never mind").edit("/preview delete")
    pull.say(forge.PROGRAM, "/preview delete")
    bot.settle()
    assert signs(pull) == [[], []]
    assert bot.report(pull).state is State.RUNNING


def test_a_remark_on_a_line_is_signed_and_a_review_is_only_answered(forge, bot, pull):
    if forge.name == "gitlab":
        pytest.skip("there, a remark on a line is a note like any other, and a review is nothing but notes")
    number = pull.remark("ana", "/preview status")
    bot.settle()
    assert [each.content for each in pull.repository.reactions if each.comment == number] == ["eyes", "rocket"]
    pull.review("ana", "Looks good.\n\n/preview stop\n/preview status")
    bot.settle()
    assert len(pull.answers) == 2
    assert bot.report(pull).state is State.STOPPED


def test_on_a_closed_pull_nothing_is_deployed_and_it_can_be_looked_at(bot, pull, say):
    pull.close()
    bot.settle()
    assert "is not for a closed pull" in say(pull, "/preview deploy")
    assert "**Preview is deleted**" in say(pull, "/preview status")
    assert bot.report(pull).state is State.DELETED


def test_a_forge_that_does_not_say_who_may_what_is_asked_again_and_nobody_may_anything_until_then(bot, forge, pull):
    forge.fail_next("GET", forge.RIGHTS, status=500, times=8)
    pull.say("ana", "/preview stop")
    pull.say("eve", "/preview delete")
    wait(lambda: signs(pull)[0] == ["eyes"], "the first sign")
    assert bot.status(pull).lane.wish.want is Want.DEPLOY
    bot.settle()
    assert bot.report(pull).state is State.STOPPED
    assert signs(pull) == [["eyes", "rocket"], ["eyes", "confused"]]


def test_a_command_twice_is_done_once_while_it_is_under_way_and_again_after_its_end(bot, pull, say):
    generation = bot.status(pull).lane.generation
    assert "under way already" in say(pull, "/preview deploy\n/preview deploy")
    assert say(pull, "/preview deploy") == ""
    assert bot.status(pull).lane.generation == generation + 2


def test_a_delivery_of_a_comment_that_comes_twice_is_one_command(bot, forge, pull):
    generation = bot.status(pull).lane.generation
    pull.say("ana", "/preview deploy\n/preview help")
    told = next(sent for sent in reversed(forge.deliveries) if b"/preview help" in sent.body)
    told.redeliver()
    bot.settle()
    told.redeliver()
    bot.settle()
    assert bot.status(pull).lane.generation == generation + 1
    assert len(pull.answers) == 1


def test_why_of_a_pull_that_is_left_out_says_by_which_rule_and_a_deploy_by_hand_gets_it(bot, shop, say):
    pull = shop.open_pull(draft=True)
    bot.settle()
    assert "a draft is skipped" in say(pull, "/preview why", author="eve")
    assert say(pull, "/preview deploy") == ""
    assert bot.report(pull).state is State.RUNNING

"""A plan and the turn after it: what was foreseen is what happens, between any two states of a repository."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import settings as house
from bot.cli.follow import Screen, follow
from bot.core.events import Want, Wish
from bot.core.foreseeing.outlook import Kind, Outlook, Row, Verb
from bot.core.report import Report, StepLine, StepState
from bot.core.standing import dumps
from bot.foresee import foresee
from bot.forges import local
from bot.forges.local import LocalForge
from bot.screen.terminal import Terminal
from bot.world import World, world

pytestmark = pytest.mark.slow

STATES = st.fixed_dictionaries(
    {
        "banner": st.sampled_from(["a", "b"]),
        "page": st.sampled_from(["1", "2"]),
        "flavour": st.sampled_from(["plain", "${git.sha}"]),
        "row": st.sampled_from(["1", "2"]),
        "run": st.sampled_from(["always", "once", "on-change"]),
        "key": st.sampled_from(["x", "y"]),
        "level": st.sampled_from(["info", "info", "info", "${git.sha}"]),
        "docs": st.booleans(),
        "size": st.sampled_from(["1Mi", "2Mi"]),
        "token": st.sampled_from(["t0ken-one", "t0ken-two"]),
        "names_key": st.booleans(),
        "exporter": st.booleans(),
        "missing": st.just(False),
        "root": st.sampled_from(["web", "web", "web", "nowhere"]),
    }
)
"""Of a repository. That an image is nowhere is known only once it was looked for, and so nothing to foresee."""
PLAIN: Mapping[str, Any] = {
    "banner": "a",
    "page": "1",
    "flavour": "plain",
    "row": "1",
    "run": "on-change",
    "key": "x",
    "level": "info",
    "docs": True,
    "size": "1Mi",
    "token": "t0ken-one",
    "names_key": True,
    "exporter": False,
    "missing": False,
    "root": "web",
}
SPEC = """\
version: 1
variables: {{LEVEL: "{level}"}}
secrets: {{PASSWORD: generate}}
services:
  db:
    image: busybox
    port: 5432
    variables: {{PASSWORD: "${{secrets.PASSWORD}}", TOKEN: "${{secrets.TOKEN}}"}}
    volumes: {{/data: {size}}}
  web:
    build: {{root: {root}, args: {{FLAVOUR: "{flavour}"}}}}
    port: 8080
    public: true
    domain: shop.example.com
    variables: {{BANNER: {banner}{key_of_seed}}}
    tasks:{exporter}
      wait: {{hook: prestart, image: busybox, entrypoint: [sh, -c], args: ["echo waited"]}}
{docs}jobs:
  seed:
    image: busybox
    needs: [db]
    on:
      deploy:
        entrypoint: [sh, -c]
        args: ['echo ''{{"KEY": {{"value": "{key}"}}}}'' > $MATINEE_OUTPUT_FILE']
        run: {run}
{paths}      delete: {{entrypoint: [sh, -c], args: ["echo dropped"]}}
  check:
    image: busybox
    variables: {{KEY: "${{jobs.seed.outputs.KEY}}"}}
    on:
      deploy: {{entrypoint: [sh, -c], args: ["echo checked"], run: on-change}}
  backup:
    image: busybox
    on:
      stop: {{entrypoint: [sh, -c], args: ["echo saved"]}}
"""


def spec(state: Mapping[str, Any]) -> str:
    return SPEC.format(
        **{name: state[name] for name in ("level", "size", "flavour", "banner", "key", "run", "root")},
        key_of_seed=', KEY: "${jobs.seed.outputs.KEY}"' if state["names_key"] else "",
        exporter="\n      exporter: {image: busybox}" if state["exporter"] else "",
        docs=f"  docs: {{image: {'missing/docs' if state['missing'] else 'busybox'}}}\n" if state["docs"] else "",
        paths="        paths: [db/**]\n" if state["run"] == "on-change" else "",
    )


@dataclass(kw_only=True)
class Stage:
    """A folder, a world in memory for it, and a person before it."""

    place: Path
    world: World = field(init=False)
    forge: LocalForge = field(init=False)

    def __post_init__(self) -> None:
        chosen = {"MATINEE_STATE": str(self.place / "state"), "MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory"}
        given = house.settings(chosen)
        self.world, self.forge = world(given), local.create(given)
        self.folder = self.place / "shop"
        (self.folder / "web").mkdir(parents=True)
        (self.folder / "db").mkdir()

    def written(self, state: Mapping[str, Any]) -> None:
        (self.folder / "matinee.yaml").write_text(spec(state))
        (self.folder / "web/Dockerfile").write_text("FROM busybox\nCOPY . /www\n")
        (self.folder / "web/index.html").write_text(state["page"])
        (self.folder / "db/rows.sql").write_text(state["row"])
        owner = f"local:{self.forge.seen(self.folder).key.repository}"
        self.world.vault.set(owner, "TOKEN", state["token"], fork=False, now=datetime.now(UTC))

    def wish(self, want: Want = Want.DEPLOY) -> Wish:
        pull = self.forge.seen(self.folder)
        sha = pull.head if want is Want.DEPLOY else None
        return Wish(key=pull.key, repository="shop", want=want, sha=sha, actor="pat", why="pat asked", person=True)

    def planned(self, want: Want = Want.DEPLOY) -> Outlook:
        outlook = foresee(self.world, self.wish(want), pull=self.forge.seen(self.folder))
        assert isinstance(outlook, Outlook), outlook
        return outlook

    def carried_out(self, want: Want = Want.DEPLOY) -> Report:
        if want is Want.DEPLOY:
            self.forge.snapshot(self.folder)
        wish = self.wish(want)
        self.world.inbox.wish(wish)
        with Terminal(quiet=True) as nowhere:
            status = follow(self.world, wish.key.environment, Screen(nowhere))
        assert status.report is not None
        return status.report

    def remembered(self) -> list[bytes]:
        standings = (self.world.runner.recall(home) for home in self.world.runner.homes())
        return [dumps(each) for each in standings if each is not None]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(place=tmp_path)


def rows(outlook: Outlook) -> dict[str, Row]:
    return {row.name: row for row in outlook.rows}


def said(stage: Stage, **changes: Any) -> dict[str, Row]:
    """What is foreseen of a change to what was deployed."""
    stage.written(PLAIN)
    stage.carried_out()
    stage.written({**PLAIN, **changes})
    return rows(stage.planned())


def steps(report: Report) -> dict[str, StepLine]:
    return {step.name: step for step in report.steps}


def agrees(row: Row, done: Mapping[str, StepLine]) -> bool:
    """Whether what became of a node is what was foreseen for it."""
    names = {Verb.REMOVE: f"discard {row.name}", Verb.KEEP: f"keep {row.name}"}
    usual = f"start {row.name}" if row.kind is Kind.SERVICE else f"run {row.name} on deploy"
    if row.prospect.verb is Verb.KEEP and names[Verb.KEEP] not in done:
        return "the spec no longer names it" in row.prospect.why
    step = done.get(names.get(row.prospect.verb, usual)) or done[f"discard {row.name}"]
    anew = step.state is StepState.SUCCEEDED and step.why != "unchanged"
    match row.prospect.verb:
        case Verb.UNCHANGED:
            return step.state is StepState.SUCCEEDED and step.why == "unchanged"
        case Verb.SKIP:
            return step.state is StepState.SKIPPED and step.why == row.prospect.why
        case Verb.RESTART | Verb.RECREATE:
            return anew and "restarted for" in step.why
        case Verb.START | Verb.RUN:
            return anew
        case Verb.FAIL:
            return step.state is StepState.FAILED and step.why == row.prospect.why
        case Verb.UNREACHED:
            return step.state is StepState.SKIPPED
        case _:
            return step.state in (StepState.SUCCEEDED, StepState.SKIPPED)


def image_agrees(row: Row, task: str, verb: Verb, done: Mapping[str, StepLine]) -> bool:
    place = f"{row.name}/{task}" if task else row.name
    step = done.get(f"build {place}") or done[f"pull {place}"]
    match verb:
        case Verb.UNCHANGED:
            return step.state is StepState.SUCCEEDED and step.why == "unchanged"
        case Verb.BUILD:
            return step.state is StepState.SUCCEEDED and step.why == ""
        case _:
            return step.state is StepState.FAILED


@settings(max_examples=10, deadline=None)
@given(before=STATES, missing=st.booleans(), other=STATES, changed=st.sets(st.sampled_from(sorted(PLAIN)), max_size=2))
@example(before=PLAIN, missing=False, other={**PLAIN, "key": "y"}, changed={"key"})
@example(before=PLAIN, missing=True, other={**PLAIN, "root": "nowhere"}, changed={"root"})
def test_what_was_foreseen_is_what_happens(before, missing, other, changed):
    place = Path(tempfile.mkdtemp())
    try:
        stage = Stage(place=place)
        stage.written({**before, "missing": missing})
        stage.carried_out()
        stage.written({**before, **{name: other[name] for name in changed}})
        outlook, stood = stage.planned(), stage.remembered()
        assert stage.remembered() == stood
        done = steps(stage.carried_out())
        assert [row for row in outlook.rows if not agrees(row, done)] == []
        images = [(row, each) for row in outlook.rows for each in row.images]
        assert [each for row, each in images if not image_agrees(row, each.task, each.prospect.verb, done)] == []
    finally:
        shutil.rmtree(place)


def test_what_is_foreseen_changes_nothing(stage):
    stage.written(PLAIN)
    stage.carried_out()
    stood, told = stage.remembered(), stage.world.inbox.lanes()
    stage.written({**PLAIN, "banner": "b", "page": "2"})
    head = stage.forge.pull(stage.wish().key).head
    stage.planned()
    assert stage.remembered() == stood
    assert stage.world.inbox.lanes() == told
    assert stage.forge.pull(stage.wish().key).head == head


def test_a_first_deploy_starts_and_runs_everything(stage):
    stage.written(PLAIN)
    found = rows(stage.planned())
    assert {name: str(row.prospect.verb) for name, row in found.items()} == {
        "db": "start",
        "seed": "run",
        "check": "run",
        "backup": "keep",
        "web": "start",
        "docs": "start",
    }
    assert found["web"].images[0].prospect.why == "first time"
    assert found["web"].after == ("backup", "check")


@pytest.mark.parametrize(
    ("changes", "node", "verb", "why"),
    [
        ({}, "web", "unchanged", "nothing that goes into it has changed"),
        ({"banner": "b"}, "web", "restart", "variable BANNER"),
        ({"page": "2"}, "web", "restart", "image"),
        ({"exporter": True}, "web", "restart", "task exporter is new"),
        ({"token": "t0ken-two"}, "db", "recreate", "variable TOKEN; it is down in between"),
        ({"level": "debug"}, "docs", "restart", "variable LEVEL"),
        ({"docs": False}, "docs", "remove", "the spec no longer names it"),
        ({}, "seed", "skip", "nothing that goes into it has changed (run: on-change)"),
        ({"row": "2"}, "seed", "run", "files of the repository"),
        ({"key": "y"}, "seed", "run", "args"),
        ({"row": "2"}, "check", "may run", "variable KEY if the output KEY of seed changes"),
        ({"row": "2"}, "web", "may restart", "variable KEY if the output KEY of seed changes"),
        (
            {"row": "2", "banner": "b"},
            "web",
            "restart",
            "variable BANNER, variable KEY if the output KEY of seed changes",
        ),
        ({"run": "always"}, "seed", "run", "it runs at every deploy (run: always)"),
        ({"root": "nowhere"}, "web", "not reached", "the image of its own container would fail"),
    ],
    ids=str,
)
def test_each_change_is_told_with_its_reason(stage, changes, node, verb, why):
    row = said(stage, **changes)[node]
    assert (str(row.prospect.verb), row.prospect.why) == (verb, why)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"page": "2"}, "what is in web was not built before"),
        ({"flavour": "other"}, "argument FLAVOUR changed"),
    ],
    ids=str,
)
def test_a_build_says_why_it_is_made(stage, changes, why):
    image = said(stage, **changes)["web"].images[0]
    assert (str(image.prospect.verb), image.prospect.why) == ("build", why)


def test_an_image_that_is_not_here_would_be_pulled(stage):
    row = said(stage, missing=True)["docs"]
    assert (row.images[0].prospect.verb, row.images[0].prospect.why) == (Verb.PULL, "missing/docs is not here yet")
    assert (row.prospect.verb, row.prospect.why) == (Verb.RESTART, "image")


def test_what_each_push_redoes_and_a_domain_without_use_are_noted(stage):
    stage.written({**PLAIN, "flavour": "${git.sha}", "level": "${git.sha}"})
    found, environment = rows(stage.planned()), stage.wish().key.environment
    assert found["web"].notes == (
        f"its domain shop.example.com is not used here; it is reached at http://web.{environment}.localhost",
        "its build names ${git.sha}, so that each push builds it anew",
        "its environment names ${git.sha}, so that each push restarts it",
    )
    assert found["seed"].notes == ("its environment names ${git.sha}, so that each push runs it again",)
    assert found["backup"].notes == ()


def test_a_stopped_service_is_started_again(stage):
    stage.written(PLAIN)
    stage.carried_out()
    stage.carried_out(Want.STOP)
    row = rows(stage.planned())["web"]
    assert (row.prospect.verb, row.prospect.why) == (Verb.START, "it was stopped")
    assert agrees(row, steps(stage.carried_out()))


def test_a_stop_goes_down_in_reverse_with_the_jobs_that_run(stage):
    stage.written(PLAIN)
    stage.carried_out()
    found = rows(stage.planned(Want.STOP))
    assert {name: str(row.prospect.verb) for name, row in found.items()} == {
        "web": "stop",
        "docs": "stop",
        "backup": "run",
        "db": "stop",
    }
    assert found["db"].after == ("docs", "web")
    assert found["db"].prospect.why == "its volumes stay"


def test_a_delete_ends_with_the_environment(stage):
    stage.written(PLAIN)
    stage.carried_out()
    stage.carried_out(Want.STOP)
    outlook = stage.planned(Want.DELETE)
    last, found = outlook.rows[-1], rows(outlook)
    assert (last.name, last.kind, last.prospect.verb) == (stage.wish().key.environment, Kind.ENVIRONMENT, Verb.REMOVE)
    assert found["seed"].prospect.verb is Verb.RUN
    assert found["db"].notes == ("it is started first, for a delete job needs it",)

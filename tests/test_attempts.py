"""How a job's attempts follow each other, over a runner that ends as it is told."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

import pytest

from bot.core.deciding.outcome import Cancelled, Failed, Succeeded
from bot.core.errors import Unavailable
from bot.core.events import PullKey
from bot.core.group import Ended, Ending, Fate, Group, Home, NoOutput, Result, Task, Unfit
from bot.core.model import Declared, Hook, OnInvalid, Outputs
from bot.core.names import EnvironmentId, Name, Sha, StepId
from bot.core.standing import Standing, Variable
from bot.hands.attempts import attempts
from bot.hands.grip import Grip
from bot.ledger import Ledger
from builders.base import Unbuilt

SEED, STEP = Name("seed"), StepId("run seed on deploy")
KEY = PullKey(forge="github", repository="1", number=7)
GROUP = Group(name=SEED, event="deploy", image="i", version="1", restarts=2)
WELL = Ended(fate=Fate.EXITED, code=0)
BADLY = Ended(fate=Fate.EXITED, code=3)
MALFORMED = replace(WELL, output=b"canary")


@dataclass
class Told:
    """A runner whose attempts end as they were told to, one after the other; and what it was asked."""

    ends: list[Ended | Exception]
    runs: list[int] = field(default_factory=list)
    finished: list[tuple[int, Ending]] = field(default_factory=list)
    farewells: tuple[Ended, ...] = ()
    meanwhile: Callable[[int], None] = lambda attempt: None
    kept: Standing | None = None

    def run(self, home: Home, group: Group, *, attempt: int, log: Any, cancel: Any) -> Ended:
        self.runs.append(attempt)
        log(f"attempt {attempt} prints s3cr3t-key")
        self.meanwhile(attempt)
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end

    def finish(self, home: Home, group: Group, *, attempt: int, ending: Ending, log: Any) -> tuple[Ended, ...]:
        self.finished.append((attempt, ending))
        log("poststop prints s3cr3t-key")
        return self.farewells

    def remember(self, home: Home, standing: Standing) -> None:
        self.kept = standing


class Lines(list):
    """One attempt's log."""

    def __call__(self, line: str) -> None:
        self.append(line)

    def close(self) -> None:
        pass


@dataclass
class Desk:
    """A grip over such a runner, and all that was logged."""

    runner: Told
    cancel: Event = field(default_factory=Event)
    logs: dict[int, Lines] = field(default_factory=dict)
    stands: Standing = field(
        default_factory=lambda: Standing(key=KEY, repository="acme/shop", generation=1, sha=Sha("a" * 40))
    )

    def grip(self, *, spent: int = 0) -> Grip:
        home = Home(environment=EnvironmentId("github-1-7"), generation=1)
        return Grip(
            home=home,
            runner=self.runner,  # type: ignore[arg-type]
            builder=None,  # type: ignore[arg-type]
            ledger=Ledger(self.runner, home, self.stands),  # type: ignore[arg-type]
            deploy=None,
            book=lambda step, attempt: self.logs.setdefault(attempt, Lines()),
            elsewhere=lambda build: Unbuilt(why="nothing is built here"),
            rewrite=self._rewrite,
            guarded=(),
            secrets={},
            cancel=self.cancel,
            spent={STEP: spent} if spent else {},
        )

    def _rewrite(self, step: StepId, how: Callable[[str], str]) -> None:
        self.logs = {number: Lines(map(how, lines)) for number, lines in self.logs.items()}

    def tried(self, group: Group = GROUP, expects: Outputs | None = None, *, spent: int = 0):
        return attempts(self.grip(spent=spent), STEP, group, expects or Outputs())

    @property
    def outputs(self) -> tuple[Variable, ...]:
        return (self.runner.kept or self.stands).outputs.get(SEED, ())


def desk(*ends: Ended | Exception, **more: Any) -> Desk:
    return Desk(Told(list(ends), **more))


def test_the_first_success_is_the_last_attempt():
    at = desk(BADLY, WELL)
    assert at.tried() == Succeeded(attempts=2)
    assert at.runner.runs == [1, 2]


def test_restarts_are_the_failures_that_are_allowed():
    at = desk(BADLY, BADLY, BADLY)
    outcome = at.tried()
    assert isinstance(outcome, Failed)
    assert outcome.attempts == 3
    assert outcome.why.startswith("exit code 3")
    assert at.runner.runs == [1, 2, 3]


def test_the_log_of_every_attempt_is_its_own():
    at = desk(BADLY, BADLY, WELL)
    at.tried()
    assert {number: lines[0] for number, lines in at.logs.items()} == {
        number: f"attempt {number} prints s3cr3t-key" for number in (1, 2, 3)
    }


@pytest.mark.parametrize("ends", [(WELL,), (BADLY, WELL), (BADLY, BADLY, BADLY), (MALFORMED, BADLY, MALFORMED)])
def test_poststop_tasks_run_once_after_the_last_attempt(ends):
    at = desk(*ends)
    at.tried()
    assert [attempt for attempt, _ in at.runner.finished] == [len(ends)]


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (WELL, Ending(result=Result.SUCCEEDED, code=0)),
        (BADLY, Ending(result=Result.FAILED, task="seed", code=3)),
        (replace(BADLY, task="wait"), Ending(result=Result.FAILED, task="wait", code=3)),
        (Ended(fate=Fate.TIMED_OUT, code=137), Ending(result=Result.TIMED_OUT, task="seed", code=137)),
        (Ended(fate=Fate.CANCELLED), Ending(result=Result.CANCELLED, task="seed")),
        (MALFORMED, Ending(result=Result.FAILED, task="seed", code=0)),
        (replace(WELL, output=Unfit("the output file is a folder")), Ending(result=Result.FAILED, task="seed", code=0)),
    ],
    ids=["well", "badly", "a task", "timed out", "cancelled", "malformed output", "odd output"],
)
def test_poststop_tasks_are_told_how_the_job_ended(end, told):
    at = desk(end)
    at.tried(replace(GROUP, restarts=0))
    assert at.runner.finished == [(1, told)]


def test_a_malformed_output_is_a_failed_attempt_that_may_be_tried_again():
    at = desk(MALFORMED, replace(WELL, output=b'{"URL": {"value": "x"}}'))
    assert at.tried() == Succeeded(attempts=2)
    assert [each.value for each in at.outputs] == ["x"]


def test_a_malformed_output_of_the_last_attempt_fails_the_job_and_leaves_the_outputs_of_before():
    at = desk(MALFORMED)
    at.stands = replace(at.stands, outputs={SEED: (Variable(name="URL", value="old"),)})
    outcome = at.tried(replace(GROUP, restarts=0))
    assert isinstance(outcome, Failed)
    assert "no JSON" in outcome.why
    assert "canary" not in repr(outcome)
    assert [each.value for each in at.outputs] == ["old"]


def test_the_file_of_a_failed_attempt_is_never_read():
    at = desk(replace(BADLY, output=b'{"URL": {"value": "x"}}'))
    at.tried(replace(GROUP, restarts=0))
    assert at.outputs == ()


@pytest.mark.parametrize("end", [BADLY, MALFORMED], ids=["badly", "malformed output"])
def test_a_cancel_lets_the_running_attempt_end_without_another_and_poststop_runs(end):
    at = desk(end)
    at.runner.meanwhile = lambda attempt: at.cancel.set()
    outcome = at.tried()
    assert isinstance(outcome, Failed)
    assert at.runner.runs == [1]
    assert len(at.runner.finished) == 1


def test_a_cancelled_attempt_that_ends_well_has_succeeded():
    at = desk(WELL)
    at.runner.meanwhile = lambda attempt: at.cancel.set()
    assert at.tried() == Succeeded(attempts=1)


def test_an_interrupted_attempt_is_cancelled_and_not_tried_again():
    at = desk(Ended(fate=Fate.CANCELLED))
    assert isinstance(at.tried(), Cancelled)
    assert at.runner.runs == [1]


def test_an_engine_that_fails_us_between_attempts_costs_none_of_them():
    at = desk(BADLY, Unavailable("no engine answers"))
    with pytest.raises(Unavailable):
        at.tried()
    assert at.runner.finished == []
    # The turn is taken again: the runner adopts by number, and tells of the first attempt what it told before.
    at.runner.ends += [BADLY, WELL]
    assert at.tried() == Succeeded(attempts=2)
    assert at.runner.runs == [1, 2, 1, 2]


def test_attempts_that_an_earlier_try_of_the_step_has_used_up_have_numbers_of_their_own():
    at = desk(BADLY, WELL)
    assert at.tried(spent=3) == Succeeded(attempts=5)
    assert at.runner.runs == [4, 5]


def test_a_failed_poststop_task_is_told_and_fails_nothing():
    task = Task(name=Name("announce"), image="i", hook=Hook.POSTSTOP)
    at = desk(WELL, farewells=(replace(BADLY, task="announce"),))
    outcome = at.tried(replace(GROUP, tasks=(task,)))
    assert isinstance(outcome, Succeeded)
    assert "announce" in outcome.why


@pytest.mark.parametrize(
    ("on_invalid", "left"), [(OnInvalid.WARN, []), (OnInvalid.KEEP_PREVIOUS, ["old"])], ids=["warn", "keep-previous"]
)
def test_on_invalid_may_let_the_job_succeed_and_says_so(on_invalid, left):
    at = desk(MALFORMED)
    at.stands = replace(at.stands, outputs={SEED: (Variable(name="URL", value="old"),)})
    outcome = at.tried(expects=Outputs(on_invalid=on_invalid))
    assert isinstance(outcome, Succeeded)
    assert "no JSON, at line 1, column 1" in outcome.why
    assert "canary" not in outcome.why
    assert [each.value for each in at.outputs] == left
    assert at.runner.finished == [(1, Ending(result=Result.SUCCEEDED, code=0))]


@pytest.mark.parametrize("output", [NoOutput(), b"", b"{}"], ids=["missing", "empty", "no keys"])
def test_a_run_without_outputs_ends_those_of_the_deploy_before_but_a_stop_run_does_not(output):
    for event, left in (("deploy", []), ("stop", ["old"]), ("delete", ["old"])):
        at = desk(replace(WELL, output=output))
        at.stands = replace(at.stands, outputs={SEED: (Variable(name="URL", value="old"),)})
        assert at.tried(replace(GROUP, event=event)) == Succeeded()
        assert [each.value for each in at.outputs] == left


@pytest.mark.parametrize("event", ["stop", "delete"])
def test_outputs_of_stop_and_delete_runs_are_read_with_what_the_spec_declared(event):
    at = desk(replace(WELL, output=b'{"DUMP": {"value": "s3://dump/1"}}'))
    at.tried(replace(GROUP, event=event), Outputs(declare={"DUMP": Declared(sensitive=True)}))
    assert at.outputs == (Variable(name="DUMP", value="s3://dump/1", sensitive=True),)


def test_what_an_attempt_printed_is_rewritten_once_its_outputs_are_secret_those_of_failed_attempts_too():
    at = desk(BADLY, replace(WELL, output=b'{"KEY": {"value": "s3cr3t-key", "sensitive": true}}'))
    at.tried()
    assert at.logs == {
        1: ["attempt 1 prints •••"],
        2: ["attempt 2 prints •••", "poststop prints •••"],
    }


def test_a_job_that_leaves_no_new_secret_has_nothing_rewritten():
    at = desk(WELL)
    at.logs[0] = Lines(["s3cr3t-key"])
    at.tried()
    assert at.logs[0] == ["s3cr3t-key"]

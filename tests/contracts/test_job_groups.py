"""The group of a job: what comes before its main, beside it and after it, as Nomad's `lifecycle` block has it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.core.group import Ended, Fate, Group, Probe, ProbeKind, ending
from bot.core.model import Hook
from tests.contracts.runner_fixtures import OUTPUT, Place, cancelled_at, facts, runner_params

READY = Probe(kind=ProbeKind.EXEC, command=("cat", "/tmp/ready"), every=0.2)
TOLD = 'echo "$MATINEE_RESULT,$MATINEE_FAILED_TASK,$MATINEE_EXIT_CODE"'


def until(condition: str) -> str:
    return f"until {condition}; do sleep 0.05; done"


def test_a_prestart_task_runs_before_the_main(place: Place) -> None:
    init = place.task("init", "echo begins; sleep 0.3; echo first > /alloc/note", Hook.PRESTART)
    assert place.run(place.job("cat /alloc/note", tasks=(init,))) == Ended(fate=Fate.EXITED, code=0)
    assert place.lines == ["init | begins", "first"]


def test_prestart_sidecars_start_first_then_the_others_one_after_the_other_as_written(place: Place) -> None:
    tasks = (
        place.task("two", f"{until('test -e /alloc/side')}; sleep 0.3; echo two >> /alloc/order", Hook.PRESTART),
        place.task("one", "echo one >> /alloc/order", Hook.PRESTART),
        place.task("side", ": > /alloc/side; sleep 600", Hook.PRESTART, sidecar=True),
    )
    assert place.run(place.job("cat /alloc/order", tasks=tasks)).succeeded
    assert place.lines == ["two", "one"]


def test_the_main_starts_when_all_sidecars_are_healthy(place: Place) -> None:
    script = "sleep 0.6; echo healthy > /alloc/state; echo yes > /tmp/ready; sleep 600"
    side = place.task("side", script, Hook.PRESTART, sidecar=True, health=READY)
    assert place.run(place.job("cat /alloc/state", tasks=(side,))).succeeded
    assert place.lines == ["healthy"]


def test_a_sidecar_that_never_gets_healthy_keeps_the_main_from_starting(place: Place) -> None:
    side = place.task("side", "sleep 600", Hook.PRESTART, sidecar=True, health=READY, max_duration=1)
    fate, task, _ = facts(place.run(place.job("echo main", tasks=(side,))))
    assert (fate, task, place.lines) == (Fate.UNHEALTHY, "side", [])


def test_a_sidecar_that_may_fail_keeps_nothing_from_starting_and_is_told(place: Place) -> None:
    side = place.task("side", "sleep 600", Hook.PRESTART, sidecar=True, health=READY, max_duration=1, required=False)
    ended = place.run(place.job("echo main", tasks=(side,)))
    assert ended.succeeded
    assert [facts(lost)[:2] for lost in ended.lost] == [(Fate.UNHEALTHY, "side")]
    assert place.lines == ["main"]


@pytest.mark.parametrize("place", runner_params(but=("kubernetes",)), indirect=True)
def test_a_sidecar_that_may_fail_and_cannot_start_keeps_nothing_from_starting_and_is_told(place: Place) -> None:
    # A cluster lets no main begin before every sidecar has begun once: docs/kubernetes.md says so.
    other = place.task("other", "true", Hook.POSTSTART, sidecar=True, entrypoint=("/nowhere",), required=False)
    ended = place.run(place.job("echo main", tasks=(other,)))
    assert ended.succeeded
    assert [facts(lost)[:2] for lost in ended.lost] == [(Fate.NOT_STARTED, "other")]
    assert [line for line in place.lines if "/nowhere" not in line] == ["main"]


@pytest.mark.parametrize("hook", [Hook.PRESTART, Hook.POSTSTART])
def test_a_sidecar_that_cannot_start_fails_the_job_and_is_named(place: Place, hook: Hook) -> None:
    side = place.task("side", "true", hook, sidecar=True, entrypoint=("/nowhere",))
    ended = place.run(place.job("sleep 60", tasks=(side,)))
    assert facts(ended)[:2] == (Fate.NOT_STARTED, "side")
    assert "no such" in ended.detail.lower()


def test_a_failed_prestart_keeps_the_main_and_later_tasks_from_starting_and_names_the_task(place: Place) -> None:
    tasks = (
        place.task("init", "echo broken; exit 3", Hook.PRESTART),
        place.task("next", "echo next", Hook.PRESTART),
        place.task("after", "echo after", Hook.POSTSTART),
    )
    ended = place.run(place.job(f"echo main; echo x > {OUTPUT}", tasks=tasks))
    assert ended == Ended(fate=Fate.EXITED, task="init", code=3)
    assert place.lines == ["init | broken"]


def test_a_prestart_that_cannot_start_names_the_task_and_says_why(place: Place) -> None:
    init = place.task("init", "true", Hook.PRESTART, entrypoint=("/nowhere",))
    ended = place.run(place.job("echo main", tasks=(init,)))
    assert facts(ended)[:2] == (Fate.NOT_STARTED, "init")
    assert "no such" in ended.detail.lower()
    assert "main" not in place.lines


def test_a_prestart_task_is_tried_again_as_often_as_it_may(place: Place) -> None:
    script = "echo tried >> /alloc/tries; test -e /alloc/twice && exit 0; test -e /alloc/once && : > /alloc/twice"
    init = place.task("init", f"{script}; : > /alloc/once; exit 1", Hook.PRESTART, restarts=2)
    assert place.run(place.job("cat /alloc/tries", tasks=(init,))).succeeded
    assert place.lines == ["tried"] * 3
    less = place.job("echo main", tasks=(replace(init, restarts=1),))
    assert facts(place.run(less)) == (Fate.EXITED, "init", 1)


def test_a_prestart_over_its_time_is_ended(place: Place) -> None:
    init = place.task("init", "echo begins; sleep 60", Hook.PRESTART, max_duration=1)
    fate, task, _ = facts(place.run(place.job("echo main", tasks=(init,))))
    assert (fate, task, place.lines) == (Fate.TIMED_OUT, "init", ["init | begins"])


def test_the_time_of_a_main_begins_when_it_starts_and_not_with_its_prestart(place: Place) -> None:
    init = place.task("init", "sleep 2.5", Hook.PRESTART)
    assert place.run(place.job("echo main", tasks=(init,), max_duration=2)) == Ended(fate=Fate.EXITED, code=0)


def test_each_attempt_has_its_whole_time(place: Place) -> None:
    job = place.job("sleep 2.2; exit 3", max_duration=4)
    assert [place.run(job, attempt=attempt).fate for attempt in (1, 2)] == [Fate.EXITED] * 2


def test_tasks_that_may_fail_are_told_and_fail_nothing(place: Place) -> None:
    tasks = (
        place.task("init", "exit 3", Hook.PRESTART, required=False),
        place.task("after", "exit 4", Hook.POSTSTART, required=False),
    )
    ended = place.run(place.job(f"echo main; echo well > {OUTPUT}", tasks=tasks))
    lost = (Ended(fate=Fate.EXITED, task="init", code=3), Ended(fate=Fate.EXITED, task="after", code=4))
    assert ended == Ended(fate=Fate.EXITED, code=0, output=b"well\n", lost=lost)
    assert place.lines == ["main"]


def test_a_poststart_task_starts_when_the_main_runs_and_is_waited_for(place: Place) -> None:
    script = f"{until('test -e /alloc/main')}; : > /alloc/after; sleep 0.3; echo done"
    after = place.task("after", script, Hook.POSTSTART)
    job = place.job(f"echo main; : > /alloc/main; {until('test -e /alloc/after')}", tasks=(after,))
    assert place.run(job).succeeded
    assert place.lines == ["main", "after | done"]


def test_a_failed_poststart_fails_the_job_and_ends_its_main(place: Place) -> None:
    after = place.task("after", "exit 6", Hook.POSTSTART)
    ended = place.run(place.job(f"echo x > {OUTPUT}; sleep 60", tasks=(after,)))
    assert ended == Ended(fate=Fate.EXITED, task="after", code=6)


@pytest.mark.parametrize("code", [0, 1], ids=["well", "badly"])
@pytest.mark.parametrize("hook", [Hook.PRESTART, Hook.POSTSTART])
def test_a_sidecar_is_restarted_whenever_it_ends_and_that_uses_up_no_attempt(
    place: Place, hook: Hook, code: int
) -> None:
    script = f"test -e /alloc/one && : > /alloc/two; : > /alloc/one; exit {code}"
    side = place.task("side", script, hook, sidecar=True)
    assert place.run(place.job(f"{until('test -e /alloc/two')}; echo seen", tasks=(side,))).succeeded
    assert place.lines == ["seen"]


def test_a_sidecar_never_keeps_a_finished_job_alive_and_is_stopped_last(place: Place) -> None:
    last = "trap 'cat /alloc/note; exit 0' TERM; : > /alloc/side; while true; do sleep 0.1; done"
    tasks = (
        place.task("side", last, Hook.PRESTART, sidecar=True),
        place.task("other", "sleep 600", Hook.POSTSTART, sidecar=True),
    )
    script = f"{until('test -e /alloc/side')}; echo begun; sleep 0.3; echo main > /alloc/note"
    assert place.run(place.job(script, tasks=tasks)).succeeded
    assert place.lines == ["begun", "side | main"]


def _poststop(place: Place, script: str, **other: object) -> Group:
    return place.job(f"echo main; {script}", tasks=(place.task("bye", TOLD, Hook.POSTSTOP),), **other)


@pytest.mark.parametrize(
    ("script", "told"),
    [("exit 0", "bye | succeeded,,0"), ("exit 4", "bye | failed,{name},4"), ("sleep 60", "bye | timed out,{name},137")],
    ids=["success", "a failed main", "a time-out"],
)
def test_a_poststop_task_runs_at_the_end_and_is_told_how_it_came(place: Place, script: str, told: str) -> None:
    job = _poststop(place, script, max_duration=1 if "sleep" in script else 20)
    ended = place.run(job)
    assert place.lines == ["main"]
    assert place.finish(job, ended) == ()
    assert place.lines == [told.format(name=job.name)]


@pytest.mark.parametrize("hook", [Hook.PRESTART, Hook.POSTSTART])
def test_a_poststop_task_is_told_which_task_failed(place: Place, hook: Hook) -> None:
    tasks = (place.task("init", "exit 3", hook), place.task("bye", TOLD, Hook.POSTSTOP))
    job = place.job("sleep 60", tasks=tasks)
    assert place.finish(job, place.run(job)) == ()
    assert place.lines == ["bye | failed,init,3"]


def test_a_poststop_task_runs_after_a_cancel(place: Place) -> None:
    job = _poststop(place, "sleep 60", interruptible=True)
    with cancelled_at("main", place) as cancel:
        ended = place.run(job, cancel=cancel)
    assert ended.fate is Fate.CANCELLED
    assert place.finish(job, ended) == ()
    assert place.lines == [",".join(["bye | cancelled", *list(ending(ended, job).variables.values())[1:]])]


def test_a_poststop_task_is_told_that_a_prestart_took_too_long(place: Place) -> None:
    init = place.task("init", "sleep 60", Hook.PRESTART, max_duration=1)
    job = place.job("echo main", tasks=(init, place.task("bye", TOLD, Hook.POSTSTOP)))
    assert place.finish(job, place.run(job)) == ()
    assert place.lines == ["bye | timed out,init,137"]


def test_a_poststop_task_runs_where_the_main_could_not_start(place: Place) -> None:
    job = _poststop(place, "true", entrypoint=("/nowhere",))
    ended = place.run(job)
    assert ended.fate is Fate.NOT_STARTED
    assert place.finish(job, ended) == ()
    assert [line.rpartition(",")[0] for line in place.lines] == [f"bye | failed,{job.name}"]


@pytest.mark.parametrize(
    ("script", "told"), [("exit 0", "succeeded,,0"), ("exit 3", "failed,{name},3")], ids=["well", "badly"]
)
def test_what_a_killed_bot_owed_is_done_by_the_next_turn_and_told_how_it_ended(
    place: Place, script: str, told: str
) -> None:
    job = _poststop(place, script)
    place.run(job)
    later = place.at(2)
    later.run(replace(job, tasks=()))
    assert f"bye | {told.format(name=job.name)}" in later.lines
    assert later.lines.count("main") == 1


def test_a_cancel_ends_a_prestart_too_and_the_main_never_starts(place: Place) -> None:
    init = place.task("init", "echo begins; sleep 60", Hook.PRESTART)
    job = place.job("echo main", tasks=(init,), interruptible=True)
    with cancelled_at("init | begins", place) as cancel:
        assert place.run(job, cancel=cancel).fate is Fate.CANCELLED
    assert place.lines == ["init | begins"]


def test_a_job_that_may_not_be_interrupted_goes_on_through_its_tasks(place: Place) -> None:
    init = place.task("init", "echo begins; sleep 0.5", Hook.PRESTART)
    job = place.job("echo main", tasks=(init, place.task("after", "true", Hook.POSTSTART)))
    with cancelled_at("init | begins", place) as cancel:
        assert place.run(job, cancel=cancel).succeeded
    assert place.lines == ["init | begins", "main"]


def test_poststop_comes_once_after_the_last_attempt_with_alloc_as_that_attempt_left_it(place: Place) -> None:
    tasks = (
        place.task("init", "echo init >> /alloc/note", Hook.PRESTART),
        place.task("side", "sleep 600", Hook.PRESTART, sidecar=True),
        place.task("bye", f"{TOLD}; cat /alloc/note", Hook.POSTSTOP),
    )
    job = place.job("echo main >> /alloc/note; cat /alloc/note; exit 5", tasks=tasks)
    for attempt in (1, 2):
        ended = place.run(job, attempt=attempt)
        assert place.lines == ["init", "main"]
    assert place.finish(job, ended, attempt=2) == ()
    assert place.lines == [f"bye | failed,{job.name},5", "bye | init", "bye | main"]


def test_failed_poststop_tasks_are_told_and_stop_nothing(place: Place) -> None:
    retried = "test -e /alloc/once && exit 0; : > /alloc/once; exit 1"
    tasks = (
        place.task("bad", "echo bad; exit 5", Hook.POSTSTOP),
        place.task("slow", "sleep 60", Hook.POSTSTOP, max_duration=1),
        place.task("again", retried, Hook.POSTSTOP, restarts=1),
        place.task("good", "echo good", Hook.POSTSTOP, user="1000"),
    )
    job = place.job("true", tasks=tasks)
    bad, slow = place.finish(job, place.run(job))
    assert bad == Ended(fate=Fate.EXITED, task="bad", code=5)
    assert facts(slow)[:2] == (Fate.TIMED_OUT, "slow")
    assert set(place.lines) == {"bad | bad", "good | good"}


def test_poststop_tasks_that_failed_are_told_again_to_whoever_asks_again(place: Place) -> None:
    job = place.job("true", tasks=(place.task("bye", "exit 4", Hook.POSTSTOP),))
    ended = place.run(job)
    assert [place.finish(job, ended) for _ in range(2)] == [(Ended(fate=Fate.EXITED, task="bye", code=4),)] * 2


def test_finishing_again_runs_nothing_twice(place: Place) -> None:
    bye = place.task("bye", "echo ran >> /alloc/runs; cat /alloc/runs; sleep 0.5", Hook.POSTSTOP)
    job = place.job("true", tasks=(bye,))
    told = ending(place.run(job), job)

    def finish(lines: list[str]) -> tuple[Ended, ...]:
        return place.runner.finish(place.home, job, attempt=1, ending=told, log=lines.append)

    tellings: tuple[list[str], ...] = ([], [], [])
    with ThreadPoolExecutor(2) as hands:
        assert list(hands.map(finish, tellings[:2])) == [(), ()]
    assert finish(tellings[2]) == ()
    assert ["bye | ran"] in tellings
    assert all(lines in ([], ["bye | ran"]) for lines in tellings)


def test_finishing_what_has_no_tasks_or_never_began_is_fine(place: Place) -> None:
    plain = place.job("true")
    assert place.finish(plain, place.run(plain)) == ()
    never = place.job("true", tasks=(place.task("bye", "echo bye", Hook.POSTSTOP),))
    cancel = threading.Event()
    cancel.set()
    ended = place.run(never, cancel=cancel)
    assert ended.fate is Fate.CANCELLED
    assert place.finish(never, ended) == ()
    assert place.lines == []


def test_an_attempt_with_tasks_is_adopted_with_all_its_lines(place: Place) -> None:
    tasks = (
        place.task("init", "echo init >> /alloc/runs; echo init", Hook.PRESTART),
        place.task("after", "echo after", Hook.POSTSTART),
        place.task("bye", "cat /alloc/runs", Hook.POSTSTOP),
    )
    job = place.job(f"echo main >> /alloc/runs; echo main; sleep 0.7; echo well > {OUTPUT}", tasks=tasks)
    told: tuple[list[str], ...] = ([], [])

    def run(lines: list[str]) -> Ended:
        return place.runner.run(place.home, job, attempt=1, log=lines.append, cancel=threading.Event())

    with ThreadPoolExecutor(2) as hands:
        first, second = hands.map(run, told)
    assert first == second == place.run(job) == Ended(fate=Fate.EXITED, code=0, output=b"well\n")
    assert [sorted(lines) for lines in (*told, place.lines)] == [["after | after", "init | init", "main"]] * 3
    assert place.finish(job, first) == ()
    assert place.lines == ["bye | init", "bye | main"]


def test_tasks_share_the_network_and_alloc_with_their_job_whoever_they_run_as(place: Place) -> None:
    serve = "echo hello > /alloc/index.html; exec httpd -f -p 8080 -h /alloc"
    tcp = Probe(kind=ProbeKind.TCP, port=8080, every=0.2)
    tasks = (
        place.task("init", "id -u; echo one > /alloc/note", Hook.PRESTART, user="1000"),
        place.task("side", serve, Hook.PRESTART, sidecar=True, user="1000", health=tcp),
    )
    script = "id -u; wget -q -O - http://127.0.0.1:8080/; echo two > /alloc/other; cat /alloc/note /alloc/other"
    assert place.run(place.job(script, tasks=tasks, user="2000")).succeeded
    assert place.lines == ["init | 1000", "2000", "hello", "one", "two"]


def test_each_task_has_its_own_variables_and_files_read_only_for_any_user(place: Place) -> None:
    path = "/etc/web/site.conf"
    script = f'echo "$A"; cat {path}; echo x > {path} || echo refused; echo x > /alloc/x; cat {path}'
    init = place.task("init", script, Hook.PRESTART, variables={"A": "its own"}, files={path: "task\n"}, user="1000")
    job = place.job(script, tasks=(init,), variables={"A": "the job's"}, files={path: "job\n", "/two": "2"})
    assert place.run(job).succeeded
    read = [line for line in place.lines if "read-only" not in line.lower() and "permission" not in line.lower()]
    own = ["the job's", "job", "refused", "job"]
    assert read == [*(f"init | {line}" for line in ("its own", "task", "refused", "task")), *own]


def test_the_port_of_a_job_is_told_when_it_answers(place: Place) -> None:
    assert place.run(place.job("httpd -p 8080 -h /tmp; sleep 1", port=8080)).succeeded
    assert place.lines == ["port 8080 answers"]
    assert place.run(place.job("sleep 0.3", port=8080)).succeeded
    assert place.lines == ["port 8080 never answered"]


def test_what_was_never_finished_is_finished_when_its_environment_is_removed(fresh: Place) -> None:
    job = _poststop(fresh, "exit 4")
    fresh.run(job)
    told: list[str] = []
    assert fresh.runner.remove(fresh.home, log=told.append).objects == ()
    assert told == [f"bye | failed,{job.name},4"]
    assert fresh.home.environment not in {home.environment for home in fresh.runner.homes()}


def test_what_was_never_finished_is_finished_when_its_job_is_discarded(place: Place) -> None:
    job = _poststop(place, "exit 4")
    place.run(job)
    told: list[str] = []
    assert place.runner.discard(place.home, job.name, log=told.append) == ()
    assert place.runner.discard(place.home, job.name, log=told.append) == ()
    assert told == [f"bye | failed,{job.name},4"]

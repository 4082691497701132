"""Jobs in a real cluster, in what is a cluster's own: pods that wait, that somebody removes, and that tell nothing."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot import plugins
from bot.core.errors import Overtaken, Unavailable
from bot.core.group import Ended, Ending, Fate, Group, Probe, ProbeKind, Result, Unfit
from bot.core.model import Hook
from runners._kubernetes import names
from runners._kubernetes.collector import LOST
from runners._kubernetes.fate import GONE
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Kind, labels_of
from runners._kubernetes.names import Role
from runners._kubernetes.seen import Pod, pod
from runners._kubernetes.succession import finished
from runners._kubernetes.tool import COLLECTOR
from runners.base import Runner
from tests.contracts.kubernetes_fixtures import by_admin, ground, until
from tests.contracts.runner_fixtures import OUTPUT, Place, cancelled_at, facts, placed, settings_for
from tests.world import account
from tests.world.frail_way import frail_way

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

SECRET = "hunter2-of-the-shop"
FOLDER = OUTPUT.rpartition("/")[0]
HOSTILE = {
    "a link to another process's variables": f"ln -s /proc/1/environ {OUTPUT}",
    "a relative link": f"ln -s ../../etc/passwd {OUTPUT}",
    "a link that is made again and again": f"(while :; do ln -sf /etc/passwd {OUTPUT}; done) & sleep 0.3",
    "a file in the place of which a link is put after the end": (
        f"echo ok > {OUTPUT}; (sleep 0.5; ln -sf /etc/passwd {OUTPUT}) & "
        f"ln -sf /etc/passwd {FOLDER}/l; mv {FOLDER}/l {OUTPUT}"
    ),
    "a device": f"mknod {OUTPUT} c 1 5 || ln -s /dev/zero {OUTPUT}",
    "more than there is room for": f"head -c 20000000 /dev/zero > {OUTPUT}; true",
}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that every bot of this place shares: it has the key."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def place(state: Path) -> Iterator[Place]:
    yield from placed("kubernetes", str(state))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path))


@pytest.fixture(scope="module")
def hold(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Hold:
    return ground(tmp_path_factory.mktemp("cache")).hold(place.home)


def bot(place: Place, state: Path, **settings: str) -> Place:
    """The same environment as another process sees it."""
    runner: Runner = plugins.create(
        "runners", "kubernetes", {"state": str(state), **settings_for("kubernetes"), **settings}
    )
    return replace(place, runner=runner, lines=[])


def pod_of(hold: Hold, job: Group) -> Pod:
    """The one pod of a job."""
    [body] = hold.listed(Kind.POD, job=job.name, role=Role.ATTEMPT)
    return pod(body)


def holding(hold: Hold, job: Group) -> bool:
    """Whether the main has ended well, and the pod waits for what it left to be read."""
    return any(pod(body).vessel(COLLECTOR).running for body in hold.listed(Kind.POD, job=job.name))


def beheld(text: str, lines: list[str]) -> None:
    until(lambda: text in lines, f"the line {text!r}")


def test_what_a_job_left_waits_for_a_bot_that_was_away_when_it_ended(place, hold, state, tmp_path):
    job = place.job(f"echo began; sleep 1; echo well > {OUTPUT}; echo done")
    with frail_way(account.kubeconfig(), tmp_path) as (way, kubeconfig), ThreadPoolExecutor(1) as hands:
        away = bot(place, state, kubeconfig=kubeconfig)
        running = hands.submit(away.run, job)
        beheld("began", away.lines)
        way.close()
        until(lambda: holding(hold, job), "the pod to wait")
        with pytest.raises(Unavailable):
            running.result()
    assert place.run(job) == Ended(fate=Fate.EXITED, code=0, output=b"well\n")
    assert place.lines == ["began", "done"]
    until(lambda: pod_of(hold, job).over, "the pod to go")


def test_what_was_read_is_the_same_for_whoever_asks_after_the_pod_is_gone(place, hold, state):
    job = place.job(f"head -c 1048576 /dev/urandom > {OUTPUT}")
    first = place.run(job)
    assert len(first.output) == 2**20
    hold.delete(Kind.JOB, names.attempt(place.home, job, 1))
    assert bot(place, state).run(job) == first


@pytest.mark.parametrize("user", [None, "1000"], ids=["root", "user 1000"])
@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_output_file_is_refused_without_a_byte_of_it(place, script, user):
    ended = place.run(place.job(script, user=user))
    assert ended.succeeded
    assert isinstance(ended.output, Unfit)
    assert not [word for word in ("root", "environ", "PATH", "\0") if word in ended.output.why]


def test_nothing_that_a_job_was_given_or_left_is_to_be_read_in_the_cluster(place, hold):
    init = place.task("init", "true", Hook.PRESTART, variables={"KEY": SECRET}, restarts=1)
    bye = place.task("bye", "true", Hook.POSTSTOP, variables={"KEY": SECRET})
    script = f'test "$KEY" = {SECRET[:3]}* ; cat /conf > {OUTPUT}'
    job = place.job(script, variables={"KEY": SECRET}, files={"/conf": SECRET}, tasks=(init, bye))
    ended = place.run(job)
    assert ended.output == SECRET.encode()
    assert place.finish(job, ended) == ()
    other = {Kind.SECRET, Kind.ROUTE, Kind.NAMESPACE, Kind.STORAGE, Kind.REVIEW, Kind.SELF, Kind.CLUSTER_ROLE}
    admin = by_admin(hold).api
    assert not [kind for kind in set(Kind) - other if SECRET in str(admin.listed(kind, hold.namespace).items)]
    kept = [body for body in hold.listed(Kind.SECRET, job=job.name) if labels_of(body)[names.ROLE] == Role.END]
    assert kept
    assert not [text for body in kept for text in body["data"].values() if SECRET.encode() in base64.b64decode(text)]


def test_all_that_a_job_makes_tells_whose_it_is(place, hold):
    bye = place.task("bye", "true", Hook.POSTSTOP)
    job = place.job("true", tasks=(bye,), variables={"A": "b"})
    place.finish(job, place.run(job))
    made = [body for kind in (Kind.JOB, Kind.POD, Kind.SECRET, Kind.CONFIG) for body in hold.listed(kind, job=job.name)]
    assert {body["kind"] for body in made} == {"Job", "Pod", "Secret", "ConfigMap"}
    wanted = {**names.ours(place.home.environment), names.JOB: job.name, names.EVENT: "deploy"}
    assert all(wanted.items() <= labels_of(body).items() for body in made)
    assert all(labels_of(body)[names.GENERATION] == "1" for body in made if body["kind"] != "Pod")


@pytest.mark.parametrize(
    "end", ["exec tail /dev/zero", "tail /dev/zero 2>&- & wait; exit 0"], ids=["the main", "its child"]
)
def test_a_job_that_wants_too_much_memory_is_told_so(place, end):
    assert place.run(place.job(f"echo began; {end}", memory=16 * 2**20)).fate is Fate.OUT_OF_MEMORY
    assert place.lines == ["began"]


def test_an_image_that_cannot_be_fetched_is_told_by_what_the_cluster_says(place, state):
    place = bot(place, state, kubernetes_pending="3")
    ended = place.run(place.job("true", image="127.0.0.1:9/nobody/nothing:1"))
    assert ended.fate is Fate.NOT_STARTED
    assert "127.0.0.1:9/nobody/nothing:1" in ended.detail


def test_what_the_quota_does_not_allow_never_starts_and_says_which(place, hold):
    job = place.job("true", cpu=33)
    ended = place.run(job)
    assert ended.fate is Fate.NOT_STARTED
    assert "exceeded quota" in ended.detail
    assert "limits.cpu" in ended.detail
    assert hold.listed(Kind.JOB, job=job.name) == ()


def test_an_image_that_runs_as_root_is_refused_where_nobody_may(tmp_path):
    for strict in placed("kubernetes", str(tmp_path), pod_security="restricted"):
        ended = strict.run(strict.job("id -u"))
        assert ended.fate is Fate.NOT_STARTED
        assert "root" in ended.detail
        ended = strict.run(strict.job(f"id -u; echo well > {OUTPUT}", user="1000"))
        assert ended == Ended(fate=Fate.EXITED, code=0, output=b"well\n")
        assert strict.lines == ["1000"]


def test_a_pod_that_somebody_removes_is_told_as_removed_and_nothing_runs_twice(place, hold):
    job = place.job("echo began; sleep 60")
    with ThreadPoolExecutor(1) as hands:
        running = hands.submit(place.run, job)
        beheld("began", place.lines)
        hold.delete(Kind.POD, pod_of(hold, job).name, grace=0)
        ended = running.result()
    assert (ended.fate, ended.detail) == (Fate.EXITED, GONE)
    assert not ended.succeeded
    assert place.run(job) == ended


def test_an_output_whose_pod_went_before_it_was_read_is_told_as_lost(place, hold, state, tmp_path):
    job = place.job(f"echo began; echo well > {OUTPUT}; sleep 1")
    with frail_way(account.kubeconfig(), tmp_path) as (way, kubeconfig), ThreadPoolExecutor(1) as hands:
        running = hands.submit(bot(place, state, kubeconfig=kubeconfig).run, job)
        until(lambda: hold.listed(Kind.POD, job=job.name), "the pod")
        until(lambda: pod_of(hold, job).vessel(names.OWN).began, "the main")
        way.close()
        until(lambda: holding(hold, job), "the pod to wait")
        with pytest.raises(Unavailable):
            running.result()
    found = pod_of(hold, job)
    hold.patch(Kind.POD, found.name, {"spec": {"activeDeadlineSeconds": 1}})
    until(lambda: pod_of(hold, job).over, "the pod to end")
    assert place.run(job) == Ended(fate=Fate.EXITED, code=0, output=LOST)


def test_an_attempt_that_is_ended_stays_to_be_looked_at(place, hold):
    job = place.job("echo began; sleep 60", interruptible=True)
    with cancelled_at("began", place) as cancel:
        assert place.run(job, cancel=cancel).fate is Fate.CANCELLED
    assert pod_of(hold, job).vessel(names.OWN).ended
    assert place.run(job).fate is Fate.CANCELLED
    assert place.lines == ["began"]


def test_a_prestart_that_takes_too_long_ends_alone_where_it_may_fail_or_be_tried_again(place):
    slow = "echo begins; test -e /alloc/once && exit 0; : > /alloc/once; exec sleep 60"
    tasks = (
        place.task("warn", "echo begins; exec sleep 60", Hook.PRESTART, max_duration=1, required=False),
        place.task("again", slow, Hook.PRESTART, max_duration=1, restarts=1),
    )
    ended = place.run(place.job("echo main", tasks=tasks))
    assert (ended.fate, ended.code) == (Fate.EXITED, 0)
    assert [facts(each) for each in ended.lost] == [(Fate.TIMED_OUT, "warn", 137)]
    assert place.lines == ["warn | begins", "again | begins", "again | begins", "main"]


def test_a_sidecar_that_may_be_unhealthy_holds_nothing_back_for_ever(place):
    never = Probe(kind=ProbeKind.EXEC, command=("cat", "/tmp/ready"), every=0.2)
    side = place.task("side", "sleep 600", Hook.PRESTART, sidecar=True, health=never, max_duration=1, required=False)
    ended = place.run(place.job("echo main", tasks=(side,)))
    assert ended.succeeded
    assert [facts(each)[:2] for each in ended.lost] == [(Fate.UNHEALTHY, "side")]
    assert "/tmp/ready" in ended.lost[0].detail
    assert place.lines == ["main"]


def test_files_of_a_task_that_joins_a_running_pod_are_refused_with_the_way_to_do_it(place):
    after = place.task("after", "true", Hook.POSTSTART, files={"/conf": "x"})
    ended = place.run(place.job("echo main", tasks=(after,)))
    assert facts(ended)[:2] == (Fate.NOT_STARTED, "after")
    assert "/alloc" in ended.detail
    assert place.lines == []


def test_a_newer_generation_lets_the_running_attempt_end_and_does_what_it_owed(fresh, tmp_path):
    runs = "echo ran >> /data/runs; cat /data/runs; sleep 1.5; echo done >> /data/runs; exit 3"
    bye = fresh.task("bye", 'echo "$MATINEE_RESULT,$MATINEE_EXIT_CODE"', Hook.POSTSTOP)
    job = fresh.job(runs, volumes={"/data": 2**20}, tasks=(bye,))
    with ThreadPoolExecutor(1) as hands:
        running = hands.submit(fresh.run, job)
        beheld("ran", fresh.lines)
        later = replace(bot(fresh, tmp_path), home=replace(fresh.home, generation=2))
        later.runner.remember(later.home, later.standing())
        assert facts(later.run(replace(job, version="newer"))) == (Fate.EXITED, "", 3)
        assert later.lines == ["bye | failed,3", "ran", "done", "ran"]
        assert running.exception() is None or isinstance(running.exception(), Overtaken)


def test_what_an_older_generation_owed_is_done_when_the_environment_is_removed(fresh, tmp_path):
    script = 'echo "$GREETING,$MATINEE_RESULT,$MATINEE_EXIT_CODE"; cat /alloc/note'
    bye = fresh.task("bye", script, Hook.POSTSTOP, variables={"GREETING": "hello"})
    job = fresh.job("echo main > /alloc/note; exit 4", tasks=(bye,))
    fresh.run(job)
    former = ground(tmp_path / "cache").hold(fresh.home)
    until(lambda: all(finished(body) for body in former.listed(Kind.JOB, job=job.name)), "the Job to be finished")
    later = fresh.at(2)
    later.runner.remember(later.home, later.standing())
    told: list[str] = []
    assert later.runner.remove(later.home, log=told.append).objects == ()
    assert told == ["bye | hello,failed,4", "bye | main"]


def test_what_nobody_owes_any_more_leaves_nothing_behind(place, hold):
    bye = place.task("bye", "true", Hook.POSTSTOP)
    job = place.job("true", tasks=(bye,), variables={"A": "b"})
    told = Ending(result=Result.SUCCEEDED, code=0)
    place.run(job)
    place.runner.finish(place.home, job, attempt=1, ending=told, log=print)
    place.runner.discard(place.home, job.name, log=print)
    kinds = (Kind.JOB, Kind.POD, Kind.SECRET, Kind.CONFIG, Kind.CLAIM)
    until(lambda: not [body for kind in kinds for body in hold.listed(kind, job=job.name)], "all of it to go")

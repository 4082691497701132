import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.core.errors import Overtaken
from bot.core.group import Address, Ended, Exposure, Fate, Leftovers, Probe, ProbeKind, Up
from bot.core.names import Name, Url
from bot.core.telling.checkup import Health
from bot.core.telling.reasons import reason
from tests.contracts.runner_fixtures import OUTPUT, SECRET, Place, cancelled_at

UP = Up(changed=True)
TCP = Probe(kind=ProbeKind.TCP, port=8080, every=0.2)
HTTP = Probe(kind=ProbeKind.HTTP, port=8080, path="/", every=0.2)


def test_a_job_that_ends_with_0_succeeds(place: Place) -> None:
    ended = place.run(place.job("exit 0"))
    assert ended == Ended(fate=Fate.EXITED, code=0)
    assert ended.succeeded


def test_a_job_that_ends_with_another_code_keeps_it(place: Place) -> None:
    ended = place.run(place.job("exit 3"))
    assert ended == Ended(fate=Fate.EXITED, code=3)
    assert not ended.succeeded


def test_a_job_sees_its_variables_and_nobody_reads_them_twice(place: Place) -> None:
    place.run(place.job('echo "$GREETING"', variables={"GREETING": "$HOME and 'quotes'"}))
    assert place.lines == ["$HOME and 'quotes'"]


def test_every_line_is_told_and_in_order(place: Place) -> None:
    place.run(place.job("seq 1 3000"))
    assert place.lines == [str(number) for number in range(1, 3001)]


def test_a_last_line_without_its_end_is_told(place: Place) -> None:
    place.run(place.job("echo first; printf last"))
    assert place.lines == ["first", "last"]


def test_what_is_printed_as_an_error_is_told_too(place: Place) -> None:
    place.run(place.job("echo trouble >&2"))
    assert place.lines == ["trouble"]


def test_bytes_that_are_no_text_are_told_as_replacements(place: Place) -> None:
    place.run(place.job(r"printf 'a\377b\n'"))
    assert place.lines == ["a\ufffdb"]


def test_a_job_runs_as_the_user_that_is_asked_for_and_may_write_its_output(place: Place) -> None:
    ended = place.run(place.job(f"id -u; echo well > {OUTPUT}", user="1000"))
    assert place.lines == ["1000"]
    assert ended.output == b"well\n"


def test_the_output_file_is_given_back_as_it_is(place: Place) -> None:
    ended = place.run(place.job(r"""printf '{"A": "\377"}' > "$MATINEE_OUTPUT_FILE" """))
    assert ended.output == b'{"A": "\xff"}'


def test_an_attempt_over_its_time_is_ended(place: Place) -> None:
    assert place.run(place.job("echo began; sleep 60", max_duration=1)).fate is Fate.TIMED_OUT
    assert place.lines == ["began"]


@pytest.mark.parametrize(
    "other",
    [{"image": "sha256:" + "1" * 64}, {"entrypoint": ("/nowhere",)}],
    ids=["no such image", "no such program"],
)
def test_what_cannot_start_says_why(place: Place, other: dict[str, object]) -> None:
    ended = place.run(place.job("true", **other))
    assert ended.fate is Fate.NOT_STARTED
    assert "no such" in ended.detail.lower()


def test_an_interruptible_attempt_is_ended_by_a_cancel(place: Place) -> None:
    with cancelled_at("began", place) as cancel:
        ended = place.run(place.job("echo began; sleep 60", interruptible=True), cancel=cancel)
    assert ended.fate is Fate.CANCELLED


def test_any_other_attempt_is_let_finish(place: Place) -> None:
    with cancelled_at("began", place) as cancel:
        ended = place.run(place.job("echo began; sleep 1; echo done"), cancel=cancel)
    assert ended.succeeded
    assert place.lines == ["began", "done"]


def test_nothing_is_begun_after_a_cancel(place: Place) -> None:
    cancel = threading.Event()
    cancel.set()
    assert place.run(place.job("echo began"), cancel=cancel).fate is Fate.CANCELLED
    assert place.lines == []


def test_an_attempt_that_is_over_is_not_run_again(place: Place) -> None:
    job = place.job(f"echo ran >> /data/runs; cat /data/runs; echo well > {OUTPUT}", volumes={"/data": 2**20})
    first = place.run(job)
    assert place.run(job) == first == Ended(fate=Fate.EXITED, code=0, output=b"well\n")
    assert place.lines == ["ran"]


def test_an_attempt_that_runs_is_adopted_from_its_first_line(place: Place) -> None:
    job = place.job("echo ran >> /data/runs; cat /data/runs; sleep 1; echo done; exit 4", volumes={"/data": 2**20})
    told: tuple[list[str], list[str]] = ([], [])

    def run(lines: list[str]) -> Ended:
        return place.runner.run(
            place.home, job, attempt=1, log=lambda line: lines.append(line), cancel=threading.Event()
        )

    with ThreadPoolExecutor(2) as hands:
        ends = list(hands.map(run, told))
    assert ends == [Ended(fate=Fate.EXITED, code=4)] * 2
    assert told == (["ran", "done"], ["ran", "done"])


def test_another_attempt_event_or_generation_is_run_anew(place: Place) -> None:
    job = place.job("echo ran >> /data/runs; cat /data/runs", volumes={"/data": 2**20})
    place.run(job)
    place.run(job, attempt=2)
    place.run(replace(job, event="stop"))
    later = place.at(2)
    later.run(job)
    assert later.lines == ["ran"] * 4


def test_a_service_is_reached_by_its_name(place: Place) -> None:
    web = place.web("hello")
    assert place.start(web) == UP
    assert place.fetched(web.name) == "hello"


@pytest.mark.parametrize("probe", [TCP, HTTP], ids=["tcp", "http"])
def test_a_service_that_answers_its_probe_is_up(place: Place, probe: Probe) -> None:
    assert place.start(place.web("hello", health=probe)) == UP


def test_a_service_whose_command_succeeds_is_up(place: Place) -> None:
    probe = Probe(kind=ProbeKind.EXEC, command=("cat", "/tmp/ready"), every=0.2)
    assert place.start(place.service("sleep 0.3; echo yes > /tmp/ready; sleep 600", health=probe)) == UP


@pytest.mark.parametrize(
    ("probe", "answer"),
    [
        (replace(TCP, port=9090), "9090"),
        (replace(HTTP, path="/missing"), "404"),
        (Probe(kind=ProbeKind.EXEC, command=("cat", "/tmp/ready"), every=0.2), "/tmp/ready"),
    ],
    ids=["tcp", "http", "exec"],
)
def test_a_service_that_never_answers_well_is_unhealthy_and_its_last_answer_kept(
    place: Place, probe: Probe, answer: str
) -> None:
    web = place.web("hello", health=probe, max_duration=2)
    ended = place.start(web)
    assert isinstance(ended, Ended)
    assert ended.fate is Fate.UNHEALTHY
    assert answer in ended.detail
    assert reason(ended, web).startswith("unhealthy within 2 s when asked by ")
    assert ended.detail in reason(ended, web)


def test_a_service_that_ends_is_started_again_as_often_as_it_may(place: Place) -> None:
    ended = place.start(place.service("echo trying; exit 7", restarts=1))
    assert ended == Ended(fate=Fate.EXITED, code=7)
    assert place.lines == ["trying", "trying"]


def test_a_service_that_comes_up_at_its_second_try_is_up(place: Place) -> None:
    script = "test -e /data/tried && exec sleep 600; echo failed > /data/tried; exit 1"
    assert place.start(place.service(script, restarts=1, volumes={"/data": 2**20})) == UP


def test_a_service_that_cannot_start_says_why(place: Place) -> None:
    ended = place.start(place.service("true", entrypoint=("/nowhere",), restarts=3))
    assert isinstance(ended, Ended)
    assert ended.fate is Fate.NOT_STARTED


def test_a_cancel_gives_a_service_up_that_is_not_up_yet(place: Place) -> None:
    web = place.web("hello", health=replace(TCP, port=9090))
    cancel = threading.Event()
    cancel.set()
    ended = place.start(web, cancel=cancel)
    assert isinstance(ended, Ended)
    assert ended.fate is Fate.CANCELLED
    assert place.fetched(web.name) is None


def test_the_same_version_goes_on_untouched(place: Place) -> None:
    web = place.web("hello")
    place.start(web)
    assert place.start(web) == Up(changed=False)


def test_a_new_version_takes_over(place: Place) -> None:
    old = place.web("old", health=HTTP)
    place.start(old)
    assert place.start(place.web("new", name=old.name, health=HTTP)) == UP
    assert [place.fetched(old.name) for _ in range(3)] == ["new"] * 3


def test_a_bad_new_version_leaves_the_old_one_serving(place: Place) -> None:
    old = place.web("old", health=HTTP)
    place.start(old)
    bad = place.service("echo broken; exit 1", name=old.name, health=HTTP, address=old.address)
    assert place.start(bad) == Ended(fate=Fate.EXITED, code=1)
    assert place.lines == ["broken"]
    assert place.fetched(old.name) == "old"
    assert place.start(old) == Up(changed=False)


def test_a_new_version_of_a_service_with_a_volume_finds_its_data(place: Place) -> None:
    def version(word: str) -> str:
        return f"echo {word} >> /data/log; exec httpd -f -p 8080 -h /data"

    old = place.service(version("old"), volumes={"/data": 2**20}, health=TCP)
    place.start(old)
    place.start(place.service(version("new"), name=old.name, volumes={"/data": 2**20}, health=TCP))
    assert place.fetched(old.name, "/log") == "old\nnew"


def test_a_stopped_service_is_gone_until_it_is_started_again(place: Place) -> None:
    web = place.service("echo began >> /data/log; exec httpd -f -p 8080 -h /data", volumes={"/data": 2**20}, health=TCP)
    place.start(web)
    place.runner.stop(place.home, web.name, log=print)
    place.runner.stop(place.home, web.name, log=print)
    assert place.fetched(web.name) is None
    assert place.start(web) == UP
    assert place.fetched(web.name, "/log") == "began\nbegan"


def test_a_discarded_service_is_gone_and_its_volume_stays(place: Place) -> None:
    web = place.service("echo began >> /data/log; exec httpd -f -p 8080 -h /data", volumes={"/data": 2**20}, health=TCP)
    place.start(web)
    place.runner.discard(place.home, web.name, log=print)
    place.runner.discard(place.home, web.name, log=print)
    assert place.fetched(web.name) is None
    place.start(web)
    assert place.fetched(web.name, "/log") == "began\nbegan"


def test_the_lines_of_a_service_can_be_read_while_it_runs(place: Place) -> None:
    web = place.service("echo one; echo two; sleep 600")
    place.start(web)
    assert list(place.runner.logs(place.home, web.name, follow=False)) == ["one", "two"]


def test_what_does_not_run_has_no_lines(place: Place) -> None:
    assert list(place.runner.logs(place.home, Name("nobody"), follow=True)) == []


def test_addresses_are_given_by_name_inside_and_are_kept(fresh: Place) -> None:
    wanted = {
        Name("db"): Exposure(port=5432, public=False),
        Name("web"): Exposure(port=80, public=True),
        Name("worker"): Exposure(port=None, public=False),
    }
    given = fresh.runner.addresses(fresh.home, wanted, {})
    assert given[Name("db")] == Address(host="db", port=5432, url=Url("http://db:5432"))
    assert given[Name("worker")] == Address(host="worker", port=None, url=Url(""))
    assert (given[Name("web")].host, given[Name("web")].port) == ("web", 80)
    assert given[Name("web")].url.startswith("http")
    assert fresh.runner.addresses(fresh.at(2).home, wanted, given) == given


def test_an_address_that_no_longer_fits_is_given_anew(fresh: Place) -> None:
    web = Name("web")
    given = fresh.runner.addresses(fresh.home, {web: Exposure(port=80, public=True)}, {})
    changed = fresh.runner.addresses(fresh.home, {web: Exposure(port=81, public=False)}, given)
    assert changed == {web: Address(host="web", port=81, url=Url("http://web:81"))}


def test_two_environments_are_given_different_urls(place: Place, fresh: Place) -> None:
    wanted = {Name("web"): Exposure(port=80, public=True)}
    one = place.runner.addresses(place.home, wanted, {})
    other = place.runner.addresses(fresh.home, wanted, {})
    assert one[Name("web")].url != other[Name("web")].url


def test_what_is_remembered_is_recalled(fresh: Place) -> None:
    web = fresh.web("hello")
    standing = fresh.standing(outputs={Name("seed"): (SECRET,)}, addresses={web.name: web.address})
    assert fresh.runner.recall(fresh.home) is None
    fresh.runner.remember(fresh.home, standing)
    assert fresh.runner.recall(fresh.home) == standing
    assert fresh.runner.recall(fresh.at(7).home) == standing


def test_a_removed_environment_is_forgotten_with_its_data(fresh: Place) -> None:
    web = fresh.service("echo began >> /data/log; exec httpd -f -p 8080 -h /data", volumes={"/data": 2**20}, health=TCP)
    fresh.start(web)
    fresh.runner.remember(fresh.home, fresh.standing())
    assert fresh.runner.remove(fresh.home, log=print) == Leftovers()
    assert fresh.runner.recall(fresh.home) is None
    assert fresh.home.environment not in {home.environment for home in fresh.runner.homes()}
    fresh.start(web)
    assert fresh.fetched(web.name, "/log") == "began"


def test_removing_nothing_is_fine(fresh: Place) -> None:
    assert fresh.runner.remove(fresh.home, log=print) == Leftovers()
    assert fresh.runner.remove(fresh.home, log=print) == Leftovers()


def test_homes_names_what_is_remembered_and_what_only_runs(fresh: Place) -> None:
    fresh.run(fresh.job("true"))
    assert replace(fresh.home, generation=0) in set(fresh.runner.homes())
    fresh.runner.remember(fresh.home, fresh.standing())
    assert fresh.home in set(fresh.runner.homes())


ACTS: dict[str, Callable[[Place], object]] = {
    "run": lambda old: old.run(old.job("true")),
    "start": lambda old: old.start(old.web("hello")),
    "stop": lambda old: old.runner.stop(old.home, Name("web"), log=print),
    "discard": lambda old: old.runner.discard(old.home, Name("web"), log=print),
    "remove": lambda old: old.runner.remove(old.home, log=print),
    "remember": lambda old: old.runner.remember(old.home, old.standing()),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_older_generation_may_write_nothing_any_more(fresh: Place, act: str) -> None:
    newer = fresh.at(2)
    newer.runner.remember(newer.home, newer.standing())
    with pytest.raises(Overtaken, match="2"):
        ACTS[act](fresh)
    assert fresh.runner.recall(fresh.home) == newer.standing()


def test_what_it_needs_is_looked_at_and_well(place: Place) -> None:
    checks = list(place.runner.checks())
    assert checks
    assert len({check.name for check in checks}) == len(checks)
    assert [check for check in checks if check.state is Health.FAILED] == []
    assert all(check.why and (check.advice or check.state is Health.OK) for check in checks)


def test_there_is_room_for_volumes(place: Place) -> None:
    assert place.runner.roomless() == ""

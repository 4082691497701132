"""The group of a service: up when all of it is, restarted once up, and ended with what it owes."""

import threading
from dataclasses import replace

import pytest

from bot.core.group import Ended, Fate, Group, Probe, ProbeKind, Up
from bot.core.model import Hook
from bot.core.names import Name
from tests.contracts.runner_fixtures import Place, facts

UP = Up(changed=True)
TCP = Probe(kind=ProbeKind.TCP, port=8080, every=0.2)
OTHER = replace(TCP, port=9090)
TOLD = 'echo "$MATINEE_RESULT,$MATINEE_FAILED_TASK,$MATINEE_EXIT_CODE"'
LASTING = "while true; do sleep 0.1; done"


def until(condition: str) -> str:
    return f"until {condition}; do sleep 0.05; done"


def owing(place: Place, page: str, **other: object) -> Group:
    """A service with a poststop task."""
    return place.web(page, tasks=(place.task("bye", TOLD, Hook.POSTSTOP),), **other)


def test_a_service_goes_through_its_hooks(place: Place) -> None:
    tasks = (
        place.task("init", "echo init; echo hello > /alloc/index.html", Hook.PRESTART),
        place.task(
            "side", f"test -e /alloc/index.html && echo late; echo side; {LASTING}", Hook.PRESTART, sidecar=True
        ),
        place.task("more", "echo more; exec httpd -f -p 9090 -h /alloc", health=OTHER),
        place.task("after", f"{until('wget -q -O - http://127.0.0.1:9090/')}; : > /alloc/after", Hook.POSTSTART),
        place.task("beside", f"echo beside; {LASTING}", Hook.POSTSTART, sidecar=True),
    )
    web = place.service(
        f"echo own; {until('test -e /alloc/after')}; exec httpd -f -p 8080 -h /alloc", tasks=tasks, health=TCP
    )
    assert place.start(web) == UP
    assert place.lines[0] in ("init | init", "side | side")
    assert {"init | init", "own", "more | more", "after | hello"} <= set(place.lines)
    assert place.fetched(web.name) == "hello"
    assert place.start(web) == Up(changed=False)
    said = [line for line in place.runner.logs(place.home, web.name, follow=False) if "late" not in line]
    assert sorted(said) == ["beside | beside", "more | more", "own", "side | side"]


def test_a_service_is_up_when_all_its_mains_are(place: Place) -> None:
    more = place.task("more", "sleep 0.7; echo well > /alloc/index.html; exec httpd -f -p 9090 -h /", health=OTHER)
    script = "echo early > /alloc/index.html; exec httpd -f -p 8080 -h /alloc"
    web = place.service(script, tasks=(more,), health=TCP)
    assert place.start(web) == UP
    assert place.fetched(web.name) == "well"


@pytest.mark.parametrize(
    ("script", "limit", "fate"),
    [("exit 7", 20, Fate.EXITED), ("sleep 60", 2, Fate.UNHEALTHY)],
    ids=["ends", "never answers"],
)
def test_a_main_that_never_comes_up_fails_the_service_and_is_named(
    place: Place, script: str, limit: int, fate: Fate
) -> None:
    more = place.task("more", f"echo trying; {script}", health=OTHER, restarts=1, max_duration=limit)
    web = place.web("hello", tasks=(more,))
    assert facts(place.start(web))[:2] == (fate, "more")
    assert place.lines == ["more | trying"] * (2 if fate is Fate.EXITED else 1)
    assert place.fetched(web.name) is None


@pytest.mark.parametrize("hook", [Hook.PRESTART, Hook.POSTSTART])
def test_a_task_that_fails_keeps_the_service_down_and_is_named(place: Place, hook: Hook) -> None:
    tasks = (place.task("init", "exit 6", hook), place.task("bye", TOLD, Hook.POSTSTOP))
    web = place.web("hello", tasks=tasks)
    assert place.start(web) == Ended(fate=Fate.EXITED, task="init", code=6)
    assert place.lines == ["bye | failed,init,6"]
    assert place.fetched(web.name) is None


def test_tasks_that_may_fail_keep_no_service_down_and_are_told(place: Place) -> None:
    tasks = (
        place.task("init", "exit 3", Hook.PRESTART, required=False),
        place.task("after", "exit 4", Hook.POSTSTART, required=False),
    )
    up = place.start(place.web("hello", tasks=tasks))
    lost = (Ended(fate=Fate.EXITED, task="init", code=3), Ended(fate=Fate.EXITED, task="after", code=4))
    assert up == Up(changed=True, lost=lost)


def test_a_service_that_is_up_is_restarted_for_ever_with_its_tasks(place: Place) -> None:
    def counts(word: str) -> str:
        return (
            f"test -e /alloc/{word}-two && : > /alloc/{word}-three; "
            f"test -e /alloc/{word}-one && : > /alloc/{word}-two; : > /alloc/{word}-one"
        )

    def dies(word: str) -> str:
        signalled = until("wget -q -O - http://signal:8080/")
        return f"until test -e /alloc/{word}-three; do {signalled}; exit 1; done; {LASTING}"

    tasks = (
        place.task("side", f"{counts('side')}; {dies('side')}", Hook.PRESTART, sidecar=True),
        place.task("more", "exec httpd -f -p 9090 -h /alloc", health=OTHER),
        place.task("bye", TOLD, Hook.POSTSTOP),
    )
    script = f"{counts('own')}; httpd -p 8080 -h /alloc; {dies('own')}"
    web = place.service(script, tasks=tasks, health=TCP)
    assert place.start(web) == UP
    place.start(place.web("now", name="signal"))
    seen = "; ".join(until(f"wget -q -O - http://{web.name}:9090/{word}-three") for word in ("own", "side"))
    assert place.run(place.job(seen, max_duration=60)).succeeded
    assert place.stop(web.name) == ()
    assert place.lines == ["bye | stopped,,"]


def test_the_end_of_a_service_is_its_mains_then_its_sidecars_then_its_poststop_tasks(place: Place) -> None:
    def ends(word: str) -> str:
        return f"trap 'echo {word} >> /alloc/order; exit 0' TERM; : > /alloc/{word}; {LASTING}"

    tasks = (
        place.task("side", ends("side"), Hook.PRESTART, sidecar=True),
        place.task("more", ends("more")),
        place.task("after", until("test -e /alloc/side") + "; " + until("test -e /alloc/more"), Hook.POSTSTART),
        place.task("first", f"{TOLD}; cat /alloc/order", Hook.POSTSTOP),
        place.task("bad", "exit 5", Hook.POSTSTOP),
        place.task("last", "echo last", Hook.POSTSTOP),
    )
    web = place.service(f"{until('test -e /alloc/more')}; exec sleep 600", tasks=tasks)
    assert place.start(web) == UP
    assert place.stop(web.name) == (Ended(fate=Fate.EXITED, task="bad", code=5),)
    assert place.lines == ["first | stopped,,", "first | more", "first | side", "last | last"]
    assert place.stop(web.name) == ()
    assert place.lines == []


def test_a_service_that_used_up_its_restarts_before_it_was_up_owes_its_poststop_tasks(place: Place) -> None:
    bye = place.task("bye", TOLD, Hook.POSTSTOP)
    web = place.service("echo trying; exit 3", tasks=(bye,), restarts=1)
    assert place.start(web) == Ended(fate=Fate.EXITED, code=3)
    assert place.lines == ["trying", "trying", f"bye | failed,{web.name},3"]
    assert place.stop(web.name) == ()
    assert place.lines == []


def test_a_service_given_up_for_a_cancel_owes_its_poststop_tasks(place: Place) -> None:
    tasks = (place.task("init", "echo begins; sleep 60", Hook.PRESTART), place.task("bye", TOLD, Hook.POSTSTOP))
    web = place.web("hello", tasks=tasks)
    cancel = threading.Event()

    def log(line: str) -> None:
        place.lines.append(line)
        cancel.set()

    place.lines.clear()
    ended = place.runner.start(place.home, web, log=log, cancel=cancel)
    assert facts(ended)[0] is Fate.CANCELLED
    assert place.lines[0] == "init | begins"
    assert [line.partition(",")[0] for line in place.lines[1:]] == ["bye | cancelled"]


def test_a_discarded_service_owes_its_poststop_tasks_once(place: Place) -> None:
    web, told = owing(place, "hello"), []
    place.start(web)
    assert place.runner.discard(place.home, web.name, log=told.append) == ()
    assert place.runner.discard(place.home, web.name, log=told.append) == ()
    assert told == ["bye | stopped,,"]


def test_a_removed_environment_has_done_what_its_services_owed(fresh: Place) -> None:
    web, told = owing(fresh, "hello"), []
    fresh.start(web)
    assert fresh.runner.remove(fresh.home, log=told.append).objects == ()
    assert fresh.runner.remove(fresh.home, log=told.append).objects == ()
    assert told == ["bye | stopped,,"]
    assert fresh.home.environment not in {home.environment for home in fresh.runner.homes()}


def test_a_replaced_version_owes_its_poststop_tasks_and_a_bad_one_its_own(place: Place) -> None:
    old = owing(place, "old")
    assert place.start(old) == UP
    bad = place.task("bad", "exit 5", Hook.POSTSTOP)
    new = place.web("new", name=old.name, tasks=(bad,))
    assert place.start(new) == UP
    assert place.lines == ["bye | replaced,,"]
    failing = place.service("exit 3", name=old.name, tasks=(*old.tasks, bad), address=new.address)
    ended = place.start(failing)
    assert ended == Ended(fate=Fate.EXITED, code=3, lost=(Ended(fate=Fate.EXITED, task="bad", code=5),))
    assert place.lines == [f"bye | failed,{old.name},3"]
    assert place.fetched(old.name) == "new"
    assert place.start(replace(new, version="next", tasks=())) == replace(UP, lost=ended.lost)


def test_a_service_with_a_volume_ends_before_its_next_version_begins(place: Place) -> None:
    def version(word: str) -> Group:
        note = f"trap 'echo {word} ends >> /data/log; exit 0' TERM; httpd -p 8080 -h /data; {LASTING}"
        bye = place.task("bye", TOLD, Hook.POSTSTOP)
        script = f"echo {word} >> /data/log; {note}"
        return place.service(script, name="db", volumes={"/data": 2**20}, health=TCP, tasks=(bye,))

    assert place.start(version("old")) == UP
    assert place.start(version("new")) == UP
    assert place.lines == ["bye | replaced,,"]
    assert place.fetched(Name("db"), "/log") == "old\nold ends\nnew"


def test_replicas_serve_side_by_side_each_with_its_own_group(place: Place) -> None:
    tasks = (
        place.task("init", "hostname > /alloc/index.html", Hook.PRESTART),
        place.task("bye", TOLD, Hook.POSTSTOP),
    )
    web = place.service("exec httpd -f -p 8080 -h /alloc", tasks=tasks, replicas=2, health=TCP)
    assert place.start(web) == UP
    asked = "; ".join([f"wget -q -O - http://{web.name}:8080/"] * 12)
    assert place.run(place.job(asked)).succeeded
    assert len(set(place.lines)) == 2
    assert place.start(web) == Up(changed=False)
    assert place.stop(web.name) == ()
    assert place.lines == ["bye | stopped,,"] * 2


def test_a_replica_that_does_not_come_up_keeps_all_of_them_down(place: Place) -> None:
    web = place.service("echo trying; exit 3", replicas=2, health=TCP)
    assert facts(place.start(web)) == (Fate.EXITED, "", 3)
    assert place.lines == ["trying"] * 2


def test_an_emptied_service_begins_without_what_was_in_its_volumes(place: Place) -> None:
    def said(name: str) -> str | None:
        script = "echo began >> /data/log; exec httpd -f -p 8080 -h /data"
        service = place.service(script, name=name, volumes={"/data": 2**20, "/more": 2**20}, health=TCP)
        assert place.start(service) == UP
        return place.fetched(service.name, "/log")

    assert said("store") == said("other") == "began"
    for name in ("store", "other"):
        place.stop(Name(name))
    place.runner.empty(place.home, Name("store"))
    place.runner.empty(place.home, Name("store"))
    place.runner.empty(place.home, Name("nobody"))
    assert said("store") == "began"
    assert said("other") == "began\nbegan"


def test_the_files_of_a_service_are_there(place: Place) -> None:
    more = place.task("more", "exec httpd -f -p 9090 -h /etc/site", files={"/etc/site/a": "task\n"}, health=OTHER)
    web = place.service(
        "exec httpd -f -p 8080 -h /etc/site", files={"/etc/site/a": "own\n"}, tasks=(more,), health=TCP, user="1000"
    )
    assert place.start(web) == UP
    assert place.run(
        place.job(f"wget -q -O - http://{web.name}:8080/a; wget -q -O - http://{web.name}:9090/a")
    ).succeeded
    assert place.lines == ["own", "task"]

"""The three patterns of Nomad's page on task dependencies, each as its page tells it."""

from dataclasses import replace

from bot.core.group import Ended, Fate, Probe, ProbeKind, Up
from bot.core.model import Hook
from tests.contracts.runner_fixtures import Place

TCP = Probe(kind=ProbeKind.TCP, port=8080, every=0.2)


def test_an_init_task_waits_for_a_service_before_the_main_starts(place: Place) -> None:
    waits = "until wget -q -O /alloc/index.html http://db:8080/; do echo waiting; sleep 0.1; done"
    init = place.task("wait-for-db", waits, Hook.PRESTART)
    web = place.service("exec httpd -f -p 8080 -h /alloc", tasks=(init,), health=TCP)
    alone = place.start(replace(web, version="early", tasks=(replace(init, max_duration=1),)))
    assert isinstance(alone, Ended)
    assert (alone.fate, alone.task) == (Fate.TIMED_OUT, "wait-for-db")
    assert "wait-for-db | waiting" in place.lines
    place.start(place.web("ready", name="db"))
    assert place.start(web) == Up(changed=True)
    assert place.fetched(web.name) == "ready"


def test_a_companion_reads_what_the_main_writes_for_as_long_as_it_lives(place: Place) -> None:
    reads = "until test -e /alloc/log; do sleep 0.05; done; cat /alloc/log; : > /alloc/read; sleep 600"
    ships = place.task("fluentd", reads, Hook.POSTSTART, sidecar=True)
    main = "echo hello >> /alloc/log; until test -e /alloc/read; do sleep 0.05; done; echo done"
    assert place.run(place.job(main, tasks=(ships,))).succeeded
    assert sorted(place.lines) == ["done", "fluentd | hello"]


def test_a_cleanup_task_runs_after_the_main_however_it_ended(place: Place) -> None:
    script = 'cat /alloc/rows; echo "$MATINEE_RESULT of $MATINEE_FAILED_TASK"'
    cleanup = place.task("cleanup", script, Hook.POSTSTOP)
    for code, told in ((0, "succeeded of "), (2, "failed of load")):
        job = place.job(f"echo three rows > /alloc/rows; exit {code}", name="load", tasks=(cleanup,))
        ended = place.at(code + 2).run(job)
        assert place.at(code + 2).finish(job, ended) == ()
        assert place.lines == ["cleanup | three rows", f"cleanup | {told}"]

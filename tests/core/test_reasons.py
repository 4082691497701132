from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.group import Ended, Fate, Group, Probe, ProbeKind, Task
from bot.core.model import Hook
from bot.core.names import Name
from bot.core.telling.reasons import full, memory, reason

WEB = Group(
    name=Name("web"),
    image="sha256:1",
    version="1",
    health=Probe(kind=ProbeKind.HTTP, port=8080, path="/health"),
    max_duration=120,
)
SEED = Group(name=Name("seed"), event="deploy", image="sha256:2", version="1", max_duration=60)
WAIT = Task(name=Name("wait"), image="i", hook=Hook.PRESTART, max_duration=30)
TAIL = Task(name=Name("tail"), image="i", hook=Hook.POSTSTART, sidecar=True, memory=2**26)
SHIP = Task(name=Name("ship"), image="i")
GROUPED = replace(WEB, tasks=(WAIT, TAIL, SHIP))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (3, "exit code 3; its last lines say why"),
        (126, "exit code 126, usually a file that may not be executed; give it the executable bit in the image"),
        (127, "exit code 127, usually a command that the image does not have; check entrypoint, args and PATH"),
        (
            137,
            "exit code 137, usually a kill from outside, often for want of memory; raise jobs.seed.resources.memory",
        ),
        (139, "exit code 139, usually a crash on a bad memory access (SIGSEGV)"),
        (143, "exit code 143, usually a request to end (SIGTERM)"),
        (159, "exit code 159, usually an end by signal 31"),
    ],
)
def test_an_exit_code_is_told_with_what_it_usually_means(code, words):
    assert reason(Ended(fate=Fate.EXITED, code=code), SEED) == words


def test_a_job_over_its_time_names_the_key_to_raise():
    assert (
        reason(Ended(fate=Fate.TIMED_OUT), SEED)
        == "over its 60 s; make it faster or raise jobs.seed.on.deploy.max_duration"
    )


def test_a_service_that_never_came_up_names_what_it_was_asked():
    said = reason(Ended(fate=Fate.TIMED_OUT), WEB)
    assert said == "not up within 120 s; check that it starts to listen and answers to GET /health on port 8080"


def test_out_of_memory_names_the_limit_and_the_key_to_raise():
    said = reason(Ended(fate=Fate.OUT_OF_MEMORY, code=137), WEB)
    assert said == "out of memory at 512 MiB; raise services.web.resources.memory"


def test_an_end_without_a_code_is_told_by_what_the_engine_says():
    evicted = Ended(fate=Fate.EXITED, detail="The node was low on resource: ephemeral-storage.")
    assert reason(evicted, SEED) == ("it ended without an exit code: The node was low on resource: ephemeral-storage.")


def test_an_unhealthy_service_tells_the_last_answer():
    said = reason(Ended(fate=Fate.UNHEALTHY, detail="http 500\nInternal error"), WEB)
    assert said == (
        "unhealthy within 120 s when asked by GET /health on port 8080, and its last answer was: http 500 Internal "
        "error; check services.web.health and what it prints"
    )


def test_an_unhealthy_service_that_never_answered_is_told_as_such():
    probed = replace(WEB, health=Probe(kind=ProbeKind.EXEC, command=("pg_isready", "-q")))
    assert "asked by the command pg_isready -q, and it never answered" in reason(Ended(fate=Fate.UNHEALTHY), probed)


def test_a_service_that_ends_well_is_told_that_it_must_not_end():
    assert reason(Ended(fate=Fate.EXITED, code=0), WEB) == "exit code 0, but it must go on running"


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        pytest.param(
            'OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "/wbe": '
            "stat /wbe: no such file or directory: unknown",
            "“/wbe” is not in the image; check entrypoint and args",
            id="no such file",
        ),
        pytest.param(
            'exec: \\"serve\\": executable file not found in $PATH',
            "“serve” is not in the image; check entrypoint and args",
            id="not in PATH",
        ),
        pytest.param(
            'exec: "/run.sh": permission denied: unknown',
            "“/run.sh” may not be executed; give it the executable bit in the image",
            id="not executable",
        ),
        pytest.param(
            "exec /web: exec format error",
            "“/web” is built for another processor, or is a script without a #! line",
            id="another processor",
        ),
        pytest.param(
            "exec /wbe failed: No such file or directory",
            "“/wbe” is not in the image; check entrypoint and args",
            id="no such file, as the engine's init says it",
        ),
        pytest.param("No such image: shop:1", "its image was not found; check its name", id="no image"),
        pytest.param(
            "failed programming external connectivity: Bind for 127.0.0.1:4312 failed: port is already allocated",
            "its port is taken on this machine; free it, then deploy again",
            id="port taken",
        ),
        pytest.param(
            "unable to find user app: no matching entries in passwd file",
            "its user is not in the image; check services.web.user",
            id="no such user",
        ),
        pytest.param(
            "mkdir /var/lib: no space left on device",
            "no space is left on the engine's disk; free some, then deploy again",
            id="disk full",
        ),
        pytest.param(
            'pods "web" is forbidden: exceeded quota: preview, requested: limits.cpu=33, limited: limits.cpu=32',
            'pods "web" is forbidden: exceeded quota: preview, requested: limits.cpu=33, limited: limits.cpu=32; '
            "lower services.web.resources, or have the operator raise the quota of previews",
            id="quota",
        ),
        pytest.param(
            "0/3 nodes are available: 3 Insufficient cpu.",
            "no node has room for it: 0/3 nodes are available: 3 Insufficient cpu.; lower services.web.resources, "
            "or have the operator add a node",
            id="no node",
        ),
        pytest.param(
            "container has runAsNonRoot and image will run as root (pod: web, container: main)",
            "its image runs as root, which is not allowed here; give its Dockerfile a USER by number, "
            "or set services.web.user",
            id="root",
        ),
        pytest.param(
            "container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is non-root",
            "its image has a user by name, who may be root, which is not allowed here; "
            "set services.web.user to the number",
            id="a user by name",
        ),
        pytest.param(
            'pods "web" is forbidden: violates PodSecurity "restricted:latest": runAsUser=0 '
            '(container "main" must not set runAsUser=0)',
            "user 0 is root, which is not allowed here; set services.web.user to another number",
            id="the number of root",
        ),
        pytest.param(
            'pods "web" is forbidden: violates PodSecurity "baseline:latest": privileged',
            'pods "web" is forbidden: violates PodSecurity "baseline:latest": privileged; ask the operator which '
            "level previews may have",
            id="PodSecurity",
        ),
        pytest.param("something  else\nbroke", "something else broke", id="unknown"),
        pytest.param("", "the engine gave no reason; its own log may have one", id="nothing"),
    ],
)
def test_a_failed_start_is_recognised_from_what_the_engine_said(detail, words):
    assert reason(Ended(fate=Fate.NOT_STARTED, detail=detail), WEB) == f"could not start: {words}"


@pytest.mark.parametrize(
    ("ended", "group", "words"),
    [
        pytest.param(
            Ended(fate=Fate.EXITED, task="wait", code=1),
            GROUPED,
            "its prestart task wait: exit code 1; its last lines say why",
            id="exit code",
        ),
        pytest.param(
            Ended(fate=Fate.TIMED_OUT, task="wait"),
            replace(SEED, tasks=(WAIT,)),
            "its prestart task wait: over its 30 s; make it faster or raise jobs.seed.tasks.wait.max_duration",
            id="time",
        ),
        pytest.param(
            Ended(fate=Fate.OUT_OF_MEMORY, task="tail", code=137),
            GROUPED,
            "its poststart sidecar tail: out of memory at 64 MiB; raise services.web.tasks.tail.resources.memory",
            id="memory",
        ),
        pytest.param(
            Ended(fate=Fate.EXITED, task="ship", code=0),
            GROUPED,
            "its main task ship: exit code 0, but it must go on running",
            id="a main that ends",
        ),
    ],
)
def test_a_failed_task_is_named_with_its_hook_and_its_own_keys(ended, group, words):
    assert reason(ended, group) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sh: write error: No space left on device", "no space was left on the disk; free some, then deploy again"),
        (
            "httpd: bind: Address already in use",
            "a port that it wants is taken; the containers of a group share one network, so give each its own",
        ),
        (
            'nginx: [emerg] chown("/var/cache/nginx/client_temp", 101) failed (1: Operation not permitted)',
            "it asks for what only root may; use an image that is made to run as any user",
        ),
        (
            "chown: /var/lib/postgresql/data: Operation not permitted",
            "it asks for what only root may; use an image that is made to run as any user",
        ),
    ],
)
def test_last_lines_tell_what_an_exit_code_does_not(line, words):
    assert reason(Ended(fate=Fate.EXITED, code=1), WEB, ("began", line, "bye")) == f"exit code 1; {words}"


def test_a_build_whose_last_lines_tell_of_a_full_disk_is_told_so_and_any_other_is_not():
    assert full(("dd: No space left on device",)) == "; no space was left on the disk; free some, then deploy again"
    assert full(("httpd: bind: Address already in use",)) == ""


@given(
    st.sampled_from(Fate),
    st.none() | st.integers(-1, 300),
    st.text(max_size=2000),
    st.sampled_from([WEB, SEED, replace(WEB, health=None), GROUPED]),
    st.sampled_from(["", "wait", "tail", "ship", "gone"]),
)
def test_any_end_has_one_short_line(fate, code, detail, group, task):
    said = reason(Ended(fate=fate, code=code, detail=detail, task=task), group, (detail,))
    assert said
    assert said.splitlines() == [said]
    assert len(said) < 500


@pytest.mark.parametrize(
    ("size", "words"),
    [(512 * 2**20, "512 MiB"), (2**30, "1 GiB"), (3 * 2**29, "1.5 GiB"), (2048, "2 KiB"), (7, "7 bytes")],
)
def test_memory_is_told_in_the_units_of_the_spec(size, words):
    assert memory(size) == words

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.composing.compose import job_group, service_group
from bot.core.composing.filling import LARGEST, LARGEST_ALL
from bot.core.composing.surroundings import Surroundings
from bot.core.composing.variables import Unfilled
from bot.core.events import Pull, PullKey
from bot.core.group import Address, Group
from bot.core.model import Hook, Job, JobEvent, Service, Spec, Task, Trigger
from bot.core.names import Name, Sha, Url
from bot.core.reading.spec import Unreadable, read
from bot.core.standing import Standing, Variable

KEY = PullKey(forge="github", repository="1296269", number=7)
SHA = Sha("a" * 40)
PULL = Pull(key=KEY, repository="acme/shop", branch="f", head=SHA, base="main", author="ana", open=True, fork=False)
WEB, SEED = Name("web"), Name("seed")
SECRETS = {"TOKEN": "t0ken", "ODD": "a\0b"}


def around(*, public: bool = False, outputs: tuple[Variable, ...] = (), port: int | None = 80, **service: object):
    spec = Spec(version=1, services={WEB: Service(image="busybox", port=port, public=public, **service)})
    url = "http://127.0.0.1:20001" if public else f"http://web:{port}" if port else ""
    addresses = {WEB: Address(host="web", port=port, url=Url(url))}
    stands = Standing(
        key=KEY, repository="acme/shop", generation=1, sha=SHA, addresses=addresses, outputs={SEED: outputs}
    )
    return Surroundings(spec=spec, pull=PULL, stands=stands, secrets=SECRETS)


def made(at: Surroundings) -> Group:
    group = service_group(WEB, {"": "i", "wait": "w"}, at)
    assert isinstance(group, Group), group
    return group


def why(at: Surroundings) -> str:
    found = service_group(WEB, {"": "i", "wait": "w"}, at)
    assert isinstance(found, Unfilled), found
    return found.why


@pytest.mark.parametrize("name", ["MATINEE_EVENT", "MATINEE_X", "QOVERY_OUTPUT_JOB_0A1B2C3D_KEY"])
def test_a_variable_of_a_name_that_matinee_gives_is_refused_wherever_it_stands(name):
    assert name in why(around(variables={name: "x"}))
    task = Task(image="busybox", hook=Hook.PRESTART, variables={name: "x"})
    assert f"services.web.tasks.wait.variables.{name}" in why(around(tasks={"wait": task}))
    for text in (
        f"version: 1\nvariables: {{{name}: x}}\n",
        f"version: 1\nservices: {{web: {{image: busybox, variables: {{{name}: x}}}}}}\n",
        f"version: 1\njobs: {{seed: {{image: busybox, on: {{deploy: {{}}}}, variables: {{{name}: x}}}}}}\n",
    ):
        found = read(text.encode())
        assert isinstance(found, Unreadable)
        assert "matinee itself gives" in found.problems[0].message
        assert found.problems[0].path.endswith(f"variables.{name}")


def test_an_argument_that_fits_no_command_line_is_refused():
    at = around(args=("${jobs.seed.outputs.BIG}" * 2,), outputs=(Variable(name="BIG", value="x" * (LARGEST - 9)),))
    assert "services.web.args is over 120 KiB" in why(at)


def test_a_nul_is_refused_in_a_variable_and_fits_in_a_file():
    assert "services.web.variables.A holds a NUL" in why(around(variables={"A": "${secrets.ODD}"}))
    assert made(around(files={"/a": "${secrets.ODD}"})).files == {"/a": "a\0b"}


def test_outputs_that_are_too_large_together_are_refused_before_anything_starts():
    many = tuple(Variable(name=f"V{number}", value="x" * LARGEST) for number in range(LARGEST_ALL // LARGEST + 1))
    assert "web: its variables, outputs of jobs among them, and arguments are over 1536 KiB" in why(
        around(outputs=many)
    )
    assert made(around(outputs=many[:-1]))


def test_a_task_too_has_to_be_given_what_fits():
    task = Task(image="busybox", hook=Hook.PRESTART, args=("y" * LARGEST,) * 13)
    assert why(around(tasks={"wait": task})).startswith("wait: its variables")


@given(
    st.lists(st.text(max_size=20), max_size=4), st.dictionaries(st.from_regex(r"[A-Z]{1,5}", fullmatch=True), st.text())
)
def test_no_text_crashes_the_filling_and_no_secret_is_ever_in_a_command_line(args, variables):
    at = around(args=tuple(args), variables=variables)
    found = service_group(WEB, {"": "i"}, at)
    told = found.why if isinstance(found, Unfilled) else "".join(found.args or ())
    assert "t0ken" not in told


def test_the_url_of_a_public_service_is_the_one_for_people_and_of_any_other_the_one_inside():
    text = {"variables": {"HERE": "${services.web.url}"}}
    assert made(around(public=True, **text)).variables["HERE"] == "http://127.0.0.1:20001"
    assert made(around(**text)).variables["HERE"] == "http://web:80"


@pytest.mark.parametrize("name", ["services.web.url", "services.web.port", "environment.host"])
def test_what_there_is_not_is_an_unknown_name_and_never_an_empty_text(name):
    assert f"${{{name}}} is not known here" in why(around(port=None, variables={"A": f"${{{name}}}"}))


def test_a_service_without_a_port_has_no_address_among_its_built_in_variables():
    told = made(around(port=None)).variables
    assert told["MATINEE_SERVICE_WEB_HOST"] == "web"
    assert not {"MATINEE_SERVICE_WEB_URL", "MATINEE_SERVICE_WEB_PORT"} & told.keys()


def test_a_job_is_told_where_to_write_and_its_tasks_are_told_of_the_event_but_not_of_the_file():
    at = around()
    task = Task(image="busybox", hook=Hook.POSTSTOP)
    job = Job(image="busybox", on={JobEvent.STOP: Trigger(port=8080)}, tasks={"wait": task})
    group = job_group(SEED, JobEvent.STOP, {"": "i", "wait": "w"}, replace(at, spec=Spec(version=1, jobs={SEED: job})))
    assert isinstance(group, Group)
    assert group.variables["MATINEE_OUTPUT_FILE"] == "/qovery-output/qovery-output.json"
    assert (group.event, group.port, group.tasks[0].variables["MATINEE_EVENT"]) == ("stop", 8080, "stop")
    assert "MATINEE_OUTPUT_FILE" not in group.tasks[0].variables

from dataclasses import replace

import pytest

from bot.core.composing.compose import job_group, service_group
from bot.core.composing.surroundings import Surroundings
from bot.core.composing.variables import Unfilled
from bot.core.events import Pull, PullKey
from bot.core.group import Address, Group
from bot.core.model import Hook, Job, JobEvent, OnFailure, Service, Spec, Task, Trigger
from bot.core.names import Name, Sha, Url, job_id
from bot.core.standing import Standing, Variable

KEY = PullKey(forge="github", repository="1296269", number=7)
SHA = Sha("a" * 40)
PULL = Pull(key=KEY, repository="acme/shop", branch="f", head=SHA, base="main", author="ana", open=True, fork=False)
WEB, SEED = Name("web"), Name("seed")
IMAGES = {"": "i", "wait": "w"}


def around(*, service: dict | None = None, job: dict | None = None, secrets=None, **shared: str) -> Surroundings:
    spec = Spec(
        version=1,
        variables=shared,
        services={"web": Service(image="busybox", port=80, **(service or {}))},
        jobs={"seed": Job(image="busybox", **{"on": {JobEvent.DEPLOY: Trigger()}, **(job or {})})},
    )
    addresses = {WEB: Address(host="web", port=80, url=Url("http://web:80"))}
    outputs = {SEED: (Variable(name="KEY", value="s3cr3t", sensitive=True), Variable(name="URL", value="http://x"))}
    stands = Standing(key=KEY, repository="acme/shop", generation=1, sha=SHA, addresses=addresses, outputs=outputs)
    return Surroundings(spec=spec, pull=PULL, stands=stands, secrets=secrets or {})


def web(at: Surroundings) -> Group:
    group = service_group(WEB, IMAGES, at)
    assert isinstance(group, Group), group
    return group


def seed(at: Surroundings) -> Group:
    group = job_group(SEED, JobEvent.DEPLOY, IMAGES, at)
    assert isinstance(group, Group), group
    return group


def why(at: Surroundings) -> str:
    found = service_group(WEB, IMAGES, at)
    assert isinstance(found, Unfilled)
    return found.why


def test_services_and_jobs_are_told_of_the_environment_and_of_each_service():
    for told in (web(around()).variables, seed(around()).variables):
        assert told["MATINEE_ENVIRONMENT_ID"] == "github-1296269-7"
        assert told["MATINEE_ENVIRONMENT_NAME"] == "shop-7"
        assert told["MATINEE_PROJECT"] == "acme/shop"
        assert told["MATINEE_GIT_BRANCH"] == "f"
        assert told["MATINEE_PULL_NUMBER"] == "7"
        assert told["MATINEE_SERVICE_WEB_HOST"] == "web"
        assert told["MATINEE_SERVICE_WEB_PORT"] == "80"
        assert told["MATINEE_SERVICE_WEB_URL"] == "http://web:80"


def test_a_service_whose_name_has_a_dash_is_told_with_an_underscore_in_its_place_to_tasks_too():
    at, db = around(service={"tasks": {"wait": Task(image="busybox", hook=Hook.PRESTART)}}), Name("my-db")
    addresses = {**at.stands.addresses, db: Address(host="my-db", port=5432, url=Url("http://my-db:5432"))}
    group = web(replace(at, stands=replace(at.stands, addresses=addresses)))
    for told in (group.variables, group.tasks[0].variables):
        assert told["MATINEE_SERVICE_MY_DB_HOST"] == "my-db"
        assert told["MATINEE_SERVICE_MY_DB_PORT"] == "5432"
        assert told["MATINEE_SERVICE_MY_DB_URL"] == "http://my-db:5432"


def test_a_job_is_told_its_event_its_id_and_the_commit():
    told = seed(around()).variables
    assert (told["MATINEE_EVENT"], told["MATINEE_GIT_SHA"]) == ("deploy", SHA)
    assert told["MATINEE_JOB_ID"] == job_id(KEY.repository, SEED)
    assert f"QOVERY_OUTPUT_JOB_{told['MATINEE_JOB_ID']}_URL" in told


def test_only_jobs_are_told_of_the_event_and_the_commit():
    assert {"MATINEE_EVENT", "MATINEE_JOB_ID", "MATINEE_GIT_SHA"} <= seed(around()).variables.keys()
    assert not {"MATINEE_EVENT", "MATINEE_JOB_ID", "MATINEE_GIT_SHA"} & web(around()).variables.keys()


def test_a_nodes_own_variables_win_over_the_environments():
    group = web(around(service={"variables": {"LOG": "own"}}, LOG="shared", OTHER="shared"))
    assert (group.variables["LOG"], group.variables["OTHER"]) == ("own", "shared")


def test_a_task_has_the_environments_variables_and_its_own_and_not_those_of_its_group():
    task = Task(image="busybox", hook=Hook.PRESTART, variables={"MINE": "m"})
    (made,) = web(around(service={"tasks": {"wait": task}, "variables": {"LOG": "own"}}, LOG="shared")).tasks
    assert (made.variables["LOG"], made.variables["MINE"]) == ("shared", "m")
    assert made.variables["MATINEE_SERVICE_WEB_HOST"] == "web"
    assert made.image == "w"


def test_a_task_is_filled_in_whole():
    task = Task(
        image="busybox",
        hook=Hook.POSTSTART,
        args=("${pull.number}",),
        files={"/etc/x": "${secrets.TOKEN}"},
        user=1000,
        restarts=2,
        max_duration=7,
        on_failure=OnFailure.WARN,
    )
    (made,) = web(around(service={"tasks": {"wait": task}}, secrets={"TOKEN": "t0ken"})).tasks
    assert (made.hook, made.args, made.files, made.user) == (Hook.POSTSTART, ("7",), {"/etc/x": "t0ken"}, "1000")
    assert (made.restarts, made.max_duration, made.required) == (2, 7, False)


def test_secrets_go_into_variables_and_files():
    given = {"variables": {"A": "${secrets.TOKEN}"}, "files": {"/etc/x": "t=${secrets.TOKEN}"}}
    group = web(around(service=given, secrets={"TOKEN": "t0ken"}))
    assert (group.variables["A"], group.files["/etc/x"]) == ("t0ken", "t=t0ken")


@pytest.mark.parametrize(
    "text", ["${secrets.TOKEN}", "${jobs.seed.outputs.KEY}", "${variables.SHARED}"], ids=["secret", "output", "through"]
)
def test_secrets_are_refused_in_arguments_also_through_a_variable(text):
    said = why(around(service={"args": (text,)}, secrets={"TOKEN": "t0ken"}, SHARED="x${secrets.TOKEN}"))
    assert "services.web.args" in said
    assert "variables" in said
    assert "t0ken" not in said


def test_an_unknown_name_is_an_error_that_lists_the_known_ones():
    said = why(around(service={"variables": {"A": "${services.wbe.host}"}}))
    assert "services.web.host" in said


def test_a_value_that_fits_no_variable_is_refused_before_anything_starts():
    at = around(service={"variables": {"A": "${secrets.BIG}${secrets.BIG}"}}, secrets={"BIG": "x" * 70 * 2**10})
    assert "over 120 KiB" in why(at)


def test_a_large_file_fits():
    at = around(service={"files": {"/etc/x": "${secrets.BIG}" * 3}}, secrets={"BIG": "x" * 70 * 2**10})
    assert len(web(at).files["/etc/x"]) == 3 * 70 * 2**10


def test_what_a_service_does_not_name_does_not_redeploy_it():
    before = around(service={"variables": {"A": "${jobs.seed.outputs.URL}"}})
    pushed = replace(before, stands=replace(before.stands, sha=Sha("b" * 40)))
    other = replace(before, stands=before.stands.leaving(SEED, (Variable(name="URL", value="http://x"),)))
    assert web(before).version == web(pushed).version == web(other).version


def test_a_value_that_it_names_redeploys_it():
    before = around(service={"variables": {"A": "${jobs.seed.outputs.URL}"}})
    after = replace(before, stands=before.stands.leaving(SEED, (Variable(name="URL", value="http://y"),)))
    assert web(before).version != web(after).version


@pytest.mark.parametrize(
    "change",
    [
        {"args": ("-v",)},
        {"files": {"/a": "b"}},
        {"user": 1000},
        {"replicas": 2},
        {"tasks": {"wait": Task(image="busybox", hook=Hook.PRESTART)}},
        {"health": {"tcp": 80}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_the_spec_changes_redeploys_it(change):
    assert web(around()).version != web(around(service=change)).version

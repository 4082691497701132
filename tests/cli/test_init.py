"""`init` and `import` as whoever begins runs them."""

import json
import os

import pytest

from tests.world.bot import command

pytestmark = pytest.mark.slow

COMPOSE = "services:\n  web: {build: ., ports: ['80:80'], privileged: true}\n"


@pytest.fixture
def environment(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    memory = {"MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory"}
    return {**clean, **memory, "MATINEE_STATE": str(tmp_path / "state"), "COLUMNS": "120"}


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    for path, text in {
        "api/Dockerfile": "FROM a\nEXPOSE 8080\n",
        "web/Dockerfile": "FROM a\nEXPOSE 80\n",
        "node_modules/x/Dockerfile": "FROM a\n",
        ".devcontainer/Dockerfile": "FROM a\n",
    }.items():
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(text)
    return folder


def test_init_writes_a_spec_that_check_accepts_and_plan_shows(environment, shop):
    done = command("init", str(shop), environment=environment)
    assert done.returncode == 0, done.stderr
    assert "matinee plan" in done.stdout
    assert command("check", str(shop), environment=environment).returncode == 0
    planned = command("plan", str(shop), "--json", environment=environment)
    assert planned.returncode == 0, planned.stderr
    assert [node["name"] for node in json.loads(planned.stdout)["nodes"]] == ["api", "web"]


def test_init_leaves_a_spec_that_is_there_as_it_is(environment, shop):
    (shop / "matinee.yaml").write_text("mine")
    done = command("init", str(shop), environment=environment)
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert (shop / "matinee.yaml").read_text() == "mine"


def test_init_of_an_empty_folder_says_what_is_needed_and_writes_nothing(environment, tmp_path):
    (tmp_path / "empty").mkdir()
    done = command("init", str(tmp_path / "empty"), environment=environment)
    assert done.returncode == 3
    assert "add a Dockerfile" in done.stderr
    assert list((tmp_path / "empty").iterdir()) == []


def test_init_follows_no_link_out_of_the_repository(environment, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM a\nEXPOSE 80\n")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "Dockerfile").symlink_to(tmp_path / "Dockerfile")
    assert command("init", str(tmp_path / "linked"), environment=environment).returncode == 3


def test_import_prints_the_spec_and_lists_what_is_not_in_it(environment, shop):
    (shop / "compose.yaml").write_text(COMPOSE)
    done = command("import", "compose", "compose.yaml", environment=environment, cwd=shop)
    assert done.returncode == 0
    assert done.stdout.endswith("other services call it\n")
    assert (
        done.stderr == "compose.yaml:2: services.web.privileged: no container of a preview has rights of the machine\n"
    )


def test_import_writes_over_nothing_without_force(environment, shop):
    (shop / "compose.yaml").write_text(COMPOSE)
    words = ("import", "compose", "compose.yaml", "-o", "matinee.yaml")
    assert command(*words, environment=environment, cwd=shop).returncode == 0
    again = command(*words, environment=environment, cwd=shop)
    assert again.returncode == 2
    assert "add --force" in again.stderr
    assert command(*words, "--force", environment=environment, cwd=shop).returncode == 0


def test_import_as_json_is_one_document(environment, shop):
    (shop / "compose.yaml").write_text(COMPOSE)
    done = command("import", "compose", "compose.yaml", "--json", environment=environment, cwd=shop)
    document = json.loads(done.stdout)
    assert document["spec"]["services"]["web"]["port"] == 80
    (left,) = document["left_out"]
    assert left.pop("why") == "no container of a preview has rights of the machine"
    assert left == {"file": "compose.yaml", "line": 2, "path": "services.web.privileged"}
    assert done.stderr == ""


def test_import_reads_what_compose_files_name_and_nothing_outside_of_the_folder(environment, shop):
    (shop / "compose.yaml").write_text("services: {web: {extends: {file: api/base.yaml, service: web}}}\n")
    (shop / "api/base.yaml").write_text("services: {web: {build: ., env_file: [a.env, ../../b.env]}}\n")
    (shop / "api/a.env").write_text("MODE=demo\nDB_PASSWORD=hunter2hunter2\n")
    (shop / "over.yaml").write_text("services: {web: {profiles: [x]}, psql: {image: postgres, profiles: [y]}}\n")
    done = command(
        *("import", "compose", "shop/compose.yaml", "shop/over.yaml", "--profile", "x"),
        environment=environment,
        cwd=shop.parent,
    )
    assert done.returncode == 0
    assert 'variables: {MODE: demo, DB_PASSWORD: "${secrets.DB_PASSWORD}"}' in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert "shop/api/base.yaml:1: services.web.env_file: b.env is not there" in done.stderr
    assert "shop/over.yaml:1: services.psql: it starts with --profile y only" in done.stderr


def test_folders_of_a_compose_file_are_taken_from_where_it_stands(environment, shop):
    (shop / "deploy").mkdir()
    (shop / "deploy" / "compose.yaml").write_text("services: {web: {build: ../web}}\n")
    done = command("import", "compose", "deploy/compose.yaml", environment=environment, cwd=shop)
    assert "build: {root: web}" in done.stdout


def test_a_file_that_is_none_of_the_system_is_exit_code_3_with_its_place(environment, shop):
    (shop / "x.hcl").write_text("job {\n  a = [\n")
    done = command("import", "nomad", "x.hcl", environment=environment, cwd=shop)
    assert done.returncode == 3
    assert done.stderr.startswith("x.hcl:")
    assert "this is no HCL" in done.stderr

"""`check` and `schema` as a person or a script runs them."""

import json
import os
from pathlib import Path

import pytest

from tests.world.bot import command

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
WRONG = "version: 1\nservices:\n  web: {image: nginx, prot: 80, port: 99999}\n"


def check(*words: str):
    return command("check", *words, environment=ENVIRONMENT)


def test_check_gives_every_problem_with_file_line_column_path_message_and_what_is_allowed(tmp_path):
    (tmp_path / "matinee.yaml").write_text(WRONG)
    done = check(str(tmp_path), "--json")
    unknown, port = json.loads(done.stdout)["problems"]
    assert done.returncode == 3
    assert unknown["file"] == str(tmp_path / "matinee.yaml")
    assert (unknown["path"], unknown["line"], unknown["column"]) == ("services.web.prot", 3, 23)
    assert unknown["message"] == "there is no key prot here; did you mean port?"
    assert "port" in unknown["allowed"]
    assert (port["path"], port["message"]) == ("services.web.port", "99999 is no port; use 1 to 65535")
    assert "allowed" not in port


def test_check_prints_a_line_for_each_problem_that_editors_can_follow(tmp_path):
    (tmp_path / "matinee.yaml").write_text(WRONG)
    done = check(str(tmp_path))
    assert done.returncode == 3
    assert done.stdout.splitlines()[1].startswith(f"{tmp_path}/matinee.yaml:3:39: services.web.port: 99999 is no port")


def test_check_of_a_valid_spec_has_no_problems(tmp_path):
    (tmp_path / "other.yaml").write_text("version: 1\nservices: {web: {image: a}}\n")
    done = check(str(tmp_path / "other.yaml"), "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"problems": []})


def test_check_of_a_dockerfile_alone_says_what_would_be_previewed(tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM nginx\nEXPOSE 8080 9090\n")
    done = check(str(tmp_path))
    assert done.returncode == 0
    assert "there is no matinee.yaml; this is one public service app, built here, at port 8080" in done.stdout


def test_check_of_an_empty_folder_says_what_to_add(tmp_path):
    done = check(str(tmp_path))
    assert done.returncode == 3
    assert "nor a Dockerfile to preview without one; add one" in done.stdout


def test_schema_prints_what_is_published():
    done = command("schema", environment=ENVIRONMENT)
    assert (done.returncode, done.stdout) == (0, (ROOT / "docs" / "matinee.schema.json").read_text())
    page = command("schema", "--markdown", environment=ENVIRONMENT)
    assert (page.returncode, page.stdout) == (0, (ROOT / "docs" / "reference.md").read_text())

"""`matinee secrets` as an operator runs it."""

import json
import os
import subprocess
import sys

import pytest

from tests.world.bot import command

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(tmp_path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MATINEE_")}
    return {**clean, "MATINEE_RUNNER": "memory", "MATINEE_BUILDER": "memory", "MATINEE_STATE": str(tmp_path / "state")}


def given(environment, value: str, *words: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "bot.cli", "secrets", "set", *words]
    return subprocess.run(line, env=environment, input=value, capture_output=True, text=True, check=False, timeout=60)


def test_a_value_comes_from_standard_input_and_is_never_printed(environment, tmp_path):
    done = given(environment, "s3cr3t-value\n", "github:17", "HOOK")
    assert done.returncode == 0, done.stderr
    listed = command("secrets", "list", "--json", environment=environment)
    (row,) = json.loads(listed.stdout)["secrets"]
    assert (row["repository"], row["tier"], row["name"]) == ("github:17", "trusted", "HOOK")
    assert "s3cr3t-value" not in done.stdout + done.stderr + listed.stdout


def test_a_value_for_forks_is_listed_as_such_and_can_be_taken_away(environment):
    given(environment, "value", "github:17", "HOOK", "--forks")
    assert "forks" in command("secrets", "list", environment=environment).stdout
    wrong = command("secrets", "unset", "github:17", "HOKO", "--forks", environment=environment)
    assert (wrong.returncode, "there are HOOK" in wrong.stderr) == (2, True)
    assert command("secrets", "unset", "github:17", "HOOK", "--forks", environment=environment).returncode == 0
    assert command("secrets", "list", environment=environment).stdout == ""


def test_a_repository_that_nobody_knows_is_said_with_the_way_to_name_it(environment):
    done = given(environment, "value", "acme/shop", "HOOK")
    assert (done.returncode, "github:1296269" in done.stderr) == (2, True)


def test_a_short_value_is_taken_with_a_warning(environment):
    done = given(environment, "abc", "github:17", "PIN")
    assert (done.returncode, "too short to be hidden" in done.stderr) == (0, True)


def test_keys_are_rotated_while_nothing_is_lost(environment):
    old, new = (command("secrets", "key", environment=environment).stdout.strip() for _ in range(2))
    given({**environment, "MATINEE_ENCRYPTION_KEY": old}, "s3cr3t-value", "github:17", "HOOK")
    missing = command("secrets", "rotate", environment={**environment, "MATINEE_ENCRYPTION_KEY": new})
    assert (missing.returncode, "none of the encryption keys opens it" in missing.stderr) == (5, True)
    both = command("secrets", "rotate", environment={**environment, "MATINEE_ENCRYPTION_KEY": f"{new},{old}"})
    assert both.returncode == 0, both.stderr
    alone = command("secrets", "rotate", environment={**environment, "MATINEE_ENCRYPTION_KEY": new})
    assert alone.returncode == 0, alone.stderr

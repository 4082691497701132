from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.deciding.rerun import chosen, fingerprint, ingredients, needless, reason
from bot.core.group import Group, Task
from bot.core.model import Rerun, Trigger
from bot.core.names import Name
from bot.core.standing import Placed

DONE = Placed(name=Name("seed"), inputs="abc")
ON_CHANGE = Trigger(run=Rerun.ON_CHANGE)
SEED = Group(name=Name("seed"), event="deploy", image="i", version="1")


@pytest.mark.parametrize("run", Rerun)
def test_a_job_that_has_never_succeeded_runs(run):
    assert needless(Trigger(run=run), None, "abc") == ""
    assert needless(Trigger(run=run), Placed(name=Name("seed")), "abc") == ""


def test_always_runs_again():
    assert needless(Trigger(), DONE, "abc") == ""


@pytest.mark.parametrize("now", ["abc", "other"])
def test_once_does_not_run_again_whatever_changed(now):
    assert "run: once" in needless(Trigger(run=Rerun.ONCE), DONE, now)


def test_on_change_runs_again_only_after_a_change():
    assert "run: on-change" in needless(Trigger(run=Rerun.ON_CHANGE), DONE, "abc")
    assert needless(Trigger(run=Rerun.ON_CHANGE), DONE, "other") == ""


def test_inputs_are_the_group_and_the_files_by_their_content():
    assert ingredients(SEED, {"db/a": "1"}) == ingredients(SEED, {"db/a": "1"})
    found = [ingredients(SEED, {}), ingredients(SEED, {"db/a": "1"}), ingredients(SEED, {"db/a": "2"})]
    assert len({fingerprint(each) for each in found}) == 3


def test_built_in_variables_and_long_output_names_and_limits_are_no_inputs():
    told = {"MATINEE_GIT_SHA": "a", "QOVERY_OUTPUT_JOB_12345678_KEY": "k"}
    assert ingredients(replace(SEED, variables=told, memory=1, cpu=0.1, restarts=3), {}) == ingredients(SEED, {})


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"image": "j"}, "image"),
        ({"args": ("x",)}, "args"),
        ({"variables": {"ROWS": "2"}}, "variable ROWS"),
        ({"files": {"/etc/a": "b"}}, "file /etc/a"),
        ({"tasks": (Task(name=Name("proxy"), image="p"),)}, "task proxy"),
    ],
)
def test_the_reason_of_a_run_on_change_is_what_changed(now, said):
    before = replace(DONE, ingredients=ingredients(SEED, {}))
    assert reason(ON_CHANGE, before, ingredients(replace(SEED, **now), {})) == f"it ran for {said}"


def test_changed_files_are_a_reason_too_and_a_first_run_needs_none():
    before = replace(DONE, ingredients=ingredients(SEED, {"db/a": "1"}))
    assert reason(ON_CHANGE, before, ingredients(SEED, {"db/a": "2"})) == "it ran for files of the repository"
    assert reason(ON_CHANGE, None, ingredients(SEED, {})) == reason(Trigger(), before, {}) == ""


@given(st.text(min_size=12))
def test_no_ingredient_tells_a_value(value):
    parts = ingredients(replace(SEED, variables={"PASSWORD": value}, files={"/a": value}), {})
    assert value not in str(parts)


@pytest.mark.parametrize(
    ("glob", "path", "named"),
    [
        ("db/**", "db/seed.sql", True),
        ("db/**", "db/a/b/c", True),
        ("db/**", "dbx/seed.sql", False),
        ("db", "db/seed.sql", True),
        ("db/*.sql", "db/seed.sql", True),
        ("db/*.sql", "db/a/seed.sql", False),
        ("**/*.sql", "seed.sql", True),
        ("**/*.sql", "a/b/seed.sql", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("a.c", "abc", False),
        ("*", "README.md", True),
        ("[ab]", "a", False),
    ],
)
def test_a_glob_names_files_as_people_expect(glob, path, named):
    assert bool(chosen([path], [glob])) is named


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=5))
def test_no_glob_raises_and_none_names_what_is_not_there(glob, paths):
    assert set(chosen(paths, [glob])) <= set(paths)


@given(st.text(alphabet="ab/.-", min_size=1, max_size=20).filter(lambda path: all(path.split("/"))))
def test_every_path_is_named_by_itself_and_by_two_stars(path):
    if {".", ".."} & set(path.split("/")):
        return
    assert chosen([path], [path]) == chosen([path], ["**"]) == (path,)

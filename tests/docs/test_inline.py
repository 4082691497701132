"""What sentences and tables of the pages name in passing is there: commands, files, tests."""

import re
from collections.abc import Iterator

import click
import pytest

from bot.cli import group
from bot.core.chat.table import ROWS
from tests.docs.snippets import PAGES, ROOT

_COMMAND = re.compile(r"`matinee ([a-z]+)")
_SAID = re.compile(r"`/preview ([a-z]+)")
_FILE = re.compile(r"`((?:bot|builders|runners|tests|docs|deploy|examples|bench)/[\w/.-]+?)(?:::(test_\w+))?`")
_TO_BE_MADE = ("extending.md", "extending-forge.md")
"""Pages that name files which their reader makes."""


def named(pattern: re.Pattern[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for page in PAGES:
        for found in pattern.finditer(page.read_text(encoding="utf-8")):
            yield page.name, tuple(each or "" for each in found.groups())


def test_each_command_is_one():
    with click.Context(group) as context:
        known = set(group.list_commands(context))
    assert {(page, name) for page, (name,) in named(_COMMAND) if name not in known} == set()


def test_each_command_in_a_pull_is_one():
    assert {(page, name) for page, (name,) in named(_SAID) if name not in ROWS} == set()


def test_each_file_is_there():
    there = (name for page, name in named(_FILE) if page not in _TO_BE_MADE)
    assert {name for name, _ in there if not (ROOT / name).exists()} == set()


def test_the_page_about_security_names_many_tests():
    assert len([1 for page, (_, test) in named(_FILE) if page == "security.md" and test]) > 40


@pytest.mark.parametrize(("file", "test"), sorted({both for _, both in named(_FILE) if both[1]}))
def test_each_test_is_there(file, test):
    assert re.search(rf"(?m)^def {test}\(", (ROOT / file).read_text(encoding="utf-8"))

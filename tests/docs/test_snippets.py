"""Whatever the pages show to be typed or written is right: specs, settings, commands, options, files, targets."""

import json
import re
import shlex
import subprocess

import click
import pytest
from ruamel.yaml import YAML

from bot.cli import group
from bot.core.chat.commands import Mistake
from bot.core.chat.parse import parse
from bot.core.model import Spec
from bot.core.reading.spec import read
from bot.settings import KNOWN, SECRET
from tests.docs.snippets import ROOT, Snippet, of, snippets

TYPED = of("bash")
WRITTEN = of("yaml")
SETTINGS = {name.upper() for name in KNOWN} | {f"{name.upper()}_FILE" for name in SECRET}
PROGRAMS = {
    *("cat", "cd", "curl", "docker", "export", "git", "head", "helm", "jq", "kubectl", "make", "matinee"),
    *("openssl", "pipx", "sqlite3", "tar"),
}
TARGETS = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text()))


def commands(snippet: Snippet) -> list[list[str]]:
    """Its simple commands as words, those within `$(…)` and behind pipes too."""
    text = re.sub(r"(?m)(^|\s)#.*$", "", re.sub(r"\\\n", " ", snippet.text))
    text = re.sub(r"<<'?(\w+)'?\n.*?\n\1\n", "\n", text, flags=re.DOTALL)
    split = shlex.shlex(text, posix=True, punctuation_chars="();<>|&\n")
    split.whitespace, split.commenters = " \t", ""
    split.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in split:
        if set(word) <= set("();|&\n"):
            found.append([])
        else:
            found[-1].append(word)
    return [bare for words in found if (bare := without_assignments(words))]


def without_assignments(words: list[str]) -> list[str]:
    """`NAME=value command` without what stands before the command; settings among it are known ones."""
    while words and re.match(r"[A-Z_]+=", words[0]):
        known(words[0])
        words = words[1:]
    return words


def known(assignment: str) -> None:
    name = assignment.partition("=")[0]
    assert not name.startswith("MATINEE_") or name.removeprefix("MATINEE_") in SETTINGS, name


def understood(arguments: list[str]) -> None:
    """The command line takes these: the command, each option, as many arguments, each of a choice."""
    with click.Context(group, info_name="matinee") as top:
        _, rest, _ = group.make_parser(top).parse_args(list(arguments))
        at: click.Command = group
        while isinstance(at, click.Group) and rest and (below := at.get_command(top, rest[0])) is not None:
            at, rest = below, rest[1:]
        assert at is not group or not rest, f"there is no command {rest[0]!r}"
        with click.Context(at, info_name=at.name, parent=top) as context:
            given, left, _ = at.make_parser(context).parse_args(list(rest))
            assert not left, f"{at.name} takes no {left}"
            for parameter in at.params:
                chosen = given.get(parameter.name or "")
                assert chosen or not parameter.required, f"{at.name} lacks {parameter.human_readable_name}"
                if isinstance(parameter.type, click.Choice) and isinstance(chosen, str):
                    parameter.type.convert(chosen, parameter, context)


def test_there_are_snippets_of_each_kind():
    assert len(TYPED) > 10
    assert len(WRITTEN) > 5


def test_each_snippet_says_in_which_language_it_is():
    assert [str(snippet) for snippet in snippets() if not snippet.language] == []


@pytest.mark.parametrize("snippet", TYPED, ids=str)
def test_what_is_to_be_typed_is_taken(snippet):
    subprocess.run(["bash", "-n"], input=snippet.text, text=True, check=True)
    for words in commands(snippet):
        program = words[0].removeprefix(".venv/bin/")
        assert program in PROGRAMS, f"{snippet}: {program}"
        if program == "matinee":
            understood([word for word in words[1:] if word not in ("<", ">") and "…" not in word])
        if program == "export":
            for word in words[1:]:
                known(word)
        if program == "make":
            assert set(words[1:]) <= TARGETS
        if program == "kubectl":
            assert [word for word in words if word.startswith("deploy/") and not (ROOT / word).exists()] == []


@pytest.mark.parametrize("snippet", WRITTEN, ids=str)
def test_each_spec_that_is_shown_is_valid(snippet):
    document = YAML(typ="safe").load(snippet.text)
    assert isinstance(document, dict), snippet
    if "version" in document:
        assert isinstance(read(snippet.text.encode()), Spec), read(snippet.text.encode())


def test_each_json_that_is_shown_is_json():
    for snippet in of("json"):
        json.loads(snippet.text)


def test_each_comment_that_is_shown_is_understood():
    shown = [snippet for snippet in of("text") if "/preview" in snippet.text]
    assert shown
    for snippet in shown:
        said = parse(snippet.text)
        assert said
        assert [each for each in said if isinstance(each, Mistake)] == []

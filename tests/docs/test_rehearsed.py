"""What the pages show of a plan and of logs is what is printed, for the spec above it."""

from pathlib import Path

import pytest

from tests.docs.rehearsal import Rehearsal
from tests.docs.snippets import Snippet, snippets

ENVIRONMENT = "local-5f0c3a9b1d22-0"
"""As the pages write it."""


def sessions() -> list[tuple[Snippet, Snippet]]:
    """Each console beside the spec that stands last above it."""
    found, spec = [], None
    for snippet in snippets():
        if snippet.language == "yaml":
            spec = snippet
        if snippet.language == "console":
            assert spec is not None
            assert spec.page == snippet.page, f"{snippet}: no spec stands above it"
            found.append((spec, snippet))
    return found


def commands(console: str) -> list[str]:
    return [line.removeprefix("$ ") for line in console.splitlines() if line.startswith("$ ")]


def test_there_are_sessions():
    assert len(sessions()) > 5


@pytest.mark.parametrize(("spec", "console"), [pytest.param(*each, id=str(each[1])) for each in sessions()])
def test_a_session_prints_what_the_page_shows(spec: Snippet, console: Snippet, tmp_path: Path):
    rehearsal = Rehearsal(tmp_path, spec.text, called=ENVIRONMENT)
    told = [f"$ {command}\n{rehearsal.typed(command)}" for command in commands(console.text)]
    assert "".join(told) == console.text

"""Nothing but the forges' own files knows which forge it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

BOT = Path(__file__).parents[2] / "bot"
FILES = sorted(path for path in BOT.rglob("*.py") if "forges" not in path.relative_to(BOT).parts)
NAMES = frozenset({"github", "gitlab", "bitbucket"})


def choices(tree: ast.AST) -> Iterator[int]:
    """The lines on which something depends on a forge's name."""
    for node in ast.walk(tree):
        compared: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            compared = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            compared = [node.value]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("startswith", "endswith", "get"):
            compared = list(node.args)
        inside = (inner for each in compared for inner in ast.walk(each))
        if any(isinstance(each, ast.Constant) and each.value in NAMES for each in inside):
            yield getattr(node, "lineno", 0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(BOT)))
def test_no_code_outside_the_forges_depends_on_which_forge_it_is(path: Path) -> None:
    assert list(choices(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        'x == "github"',
        'if "gitlab" in (forge, other): pass',
        'match forge:\n    case "gitlab": pass',
        'forge in {"github", "memory"}',
        'name.startswith("github")',
        '{}.get("gitlab")',
    ],
)
def test_what_would_depend_on_it_is_seen(code: str) -> None:
    assert list(choices(ast.parse(code)))

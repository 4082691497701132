"""Nothing but the forges' own files knows which forge it is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

BOT = Path(__file__).parents[2] / "bot"
HOUSE = BOT.parent
FILES = sorted(
    path
    for room in ("bot", "builders", "runners")
    for path in (HOUSE / room).rglob("*.py")
    if "forges" not in path.relative_to(HOUSE).parts
)
FORGE = re.compile(r"github|gitlab|bitbucket", re.IGNORECASE)
OWN = {"bot/cli/github.py"}
"""A command of one forge's own."""


def choices(tree: ast.AST) -> Iterator[int]:
    """The lines on which something depends on a forge's name: a text with it that is compared, looked up or a key."""
    for node in ast.walk(tree):
        if any(FORGE.search(each.value) for each in _weighed(node) if isinstance(each.value, str)):
            yield getattr(node, "lineno", 0)


def _weighed(node: ast.AST) -> Iterator[ast.Constant]:
    """The texts by which this node decides."""
    parts: list[ast.expr | None] = []
    match node:
        case ast.Compare():
            parts = [node.left, *node.comparators]
        case ast.MatchValue():
            parts = [node.value]
        case ast.Subscript():
            parts = [node.slice]
        case ast.Call(func=ast.Attribute(attr="startswith" | "endswith" | "get" | "pop" | "partition" | "forge")):
            parts = list(node.args)
        case ast.Call(func=ast.Name(id="getattr" | "hasattr" | "isinstance")):
            parts = list(node.args)
    for part in parts:
        yield from (each for each in ast.walk(part) if isinstance(each, ast.Constant)) if part else ()


def imports(tree: ast.AST) -> Iterator[str]:
    """What of one forge's own is imported."""
    for node in ast.walk(tree):
        names = [each.name for each in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        whole = [f"{node.module}.{name}" for name in names] if isinstance(node, ast.ImportFrom) else names
        yield from (each for each in whole if FORGE.search(each))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_code_outside_the_forges_depends_on_which_forge_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert list(choices(tree)) == []
    assert list(imports(tree)) == [] or str(path.relative_to(HOUSE)) in OWN


@pytest.mark.parametrize(
    "code",
    [
        'x == "github"',
        'if "gitlab" in (forge, other): pass',
        'match forge:\n    case "gitlab": pass',
        'forge in {"github", "memory"}',
        'name.startswith("github")',
        '{}.get("gitlab")',
        '{"github": 1, "gitlab": 2}[forge] if x["gitlab"] else None',
        'settings.get("github_token")',
        'getattr(forge, "gitlab_only", None)',
        'url.endswith(".github.com")',
        'forge.lower() == "GitHub"',
    ],
)
def test_what_would_depend_on_it_is_seen(code: str) -> None:
    assert list(choices(ast.parse(code)))

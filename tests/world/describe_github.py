"""Writes `github_description.json`: what GitHub's published REST description says of the calls that a bot could make.

GitHubKit is made from that description, and has all of it. It is no dependency of the tests: where the file is to be
made anew, install `githubkit` into some virtual environment, and run this file there with the file's path.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from functools import reduce
from importlib import import_module
from operator import or_
from pathlib import Path
from typing import Any

VERSION = "githubkit_schemas.v2026_03_10"
ROOMS = ("apps", "checks", "collaborators", "git", "issues", "pulls", "reactions", "repos", "users")
_REPO = r"/repos/\{owner\}/\{repo\}"
WANTED = re.compile(
    rf"/app(/installations(/\{{installation_id\}}(/access_tokens)?)?|/hook/.*)?|/user(/\{{account_id\}})?|/users/\{{username\}}"
    rf"|{_REPO}(/installation|/check-runs.*|/collaborators/\{{username\}}/permission|/commits/\{{\w+\}}/(status(es)?|check-runs)"
    rf"|/compare/.*|/deployments.*|/environments(/\{{environment_name\}})?|/git/ref/.*|/hooks/?.*|/statuses/.*"
    rf"|/issues/comments/.*|/issues/\{{issue_number\}}/comments"
    rf"|/pulls(/\{{pull_number\}}(/comments.*|/reviews|/files)?|/comments/.*)?)?"
)
_SAID = re.compile(r"(GET|POST|PATCH|PUT|DELETE) (/\S*)")


def calls() -> Iterator[dict[str, Any]]:
    """Each call: verb, path, where it is documented, its query's keys, and its body as JSON Schema."""
    for room in ROOMS:
        try:
            module = import_module(f"{VERSION}.rest.{room}")
        except ModuleNotFoundError:
            continue
        for each in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
            if isinstance(each, ast.FunctionDef) and (call := _call(each)):
                yield call


def _call(function: ast.FunctionDef) -> dict[str, Any] | None:
    text = ast.get_docstring(function) or ""
    said = next((found for line in text.splitlines() if (found := _SAID.fullmatch(line.strip()))), None)
    if said is None or not WANTED.fullmatch(said[2]):
        return None
    docs = re.search(r"See also: https://docs\.github\.com/rest/(\S+)", text)
    body = next((arg.annotation for arg in function.args.kwonlyargs if arg.arg == "data"), None)
    return {
        "verb": said[1],
        "path": said[2],
        "docs": docs[1] if docs else "",
        "query": sorted(_query(function)),
        "body": _schema(body) if body is not None else None,
    }


def _query(function: ast.FunctionDef) -> Iterator[str]:
    given = (each for each in ast.walk(function) if isinstance(each, ast.Assign))
    for each in given:
        if ast.unparse(each.targets[0]) == "params" and isinstance(each.value, ast.Dict):
            yield from (key.value for key in each.value.keys if isinstance(key, ast.Constant))


def _schema(annotation: ast.expr) -> dict[str, Any]:
    from pydantic import TypeAdapter

    types = import_module(f"{VERSION}.types")
    names = [name for name in re.findall(r"\w+Type\b", ast.unparse(annotation)) if name != "UnsetType"]
    return _plain(TypeAdapter(reduce(or_, (getattr(types, name) for name in names))).json_schema())


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    told = {key for key in ("title", "description") if isinstance(node.get(key), str)}
    return {key: _plain(value) for key, value in node.items() if key not in told}


if __name__ == "__main__":
    unique = {(call["verb"], call["path"]): call for call in calls()}
    lines = ",\n".join(json.dumps(unique[key]) for key in sorted(unique, key=lambda key: (key[1], key[0])))
    Path(sys.argv[1]).write_text(f"[\n{lines}\n]\n")

"""A webhook's body as JSON, for every forge alike: what is wrong with it is said, and no value repeated."""

import json
from typing import Any, NoReturn

from pydantic import ValidationError


class Wrong(ValueError):
    """Not what the forge documents."""


def parsed(body: bytes) -> dict[str, Any]:
    """The object that the body is; raises `Wrong`, or `RecursionError` where it is nested too deeply."""
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise Wrong(f"the body is no UTF-8: byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise Wrong(f"the body is no JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    if not isinstance(document, dict):
        raise Wrong("the body is JSON, but no object")
    return document


def first_problem(error: ValidationError) -> str:
    """The first thing that is wrong, by its place; never a value."""
    problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def _no_number(constant: str) -> NoReturn:
    raise Wrong(f"the body is no JSON: {constant} is no number")

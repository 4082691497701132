"""The methods of a port as a table of a page, made from the port itself."""

import inspect

from bot.forges.base import Forge, Pipeline
from builders.base import Builder
from runners.base import Runner

PORTS = (Forge, Builder, Runner, Pipeline)


def table(port: type) -> str:
    """A row for each method and property, as they stand in the port: its name, and all that its docstring says."""
    named = {name: each for name, each in vars(port).items() if not name.startswith("_")}
    rows = (f"| `{name}` | {' '.join((inspect.getdoc(each) or '').split())} |" for name, each in named.items())
    return "\n".join(("| method | |", "|---|---|", *rows)) + "\n"


def between(port: type) -> tuple[str, str]:
    """What stands in a page before the table, and after it."""
    return f"<!-- the methods of {port.__name__} -->\n", f"<!-- the end of the methods of {port.__name__} -->\n"

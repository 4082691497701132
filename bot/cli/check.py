"""`matinee check`: the spec of a local folder."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.core.reading.spec import Unreadable


@click.command(name="check")
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check_command(path: Path, *, as_json: bool) -> int:
    """Check the spec at PATH, a file or a folder with a matinee.yaml.

    A folder with a Dockerfile alone is a preview too: one public service at the port that it exposes.

    \b
    matinee check
    matinee check examples/shop
    matinee check --json | jq '.problems[].message'
    """
    from bot.core.reading.spec import FILE, Unreadable, read
    from bot.core.reading.zero import unwritten

    file = path / FILE if path.is_dir() else path
    text = _text(file) if file.exists() or not path.is_dir() else None
    found = read(text, file=str(file)) if text is not None else unwritten(lambda name, _: _looked(path / name))
    if as_json:
        click.echo(json.dumps({"problems": _problems(found) if isinstance(found, Unreadable) else []}, indent=2))
    elif isinstance(found, Unreadable):
        click.echo(str(found))
    else:
        click.echo(f"{file}: valid" if text is not None else f"{path}: {found}")
    return Code.INVALID if isinstance(found, Unreadable) else Code.DONE


def _problems(found: "Unreadable") -> list[dict[str, object]]:
    from bot.core.telling.document import problem_document

    return [{"file": found.file, **problem_document(each)} for each in found.problems]


def _looked(file: Path) -> bytes | None:
    return _text(file) if file.is_file() else None


def _text(file: Path) -> bytes:
    from bot.core.errors import Misused

    try:
        return file.read_bytes()
    except OSError as error:
        raise Misused(f"{file} cannot be read: {error.strerror}; name the file or its folder") from error

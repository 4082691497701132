"""`matinee check`: the spec of a local folder."""

import json
from pathlib import Path

import click

from bot.cli.codes import Code


@click.command(name="check")
@click.argument("path", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--json", "as_json", is_flag=True, help="Print the problems as JSON.")
def check_command(path: Path, *, as_json: bool) -> int:
    """Check the spec at PATH, a file or a folder with a matinee.yaml.

    \b
    matinee check
    matinee check examples/shop
    matinee check --json | jq '.problems[].message'
    """
    from bot.core.document import problem_document
    from bot.core.spec import Unreadable, read

    file = path / "matinee.yaml" if path.is_dir() else path
    found = read(_text(file), file=str(file))
    problems = found.problems if isinstance(found, Unreadable) else ()
    if as_json:
        document = {"problems": [problem_document(each) for each in problems]}
        click.echo(json.dumps(document, indent=2))
    elif problems:
        click.echo(str(found))
    if not problems and not as_json:
        click.echo(f"{file}: valid")
    return Code.INVALID if problems else Code.DONE


def _text(file: Path) -> bytes:
    from bot.core.errors import Misused

    try:
        return file.read_bytes()
    except OSError as error:
        raise Misused(f"{file} cannot be read: {error.strerror}; name the file or its folder") from error

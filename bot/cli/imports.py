"""`matinee import`: a spec from another system's file."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.core.importing.draft import Imported, Unimportable

SYSTEMS = ("compose", "nomad", "qovery", "heroku")


@click.command(name="import")
@click.argument("system", type=click.Choice(SYSTEMS))
@click.argument("file", type=click.File("rb"))
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the spec to this file.")
@click.option("--force", is_flag=True, help="Write it also over a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print the spec and what is not in it as JSON.")
def import_command(system: str, file: BinaryIO, output: Path | None, *, force: bool, as_json: bool) -> int:
    """Make a matinee.yaml from FILE of another system: a compose file, Nomad job, Qovery's Terraform or JSON, app.json.

    What has no counterpart is listed on standard error, each with its line. No other file is read, but the Procfile
    beside an app.json.

    \b
    matinee import compose compose.yaml -o matinee.yaml
    matinee import nomad shop.nomad.hcl
    matinee import qovery main.tf --json | jq '.left_out[].why'
    matinee import heroku app.json -o matinee.yaml --force
    """
    from bot.core.errors import Misused
    from bot.core.importing.draft import Imported

    if output and output.exists() and not force:
        raise Misused(f"{output} is there already; name another file, or add --force")
    made = _made(system, file)
    if as_json:
        click.echo(json.dumps(document(made), indent=2, ensure_ascii=False))
    else:
        _tell(made, file.name)
    if not isinstance(made, Imported):
        return Code.INVALID
    if output:
        _write(output, made.text)
    elif not as_json:
        click.echo(made.text, nl=False)
    return Code.DONE


def document(made: "Imported | Unimportable") -> dict[str, object]:
    """The spec, null where there is none, and all that is not in it."""
    from bot.core.importing.draft import Imported

    left = [{"line": each.line, "path": each.path, "why": each.why} for each in made.left_out]
    if isinstance(made, Imported):
        return {"spec": made.document, "left_out": left}
    return {"spec": None, "left_out": left, "line": made.line, "column": made.column, "why": made.why}


def _made(system: str, file: BinaryIO) -> "Imported | Unimportable":
    from bot.core.importing import compose, heroku, nomad, qovery
    from bot.core.reading.yaml_events import LIMIT

    try:
        text = file.read(LIMIT + 1)
    except OSError as error:
        raise click.UsageError(f"{file.name} cannot be read: {error.strerror}") from error
    match system:
        case "compose":
            return compose.read(text, folder=_folder(file.name))
        case "nomad":
            return nomad.read(text)
        case "qovery":
            return qovery.read(text)
        case _:
            return heroku.read(text, procfile=_procfile(file.name))


def _folder(name: str) -> str:
    """Where the file stands below the folder that one is in, which is taken for the repository's root."""
    path = os.path.relpath(Path(name).parent) if name != "<stdin>" else "."
    return "." if path.startswith("..") else Path(path).as_posix()


def _procfile(name: str) -> str:
    beside = Path(name).parent / "Procfile"
    if name == "<stdin>" or not beside.is_file():
        return ""
    with beside.open("rb") as file:
        return file.read(2**16).decode(errors="replace")


def _tell(made: "Imported | Unimportable", name: str) -> None:
    from bot.core.importing.draft import Unimportable

    for each in made.left_out:
        click.echo(each.told(name), err=True)
    if isinstance(made, Unimportable):
        click.echo(made.told(name), err=True)


def _write(output: Path, text: str) -> None:
    from bot.core.errors import Misused

    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Misused(f"{output} cannot be written: {error.strerror}") from error
    click.echo(f"{output} is written; `matinee check {output}` and `matinee plan` show what it says", err=True)

"""`matinee import`: a spec from another system's file."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.core.importing.draft import Imported, Unimportable

_STDIN = "<stdin>"
SYSTEMS = ("compose", "nomad", "qovery", "heroku")


@click.command(name="import")
@click.argument("system", type=click.Choice(SYSTEMS))
@click.argument("files", metavar="FILE...", type=click.File("rb"), nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the spec to this file.")
@click.option("--force", is_flag=True, help="Write it also over a file that is there.")
@click.option("--profile", "profiles", multiple=True, help="Take the services of this profile of compose; * for all.")
@click.option("--json", "as_json", is_flag=True, help="Print the spec and what is not in it as JSON.")
def import_command(
    system: str,
    files: tuple[BinaryIO, ...],
    output: Path | None,
    profiles: tuple[str, ...],
    *,
    force: bool,
    as_json: bool,
) -> int:
    """Make a matinee.yaml from FILE of another system: a compose file, Nomad job, Qovery's Terraform or JSON, app.json.

    What has no counterpart is listed on standard error, each with its line. Of compose each further FILE goes over the
    one before, and what they name is read: extends, include, env_file, and .env. Of other systems no other file is
    read, but the Procfile beside an app.json.

    \b
    matinee import compose compose.yaml -o matinee.yaml
    matinee import compose compose.yaml compose.preview.yaml --profile worker
    matinee import nomad shop.nomad.hcl
    matinee import qovery main.tf --json | jq '.left_out[].why'
    matinee import heroku app.json -o matinee.yaml --force
    """
    from bot.core.errors import Misused
    from bot.core.importing.draft import Imported

    if output and output.exists() and not force:
        raise Misused(f"{output} is there already; name another file, or add --force")
    if len(files) > 1 and system != "compose":
        raise Misused(f"one file of {system} at a time; only those of compose go over one another")
    root, name = _root(files[0].name), files[0].name
    made = _made(system, files, root, profiles)
    if as_json:
        click.echo(json.dumps(document(made, name, root), indent=2, ensure_ascii=False))
    else:
        tell(made, name, root)
    if not isinstance(made, Imported):
        return Code.INVALID
    if output:
        _write(output, made.text)
    elif not as_json:
        click.echo(made.text, nl=False)
    return Code.DONE


def document(made: "Imported | Unimportable", name: str, root: Path) -> dict[str, object]:
    """The spec, null where there is none, and all that is not in it."""
    from bot.core.importing.draft import Imported

    left = [
        {"file": each.where(name, _shown(root)), "line": each.line, "path": each.path, "why": each.why}
        for each in made.left_out
    ]
    if isinstance(made, Imported):
        return {"spec": made.document, "left_out": left}
    place = {"file": made.where(name, _shown(root)), "line": made.line, "column": made.column}
    return {"spec": None, "left_out": left, **place, "why": made.why}


def tell(made: "Imported | Unimportable", name: str, root: Path) -> None:
    """All that is not in the spec, and why there is none."""
    from bot.core.importing.draft import Unimportable

    for each in made.left_out:
        click.echo(each.told(name, _shown(root)), err=True)
    if isinstance(made, Unimportable):
        click.echo(made.told(name, _shown(root)), err=True)


def _made(system: str, files: tuple[BinaryIO, ...], root: Path, profiles: tuple[str, ...]) -> "Imported | Unimportable":
    from bot.core.importing import heroku, nomad, qovery

    text, name = _bytes(files[0]), files[0].name
    match system:
        case "compose":
            return _of_compose(text, files, root, profiles)
        case "nomad":
            return nomad.read(text)
        case "qovery":
            return qovery.read(text)
        case _:
            beside = _below(str(Path(name).parent / "Procfile"), root) if name != _STDIN else "Procfile"
            return heroku.read(text, procfile=_procfile(name), beside=beside)


def _of_compose(
    text: bytes, files: tuple[BinaryIO, ...], root: Path, profiles: tuple[str, ...]
) -> "Imported | Unimportable":
    from bot.cli.nearby import reader
    from bot.core.importing import compose

    path, *others = (compose.FILE if each.name == _STDIN else _below(each.name, root) for each in files)
    over = {name: _bytes(each) for name, each in zip(others, files[1:], strict=True)}
    return compose.read(text, path=path, over=over, reader=reader(root), profiles=profiles)


def _bytes(file: BinaryIO) -> bytes:
    from bot.core.reading.yaml_events import LIMIT

    try:
        return file.read(LIMIT + 1)
    except OSError as error:
        raise click.UsageError(f"{file.name} cannot be read: {error.strerror}") from error


def _root(name: str) -> Path:
    """The folder that one is in, taken for the repository's root; of a file that is not below it, the file's own."""
    inside = name == _STDIN or not os.path.relpath(name).startswith("..")
    return Path() if inside else Path(name).parent


def _below(name: str, root: Path) -> str:
    return Path(os.path.relpath(name, root)).as_posix()


def _shown(root: Path) -> str:
    return "" if root == Path() else root.as_posix()


def _procfile(name: str) -> str:
    beside = Path(name).parent / "Procfile"
    if name == _STDIN or not beside.is_file():
        return ""
    with beside.open("rb") as file:
        return file.read(2**16).decode(errors="replace")


def _write(output: Path, text: str) -> None:
    from bot.core.errors import Misused

    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Misused(f"{output} cannot be written: {error.strerror}") from error
    click.echo(f"{output} is written; `matinee check {output}` and `matinee plan` show what it says", err=True)

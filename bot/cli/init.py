"""`matinee init`: the first spec of a repository."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.codes import Code

if TYPE_CHECKING:
    from bot.core.importing.draft import Imported, Unimportable
    from bot.core.importing.repository import Seen

_MOST_FILES = 20_000
_MOST_DOCKERFILES = 20
_LARGEST = 2**20


@click.command(name="init")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".")
@click.option("--json", "as_json", is_flag=True, help="Print what was written and what is not in it as JSON.")
def init_command(path: Path, *, as_json: bool) -> int:
    """Write a first matinee.yaml into the folder PATH, from its compose file or its Dockerfiles.

    Nothing is asked; comments say where something is to be chosen. A spec that is there already stays as it is.

    \b
    matinee init
    matinee init ../shop && matinee plan ../shop
    """
    from bot.cli.imports import document, tell
    from bot.cli.nearby import reader
    from bot.core.errors import Misused
    from bot.core.importing.draft import Imported
    from bot.core.importing.repository import drafted
    from bot.core.reading.spec import FILE

    target = path / FILE
    if target.exists() or target.is_symlink():
        raise Misused(f"{target} is there already; `matinee check {path}` reads it")
    source, made = drafted(_seen(path), reader(path))
    if as_json:
        told = document(made, str(path / source) if source else "", path)
        click.echo(json.dumps({**told, "file": str(target), "from": source}, indent=2, ensure_ascii=False))
    elif source:
        tell(made, str(path / source), path)
    else:
        _tell(made, path)
    if not isinstance(made, Imported):
        return Code.INVALID
    _write(target, made)
    if not as_json:
        click.echo(_next(path, target, made))
    return Code.DONE


def _tell(made: "Imported | Unimportable", path: Path) -> None:
    """What of the Dockerfiles is not in the spec."""
    from bot.core.importing.draft import Unimportable

    for each in made.left_out:
        click.echo(f"{path / each.path}: {each.why}", err=True)
    if isinstance(made, Unimportable):
        click.echo(f"{path}: {made.why}", err=True)


def _next(path: Path, target: Path, made: "Imported") -> str:
    from bot.core.importing.repository import BESIDE

    where = "" if path == Path() else f" {path}"
    also = [f"matinee import {system} {path / name}" for name, system in BESIDE.items() if (path / name).is_file()]
    lines = [
        f"{target} is written: {', '.join(made.spec.nodes)}. What is to be chosen stands in its comments.",
        "Next:",
        f"  matinee check{where}    whether it is valid, after each change",
        f"  matinee plan{where}     what a preview of it would do",
        f"  matinee up{where}       the preview itself, on this machine's Docker",
        *(f"  {each}    what else is here" for each in also),
    ]
    return "\n".join(lines)


def _write(target: Path, made: "Imported") -> None:
    from bot.core.errors import Misused

    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(made.text)
    except OSError as error:
        raise Misused(f"{target} cannot be written: {error.strerror}") from error


def _seen(path: Path) -> "Seen":
    from itertools import islice

    from bot.core.importing.repository import COMPOSE, OVERRIDES, Seen, is_dockerfile
    from bot.core.reading.yaml_events import LIMIT

    paths = frozenset(islice(_files(path), _MOST_FILES))
    dockerfiles = sorted((each for each in paths if is_dockerfile(each)), key=lambda each: (each.count("/"), each))
    return Seen(
        name=path.resolve().name,
        paths=paths,
        dockerfiles={
            each: _read(path / each, _LARGEST).decode(errors="replace") for each in dockerfiles[:_MOST_DOCKERFILES]
        },
        compose={each: _read(path / each, LIMIT + 1) for each in (*COMPOSE, *OVERRIDES) if each in paths},
    )


def _files(path: Path) -> Iterator[str]:
    """Regular files from the top, without what is hidden, vendored or a link."""
    from bot.core.importing.repository import VENDORED

    for folder, inside, names in os.walk(path):
        inside[:] = sorted(each for each in inside if not each.startswith(".") and each not in VENDORED)
        for name in sorted(names):
            file = Path(folder, name)
            if not file.is_symlink() and file.is_file():
                yield file.relative_to(path).as_posix()


def _read(file: Path, most: int) -> bytes:
    from bot.core.errors import Misused

    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise Misused(f"{file} cannot be read: {error.strerror}") from error

"""The text files of a container: in a read-only volume of its own, with a link to each at the path that is asked for.

The bot may itself run in a container, so that nothing of its disk is mounted anywhere.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from bot.core.group import Container
from runners._docker import archive, names
from runners._docker.engine import Engine
from runners._docker.recipe import Mounted

_FOLDER = "/.matinee"

Links = Mapping[str, str]
"""Path in the container → where its text is."""


def links(one: Container) -> Links:
    """Where each file's text is in the volume."""
    return {path: f"{_FOLDER}/{number}" for number, path in enumerate(sorted(one.files))}


def mounted(engine: Engine, labels: Mapping[str, str], one: Container, name: str) -> tuple[Mounted, ...]:
    """The volume with the container's files, filled; none where it has no files."""
    if not one.files:
        return ()
    volume, filler = names.beside(name, "files"), names.beside(name, "filler")
    engine.api.create_volume(volume, labels=dict(labels))
    # A read-only mount cannot be filled: another container, which is never started, has it writable for a moment.
    mounts = [{"Type": "volume", "Source": volume, "Target": _FOLDER}]
    body = {"Image": one.image, "Cmd": ["never"], "Labels": dict(labels), "HostConfig": {"Mounts": mounts}}
    made = engine.create(body, filler)
    texts = (archive.text(path, one.files[of]) for of, path in links(one).items())
    engine.api.put_archive(made, "/", archive.packed(archive.folder(_FOLDER), *texts))
    engine.vanish(made)
    return (Mounted(volume=volume, path=_FOLDER, fixed=True),)


def entries(engine: Engine, container: str, links: Links) -> list[archive.Entry]:
    """What to put into a container that was not started yet, so that each path leads to its text."""
    missing = {str(folder) for path in links for folder in _missing(engine, container, PurePosixPath(path))}
    folders = (archive.folder(path) for path in sorted(missing))
    return [*folders, *(archive.link(path, to) for path, to in links.items())]


def dumps(links: Links) -> str:
    """As a label's text."""
    return json.dumps(dict(links))


def loads(text: str) -> Links:
    """From a label's text."""
    return {str(path): str(to) for path, to in json.loads(text).items()}


def _missing(engine: Engine, container: str, path: PurePosixPath) -> Iterator[PurePosixPath]:
    """The folders above a path that are not there; those that are must keep their owner and mode."""
    for folder in path.parents:
        if engine.looked_at(container, str(folder)) is not None:
            return
        yield folder

"""The volumes of a group, made with our labels before a container asks for them."""

from bot.core.group import Group, Home
from runners import _docker_names as names
from runners._docker_engine import Engine
from runners._docker_recipe import Mounted


def ensured(engine: Engine, home: Home, group: Group) -> tuple[Mounted, ...]:
    """Every volume of the group, with what was in it; a local engine knows no sizes."""
    labels = {**names.labels(home), names.OWNER: group.name}
    mounts = tuple(Mounted(volume=names.volume(home, group, path), path=path) for path in group.volumes)
    for mounted in mounts:
        engine.api.create_volume(mounted.volume, labels=labels)
    return mounts


def output(engine: Engine, home: Home, group: Group, *, container: str, path: str) -> Mounted:
    """The volume of one attempt's output folder, with nothing in it from the image."""
    name = f"{container}-output"
    engine.api.create_volume(name, labels=dict(names.labels(home, group)))
    return Mounted(volume=name, path=path, fresh=True)


def vanish(engine: Engine, volume: str) -> None:
    """Remove a volume; one that is gone or still in use is left to whoever removes the rest."""
    from docker.errors import APIError

    try:
        engine.api.remove_volume(volume, force=True)
    except APIError as error:
        if error.status_code not in (404, 409):
            raise

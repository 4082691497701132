"""The volumes of a group, made with our labels before a container asks for them."""

from bot.core.group import Group, Home
from bot.core.names import EnvironmentId, Name
from runners._docker import names
from runners._docker.engine import Engine
from runners._docker.recipe import Mounted


def ensured(engine: Engine, home: Home, group: Group) -> tuple[Mounted, ...]:
    """Every volume that the group asks for, with what was in it; a local engine knows no sizes."""
    labels = {**names.labels(home, group), names.OWNER: group.name}
    mounts = tuple(Mounted(volume=names.volume(home, group, path), path=path) for path in group.volumes)
    for mounted in mounts:
        engine.api.create_volume(mounted.volume, labels=labels)
    return mounts


def passing(engine: Engine, home: Home, group: Group, *, of: str, volume: str, path: str) -> Mounted:
    """A volume that goes with the group, with nothing in it from an image."""
    engine.api.create_volume(volume, labels={**names.labels(home, group), names.GROUP: of})
    return Mounted(volume=volume, path=path, fresh=True)


def empty(engine: Engine, environment: EnvironmentId, name: Name) -> None:
    """Remove what a service of this name has kept, whatever version made it."""
    _vanish(engine, [*names.ours(environment), f"{names.OWNER}={name}"])


def gone(engine: Engine, environment: EnvironmentId, group: str) -> None:
    """Remove the volumes that go with a group."""
    _vanish(engine, names.ours(environment, group=group))


def _vanish(engine: Engine, labels: list[str]) -> None:
    """Remove volumes; one that is gone or still in use is left to whoever removes the rest."""
    from docker.errors import APIError

    for volume in engine.api.volumes(filters={"label": labels})["Volumes"] or ():
        try:
            engine.api.remove_volume(volume["Name"], force=True)
        except APIError as error:
            if error.status_code not in (404, 409):
                raise

"""The holder of a group with tasks: owns its network and its name, its published ports, and `/alloc`; does nothing.

When the owner of a network dies, those that joined it keep a dead one; so no program of the user's is the owner.
"""

from bot.core.group import Ended, Fate
from runners._docker import archive, companion, names, poststop, volumes
from runners._docker.engine import Engine, Seen, allowed
from runners._docker.group import ALLOC, Instance
from runners._docker.names import Role
from runners._docker.recipe import FOR_EVER, Body, placed

_SLEEP = ["sleep", "2147483647"]
_CPU = 0.1
_MEMORY = 16 * 2**20


def ensured(instance: Instance) -> Seen | Ended:
    """The running holder of the group; all that is owed at its end is written down before it first runs."""
    there = instance.engine.seen(instance.holder)
    if there and there.running:
        return there
    if there and there.began:
        return started(instance.engine, there.id)
    made = allowed(lambda: _made(instance))
    if isinstance(made, Ended):
        return made
    return poststop.owe(instance) or started(instance.engine, made)


def started(engine: Engine, holder: str) -> Seen | Ended:
    """Let a holder run, anew if it has ended; what had joined it must then be started anew as well."""
    refused = allowed(lambda: engine.api.start(holder))
    if isinstance(refused, Ended):
        return refused
    return engine.seen(holder) or Ended(fate=Fate.NOT_STARTED, detail="its holder was removed by somebody else")


def _made(instance: Instance) -> str:
    engine, image = instance.engine, companion.fetched(instance.engine, instance.companion)
    made = engine.create(_body(instance, image), instance.holder)
    engine.api.put_archive(made, "/", archive.packed(archive.shared(ALLOC)))
    return made


def _body(instance: Instance, image: str) -> Body:
    volume = names.beside(instance.name, "alloc")
    volumes.passing(instance.engine, instance.home, instance.group, of=instance.name, volume=volume, path=ALLOC)
    body = placed(instance.place(), cpu=_CPU, memory=_MEMORY)
    mount = {"Type": "volume", "Source": volume, "Target": ALLOC, "VolumeOptions": {"NoCopy": True}}
    body["HostConfig"] |= {"Mounts": [mount], "RestartPolicy": {"Name": "" if instance.group.event else FOR_EVER}}
    return {**body, "Image": image, "Entrypoint": _SLEEP, "Labels": dict(instance.labels(Role.HOLDER))}

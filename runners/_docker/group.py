"""One group on the engine, and the making of its containers: each has a name of its own, so that it is made once."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.core.group import Container, Ended, Group, Home, Task
from bot.core.wire import Cancel, Log
from runners import _output as output
from runners._docker import archive, files, names, network, volumes
from runners._docker.engine import Engine, Seen, allowed
from runners._docker.folders import Asked, Folders
from runners._docker.names import Role
from runners._docker.recipe import Joint, Mounted, asked, joining
from runners._docker.recipe import container as recipe
from runners._docker.records import Records

ALLOC = "/alloc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One group as it is on the engine: an attempt of a job, or one replica of a service in one version."""

    engine: Engine
    records: Records
    home: Home
    group: Group
    name: str
    """Its own container's; all the others' names begin with it."""
    companion: str
    log: Log
    cancel: Cancel
    aliases: tuple[str, ...] = ()
    """What it is called on the network from its beginning."""
    folders: Folders = field(default_factory=Folders)
    """Makes the output folders of attempts that begin together."""

    @property
    def holder(self) -> str:
        """The container that owns the network of a group with tasks."""
        return names.beside(self.name, "holder")

    @property
    def unwanted(self) -> Cancel | None:
        """Set once it may be given up; None where it is let finish whatever comes."""
        return self.cancel if self.group.event is None or self.group.interruptible else None

    @property
    def owner(self) -> Seen | None:
        """The container that owns the group's place on the network."""
        return self.engine.seen(self.holder if self.group.tasks else self.name)

    def labels(self, role: Role) -> Mapping[str, str]:
        """What one of its containers carries."""
        return {**names.labels(self.home, self.group), names.GROUP: self.name, names.ROLE: role}

    def called(self, one: Container) -> str:
        """The name of one of its containers."""
        return names.task(self.name, one.name) if isinstance(one, Task) else self.name

    def cast(self) -> tuple[Seen, ...]:
        """Every container of it that there is."""
        return self.engine.listed(names.ours(self.home.environment, group=self.name))

    def place(self) -> Joint:
        """Its own place on the environment's network."""
        there = network.ensured(self.engine, self.records, self.home)
        return Joint(network=there, aliases=self.aliases, ports=asked(self.group))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    name: str
    role: Role
    policy: str
    labels: Mapping[str, str]


def ready(
    instance: Instance,
    one: Container,
    role: Role,
    *,
    name: str = "",
    policy: str = "",
    labels: Mapping[str, str] = MappingProxyType({}),
) -> str | Ended:
    """The id of a container that has everything before its start; it may have been made before."""
    called = name or instance.called(one)
    seen = instance.engine.seen(called)
    if seen and seen.began:
        return seen.id
    made = _Wanted(name=called, role=role, policy=policy, labels=labels)
    return allowed(lambda: _dressed(instance, one, role, seen.id) if seen else _made(instance, one, made))


def _made(instance: Instance, one: Container, wanted: _Wanted) -> str:
    engine, group = instance.engine, instance.group
    holder = engine.seen(instance.holder) if group.tasks else None
    labels = {**instance.labels(wanted.role), **_of(one), **wanted.labels}
    mounts = _mounts(instance, one)
    with _asked(instance, wanted.role) as asked:
        joint = joining(holder.id) if holder else instance.place()
        opened = instance.folders.opened(asked, engine, one.image, instance.labels(Role.FILLER))
    body = recipe(one, joint, labels=labels, mounts=mounts, cpus=engine.cpus, policy=wanted.policy)
    return _dressed(instance, one, wanted.role, engine.create(body, wanted.name), opened=opened)


def _asked(instance: Instance, role: Role) -> AbstractContextManager[Asked | None]:
    return instance.folders.asked(_output(instance)) if _leaves_output(instance, role) else nullcontext()


def _of(one: Container) -> Mapping[str, str]:
    passing = {names.ENDS_WITHIN: str(one.max_duration)}
    match one:
        case Task(name=name, sidecar=sidecar, hook=hook):
            return {names.TASK: name, **({} if sidecar or hook is None else passing)}
        case Group(event=event):
            return passing if event else {}
        case _:
            return {}


def _mounts(instance: Instance, one: Container) -> tuple[Mounted, ...]:
    engine, home, group = instance.engine, instance.home, instance.group
    mounts = files.mounted(engine, instance.labels(Role.FILLER), one, instance.called(one))
    if group.tasks:
        mounts = (*mounts, Mounted(volume=names.beside(instance.name, "alloc"), path=ALLOC, fresh=True))
    if one is not group:
        return mounts
    if group.event:
        volume = _output(instance)
        mounts = (*mounts, volumes.passing(engine, home, group, of=instance.name, volume=volume, path=output.FOLDER))
    return (*volumes.ensured(engine, home, group), *mounts)


def _dressed(instance: Instance, one: Container, role: Role, container: str, *, opened: bool = False) -> str:
    """Put in what no image has: one archive, for each costs a mount and an unmount of the container."""
    entries = [] if role is Role.OWED else files.entries(instance.engine, container, files.links(one))
    if _leaves_output(instance, role) and not opened:
        entries.append(archive.shared(output.FOLDER))
    if entries:
        instance.engine.api.put_archive(container, "/", archive.packed(*entries))
    return container


def _leaves_output(instance: Instance, role: Role) -> bool:
    return role is Role.OWN and instance.group.event is not None


def _output(instance: Instance) -> str:
    return names.beside(instance.name, "output")

"""A container of a group in the cluster's own words, with the Secrets that hold what it is given. Pure."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.group import Container, Ended, Fate, Group, Probe, ProbeKind, Task
from runners._kubernetes import names
from runners._kubernetes.kinds import Body, Kind, manifest, name_of
from runners._kubernetes.names import Role
from runners._kubernetes.terms import Terms

_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID")
LASTING_SINCE = 29
NOBODY = 65532
"""A user, and a group, that has nothing."""
_LARGEST = 700_000
"""Bytes in one Secret; the cluster takes a few more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A volume of the pod at its path."""

    volume: str
    path: str
    fixed: bool = False
    """Read-only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A container, what it is given, and the volumes that the pod needs for that."""

    body: Body
    secrets: tuple[Body, ...] = field(default=(), repr=False)
    volumes: tuple[Body, ...] = ()


def unfit(group: Group) -> Ended | None:
    """Why the cluster cannot run this group whatever happens: it knows users by number, and images by name, only."""
    for one in (group, *group.tasks):
        if one.image.startswith("sha256:"):
            why = f"no such image: {one.image} is an id on one engine; a cluster fetches images by name from a registry"
            return Ended(fate=Fate.NOT_STARTED, task=one.name if isinstance(one, Task) else "", detail=why)
        if one.user and not all(part.isdecimal() for part in one.user.split(":")):
            why = f"user {one.user!r} is a name, and Kubernetes knows users by their numbers: write user: 1000"
            return Ended(fate=Fate.NOT_STARTED, task=one.name if isinstance(one, Task) else "", detail=why)
    return None


def too_old(version: int, what: str, *, task: str) -> Ended | None:
    """Why a cluster of this version cannot have containers that begin before others and go on beside them."""
    if version >= LASTING_SINCE:
        return None
    why = f"{what} needs Kubernetes 1.{LASTING_SINCE} or later, and this cluster has 1.{version}; upgrade it"
    return Ended(fate=Fate.NOT_STARTED, task=task, detail=why)


def joins_without_files(task: Task, kinds: str) -> Ended:
    """Why this task cannot have its files: they are mounted by subPath, which the cluster refuses there."""
    what = f"Kubernetes mounts no files into a container that joins a running pod, {kinds}"
    why = f"{what}; put them into /alloc by a prestart task"
    return Ended(fate=Fate.NOT_STARTED, task=task.name, detail=why)


def called(one: Container) -> str:
    """The container's name in its pod."""
    return names.task(one.name) if isinstance(one, Task) else names.OWN


def part(one: Container, terms: Terms, *, labels: Mapping[str, str], mounts: Sequence[Mount] = ()) -> Part:
    """The container of this group; `labels` are the group's, and name the object that it belongs to."""
    name = called(one)
    prefix = f"{labels[names.GROUP]}-{name}"
    labels = {**labels, names.ROLE: Role.GIVEN}
    variables = tuple(_secrets(f"{prefix}-variables", one.variables, labels))
    numbered = {f"file-{number}": text for number, text in enumerate(one.files.values())}
    files = tuple(_secrets(f"{prefix}-files", numbered, labels))
    body: Body = {
        "name": name,
        "image": one.image,
        "imagePullPolicy": "IfNotPresent",
        "resources": resources(one, terms),
        "securityContext": security(one, terms),
        "terminationMessagePolicy": "File",
        "envFrom": [{"secretRef": {"name": name_of(secret)}} for secret in variables],
        "volumeMounts": [*(_mount(each) for each in mounts), *_file_mounts(name, one.files)],
    }
    if one.entrypoint is not None:
        body["command"] = literally(one.entrypoint)
    if one.args is not None:
        body["args"] = literally(one.args)
    volumes = (_files(name, files),) if files else ()
    return Part(body=body, secrets=(*variables, *files), volumes=volumes)


def resources(one: Container, terms: Terms) -> Body:
    """What it may use at most, and what is set aside for it."""
    asked = {"cpu": f"{round(one.cpu * terms.cpu * 1000)}m", "memory": str(round(one.memory * terms.memory))}
    return {"limits": {"cpu": f"{round(one.cpu * 1000)}m", "memory": str(one.memory)}, "requests": asked}


def security(one: Container, terms: Terms) -> Body:
    """What a container may do: little, and on stricter terms next to nothing."""
    added = () if terms.restricted else _CAPABILITIES
    context: Body = {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "capabilities": {"drop": ["ALL"], **({"add": list(added)} if added else {})},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if terms.restricted:
        context["runAsNonRoot"] = True
    if one.user:
        user, _, group = one.user.partition(":")
        context |= {"runAsUser": int(user), **({"runAsGroup": int(group)} if group else {})}
    return context


def literally(words: Sequence[str]) -> list[str]:
    """Words that come out of the cluster's own expansion of `$(NAME)` as they went in."""
    return [word.replace("$", "$$") for word in words]


def probe(health: Probe, *, failures: int) -> Body:
    """How to ask; the cluster counts in whole seconds."""
    return {
        **_asked(health),
        "periodSeconds": max(1, round(health.every)),
        "timeoutSeconds": max(1, round(health.timeout)),
        "initialDelaySeconds": round(health.after),
        "failureThreshold": failures,
    }


def _asked(health: Probe) -> Body:
    if health.kind is ProbeKind.TCP:
        return {"tcpSocket": {"port": health.port}}
    if health.kind is ProbeKind.HTTP:
        return {"httpGet": {"port": health.port, "path": health.path}}
    return {"exec": {"command": literally(health.command)}}


def _secrets(name: str, given: Mapping[str, str], labels: Mapping[str, str]) -> Iterator[Body]:
    """As many Secrets as it takes, for one ends at 1 MiB."""
    for number, some in enumerate(_packed(given)):
        data = {key: base64.b64encode(text.encode(errors="surrogatepass")).decode() for key, text in some.items()}
        yield manifest(Kind.SECRET, names.fitted(f"{name}-{number}", 253), labels, data=data)


def _packed(given: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    some: dict[str, str] = {}
    size = 0
    for key, text in given.items():
        more = len(key) + len(text.encode(errors="surrogatepass"))
        if some and size + more > _LARGEST:
            yield some
            some, size = {}, 0
        some[key], size = text, size + more
    if some:
        yield some


def _files(container: str, secrets: Sequence[Body]) -> Body:
    sources = [{"secret": {"name": name_of(secret)}} for secret in secrets]
    return {"name": f"{container}-files", "projected": {"defaultMode": 0o444, "sources": sources}}


def _file_mounts(container: str, files: Mapping[str, str]) -> Iterator[Body]:
    for number, path in enumerate(files):
        yield {"name": f"{container}-files", "mountPath": path, "subPath": f"file-{number}", "readOnly": True}


def _mount(mount: Mount) -> Body:
    return {"name": mount.volume, "mountPath": mount.path, **({"readOnly": True} if mount.fixed else {})}

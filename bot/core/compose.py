"""From a spec's node to the group that a runner is given: every value filled in, limits in numbers, a fingerprint."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import durationpy

from bot.core.events import Pull
from bot.core.group import Exposure, Group, Probe, ProbeKind
from bot.core.model import Build, Health, Job, JobEvent, Node, Service, Spec
from bot.core.names import Name, job_id, output_variable, shouted
from bot.core.standing import Standing
from bot.core.variables import Known, Unfilled, fill

OUTPUT_FILE = "/qovery-output/qovery-output.json"
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What values are filled from: the spec, the pull, and what stands at this moment."""

    spec: Spec
    pull: Pull
    stands: Standing
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The operator's for this environment, by name."""

    @property
    def known(self) -> Mapping[str, Known]:
        """Every name that `${…}` may say now."""
        return _known(self)


class _Stuck(Exception):
    """Ends the filling of one node at the first value that cannot be filled."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def exposures(spec: Spec) -> Mapping[Name, Exposure]:
    """What each service asks of its address."""
    return {name: Exposure(port=service.port, public=service.public) for name, service in spec.services.items()}


def build_order(build: Build, around: Surroundings) -> Build | Unfilled:
    """The build with its arguments filled in; nothing secret, for they stay in the image's history."""
    try:
        return build.model_copy(update={"args": _filled_map(build.args, around, "build.args", secrets=False)})
    except _Stuck as stuck:
        return Unfilled(stuck.why)


def service_group(name: Name, images: Mapping[str, str], around: Surroundings) -> Group | Unfilled:
    """The service as it is to run in this environment."""
    service = around.spec.services[name]
    try:
        return _service(name, service, images, around)
    except _Stuck as stuck:
        return Unfilled(stuck.why)


def job_group(name: Name, event: JobEvent, images: Mapping[str, str], around: Surroundings) -> Group | Unfilled:
    """The job as it is to run at this event."""
    job = around.spec.jobs[name]
    try:
        return _job(name, job, event, images, around)
    except _Stuck as stuck:
        return Unfilled(stuck.why)


def _service(name: Name, service: Service, images: Mapping[str, str], around: Surroundings) -> Group:
    own = _own(name, service, around)
    group = Group(
        name=name,
        image=images[""],
        entrypoint=_argv(service.entrypoint, around, f"services.{name}.entrypoint"),
        args=_argv(service.args, around, f"services.{name}.args"),
        variables=own,
        user=None if service.user is None else str(service.user),
        cpu=cores(service.resources.cpu),
        memory=size(service.resources.memory),
        version="",
        volumes={path: size(asked) for path, asked in service.volumes.items()},
        address=around.stands.addresses[name],
        health=_probe(service.health, service.port, around, f"services.{name}.health"),
        restarts=service.restarts,
    )
    return replace(group, version=_fingerprint(group), variables=_built_in(around) | _outputs(around) | own)


def _job(name: Name, job: Job, event: JobEvent, images: Mapping[str, str], around: Surroundings) -> Group:
    trigger = job.on[event]
    own = _own(name, job, around)
    group = Group(
        name=name,
        event=event.value,
        image=images[""],
        entrypoint=_argv(trigger.entrypoint, around, f"jobs.{name}.on.{event}.entrypoint"),
        args=_argv(trigger.args, around, f"jobs.{name}.on.{event}.args"),
        variables=own,
        user=None if job.user is None else str(job.user),
        cpu=cores(job.resources.cpu),
        memory=size(job.resources.memory),
        version="",
        restarts=trigger.restarts,
        max_duration=trigger.max_duration,
        interruptible=trigger.interruptible,
    )
    given = _built_in(around) | _for_jobs(name, event, around) | _outputs(around) | own
    return replace(group, version=_fingerprint(group), variables=given | {"MATINEE_OUTPUT_FILE": OUTPUT_FILE})


def _own(name: Name, node: Node, around: Surroundings) -> dict[str, str]:
    shared = _filled_map(around.spec.variables, around, "variables", secrets=True)
    return shared | _filled_map(node.variables, around, f"{name}.variables", secrets=True)


def _known(around: Surroundings) -> dict[str, Known]:
    stands, pull = around.stands, around.pull
    public = [service for service in around.spec.services if around.spec.services[service].public]
    host = urlsplit(stands.addresses[public[0]].url).hostname or "" if public else ""
    plain = {
        "git.sha": stands.sha,
        "git.branch": pull.branch,
        "git.repository": pull.repository,
        "pull.number": str(pull.key.number),
        "pull.author": pull.author,
        "pull.base": pull.base,
        "environment.id": pull.key.environment,
        "environment.name": environment_name(around.spec, pull),
        "environment.host": host,
    }
    for service, address in stands.addresses.items():
        plain |= {f"services.{service}.host": address.host, f"services.{service}.url": address.url}
        plain |= {f"services.{service}.port": str(address.port)} if address.port else {}
    known = {name: Known(value) for name, value in plain.items()}
    for secret, value in {**around.secrets, **stands.generated}.items():
        known[f"secrets.{secret}"] = Known(value, secret=True)
    for job, variables in stands.outputs.items():
        known |= {f"jobs.{job}.outputs.{each.name}": Known(each.value, secret=each.sensitive) for each in variables}
    shared = ((name, fill(text, known, secrets=True)) for name, text in around.spec.variables.items())
    return known | {f"variables.{name}": Known(value) for name, value in shared if isinstance(value, str)}


def environment_name(spec: Spec, pull: Pull) -> str:
    """What people call this preview: `shop-7`."""
    return f"{spec.name or pull.repository.rpartition('/')[2]}-{pull.key.number}"


def _built_in(around: Surroundings) -> dict[str, str]:
    pull = around.pull
    given = {
        "MATINEE_ENVIRONMENT_ID": str(pull.key.environment),
        "MATINEE_ENVIRONMENT_NAME": environment_name(around.spec, pull),
        "MATINEE_PROJECT": pull.repository,
        "MATINEE_GIT_BRANCH": pull.branch,
        "MATINEE_PULL_NUMBER": str(pull.key.number),
    }
    for service, address in around.stands.addresses.items():
        stem = f"MATINEE_SERVICE_{shouted(service)}"
        given |= {f"{stem}_HOST": address.host, f"{stem}_URL": str(address.url)}
        given |= {f"{stem}_PORT": str(address.port)} if address.port else {}
    return given


def _for_jobs(name: Name, event: JobEvent, around: Surroundings) -> dict[str, str]:
    job = job_id(around.pull.key.repository, name)
    return {"MATINEE_EVENT": event.value, "MATINEE_JOB_ID": job, "MATINEE_GIT_SHA": str(around.stands.sha)}


def _outputs(around: Surroundings) -> dict[str, str]:
    repository = around.pull.key.repository
    return {
        output_variable(repository, job, each.name): each.value
        for job, variables in around.stands.outputs.items()
        for each in variables
    }


def _fingerprint(group: Group) -> str:
    """Of what the user wrote, as filled in; built-in variables and long output names redeploy nothing by themselves."""
    parts = [
        group.image,
        group.entrypoint,
        group.args,
        dict(group.variables),
        group.user,
        group.cpu,
        group.memory,
        dict(group.volumes),
        repr(group.address),
        repr(group.health),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _argv(words: tuple[str, ...] | None, around: Surroundings, where: str) -> tuple[str, ...] | None:
    return None if words is None else tuple(_filled(word, around, where, secrets=False) for word in words)


def _filled_map(texts: Mapping[str, str], around: Surroundings, where: str, *, secrets: bool) -> dict[str, str]:
    return {name: _filled(text, around, f"{where}.{name}", secrets=secrets) for name, text in texts.items()}


def _filled(text: str, around: Surroundings, where: str, *, secrets: bool) -> str:
    value = fill(text, around.known, secrets=secrets) if "$" in text else text
    if isinstance(value, Unfilled):
        raise _Stuck(f"{where}: {value.why}")
    return value


def _probe(health: Health | None, port: int | None, around: Surroundings, where: str) -> Probe | None:
    if health is None:
        return None
    every, timeout, after = seconds(health.every), seconds(health.timeout), seconds(health.after)
    if health.tcp is not None:
        probe = Probe(kind=ProbeKind.TCP, port=health.tcp)
    elif health.http is not None:
        probe = Probe(
            kind=ProbeKind.HTTP, port=port or 0, path=_filled(health.http, around, f"{where}.http", secrets=False)
        )
    else:
        probe = Probe(kind=ProbeKind.EXEC, command=_argv(health.exec, around, f"{where}.exec") or ())
    return replace(probe, every=every, timeout=timeout, after=after)


def seconds(duration: str) -> float:
    """`1h30m` in seconds."""
    return float(durationpy.from_str(duration).total_seconds())


def size(text: str) -> int:
    """`512Mi` in bytes."""
    return int(text[:-2]) * UNITS[text[-2:]]


def cores(text: str) -> float:
    """`500m` as 0.5."""
    return int(text[:-1]) / 1000 if text.endswith("m") else float(text)

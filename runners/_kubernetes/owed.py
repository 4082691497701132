"""What a group owes, as objects: the record kept from its beginning, and the Jobs made at its end. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence

from bot.core.group import Ending, Task
from runners._ends import dumped, loaded_ending
from runners._kubernetes import names
from runners._kubernetes.container import Part
from runners._kubernetes.kinds import Body, Kind, labels_of, manifest
from runners._kubernetes.names import Role
from runners._kubernetes.pod import spec, template
from runners._kubernetes.terms import Terms

_HELD = 3600
"""Seconds after its time at which a task ends though no bot is there to end it."""


def called(of: str) -> str:
    """The record of the group whose object is called so."""
    return names.fitted(f"{of}-owed", 253)


def folder(of: str) -> str:
    """The claim of the group's `/alloc`."""
    return names.fitted(f"{of}-alloc", 253)


def act(terms: Terms, task: Task, one: Part, alloc: Body) -> Body:
    """One poststop task, with all that it is made of."""
    pod = spec(terms, then=[one], volumes=[alloc])
    return {
        "task": task.name,
        "restarts": task.restarts,
        "limit": task.max_duration,
        "pod": {"restartPolicy": "Never", "activeDeadlineSeconds": task.max_duration + _HELD, **pod},
    }


def record(of: str, labels: Mapping[str, str], acts: Sequence[Body], *, begun_by: int) -> Body:
    """What is kept of all of them."""
    body = manifest(Kind.CONFIG, called(of), {**labels, names.ROLE: Role.OWED}, data={"acts": json.dumps(acts)})
    body["metadata"]["annotations"] = {names.BEGUN_BY: str(begun_by)}
    return body


def relabelled(body: Body, role: Role) -> Body:
    """The same in another role."""
    return {**body, "metadata": {**body["metadata"], "labels": {**labels_of(body), names.ROLE: role}}}


def acts(record: Body) -> Sequence[Body]:
    """The tasks, in their order."""
    return list(json.loads(record["data"]["acts"]))


def ending(record: Body, key: str) -> Ending | None:
    """How the group ended, as it was `noted` or is to be told (`ending`); None where nobody wrote it."""
    text = record["data"].get(key)
    return None if text is None else loaded_ending(json.loads(text))


def written(key: str, told: Ending) -> Body:
    """The change of a record that says so."""
    return {"data": {key: json.dumps(dumped(told))}}


def jobs(record: Body, one: Body, told: Ending) -> Iterator[Body]:
    """A Job for each try of this task, told how the group ended."""
    labels = {**labels_of(record), names.ROLE: Role.POSTSTOP, names.TASK: one["task"]}
    [container] = one["pod"]["containers"]
    container = {**container, "env": [{"name": name, "value": value} for name, value in told.variables.items()]}
    pod = template({**one["pod"], "containers": [container]}, labels)
    for number in range(1, one["restarts"] + 2):
        name = names.fitted(f"{labels[names.GROUP]}-{one['task']}-{number}", 57)
        yield manifest(Kind.JOB, name, labels, spec={"backoffLimit": 0, "template": pod})

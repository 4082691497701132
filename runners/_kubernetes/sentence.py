"""Ending a pod in place: why is written on it in the same breath, so that whoever comes later knows it was us."""

import json
from collections.abc import Mapping

from bot.core.group import Ended
from runners._ends import dumped, loaded_ended
from runners._kubernetes import names
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Kind
from runners._kubernetes.seen import Pod

_SCHEDULED = "PodScheduled"


def pronounce(hold: Hold, pod: Pod, ended: Ended) -> None:
    """Have the pod end now, with all that is in it; its containers and their lines stay to be looked at."""
    change = {"metadata": {"annotations": written(ended)}, "spec": {"activeDeadlineSeconds": 1}}
    hold.patch(Kind.POD, pod.name, change)


def written(ended: Ended) -> Mapping[str, str]:
    """The annotation that says as what a pod is ended."""
    return {names.SENTENCE: json.dumps(dumped(ended))}


def pronounced(pod: Pod) -> Ended | None:
    """As what the pod was ended."""
    text = pod.notes.get(names.SENTENCE)
    return None if text is None else loaded_ended(json.loads(text))


def placed(pod: Pod) -> bool:
    """Whether a node has it; one that none has does not end, but may be deleted."""
    return pod.conditions.get(_SCHEDULED, (False, ""))[0]

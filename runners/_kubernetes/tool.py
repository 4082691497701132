"""Containers of our own in a pod: gates, the collector of outputs, and who asks a job's port. Pure."""

from collections.abc import Sequence

from runners._kubernetes.container import NOBODY, Mount, literally
from runners._kubernetes.kinds import Body
from runners._kubernetes.terms import Terms

RELEASE = Mount(volume="release", path="/release")
"""Where a file says that something of ours may end."""
COLLECTOR = "collector"
ASKER = "port"
ANSWERS = "answers"
GO = "go"
_SMALL = {"cpu": "50m", "memory": "32Mi"}
_ASKED = {"cpu": "5m", "memory": "8Mi"}
_MORTAL = 'trap "exit 143" TERM'
_EVER = "while :; do sleep 60 & wait; done"


def waiting(name: str, files: Sequence[str]) -> Sequence[str]:
    """A program that ends once one of these files is in the release folder."""
    there = " || ".join(f"[ -e {RELEASE.path}/{file} ]" for file in files)
    return ("sh", "-c", f"{_MORTAL}; until {there}; do sleep 0.1; done", name)


def asking(port: int) -> Sequence[str]:
    """A program that prints a word once somebody listens at this port of the pod, and stays."""
    ask = f'nc -w 1 "$IP" {port} -e true 2>/dev/null'  # not every busybox knows -z
    return ("sh", "-c", f"{_MORTAL}; until {ask}; do sleep 0.2; done; echo {ANSWERS}; {_EVER}")


def tool(
    name: str, image: str, command: Sequence[str], terms: Terms, *, mounts: Sequence[Mount] = (), user: int = NOBODY
) -> Body:
    """A container that runs this program of ours; of root's rights it keeps to read what others wrote.

    Where nobody may be root it is this user.
    """
    context: Body = {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"], **({} if terms.restricted else {"add": ["DAC_OVERRIDE"]})},
        "seccompProfile": {"type": "RuntimeDefault"},
        "runAsUser": user if terms.restricted else 0,
        **({"runAsNonRoot": True} if terms.restricted else {}),
    }
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": literally(command),
        "resources": {"limits": _SMALL, "requests": _ASKED},
        "securityContext": context,
        "volumeMounts": [
            {"name": mount.volume, "mountPath": mount.path, **({"readOnly": True} if mount.fixed else {})}
            for mount in mounts
        ],
    }


def asker(image: str, port: int, terms: Terms) -> Body:
    """The container that asks a job's port for as long as the pod lives."""
    ip = {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    return {**tool(ASKER, image, asking(port), terms), "env": [ip], "restartPolicy": "Always"}

"""The limits of a namespace: before the cluster counts what they are about, it takes no pods, or any number of them."""

import time

from runners._kubernetes.api import Api
from runners._kubernetes.kinds import Body, Kind
from runners._kubernetes.watch import Watch

NAME = "preview"
_PATIENCE = 10.0
_GLANCE = 1.0


def counted(api: Api, namespace: str) -> None:
    """Wait until the cluster keeps to the limits as they are set; where it takes its time, a pod's refusal will say."""
    ends = time.monotonic() + _PATIENCE
    with Watch(api, Kind.QUOTA, namespace, fields=f"metadata.name={NAME}") as quotas:
        while not _counts(quotas.seen.get(NAME)) and time.monotonic() < ends:
            quotas.changed(_GLANCE)


def _counts(quota: Body | None) -> bool:
    return quota is None or (quota.get("status") or {}).get("hard") == quota["spec"]["hard"]

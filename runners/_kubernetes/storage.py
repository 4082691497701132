"""Whether the cluster makes volumes by itself."""

from runners._kubernetes.api import Api
from runners._kubernetes.kinds import Kind
from runners._kubernetes.refusals import Rejected

_STORAGE = "storageclass.kubernetes.io/is-default-class"


def stored(api: Api) -> bool:
    """Whether the cluster makes volumes by itself; where we may not ask, it is taken to."""
    try:
        found = api.listed(Kind.STORAGE).items
    except Rejected as error:
        if not error.ours:
            raise
        return True
    return any((body["metadata"].get("annotations") or {}).get(_STORAGE) == "true" for body in found)

"""The operator's secrets in a Secret of the cluster: read afresh, and changed only in the version that was read."""

import base64
import re
from collections.abc import Callable, Mapping

from bot.core.errors import Misused, Unavailable
from runners._kubernetes import names
from runners._kubernetes.api import Api, connected
from runners._kubernetes.kinds import Body, Kind, manifest
from runners._kubernetes.refusals import Rejected

KEY = "secrets.json"
_PLACE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}/[a-z0-9][a-z0-9.-]{0,252}")
_TRIES = 20
_TAKEN = 409


class SecretShelf:
    """One Secret, of which one key is ours; the others are left as they are."""

    def __init__(self, api: Api, place: str) -> None:
        self._api = api
        self._namespace, _, self._name = place.partition("/")

    @property
    def where(self) -> str:
        """`Secret matinee/matinee-secrets: secrets.json`."""
        return f"Secret {self._namespace}/{self._name}: {KEY}"

    def read(self) -> bytes | None:
        """What it holds; None where there is none."""
        with self._api.answering():
            return _text(self._read())

    def change(self, change: Callable[[bytes | None], bytes | None]) -> None:
        """Write it anew unless somebody else has meanwhile: then from what that one wrote."""
        with self._api.answering():
            for _ in range(_TRIES):
                body = self._read()
                after = change(_text(body))
                if after is None or self._put(body, after):
                    return
        raise Unavailable(f"{self.where}: others change it all the time; try again")

    def _read(self) -> Body | None:
        return self._api.read(Kind.SECRET, self._name, self._namespace)

    def _put(self, there: Body | None, text: bytes) -> bool:
        """Whether it was still what was read."""
        data = {KEY: base64.b64encode(text).decode()}
        try:
            if there is None:
                body = manifest(Kind.SECRET, self._name, {names.MANAGED: "matinee"}, data=data)
                body["metadata"]["namespace"] = self._namespace
                self._api.create(body)
            else:
                self._api.replace({**there, "data": {**(there.get("data") or {}), **data}})
        except Rejected as error:
            if error.status == _TAKEN:
                return False
            raise
        return True


def shelf(settings: Mapping[str, str]) -> SecretShelf:
    """The Secret that the settings name, in the cluster that they name."""
    place = settings["secrets_secret"]
    if not _PLACE.fullmatch(place):
        raise Misused(f"MATINEE_SECRETS_SECRET: {place!r} is no Secret; write it as matinee/matinee-secrets")
    return SecretShelf(connected(settings), place)


def _text(body: Body | None) -> bytes | None:
    sealed = ((body or {}).get("data") or {}).get(KEY)
    return None if sealed is None else base64.b64decode(sealed)

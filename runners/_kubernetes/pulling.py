"""What the nodes fetch images with: the operator's credentials, as a Secret that the account of every pod names."""

import base64

from bot.core.group import Home
from bot.core.names import EnvironmentId
from bot.keeping.credentials import Credentials
from runners._kubernetes import names
from runners._kubernetes.api import Api
from runners._kubernetes.hold import written
from runners._kubernetes.kinds import Body, Kind, manifest, name_of, uid_of

_TYPE = "kubernetes.io/dockerconfigjson"


class Supply:
    """Brings credentials to namespaces, and what this process has brought where; None: there are none."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._brought: dict[EnvironmentId, tuple[str, str]] = {}

    def to(self, home: Home, namespace: Body, credentials: Credentials | None) -> None:
        """Have them there as the operator's file says now."""
        if credentials is None:
            return
        now = (uid_of(namespace), credentials.config())
        if self._brought.get(home.environment) != now:
            body = secret(home.environment, now[1])
            body["metadata"]["namespace"] = name_of(namespace)
            written(lambda: self._api.apply(body), home)
            self._brought[home.environment] = now

    def forget(self, home: Home) -> None:
        """The namespace is gone."""
        self._brought.pop(home.environment, None)

    def without(self, namespace: Body, credentials: Credentials | None) -> None:
        """Take away what was brought there once, where there is nothing to bring any more."""
        if credentials is None and (there := self._api.read(Kind.SECRET, names.PULLING, name_of(namespace))):
            self._api.delete(there)


def secret(environment: EnvironmentId, config: str) -> Body:
    """The Secret, of credentials as Docker writes them."""
    labels = {**names.ours(environment), names.ROLE: names.Role.PULLING}
    data = {".dockerconfigjson": base64.b64encode(config.encode()).decode()}
    return manifest(Kind.SECRET, names.PULLING, labels, type=_TYPE, data=data)

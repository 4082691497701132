"""The connection to one cluster: requests in, plain objects out, its refusals as ours."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.errors import Unavailable
from runners._kubernetes.connection import configured, dynamic
from runners._kubernetes.kinds import Body, Kind, going, kind_of, name_of, version_of
from runners._kubernetes.refusals import CutOff, Rejected, explained, translated

MANAGER = "matinee"
"""The one field manager of all that we write."""
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
_JSON_PATCH = "application/json-patch+json"
_APPLY = "application/apply-patch+yaml"
_TIMEOUT = (5, 60)
_IN_NAMESPACE = re.compile(r"/namespaces/([^/]+)/")

Query = Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What there was at one moment, and the moment."""

    items: tuple[Body, ...]
    version: str


class Api:
    """One cluster; connects at first use, and is shared by all threads."""

    def __init__(self, *, kubeconfig: str, context: str, folder: Path) -> None:
        self._kubeconfig = kubeconfig
        self._context = context
        self._folder = folder
        self._connecting = threading.RLock()
        self._client: Any = None
        self._dynamic: Any = None
        self._minor: int | None = None
        self._paths: dict[Kind, Any] = {}

    @property
    def sdk(self) -> Any:
        """The SDK's dynamic client."""
        with self._connecting:
            if self._dynamic is None:
                self._client = self._client or configured(self._kubeconfig, self._context)
                with translated():
                    self._dynamic = dynamic(self._client, self._folder)
            return self._dynamic

    @property
    def host(self) -> str:
        """The address of the cluster's API, as far as it is known."""
        return str(self._client.configuration.host) if self._client else "the configured address"

    @property
    def minor(self) -> int:
        """The cluster's version: 36 of 1.36."""
        if self._minor is None:
            told = str(self._asked("get", "/version")["minor"])
            self._minor = int("".join(letter for letter in told if letter.isdecimal()) or 0)
        return self._minor

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Turn a cluster that fails us into `Unavailable`."""
        from kubernetes.config.config_exception import ConfigException
        from urllib3.exceptions import HTTPError

        try:
            yield
        except Rejected as error:
            raise Unavailable(explained(error, self.host)) from error
        except ConfigException as error:
            raise Unavailable(
                f"no Kubernetes cluster is configured: {error}; set MATINEE_KUBECONFIG or KUBECONFIG"
            ) from error
        except (HTTPError, CutOff) as error:
            raise Unavailable(
                f"the Kubernetes API at {self.host} does not answer: {error}; "
                "see that it runs, and that MATINEE_KUBECONFIG names the right cluster"
            ) from error

    def read(self, kind: Kind, name: str, namespace: str = "") -> Body | None:
        """The object of this name; None where there is none."""
        try:
            return self._asked("get", self.path(kind, namespace, name))
        except Rejected as error:
            if error.status != 404:
                raise
            return None

    def listed(self, kind: Kind, namespace: str = "", *, labels: str = "", fields: str = "") -> Listed:
        """Every object that fits; without a namespace, of the whole cluster."""
        query: Query = [("labelSelector", labels), ("fieldSelector", fields)]
        try:
            found = self._asked("get", self.path(kind, namespace), query=query)
        except Rejected as error:
            if not error.ended:
                raise
            return Listed(items=(), version="")
        head = {"apiVersion": kind.version, "kind": kind.word}
        items = tuple({**head, **item} for item in found["items"])
        return Listed(items=items, version=version_of(found))

    def create(self, body: Body, *, rehearsal: bool = False) -> Body:
        """Make an object that is not there yet; a rehearsal only asks whether it would be taken."""
        query: Query = [("fieldManager", MANAGER), *([("dryRun", "All")] if rehearsal else [])]
        return self._asked("post", self._path_of(body, named=False), body=body, query=query)

    def apply(self, body: Body) -> Body:
        """Have the object say what this says, and nothing more that we once said."""
        query: Query = [("fieldManager", MANAGER), ("force", "true")]
        return self._asked("patch", self._path_of(body), body=body, query=query, content=_APPLY)

    def replace(self, body: Body) -> Body:
        """Put this in place of the object, in the version that it names."""
        return self._asked("put", self._path_of(body), body=body, query=[("fieldManager", MANAGER)])

    def patch(self, body: Body, change: Body | list[Body], *, of: str = "", content: str = MERGE) -> Body:
        """Change a few fields of an object that was read; `of` names a part of it that has an address of its own."""
        path = f"{self._path_of(body)}/{of}".rstrip("/")
        style = _JSON_PATCH if isinstance(change, list) else content
        return self._asked("patch", path, body=change, query=[("fieldManager", MANAGER)], content=style)

    def delete(self, body: Body, *, grace: int | None = None, policy: str = "Background") -> None:
        """Delete exactly this object in this version; one that is gone is fine, one that has changed a 409.

        A pod is nobody else's, and changes all the time: any version of it will do.
        """
        keys = ("uid",) if kind_of(body) is Kind.POD else ("uid", "resourceVersion")
        same = {key: body["metadata"][key] for key in keys}
        options: Body = {"propagationPolicy": policy, "preconditions": same}
        if grace is not None:
            options["gracePeriodSeconds"] = grace
        try:
            self._asked("delete", self._path_of(body), body=options)
        except Rejected as error:
            if error.status != 404:
                raise

    def opened(self, path: str, query: Query, *, silence: float) -> Any:
        """An answer that comes piece by piece; no piece for so many seconds is an error."""
        return self._called("get", path, query=query, timeout=(_TIMEOUT[0], silence))

    def path(self, kind: Kind, namespace: str = "", name: str = "") -> str:
        """Where the cluster has this object, or all of its kind."""
        with self._connecting:
            if kind not in self._paths:
                self._paths[kind] = self._discovered(kind)
        return str(self._paths[kind].path(name=name or None, namespace=namespace or None))

    def told(self, error: Rejected, path: str) -> Rejected:
        """What a refusal comes to: our rights go before the rest of a namespace, and then nothing is there for us."""
        where = _IN_NAMESPACE.search(path) if error.ours else None
        if where is None:
            return error
        try:
            namespace = self.read(Kind.NAMESPACE, where[1])
        except Rejected:
            return error
        if namespace is not None and not going(namespace):
            return error
        return Rejected(404, f'namespaces "{where[1]}" is gone or is being terminated')

    def _path_of(self, body: Body, *, named: bool = True) -> str:
        return self.path(kind_of(body), body["metadata"].get("namespace", ""), name_of(body) if named else "")

    def _asked(self, method: str, path: str, **request: Any) -> Body:
        answer: Body = json.loads(self._called(method, path, **request).data)
        return answer

    def _called(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: Query = (),
        content: str = "",
        timeout: Any = _TIMEOUT,
    ) -> Any:
        asked = [(key, value) for key, value in query if value != ""]
        more = {"content_type": content} if content else {}
        try:
            with translated():
                return self.sdk.request(
                    method, path, body=body, query_params=asked, serialize=False, _request_timeout=timeout, **more
                )
        except Rejected as error:
            raise self.told(error, path) from error

    def _discovered(self, kind: Kind) -> Any:
        from kubernetes.dynamic.exceptions import ResourceNotFoundError

        try:
            with translated():
                return self.sdk.resources.get(api_version=kind.version, kind=kind.word)
        except ResourceNotFoundError as error:
            hint = "; install the Gateway API's CRDs, or take MATINEE_GATEWAY away" if kind is Kind.ROUTE else ""
            raise Rejected(404, f"the cluster knows no {kind.word} of {kind.version}{hint}") from error


def connected(settings: Mapping[str, str], of: Callable[..., Api] = Api) -> Api:
    """The one to the cluster that the settings name."""
    return of(
        kubeconfig=settings.get("kubeconfig", ""),
        context=settings.get("kubernetes_context", ""),
        folder=Path(settings["state"]) / "kubernetes",
    )


def selector(labels: Mapping[str, str]) -> str:
    """The label selector that finds what carries all of these."""
    return ",".join(f"{key}={value}" for key, value in labels.items())


def hang_up(answer: Any) -> None:
    """Wake whoever reads an answer that comes piece by piece: to close it would wait for the reader."""
    import socket

    connection = getattr(answer, "connection", None)
    if connection is not None and connection.sock is not None:
        connection.sock.shutdown(socket.SHUT_RDWR)

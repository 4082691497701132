"""The way into a cluster without an ingress controller: an HTTP proxy that goes where the Ingress objects say."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from werkzeug.wrappers import Request, Response

from tests.world.cluster import client
from tests.world.served import served

_PATIENCE = 10


@contextmanager
def front_door() -> Iterator[Mapping[str, str]]:
    """Stand in for the controller, and for the DNS that leads to it; what `requests` is given as proxies."""
    with served(_answer) as proxy:
        yield {"http": proxy}


def _answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    request = Request(environ)
    address = _behind(request.host)
    if address is None:
        return Response("no Ingress has this host", 404)(environ, start)
    try:
        found = requests.get(f"http://{address}{request.full_path}", timeout=_PATIENCE)
    except requests.RequestException:
        return Response("nobody serves", 503)(environ, start)
    return Response(found.content, found.status_code, content_type=found.headers.get("Content-Type"))(environ, start)


def _behind(host: str) -> str | None:
    """The address of the service that the first Ingress with this host names."""
    ingresses = client().resources.get(api_version="networking.k8s.io/v1", kind="Ingress").get().items
    for ingress in ingresses:
        for rule in ingress.spec.rules:
            if rule.host == host:
                backend = rule.http.paths[0].backend.service
                services = client().resources.get(api_version="v1", kind="Service")
                service = services.get(name=backend.name, namespace=ingress.metadata.namespace)
                return f"{service.spec.clusterIP}:{backend.port.number}"
    return None

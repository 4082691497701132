"""The SDK's client for the cluster that is configured: by a kubeconfig, or by being inside it."""

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

_CONNECTIONS = 64


def configured(kubeconfig: str, context: str) -> Any:
    """A client for the cluster; it has asked nothing yet."""
    from kubernetes import client, config

    settings = client.Configuration()
    settings.connection_pool_maxsize = _CONNECTIONS
    if not kubeconfig and "KUBECONFIG" not in os.environ and "KUBERNETES_SERVICE_HOST" in os.environ:
        config.load_incluster_config(client_configuration=settings)
        return client.ApiClient(settings)
    return config.new_client_from_config(
        config_file=kubeconfig or None,
        context=context or None,
        persist_config=False,
        client_configuration=settings,
    )


def dynamic(client: Any, folder: Path) -> Any:
    """Its dynamic client; what kinds the cluster knows is kept in the folder, which only we may read."""
    from kubernetes.dynamic import DynamicClient

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = folder / f"{sha256(client.configuration.host.encode()).hexdigest()[:16]}.json"
    return DynamicClient(client, cache_file=str(known))

"""The kinds of objects that we make, and what of an object's envelope we read. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

Body = dict[str, Any]
"""An object in the cluster's own words, on its way there or back."""


class Kind(StrEnum):
    """API version and kind, as `kubectl api-resources` shows them."""

    NAMESPACE = "v1/Namespace"
    POD = "v1/Pod"
    SERVICE = "v1/Service"
    SECRET = "v1/Secret"  # noqa: S105 - a kind
    CONFIG = "v1/ConfigMap"
    CLAIM = "v1/PersistentVolumeClaim"
    ACCOUNT = "v1/ServiceAccount"
    QUOTA = "v1/ResourceQuota"
    LIMITS = "v1/LimitRange"
    EVENT = "v1/Event"
    DEPLOYMENT = "apps/v1/Deployment"
    REPLICAS = "apps/v1/ReplicaSet"
    JOB = "batch/v1/Job"
    INGRESS = "networking.k8s.io/v1/Ingress"
    ENDPOINTS = "discovery.k8s.io/v1/EndpointSlice"
    POLICY = "networking.k8s.io/v1/NetworkPolicy"
    ROUTE = "gateway.networking.k8s.io/v1/HTTPRoute"
    STORAGE = "storage.k8s.io/v1/StorageClass"
    REVIEW = "authorization.k8s.io/v1/SelfSubjectAccessReview"
    SELF = "authentication.k8s.io/v1/SelfSubjectReview"
    BINDING = "rbac.authorization.k8s.io/v1/RoleBinding"
    CLUSTER_ROLE = "rbac.authorization.k8s.io/v1/ClusterRole"

    @property
    def version(self) -> str:
        """Its API version."""
        return self.rpartition("/")[0]

    @property
    def word(self) -> str:
        """What it is called."""
        return self.rpartition("/")[2]


def manifest(kind: Kind, name: str, labels: Mapping[str, str], **rest: Any) -> Body:
    """An object of this name, with these labels."""
    return {
        "apiVersion": kind.version,
        "kind": kind.word,
        "metadata": {"name": name, "labels": dict(labels)},
        **rest,
    }


def kind_of(body: Body) -> Kind:
    """What kind of object this is."""
    return Kind(f"{body['apiVersion']}/{body['kind']}")


def name_of(body: Body) -> str:
    """What it is called."""
    return str(body["metadata"]["name"])


def uid_of(body: Body) -> str:
    """Which one it is, of all that were ever called so."""
    return str(body["metadata"]["uid"])


def version_of(body: Body) -> str:
    """The state of it that was read."""
    return str(body["metadata"]["resourceVersion"])


def labels_of(body: Body) -> Mapping[str, str]:
    """Its labels."""
    return dict(body["metadata"].get("labels") or {})


def notes_of(body: Body) -> Mapping[str, str]:
    """Its annotations."""
    return dict(body["metadata"].get("annotations") or {})


def going(body: Body) -> bool:
    """Whether it is being deleted."""
    return "deletionTimestamp" in body["metadata"]

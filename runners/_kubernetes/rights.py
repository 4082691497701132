"""What our own account takes in a cluster, and the binding by which it gets it in a namespace of ours."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from bot.core.errors import Unavailable
from runners._kubernetes import names
from runners._kubernetes.api import Api
from runners._kubernetes.kinds import Body, Kind, going, labels_of, manifest, name_of, uid_of
from runners._kubernetes.refusals import Rejected

BINDING = "matinee"
_ACCOUNT = "system:serviceaccount:"
_PATIENCE = 15.0
_PAUSE = 0.02
_CONFLICT = 409

Rights = Mapping[str, str]
"""The verbs for each `resource.group/subresource`, as `kubectl auth can-i` takes them."""

EVERYWHERE: Rights = {
    "namespaces": "get list watch create patch delete",
    "storageclasses.storage.k8s.io": "list",
}
BINDS: Rights = {
    "rolebindings.rbac.authorization.k8s.io": "create",
    "clusterroles.rbac.authorization.k8s.io": "bind get",
}
"""What an account needs besides that is to give itself the rest; of clusterroles only its own."""
INSIDE: Rights = {
    "pods": "get list watch create patch delete",
    "pods/exec": "get create",
    "pods/ephemeralcontainers": "patch",
    "pods/log": "get",
    "events": "list",
    "secrets": "get list create update patch delete",
    "configmaps": "get list create patch delete",
    "services": "get list create patch delete",
    "persistentvolumeclaims": "get list watch create patch delete",
    "serviceaccounts": "create patch",
    "resourcequotas": "list watch create patch",
    "limitranges": "create patch",
    "deployments.apps": "get list watch create patch delete",
    "jobs.batch": "get list create patch delete",
    "ingresses.networking.k8s.io": "get list create patch delete",
    "httproutes.gateway.networking.k8s.io": "get list create patch delete",
    "networkpolicies.networking.k8s.io": "create patch",
    "endpointslices.discovery.k8s.io": "list watch",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A service account."""

    namespace: str
    name: str

    @property
    def role(self) -> str:
        """The ClusterRole that it has in namespaces of ours, and nowhere else."""
        return f"{self.name}-previews"


def user(api: Api) -> str:
    """Whom the cluster takes us for."""
    return str(api.create(manifest(Kind.SELF, "", {}))["status"]["userInfo"]["username"])


def account(user: str) -> Account | None:
    """The service account that this user is; None for another one."""
    if not user.startswith(_ACCOUNT):
        return None
    namespace, _, name = user.removeprefix(_ACCOUNT).partition(":")
    return Account(namespace=namespace, name=name)


def each(rights: Rights) -> Iterator[tuple[str, str]]:
    """Verb and resource of every single right."""
    yield from ((verb, resource) for resource, verbs in rights.items() for verb in verbs.split())


def given(rules: Iterable[Body]) -> Iterator[tuple[str, str]]:
    """The same of a role's rules."""
    for rule in rules:
        for group, resource, verb in product(rule["apiGroups"], rule["resources"], rule["verbs"]):
            whole, slash, part = resource.partition("/")
            yield verb, f"{whole}.{group}".rstrip(".") + slash + part


def may(api: Api, verb: str, resource: str, *, namespace: str = "", name: str = "") -> bool:
    """Whether the cluster would let us; without a namespace, in all of them."""
    whole, _, part = resource.partition("/")
    plural, _, group = whole.partition(".")
    of = {"verb": verb, "resource": plural, "group": group, "subresource": part, "namespace": namespace, "name": name}
    review = manifest(
        Kind.REVIEW, "", {}, spec={"resourceAttributes": {key: value for key, value in of.items() if value}}
    )
    return bool(api.create(review)["status"]["allowed"])


def take(api: Api, within: Body) -> None:
    """Bind our account to its role in this namespace, and wait until it holds; who may all anyway needs no binding.

    In a namespace that somebody removes meanwhile nothing is to be taken any more.
    """
    namespace = name_of(within)
    if _holds(api, namespace):
        return
    us = user(api)
    found = account(us)
    if found is None:
        raise Unavailable(
            f"{us} may make namespace {namespace} and nothing in it; "
            "let matinee act as a service account: docs/kubernetes.md, Give it rights"
        )
    try:
        api.create(_binding(found, within))
    except Rejected as error:
        if error.ended:
            return
        if error.status != _CONFLICT:
            raise
    ends = time.monotonic() + _PATIENCE
    while not _holds(api, namespace):
        if not _lasts(api, within):
            return
        if time.monotonic() > ends:
            raise Unavailable(
                f"{us} is bound to ClusterRole {found.role} in namespace {namespace} and may not make pods there; "
                "apply deploy/kubernetes again"
            )
        time.sleep(_PAUSE)


def _holds(api: Api, namespace: str) -> bool:
    return may(api, "create", "pods", namespace=namespace)


def _lasts(api: Api, namespace: Body) -> bool:
    there = api.read(Kind.NAMESPACE, name_of(namespace))
    return there is not None and uid_of(there) == uid_of(namespace) and not going(there)


def _binding(account: Account, within: Body) -> Body:
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": Kind.CLUSTER_ROLE.word, "name": account.role}
    subject = {"kind": Kind.ACCOUNT.word, "name": account.name, "namespace": account.namespace}
    labels = {key: value for key, value in labels_of(within).items() if key in (names.MANAGED, names.ENVIRONMENT)}
    body = manifest(Kind.BINDING, BINDING, labels, roleRef=role, subjects=[subject])
    body["metadata"]["namespace"] = name_of(within)
    return body

"""The table of `can-i` in docs/kubernetes.md, and what a cluster says to each of its questions."""

import itertools
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.world import cluster

Right = tuple[str, str, str]
"""Verb, `resource.group/subresource`, and the name of the only one that it is for."""

_PAGE = Path(__file__).parents[2] / "docs" / "kubernetes.md"
_ROW = re.compile(r"\| (the cluster|its own namespace|a preview) \| `([a-z./0-9]+)` \| ([a-z ]+) \|")
_ROLES = "clusterroles.rbac.authorization.k8s.io"
_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate")


def told(account: str) -> dict[str, set[Right]]:
    """The rights of this account at each place."""
    rights: dict[str, set[Right]] = {}
    for where, resource, verbs in _ROW.findall(_PAGE.read_text(encoding="utf-8")):
        name = f"{account}-secrets" if where == "its own namespace" else _one(resource, account)
        rights.setdefault(where, set()).update((verb, resource, name) for verb in verbs.split())
    return rights


def allowed(user: str, resources: Iterable[str], namespace: str, account: str) -> set[Right]:
    """What the cluster lets the user do there with these; a name is left out where all of the kind are allowed."""
    rights = list(_questions(resources, account))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(partial(_may, user, namespace), rights))
    given = {right for right, answer in zip(rights, answers, strict=True) if answer}
    return {(*right, name) for *right, name in given if not name or (*right, "") not in given}


def _questions(resources: Iterable[str], account: str) -> Iterator[Right]:
    for verb, resource in itertools.product(_VERBS, sorted(resources)):
        names = {"", _one(resource, account), *([f"{account}-secrets"] if resource == "secrets" else [])}
        yield from ((verb, resource, name) for name in names)


def _one(resource: str, account: str) -> str:
    return f"{account}-previews" if resource == _ROLES else ""


def _may(user: str, namespace: str, right: Right) -> bool:
    verb, resource, name = right
    whole, _, part = resource.partition("/")
    plural, _, group = whole.partition(".")
    of = {"verb": verb, "resource": plural, "group": group, "subresource": part, "namespace": namespace, "name": name}
    reviews = cluster.client().resources.get(api_version="authorization.k8s.io/v1", kind="SubjectAccessReview")
    return bool(reviews.create(body={"spec": {"user": user, "resourceAttributes": of}}).status.allowed)

"""The table of `can-i` in docs/kubernetes.md, and what a cluster lists as somebody's rights."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.world.chart import kubectl

Right = tuple[str, str, str]
"""Verb, `resource.group/subresource`, and the name of the only one that it is for."""

_PAGE = Path(__file__).parents[2] / "docs" / "kubernetes.md"
_ROW = re.compile(r"\| (the cluster|its own namespace|a preview) \| `([a-z./0-9]+)` \| ([a-z ]+) \|")
_ROLES = "clusterroles.rbac.authorization.k8s.io"
_NOBODY = "system:serviceaccount:default:nobody"
"""Has what every account has."""


def told(account: str) -> dict[str, set[Right]]:
    """The rights of this account at each place."""
    rights: dict[str, set[Right]] = {}
    for where, resource, verbs in _ROW.findall(_PAGE.read_text(encoding="utf-8")):
        name = f"{account}-secrets" if where == "its own namespace" else _one(resource, account)
        rights.setdefault(where, set()).update((verb, resource, name) for verb in verbs.split())
    return rights


def allowed(user: str, namespace: str) -> set[Right]:
    """What the cluster lets this user do there, and not everybody; no name where all of the kind are allowed."""
    given = _rules(user, namespace) - _rules(_NOBODY, namespace)
    return {(*right, name) for *right, name in given if not name or (*right, "") not in given}


def _rules(user: str, namespace: str) -> set[Right]:
    kind = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview"}
    review = json.dumps({**kind, "spec": {"namespace": namespace}})
    words = ("create", "--filename", "-", "--validate=false", "--as", user, "--output", "json")
    rules = json.loads(kubectl(*words, given=review))["status"]["resourceRules"]
    return {right for rule in rules for right in _rights(rule)}


def _rights(rule: dict[str, Any]) -> Iterator[Right]:
    names = rule.get("resourceNames") or [""]
    for verb, group, resource, name in itertools.product(rule["verbs"], rule["apiGroups"], rule["resources"], names):
        plural, slash, part = resource.partition("/")
        yield verb, f"{plural}{group and f'.{group}'}{slash}{part}", name


def _one(resource: str, account: str) -> str:
    return f"{account}-previews" if resource == _ROLES else ""

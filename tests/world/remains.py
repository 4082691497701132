"""What a run of the tests has left in the cluster: namespaces, volumes, and what belongs to the cluster as a whole."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.world.cluster import client

KINDS = {
    "Namespace": "v1",
    "PersistentVolume": "v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
    "ClusterRoleBinding": "rbac.authorization.k8s.io/v1",
    "ValidatingAdmissionPolicy": "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicyBinding": "admissionregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    "PriorityClass": "scheduling.k8s.io/v1",
}
_STAYS = ("testbed-", "local-path")
"""How the names of what the testbed itself keeps there begin."""
_PATIENCE = 90.0
_PAUSE = 1.0


class Remains:
    """A plugin for the process that sums the run up: the run fails where it has left something."""

    def __init__(self, *, strict: bool) -> None:
        self._began = datetime.now(UTC).replace(microsecond=0)
        self._strict = strict
        self._used = False
        self._left: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note whether any test has needed the cluster."""
        self._used = self._used or "cluster" in report.keywords

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Wait for what is on its way out, and judge the rest; where others may work as well, look once."""
        if not self._used:
            return
        ends = time.monotonic() + (_PATIENCE if self._strict else 0.0)
        while (left := list(remains(self._began))) and time.monotonic() < ends:
            time.sleep(_PAUSE)
        self._left = left
        if left and self._strict:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Tell what is left."""
        if self._left:
            terminalreporter.section(
                "left in the cluster" if self._strict else "there now, of these tests or of others", red=True
            )
            for each in self._left:
                terminalreporter.line(each)


def remains(since: datetime) -> Iterator[str]:
    """All of these kinds that was made since then and is still there."""
    for kind, version in KINDS.items():
        for each in client().resources.get(api_version=version, kind=kind).get().items:
            name, made = each.metadata.name, datetime.fromisoformat(each.metadata.creationTimestamp)
            if made >= since and not name.startswith(_STAYS):
                yield f"{kind} {name}"

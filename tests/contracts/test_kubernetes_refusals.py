"""What a cluster refuses by rules of its own, or cannot give, is told in its words."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from bot.core.group import Ended, Fate, Group
from runners._kubernetes import names
from runners._kubernetes.hold import Hold
from runners._kubernetes.kinds import Kind, manifest
from tests.contracts.kubernetes_fixtures import by_admin, ground, until
from tests.contracts.runner_fixtures import Place, placed
from tests.world import cluster

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

API = "admissionregistration.k8s.io/v1"
REFUSED = (
    "!('matinee.dev/job' in object.metadata.labels) || object.metadata.labels['matinee.dev/job'] != 'refused'"
    " && (object.metadata.labels['matinee.dev/job'] != 'late' || request.dryRun)"
)
WORDS = "nobody deploys on a Friday"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from placed("kubernetes", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(scope="module")
def hold(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Hold:
    return ground(tmp_path_factory.mktemp("cache")).hold(place.home)


@pytest.fixture
def policy(place: Place, hold: Hold) -> Iterator[None]:
    """One that refuses pods of the job `refused`, and those of the job `late` once they are meant."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]
    here = {"namespaceSelector": {"matchLabels": dict(names.ours(place.home.environment))}}
    validations = [{"expression": REFUSED, "message": WORDS}]
    specs: dict[str, Any] = {
        "ValidatingAdmissionPolicy": {"matchConstraints": {"resourceRules": rules}, "validations": validations},
        "ValidatingAdmissionPolicyBinding": {
            "policyName": name,
            "validationActions": ["Deny"],
            "matchResources": here,
        },
    }
    kinds = {kind: cluster.client().resources.get(api_version=API, kind=kind) for kind in specs}
    for kind, spec in specs.items():
        kinds[kind].create(body={"apiVersion": API, "kind": kind, "metadata": {"name": name}, "spec": spec})
    try:
        container = {"name": "main", "image": place.image}
        pod = manifest(Kind.POD, "asks", {names.JOB: "refused"}, spec={"containers": [container]})
        admin = by_admin(hold)
        until(lambda: (no := admin.rehearse(pod)) and WORDS in no.detail, "the policy to be in force")
        yield
    finally:
        for kind in kinds.values():
            kind.delete(name=name)


@pytest.mark.usefixtures("policy")
@pytest.mark.parametrize("name", ["refused", "late"], ids=["before anything is made", "when its pod is to be made"])
def test_a_job_that_a_policy_of_the_cluster_refuses_says_so(place: Place, hold: Hold, name: str) -> None:
    ended = place.run(place.job("true", name=name))
    assert ended.fate is Fate.NOT_STARTED
    assert WORDS in ended.detail
    assert hold.listed(Kind.JOB, job=name) == ()


def test_a_service_whose_volume_is_never_bound_says_so(place: Place, hold: Hold) -> None:
    db: Group = place.service("exec sleep 600", volumes={"/data": 2**20}, max_duration=2)
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}
    claim = {**wanted, "storageClassName": "nowhere"}
    hold.ensure(manifest(Kind.CLAIM, names.claim(db, "/data"), names.of_group(db), spec=claim))
    ended = place.start(db)
    assert isinstance(ended, Ended)
    assert ended.fate is Fate.NOT_STARTED
    assert "unbound immediate PersistentVolumeClaims" in ended.detail

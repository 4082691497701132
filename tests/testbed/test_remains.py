"""What the tests leave in a cluster is found: the look that ends a run is not blind."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.world.cluster import client
from tests.world.remains import remains

pytestmark = [pytest.mark.engine, pytest.mark.cluster]


@pytest.fixture
def left() -> Iterator[str]:
    name = f"matinee-test-left-{uuid.uuid4().hex[:8]}"
    roles = client().resources.get(api_version="rbac.authorization.k8s.io/v1", kind="ClusterRole")
    roles.create({"metadata": {"name": name}, "rules": []})
    yield name
    roles.delete(name)


def test_what_was_made_since_the_tests_began_and_is_still_there_is_told(left: str) -> None:
    assert f"ClusterRole {left}" in remains(datetime(2000, 1, 1, tzinfo=UTC))
    assert f"ClusterRole {left}" not in remains(datetime(2999, 1, 1, tzinfo=UTC))

"""The environments on which every runner shows that it keeps the contract."""

from collections.abc import Iterator

import pytest

from tests.contracts.runner_fixtures import Place, placed, runner_params


@pytest.fixture(scope="module", params=runner_params())
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One environment for all tests that only add to it."""
    yield from placed(request.param, str(tmp_path_factory.mktemp("state")))


@pytest.fixture(params=runner_params())
def fresh(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An environment of the test's own."""
    yield from placed(request.param, str(tmp_path_factory.mktemp("state")))

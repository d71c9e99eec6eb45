"""One scenario of each size for all tests of this folder."""

from __future__ import annotations

import pytest

from geoloom.scenario import Scenario, generate


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return generate(tmp_path_factory.mktemp("usual"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return generate(tmp_path_factory.mktemp("small"), fields=50, seed=7)


@pytest.fixture(scope="session", params=["small", "usual"])
def either(request: pytest.FixtureRequest) -> Scenario:
    scenario: Scenario = request.getfixturevalue(request.param)
    return scenario

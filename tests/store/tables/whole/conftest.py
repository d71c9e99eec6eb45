"""The demo's scenario."""

from __future__ import annotations

import pytest

from geoloom.scenario import Scenario, generate


@pytest.fixture(scope="session")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return generate(tmp_path_factory.mktemp("scenario"), fields=80, field_format="gpkg")

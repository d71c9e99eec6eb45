"""One store of small worlds with entity tables, and one without."""

from __future__ import annotations

import pytest

from store import Store
from tests.store.spatial.worlds import make_store


@pytest.fixture(scope="session", params=["always", "never"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp(request.param), request.param)

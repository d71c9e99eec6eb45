from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.mapper.databases.mariadb import Mariadb, mariadb
from tests.mapper.databases.postgresql import Cluster, cluster


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Cluster]:
    with cluster() as found:
        yield found


@pytest.fixture(scope="module")
def mysql() -> Iterator[Mariadb]:
    with mariadb() as found:
        yield found

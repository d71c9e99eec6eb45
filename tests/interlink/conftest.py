"""Small layers and a sink that keeps what it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pytest
import shapely

from interlink import GeometryColumn
from ontology import CRS84, EntityBatch, SinkReport, to_wkb


def _column(geometries: Sequence[object], name: str = "a", crs: str = CRS84) -> GeometryColumn:
    shapes = np.array([*geometries, None], object)[:-1]
    ids = pa.array([f"http://x/{name}/{row}" for row in range(len(shapes))], pa.string())
    return GeometryColumn(ids, to_wkb(shapes), crs, name)


def _texts(*wkt: str | None, name: str = "a", crs: str = CRS84) -> GeometryColumn:
    return _column(list(shapely.from_wkt(np.array(wkt, object))), name, crs)


@pytest.fixture(scope="session")
def column() -> Callable[..., GeometryColumn]:
    """Make a geometry column of shapely geometries; ids end with the row."""
    return _column


@pytest.fixture(scope="session")
def texts() -> Callable[..., GeometryColumn]:
    """Make a geometry column of WKT."""
    return _texts


class Collector:
    """A sink that keeps its batches."""

    def __init__(self) -> None:
        self.batches: list[EntityBatch] = []

    def write(self, batch: EntityBatch) -> None:
        self.batches.append(batch)

    def commit(self) -> SinkReport:
        return SinkReport(0, 0)

    def abort(self) -> None:
        self.batches.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace

    def triples(self) -> list[tuple[str, str, str]]:
        """Subject, local name of the predicate, object."""
        return [
            (subject, prop.predicate.rsplit("#", 1)[1], target)
            for batch in self.batches
            for prop in batch.properties
            for subject, target in zip(
                batch.subjects.to_pylist(), prop.objects.values.to_pylist(), strict=True
            )
            if target is not None
        ]


@pytest.fixture
def sink() -> Collector:
    return Collector()

"""Rings of overlay results begin where they come onto the first argument's boundary."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

from store import lower
from store.lower.geometry.rings import begun
from tests.store.lower.conftest import parsed

SQUARE = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"
CORNER = "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))"
ACROSS = "POLYGON ((3 -1, 5 -1, 5 1, 3 1, 3 -1))"


def test_slices_and_nulls() -> None:
    corner = shapely.from_wkt(CORNER)
    made, first = wkb([corner, None, corner])[1:], wkb([None, None, shapely.from_wkt(SQUARE)])[1:]
    assert begun(made, first)[0].as_py() is None
    assert shapely.from_wkb(begun(made, first)[1].as_py()).wkt == (
        "POLYGON ((2 0, 0 0, 0 2, 2 2, 2 0))"
    )
    assert begun(made[:0], first[:0]).to_pylist() == []


def wkb(shapes: object) -> pa.Array:
    return pa.array(shapely.to_wkb(np.asarray(shapes, object), flavor="iso"), pa.binary())


def turned(made: list[shapely.Geometry | None], first: list[str]) -> list[str | None]:
    found = begun(wkb(made), wkb([shapely.from_wkt(text) for text in first])).to_pylist()
    return [None if one is None else shapely.from_wkb(one).wkt for one in found]


@pytest.mark.parametrize(
    ("operation", "second", "wanted"),
    [
        ("intersection", CORNER, "POLYGON ((2 0, 0 0, 0 2, 2 2, 2 0))"),
        ("union", CORNER, "POLYGON ((2 0, 0 0, 0 2, 0 4, 4 4, 4 0, 2 0))"),
        ("difference", CORNER, "POLYGON ((0 2, 0 4, 4 4, 4 0, 2 0, 2 2, 0 2))"),
        (
            "symmetric_difference",
            ACROSS,
            "MULTIPOLYGON (((3 0, 0 0, 0 4, 4 4, 4 1, 3 1, 3 0)), "
            "((3 0, 4 0, 4 1, 5 1, 5 -1, 3 -1, 3 0)))",
        ),
    ],
)
def test_the_beginning(operation: str, second: str, wanted: str) -> None:
    made = getattr(shapely, operation)(shapely.from_wkt(SQUARE), shapely.from_wkt(second))
    assert turned([made], [SQUARE]) == [wanted]


def test_what_is_no_area_or_has_no_such_vertex_stays() -> None:
    texts = ["POINT (1 2)", "LINESTRING (3 3, 0 0)", "POLYGON EMPTY", "POINT EMPTY"]
    far = "POLYGON ((9 9, 9 10, 10 10, 9 9))"
    made = [shapely.from_wkt(text) for text in [*texts, far]]
    assert turned([None, *made], [SQUARE] * 6) == [None, *texts, far]


def test_z_and_holes_are_kept() -> None:
    deep = "POLYGON Z ((0 0 1, 0 9 2, 9 9 3, 9 0 4, 0 0 1))"
    holed = "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 2, 2 2, 2 1, 1 1))"
    found = turned([shapely.from_wkt(deep), shapely.from_wkt(holed)], [SQUARE, SQUARE])
    assert found[0] == "POLYGON Z ((9 0 4, 0 0 1, 0 9 2, 9 9 3, 9 0 4))"
    assert found[1] == "POLYGON ((9 0, 0 0, 0 9, 9 9, 9 0), (1 1, 2 1, 2 2, 1 2, 1 1))"


def test_only_the_text_changes() -> None:
    random = np.random.default_rng(7)
    first, second = (
        shapely.buffer(shapely.points(random.integers(0, 64, (300, 2)) / 4), 3, quad_segs=2)
        for _ in range(2)
    )
    for operation in (shapely.union, shapely.difference, shapely.symmetric_difference):
        made = operation(first, second)
        found = shapely.from_wkb(begun(wkb(made), wkb(first)).to_numpy(zero_copy_only=False))
        assert (shapely.normalize(found) == shapely.normalize(made)).all()


def test_only_what_is_written_pays() -> None:
    made = f'geof:intersection("{SQUARE}"^^geo:wktLiteral, "{CORNER}"^^geo:wktLiteral)'
    for call, paying in ((made, True), (f"geof:metricArea({made})", False)):
        value = lower.expression(parsed(call), {})
        facets = (value.get(facet).sql("duckdb") for facet in ("geometry", "double"))
        assert any("GL_BEGUN" in sql for sql in facets) is paying

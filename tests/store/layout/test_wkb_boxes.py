from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely

from ontology import read_boxes
from store.layout.geometry_parts import geometry_parts
from store.layout.wkb_boxes import hilbert

SHAPES = shapely.from_wkt(
    [
        "POINT (1 2)", "POINT Z (1 2 3)", "LINESTRING (0 5, -3 1)",
        "POLYGON ((0 0, 4 0, 4 4, 0 0))",
        "POLYGON ((0 0, 9 0, 9 9, 0 0), (1 1, 2 1, 2 2, 1 1))", "MULTIPOINT ((1 1), (7 8))",
        "MULTILINESTRING ((0 0, 1 1), (5 5, 6 9))", "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))",
        "MULTIPOLYGON Z (((0 0 5, 1 0 5, 1 1 5, 0 0 5)))", "POINT EMPTY", "POLYGON EMPTY",
        "GEOMETRYCOLLECTION (POINT (3 4), LINESTRING (0 0, -8 1))", "MULTIPOINT EMPTY",
    ]
)  # fmt: skip


def _wkb(byte_order: int = 1) -> pa.Array:
    return pa.array(shapely.to_wkb(SHAPES, flavor="iso", byte_order=byte_order), pa.binary())


def test_boxes_are_those_of_geos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ontology.wkb_rows.FEW", 0)
    for column in (_wkb(), _wkb(byte_order=0), pa.concat_arrays([_wkb(), _wkb()]).slice(13)):
        boxes = read_boxes(column)
        assert np.array_equal(boxes.bounds, shapely.bounds(SHAPES), equal_nan=True)
        codes = [int.from_bytes(text[1:5], "little") for text in _wkb().to_pylist()]
        assert boxes.kinds.tolist() == codes


def test_the_curve_visits_every_cell_of_a_grid_by_steps_of_one() -> None:
    x, y = np.meshgrid(np.arange(16.0), np.arange(16.0))
    points = np.column_stack([x.ravel(), y.ravel()])
    order = np.argsort(hilbert(points), kind="stable")
    steps = np.abs(np.diff(points[order], axis=0)).sum(axis=1)
    assert set(steps.tolist()) == {1.0}


def test_what_has_no_place_comes_last_and_has_no_box() -> None:
    count = len(SHAPES)
    table = pa.table(
        {
            "g": pa.nulls(count, pa.int64()),
            "s": pa.array(range(count), pa.int64()),
            "s_blank": pa.array([False] * count),
            "wkb": _wkb(),
            "lex": pa.nulls(count, pa.string()),
        }
    )
    (part,) = geometry_parts(table, "http://www.opengis.net/def/crs/EPSG/0/3035")
    assert sorted(part.table["s"].to_pylist()) == list(range(count))
    assert part.table["xmin"].null_count == 3
    assert set(part.table["s"].to_pylist()[-3:]) == {9, 10, 12}
    assert part.box is not None
    assert part.box[0] < -8 < 9 < part.box[2]

"""What lies on the disk is what design section 4 says, and others can read it."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from ontology import (
    CRS84,
    RDF_TYPE,
    EntityBatch,
    Lane,
    Property,
    TermColumn,
    node_ids,
    to_wkb,
)
from store import Store
from store.layout import parts

EPSG_3035 = "http://www.opengis.net/def/crs/EPSG/0/3035"
ROWS = 3000


@pytest.fixture
def fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Lanes of three parts each."""
    store = Store.create(tmp_path / "lanes", tables="never")
    monkeypatch.setattr("store.layout.parts.PART_ROWS", 1000)
    corners = np.random.default_rng(7).random((ROWS, 2)) * 1e5 + 4_321_000.3
    boxes = shapely.box(*corners.T, *(corners + 70.7).T)
    batch = EntityBatch(
        pa.array([f"http://x/f{k}" for k in range(ROWS)]),
        (
            Property(
                RDF_TYPE,
                TermColumn(Lane.NODE, pa.array([f"http://x/C{k % 3}" for k in range(ROWS)])),
            ),
            Property("http://x/area", TermColumn(Lane.DOUBLE, pa.array(np.arange(ROWS) / 7))),
            Property("http://x/g", TermColumn(Lane.GEOMETRY, to_wkb(boxes), crs=EPSG_3035)),
        ),
    )
    with store.begin("fields") as sink:
        sink.write(batch)
    return store


def test_parts_are_balanced_and_counted(fields: Store) -> None:
    for table in fields.snapshot().lanes:
        assert [file.rows for file in table.files] == [1000, 1000, 1000]
        assert [pq.read_metadata(f.path).num_rows for f in table.files] == [1000] * 3
        assert table.rows == ROWS
        assert table.distinct_subjects == pytest.approx(ROWS, rel=0.3)


def test_geopandas_reads_a_geometry_lane_with_its_crs(fields: Store) -> None:
    lane = next(t for t in fields.snapshot().lanes if t.lane is Lane.GEOMETRY)
    frame = gpd.read_parquet(lane.files[0].path)
    assert frame.crs.to_epsg() == 3035
    assert frame.geometry.area.to_numpy() == pytest.approx(70.7**2, rel=1e-6)
    geo = json.loads(pq.read_metadata(lane.files[0].path).metadata[b"geo"])
    assert geo["version"].startswith("1.")


def test_boxes_are_rounded_outward(fields: Store) -> None:
    lane = next(t for t in fields.snapshot().lanes if t.lane is Lane.GEOMETRY)
    for file in lane.files:
        table = pq.read_table(file.path)
        exact = shapely.bounds(shapely.from_wkb(table["geom"].to_numpy()))
        kept = np.column_stack(
            [table[name].to_numpy() for name in ("xmin", "ymin", "xmax", "ymax")]
        )
        assert kept.dtype == np.float32
        assert (kept[:, :2] < exact[:, :2]).all()
        assert (kept[:, 2:] > exact[:, 2:]).all()
        assert (np.abs(kept - exact) < 2).all()
        assert file.box == (*kept[:, :2].min(axis=0), *kept[:, 2:].max(axis=0))


def test_geometry_parts_are_compact_in_space(fields: Store) -> None:
    lane = next(t for t in fields.snapshot().lanes if t.lane is Lane.GEOMETRY)
    world = (1e5 + 71) ** 2
    for xmin, ymin, xmax, ymax in (file.box for file in lane.files if file.box):
        assert (xmax - xmin) * (ymax - ymin) < 0.8 * world


def test_repeated_objects_lie_together(fields: Store) -> None:
    lane = next(t for t in fields.snapshot().lanes if t.predicate == RDF_TYPE)
    kinds = [set(pq.read_table(f.path)["o"].to_pylist()) for f in lane.files]
    assert [len(found) for found in kinds] == [1, 1, 1]


def test_values_are_sorted_and_measured(fields: Store) -> None:
    lane = next(t for t in fields.snapshot().lanes if t.lane is Lane.DOUBLE)
    values = np.concatenate([pq.read_table(f.path)["o"].to_numpy() for f in lane.files])
    assert (np.diff(values) >= 0).all()
    entry = next(e for e in fields.snapshot().manifest.lanes if e.key.lane is Lane.DOUBLE)
    assert (entry.least, entry.greatest) == (0.0, values[-1])


def test_the_dictionary_is_sorted_and_complete(fields: Store) -> None:
    table = pa.concat_tables([pq.read_table(path) for path in fields.snapshot().dictionary])
    ids = table["id"].to_numpy()
    assert (np.diff(ids) > 0).all()
    assert (node_ids(table["text"]) == ids).all()
    texts = set(table["text"].to_pylist())
    assert {"http://x/f0", "http://x/C2", RDF_TYPE, "http://x/area"} <= texts
    assert not any(table["blank"].to_pylist())


def test_lane_columns_are_those_of_the_catalogue(store: Store) -> None:
    text = pa.array(["x"])
    columns = [
        TermColumn(Lane.NODE, pa.array(["_:b"])),
        TermColumn(Lane.STRING, text),
        TermColumn(Lane.LANG, text, lang="en"),
        TermColumn(Lane.BOOLEAN, pa.array([True])),
        TermColumn(Lane.INTEGER, pa.array([1])),
        TermColumn(Lane.DECIMAL, pa.array([1], pa.decimal128(38, 12))),
        TermColumn(Lane.DOUBLE, pa.array([1.0])),
        TermColumn(Lane.FLOAT, pa.array([1.0], pa.float32())),
        TermColumn(Lane.DATE, pa.array([1], pa.date32())),
        TermColumn(Lane.DATETIME, pa.array([1], pa.timestamp("us"))),
        TermColumn(Lane.GEOMETRY, to_wkb([shapely.Point(1, 2)]), crs=CRS84),
        TermColumn(Lane.OTHER, text, datatype="http://d"),
    ]
    with store.begin() as sink:
        for column in columns:
            sink.write(EntityBatch(pa.array(["http://s"]), (Property("http://p", column),)))
    found = {
        table.lane: {field.name: str(field.type) for field in pq.read_schema(table.files[0].path)}
        for table in store.snapshot().lanes
    }
    head = {"g": "int64", "s": "int64", "s_blank": "bool"}
    lex = {"lex": "string"}
    box = dict.fromkeys(("xmin", "ymin", "xmax", "ymax"), "float")
    assert found == {
        Lane.NODE: head | {"o": "int64", "o_blank": "bool"},
        Lane.STRING: head | {"o": "string"},
        Lane.LANG: head | {"o": "string", "lang": "string"},
        Lane.BOOLEAN: head | {"o": "bool"} | lex,
        Lane.INTEGER: head | {"o": "int64"} | lex,
        Lane.DECIMAL: head | {"o": "decimal128(38, 12)"} | lex,
        Lane.DOUBLE: head | {"o": "double"} | lex,
        Lane.FLOAT: head | {"o": "float"} | lex,
        Lane.DATE: head | {"o": "date32[day]"} | lex,
        Lane.DATETIME: head | {"o": "timestamp[us]", "zone": "int16"} | lex,
        Lane.GEOMETRY: head | {"geom": "binary"} | lex | box,
        Lane.OTHER: head
        | {"o": "string", "datatype": "string", "number": "double"}
        | {"time": "timestamp[us]", "until": "timestamp[us]"},
    }


def test_folder_names_are_safe_and_distinct() -> None:
    keys = [
        parts.LaneKey(predicate, Lane.STRING)
        for predicate in ("http://a/p", "http://b/p", "http://a/é/../x", "http://a/" + "y" * 300)
    ]
    names = {parts.lane_folder(key) for key in keys}
    assert len(names) == len(keys)
    assert all(".." not in name and len(name) < 80 and name.isascii() for name in names)

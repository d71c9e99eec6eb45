"""Parts and a table's folder as a whole, opened by programs that know nothing of geoloom."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import duckdb
import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from store.catalog import SUBJECT, box_column
from tests.store.tables.parts.work import (
    EX,
    FIELDS,
    NOTES,
    Written,
    some_fields,
    some_notes,
    work_rows,
)

ROWS = 900
READABLE = [SUBJECT, *(column.name for column in FIELDS.columns)]


@pytest.fixture
def fields(write: Callable[..., Written], monkeypatch: pytest.MonkeyPatch) -> Written:
    monkeypatch.setattr("store.layout.parts.PART_ROWS", 300)
    return write(FIELDS, work_rows(FIELDS, some_fields(ROWS)))


@pytest.fixture
def given() -> dict[str, Any]:
    return some_fields(ROWS)


def _squares(given: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(given[SUBJECT], shapely.from_wkb(given["wkt"]), strict=True))


def test_every_file_describes_its_geometries(fields: Written) -> None:
    for path in fields.paths:
        metadata = pq.read_metadata(path)
        geo = json.loads(metadata.metadata[b"geo"])
        assert geo["version"] == "1.0.0"
        assert geo["primary_column"] == "wkt"
        assert set(geo["columns"]) == {"wkt", "centre"}
        assert geo["columns"]["wkt"]["geometry_types"] == ["Polygon"]
        assert "crs" not in geo["columns"]["wkt"]  # CRS84 is what its absence means
        assert geo["columns"]["centre"]["geometry_types"] == ["Point"]
        assert geo["columns"]["centre"]["crs"]["id"] == {"authority": "EPSG", "code": 3035}
        assert {geo["columns"][name]["encoding"] for name in geo["columns"]} == {"WKB"}
        assert metadata.row_group(0).num_rows <= 20_480
        assert metadata.schema.names[: len(READABLE)] == READABLE
        assert all(name.startswith("_") for name in metadata.schema.names[len(READABLE) :])


@pytest.mark.parametrize("whole", [False, True])
def test_geopandas(fields: Written, given: dict[str, Any], whole: bool) -> None:
    frame = gpd.read_parquet(fields.folder if whole else fields.paths[0])
    assert frame.active_geometry_name == "wkt"
    assert frame.crs == "OGC:CRS84"
    assert frame["centre"].crs.to_epsg() == 3035
    assert set(frame.geom_type) == {"Polygon"}
    assert len(frame) == (ROWS if whole else ROWS // 3)
    squares = _squares(given)
    assert (frame.geometry.to_numpy() == [squares[iri] for iri in frame["iri"]]).all()
    areas = dict(zip(given[SUBJECT], given["area"].tolist(), strict=True))
    assert frame["area"].tolist() == [areas[iri] for iri in frame["iri"]]


@pytest.mark.parametrize("whole", [False, True])
def test_pyarrow(fields: Written, given: dict[str, Any], whole: bool) -> None:
    rows = ds.dataset(fields.folder if whole else fields.paths[0], format="parquet").to_table()
    assert rows.num_rows == (ROWS if whole else ROWS // 3)
    assert rows.schema.field("sown").type == pa.date32()
    assert rows.schema.field("seen").type == pa.timestamp("us")
    assert rows.schema.field("share").type == pa.decimal128(38, 12)
    assert rows.schema.field("wkt").type == pa.binary()
    for name in ("geometry", "label", "note", "count", "irrigated", "sown", "seen"):
        values = pa.array(given[name], rows.schema.field(name).type).to_pylist()
        wanted = dict(zip(given[SUBJECT], values, strict=True))
        assert rows[name].to_pylist() == [wanted[iri] for iri in rows["iri"].to_pylist()]


@pytest.mark.parametrize("whole", [False, True])
def test_duckdb(
    con: duckdb.DuckDBPyConnection, fields: Written, given: dict[str, Any], whole: bool
) -> None:
    files = [str(path) for path in (fields.folder.glob("*.parquet") if whole else fields.paths[:1])]
    kinds = dict(
        con.execute("SELECT column_name, column_type FROM (DESCRIBE FROM read_parquet(?))", [files])
        .fetchall()
    )  # fmt: skip
    assert kinds["wkt"] == "GEOMETRY('OGC:CRS84')"
    assert kinds["centre"] == "GEOMETRY('EPSG:3035')"
    squares = _squares(given)
    rows = con.execute("SELECT iri, ST_AsWKB(wkt) FROM read_parquet(?)", [files]).fetchall()
    assert len(rows) == (ROWS if whole else ROWS // 3)
    assert all(shapely.from_wkb(bytes(wkb)) == squares[iri] for iri, wkb in rows)


def test_a_window_prunes_by_the_box_columns(fields: Written, given: dict[str, Any]) -> None:
    window = shapely.box(11.0, 47.0, 12.0, 47.5)
    names = {side: ds.field(box_column("wkt", side)) for side in ("xmin", "ymin", "xmax", "ymax")}
    west, south, east, north = window.bounds
    near = (
        (names["xmax"] >= west) & (names["xmin"] <= east)
        & (names["ymax"] >= south) & (names["ymin"] <= north)
    )  # fmt: skip
    found = ds.dataset(fields.folder, format="parquet").to_table(["iri"], filter=near)
    wanted = {iri for iri, square in _squares(given).items() if square.intersects(window)}
    assert wanted <= set(found["iri"].to_pylist())
    assert len(found) < 1.2 * len(wanted)


def test_a_table_without_geometry_is_plain_parquet(write: Callable[..., Written]) -> None:
    done = write(NOTES, work_rows(NOTES, some_notes(50)))
    assert b"geo" not in (pq.read_metadata(done.paths[0]).metadata or {})
    assert pq.read_table(done.paths[0])["note"].null_count == 0


@pytest.mark.skipif(
    "Parquet" not in pyogrio.list_drivers(),
    reason="this GDAL has no Parquet driver; install a pyogrio that was built with it",
)
def test_gdal(fields: Written, given: dict[str, Any]) -> None:
    frame = pyogrio.read_dataframe(fields.paths[0])
    assert frame.crs == "OGC:CRS84"
    assert set(frame.geom_type) == {"Polygon"}
    squares = _squares(given)
    assert (frame.geometry.to_numpy() == [squares[iri] for iri in frame["iri"]]).all()


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if shutil.which("java") is None:
        pytest.skip("Spark needs a Java runtime: apt-get install openjdk-17-jre-headless")
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("Spark is not installed: pip install 'geoloom[spark]'")
    from pyspark.sql import SparkSession  # optional dependency

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.memory": "512m",
    }
    builder = SparkSession.builder.master("local[1]").appName("parts")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_spark(spark: Any, fields: Written, given: dict[str, Any]) -> None:
    frame = spark.read.parquet(str(fields.folder))
    assert frame.columns[: len(READABLE)] == READABLE
    kinds = dict(frame.dtypes)
    assert (kinds["wkt"], kinds["share"], kinds["_iri_id"]) == (
        "binary",
        "decimal(38,12)",
        "bigint",
    )
    assert (kinds["sown"], kinds["seen"]) == ("date", "timestamp_ntz")
    rows = frame.collect()
    assert len(rows) == ROWS
    squares = _squares(given)
    at = {iri: k for k, iri in enumerate(given[SUBJECT])}
    sown = np.asarray(given["sown"]).astype(object)
    seen = np.asarray(given["seen"]).astype(object)
    for row in rows:
        k = at[row["iri"]]
        assert shapely.from_wkb(bytes(row["wkt"])) == squares[row["iri"]]
        assert (row["label"], row["note"]) == (given["label"][k], given["note"][k])
        assert (row["sown"], row["seen"]) == (sown[k], seen[k])
    assert isinstance(rows[0]["sown"], date)
    assert isinstance(rows[0]["seen"], datetime)
    counted = frame.filter(f"type = '{EX}class/1'").count()
    assert counted == given["type"].count(f"{EX}class/1")

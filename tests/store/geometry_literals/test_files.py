"""What lies in the files: lanes of one datatype, valid GeoParquet, text beside what is no WKT."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from ontology import (
    CRS84,
    GEO,
    GEOMETRY_DATATYPES,
    WKT_LITERAL,
    EntityBatch,
    GeoloomError,
    GeometryError,
    Lane,
    Property,
    TermColumn,
    format_geometries,
    lexical_forms,
    to_wkb,
)
from store import Store
from store.engine.connection import connect
from store.lower import register

GEOJSON, GML, KML = (GEO + name for name in ("geoJSONLiteral", "gmlLiteral", "kmlLiteral"))
SHAPES = [shapely.Point(14.3 + k / 100, 48.3) for k in range(30)]
NAMES = [f"http://x/{k}" for k in range(30)]
PREDICATES = dict(zip(GEOMETRY_DATATYPES, ("asWKT", "asGML", "asGeoJSON", "asKML"), strict=False))


def _batch(*datatypes: str, theme: str = "rdf") -> EntityBatch:
    links = [f"{name}/geometry" for name in NAMES]
    columns = tuple(
        Property(
            GEO + PREDICATES[datatype],
            TermColumn(Lane.GEOMETRY, to_wkb(SHAPES), crs=CRS84, datatype=datatype),
        )
        for datatype in datatypes
    )
    return EntityBatch(pa.array(links), columns, theme=theme)


def _features() -> EntityBatch:
    links = TermColumn(Lane.NODE, pa.array([f"{name}/geometry" for name in NAMES]))
    return EntityBatch(pa.array(NAMES), (Property(GEO + "hasGeometry", links),))


def _store(path: Path, tables: str, *batches: EntityBatch) -> Store:
    store = Store.create(path, tables=tables)  # type: ignore[arg-type]
    with store.begin() as sink:
        for batch in batches:
            sink.write(batch)
        sink.commit()
    return store


def test_each_datatype_has_a_lane_of_its_own(tmp_path: Path) -> None:
    store = _store(tmp_path / "s", "never", _batch(WKT_LITERAL, GML, GEOJSON, KML))
    lanes = store.snapshot().lanes
    assert {lane.datatype for lane in lanes} == {None, GML, GEOJSON, KML}
    for lane in lanes:
        (file,) = lane.files
        rows = pq.read_table(file.path)
        if lane.datatype is None:
            assert rows["lex"].null_count == 30
        else:
            written = format_geometries(rows["geom"].combine_chunks(), CRS84, lane.datatype)
            assert rows["lex"].to_pylist() == written.to_pylist()
            assert lane.datatype.rpartition("#")[2] in file.path.parts[-2]
        frame = geopandas.read_parquet(file.path)
        assert frame.crs.to_authority() == ("OGC", "CRS84")
        assert file.box is not None


@pytest.mark.parametrize("theme", ["rdf", "fields"])
def test_columns_of_tables_are_geoparquet_with_the_text_beside(tmp_path: Path, theme: str) -> None:
    store = _store(tmp_path / "s", "always", _batch(WKT_LITERAL, GML, GEOJSON, theme=theme))
    (table,) = store.snapshot().tables
    columns = {c.name: c.datatype for c in table.columns}
    assert sorted(columns.values(), key=str) == sorted([None, GML, GEOJSON], key=str)
    (part,) = table.parts
    frame = geopandas.read_parquet(part.path)
    described = json.loads(pq.read_metadata(part.path).metadata[b"geo"])
    assert set(described["columns"]) == set(columns)
    for name, datatype in columns.items():
        assert sorted(frame[name].x) == sorted(shape.x for shape in SHAPES)
        texts = frame[f"_{name}_lex"]
        assert texts.isna().all() if datatype is None else texts.notna().all()


@pytest.mark.parametrize("tables", ["never", "always"])
def test_features_are_read_once_whatever_their_serialisations(tmp_path: Path, tables: str) -> None:
    store = _store(tmp_path / "s", tables, _features(), _batch(GEOJSON, KML))
    (found,) = store.geometries()
    assert sorted(found.ids.to_pylist()) == sorted(NAMES)
    assert {shape.x for shape in shapely.from_wkb(found.wkb.to_pylist())} == {s.x for s in SHAPES}
    (only,) = store.geometries(path=(GEO + "hasGeometry", GEO + "asKML"))
    assert sorted(only.wkb.to_pylist()) == sorted(found.wkb.to_pylist())
    assert store.geometries(path=(GEO + "hasGeometry", GEO + "asWKT")) == []


def test_a_manifest_without_datatypes_is_read(tmp_path: Path) -> None:
    store = _store(tmp_path / "s", "never", _batch(WKT_LITERAL))
    path = tmp_path / "s" / "manifests" / "000001.json"
    document = json.loads(path.read_text())
    del document["digest"]
    document["format"] = 2
    for lane in document["lanes"]:
        del lane["key"]["datatype"], lane["systems"]
    path.write_text(json.dumps(document))
    (lane,) = Store.open(store.path).snapshot().lanes
    assert (lane.datatype, lane.crs, lane.systems) == (None, CRS84, ())


def test_lane_other_names_the_crs_of_what_can_be_read(tmp_path: Path) -> None:
    wkb = to_wkb(shapely.from_wkt(["POINT M (1 2 3)"]))
    column = TermColumn(Lane.GEOMETRY, wkb, crs=CRS84)
    store = Store.create(tmp_path / "s")
    with store.begin() as sink:
        sink.write(EntityBatch(pa.array(["http://x/a"]), (Property(GEO + "asWKT", column),)))
        sink.commit()
    (lane,) = store.snapshot().lanes
    assert (lane.lane, lane.systems) == (Lane.OTHER, (CRS84,))
    store.update(f'INSERT DATA {{ <http://x/b> <{GEO}asWKT> "POYNT"^^<{WKT_LITERAL}> }}')
    store.update(f'DELETE DATA {{ <http://x/a> <{GEO}asWKT> "POINT M (1 2 3)"^^<{WKT_LITERAL}> }}')
    assert [one.rows for one in store.snapshot().lanes] == [1]


def test_columns_say_what_is_wrong() -> None:
    wkb = to_wkb([shapely.Point(1, 2)])
    with pytest.raises(GeoloomError, match="datatype of geometry literals"):
        TermColumn(Lane.GEOMETRY, wkb, crs=CRS84, datatype="http://x/d")
    assert TermColumn(Lane.GEOMETRY, wkb, crs=CRS84, datatype=WKT_LITERAL).datatype is None


def test_texts_that_are_given_stay_and_others_are_written() -> None:
    wkb = to_wkb([shapely.Point(1, 2), shapely.Point(3, 4), None])
    given = pa.array(['{"coordinates":[1,2],"type":"Point"}', None, None])
    column = TermColumn(Lane.GEOMETRY, wkb, lexical=given, crs=CRS84, datatype=GEOJSON)
    assert lexical_forms(column).to_pylist() == [
        '{"coordinates":[1,2],"type":"Point"}',
        '{"type":"Point","coordinates":[3,4]}',
        None,
    ]


def test_a_geometry_that_its_serialisation_cannot_hold_is_an_error(tmp_path: Path) -> None:
    wkb = to_wkb(shapely.from_wkt(["POINT M (1 2 3)"]))
    column = TermColumn(Lane.GEOMETRY, wkb, crs=CRS84, datatype=GEOJSON)
    batch = EntityBatch(pa.array(["http://x/a"]), (Property(GEO + "asGeoJSON", column),))
    store = Store.create(tmp_path / "s")
    with pytest.raises(GeometryError, match="serialisation it is to have"), store.begin() as sink:
        sink.write(batch)
    assert store.snapshot().lanes == ()


def test_texts_of_python_functions_survive_a_coalesce() -> None:
    """DuckDB's COALESCE lets go of what an Arrow function lent it; ours are copied."""
    con = connect()
    register(con)
    written = f"gl_text_of(ST_AsWKB(ST_Point(i, 50)), '{CRS84}', '{GEOJSON}')"
    found = con.execute(
        f"SELECT i, coalesce(CASE WHEN i % 7 = 0 THEN 'x' END, {written}) FROM range(3000) t(i)"
    ).fetchall()
    for number, text in found:
        assert text == (
            "x" if number % 7 == 0 else f'{{"type":"Point","coordinates":[{number},50]}}'
        )

"""WKT says where things are: axis order and CRS of literals against pyproj and GDAL (GeoSPARQL)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyoxigraph
import pyproj
import pytest
import shapely

from mapper import load_mapping, run_mapping
from store import Store

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
SOURCES = {3035: (4.5e6, 2.7e6), 31287: (4.0e5, 4.0e5), 4326: (14.0, 48.0), 2193: (1.6e6, 5.4e6)}
CLOSE = {True: 1e-9, False: 1e-3}
"""Degrees, or metres."""


def shapes_of(code: int, count: int) -> np.ndarray:
    """Polygons with holes, lines, points and multi-polygons, with and without Z."""
    random, size = np.random.default_rng(code), 0.001 if code == 4326 else 100.0
    found = []
    for x, y in random.uniform(0, 50, (count, 2)) * size + SOURCES[code]:
        box = shapely.box(x, y, x + size, y + size)
        hole = shapely.box(x + size / 4, y + size / 4, x + size / 2, y + size / 2)
        kinds = [
            box, box.difference(hole), shapely.Point(x, y, 7.5), box.exterior,
            shapely.MultiPolygon([box, shapely.affinity.translate(box, 2 * size)]),
            shapely.force_3d(box, 3.5),
        ]  # fmt: skip
        found.append(kinds[len(found) % len(kinds)])
    return np.array(found)


def literal(text: str) -> tuple[str, shapely.Geometry]:
    """CRS and geometry of a wktLiteral, coordinates as written."""
    found = re.fullmatch(r"(?:<(\S+)> )?(.*)", text, re.DOTALL)
    assert found is not None
    return found[1] or "", shapely.from_wkt(found[2])


@pytest.mark.standard("GeoSPARQL 1.1, 8.5.1: axis order of wktLiteral")
@pytest.mark.parametrize("count", [12, 150])  # few are left to GEOS, many to kernels
@pytest.mark.parametrize("code", SOURCES)
@pytest.mark.parametrize(
    ("target", "name", "crs"),
    [
        ("", "", "OGC:CRS84"),
        ("CRS84", "", "OGC:CRS84"),
        ("EPSG:4326", EPSG + "4326", "EPSG:4326"),
        ("EPSG:32633", EPSG + "32633", "EPSG:32633"),
        ("source", None, None),
    ],
)
def test_literals_are_what_pyproj_says(
    run, turtle, tmp_path: Path, code: int, count: int, target: str, name: str | None, crs
) -> None:
    shapes = shapes_of(code, count)
    frame = geopandas.GeoDataFrame({"id": range(count)}, geometry=shapes, crs=f"EPSG:{code}")
    frame.to_file(tmp_path / "in.gpkg", engine="pyogrio")
    more = f'; gl:targetCRS "{target}"' if target else ""
    source = f'[ rml:source "in.gpkg" ; rml:referenceFormulation gl:Vector {more} ]'
    text = turtle('rml:reference "geometry" ; rml:datatype geo:wktLiteral', source=source)
    crs, name = crs or f"EPSG:{code}", EPSG + str(code) if name is None else name
    move = pyproj.Transformer.from_crs(f"EPSG:{code}", crs, always_xy=True)
    back = pyproj.CRS(crs).axis_info[0].direction == "north"

    def expected(rows: np.ndarray) -> np.ndarray:
        x, y = move.transform(rows[:, 0], rows[:, 1])
        return np.column_stack([y, x] if back else [x, y])

    wanted = shapely.transform(shapes, expected)
    limit = CLOSE[pyproj.CRS(crs).is_geographic]
    store = Store.create(tmp_path / "store")
    run_mapping(load_mapping(text), store.begin(), base_dir=tmp_path)
    store.dump(tmp_path / "dump.nt")
    stored = pyoxigraph.parse((tmp_path / "dump.nt").read_bytes(), pyoxigraph.RdfFormat.N_TRIPLES)
    for quads in (stored, run(text)):
        texts = dict(_written(quads))
        assert len(texts) == count
        for row, written in texts.items():
            said, geometry = literal(written)
            assert said == name
            found = shapely.get_coordinates(geometry)
            assert np.abs(found - shapely.get_coordinates(wanted[row])).max() <= limit
            assert geometry.has_z == shapes[row].has_z


def _written(quads: Iterable[Any]) -> Iterator[tuple[int, str]]:
    for quad in quads:
        yield int(quad.subject.value.rsplit("/", 1)[1]), quad.object.value


def test_gdal_says_the_same(run, turtle, tmp_path: Path) -> None:
    shapes = shapes_of(3035, 100)
    frame = geopandas.GeoDataFrame({"id": range(100)}, geometry=shapes, crs="EPSG:3035")
    frame.to_file(tmp_path / "in.gpkg", engine="pyogrio")
    source = '[ rml:source "in.gpkg" ; rml:referenceFormulation gl:Vector ]'
    text = turtle('rml:reference "geometry" ; rml:datatype geo:wktLiteral', source=source)
    theirs = frame.to_crs("OGC:CRS84").geometry
    for row, written in _written(run(text)):
        ours = shapely.get_coordinates(literal(written)[1])
        assert np.abs(ours - shapely.get_coordinates(theirs[row])).max() < 1e-9


@pytest.mark.parametrize("count", [3, 99])
def test_a_column_of_several_systems_and_types(run, turtle, tmp_path: Path, count: int) -> None:
    texts = [
        "POINT (14.5 48.25)",
        f"<{EPSG}4326> LINESTRING (48.25 14.5, 48.5 14.75)",
        f"<{EPSG}32633> POLYGON ((500000 5300000, 500100 5300000, 500100 5300100, 500000 5300000))",
    ]
    rows = "".join(f'{row},"{texts[row % 3]}"\n' for row in range(count))
    run.file("in.csv", f"id,v\n{rows}")
    keep = (
        '[ rml:source "in.csv" ; rml:referenceFormulation rml:CSV ; gl:targetCRS "source" ]',
        '[ rml:source "in.csv" ; rml:referenceFormulation rml:CSV ]',
    )
    value = 'rml:reference "v" ; rml:datatype geo:wktLiteral'
    as_given = dict(_written(run(turtle(value, source=keep[0]))))
    assert as_given == {row: texts[row % 3] for row in range(count)}
    mapping = turtle(value, source=keep[1])
    store = Store.create(tmp_path / "store")
    run_mapping(load_mapping(mapping), store.begin(), base_dir=tmp_path)
    store.dump(tmp_path / "dump.nt")
    stored = pyoxigraph.parse((tmp_path / "dump.nt").read_bytes(), pyoxigraph.RdfFormat.N_TRIPLES)
    assert store.snapshot().manifest.triples == count
    here = dict(_written(run(mapping)))
    assert dict(_written(stored)) == here
    x, y = pyproj.Transformer.from_crs(32633, "OGC:CRS84", always_xy=True).transform(5e5, 53e5)
    for row, text in here.items():
        said, shape = literal(text)
        expected = [(14.5, 48.25), (14.5, 48.25), (x, y)][row % 3]
        assert said == ""
        assert np.abs(shapely.get_coordinates(shape)[0] - expected).max() < 1e-9


def test_odd_rows_among_many_are_told_apart(run, turtle, tmp_path: Path) -> None:
    bow = "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))"
    odd = {
        7: "POINT M (1 2 3)",
        20: bow,
        33: "CIRCULARSTRING (0 0, 1 1, 2 0)",
        41: "POINT (1e999 2)",
    }
    odd |= {50: "POLYGON ((0 0, 1 1, 0 0))", 60: "POINT (500000 5300000)", 64: "POINT EMPTY"}
    rows = "".join(f'{row},"{odd.get(row, f"POINT ({row} 1)")}"\n' for row in range(100))
    run.file("in.csv", f"id,v\n{rows}")
    mapping = turtle('rml:reference "v" ; rml:datatype geo:wktLiteral')
    store = Store.create(tmp_path / "store")
    report = run_mapping(load_mapping(mapping), store.begin(), base_dir=tmp_path)
    bad = {entry.row - 1 for entry in report.quarantine}
    assert bad == {33, 41, 50, 60}
    assert report.rows_mapped == 96 == store.snapshot().manifest.triples
    assert any("1 invalid geometries" in remark for remark in report.remarks)
    assert dict(_written(run(mapping))).keys() == {*range(100)} - bad

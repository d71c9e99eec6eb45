"""Planar distances between polygons: DuckDB's own are 0 for many that lie apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from ontology import crs_iri, format_wkt
from store import Store

LAEA = crs_iri("EPSG:3035")
PREFIXES = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
"""


def _shapes() -> list[object]:
    random = np.random.default_rng(3)
    corners = random.integers(0, 12, (24, 2)) * 1000.0 + (4_700_000, 2_700_000)
    boxes = shapely.box(*corners.T, *(corners + random.integers(1, 3, (24, 2)) * 1000).T)
    holed = [box.difference(box.buffer(-200)) for box in boxes[:6]]
    mixed = [shapely.GeometryCollection([box, shapely.Point(box.bounds[:2])]) for box in boxes[6:9]]
    lines = [shapely.LineString(pair) for pair in np.split(corners[9:15], 3)]
    return [*holed, *mixed, *lines, *shapely.points(corners[15:18]), *boxes[18:]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    wkb = pa.array(shapely.to_wkb(_shapes(), flavor="iso"), pa.binary())
    lines = [
        f'<http://ex/{k}> <http://www.opengis.net/ont/geosparql#asWKT> "{text}"'
        "^^<http://www.opengis.net/ont/geosparql#wktLiteral> ."
        for k, text in enumerate(format_wkt(wkb, LAEA).to_pylist())
    ]
    folder: Path = tmp_path_factory.mktemp("planar")
    (folder / "data.nt").write_text("\n".join(lines), encoding="utf-8")
    made = Store.create(folder / "store")
    made.load(folder / "data.nt")
    return made


def test_distances_are_shapelys(store: Store) -> None:
    shapes = _shapes()
    text = f"""{PREFIXES} SELECT ?a ?b ?d {{ ?a geo:asWKT ?g . ?b geo:asWKT ?h
        BIND(geof:distance(?g, ?h, uom:metre) AS ?d) }}"""
    rows = store.query(text).terms().to_pylist()
    assert len(rows) == len(shapes) ** 2
    for row in rows:
        a, b = (shapes[int(row[name]["value"].rsplit("/", 1)[1])] for name in "ab")
        assert float(row["d"]["value"]) == pytest.approx(shapely.distance(a, b), abs=1e-6)


@pytest.mark.parametrize("metres", [0, 900, 1000, 3000])
@pytest.mark.parametrize("optimise", [True, False])
def test_joins_are_shapelys(store: Store, metres: int, optimise: bool) -> None:
    shapes = np.array(_shapes(), object)
    expected = int(np.sum(shapely.distance(shapes[:, None], shapes) <= metres))
    text = f"""{PREFIXES} SELECT (COUNT(*) AS ?n) {{ ?a geo:asWKT ?g . ?b geo:asWKT ?h
        FILTER(geof:distance(?g, ?h, uom:metre) <= {metres}) }}"""
    (row,) = store.query(text, optimise=optimise).terms().to_pylist()
    assert int(row["n"]["value"]) == expected

"""Spatial aggregates and the new functions through whole queries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from ontology import PREFIXES, Literal, QuerySyntaxError, UnsupportedError
from store import Store
from store.lower.geometry import collected

PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
LAEA = "<http://www.opengis.net/def/crs/EPSG/0/3035>"
LAT = "<http://www.opengis.net/def/crs/EPSG/0/4326>"
GROUPS = {
    "boxes": ["POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))", "POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))"],
    "crs": [f"{LAEA} POINT (3210000 4321000)", "POINT (10 52)", f"{LAT} POINT (52 10)"],
    "broken": ["POINT (1 1)", "POINT (1"],
    "empty": ["POINT EMPTY", "POLYGON EMPTY"],
    "lines": ["LINESTRING (0 0, 1 1)", "LINESTRING (1 1, 2 0)"],
    "twice": ["POINT (0 0)", "POINT (0 0)", "POINT (3 3)"],
    "bow": ["POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", "POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0))"],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.create(Path(tmp_path_factory.mktemp("aggregates")) / "store")


def _made(store: Store, call: str, group: str, more: str = "") -> str | None:
    rows = " ".join(f'"{text}"^^geo:wktLiteral' for text in GROUPS[group])
    query = f"{PROLOGUE} SELECT ({call} AS ?x) {{ VALUES ?g {{ {rows} {more} }} }}"
    (row,) = store.query(query).rows()
    found = row.get("x")
    assert found is None or isinstance(found, Literal)
    return None if found is None else found.lexical


@pytest.mark.standard("GeoSPARQL 1.1 §8.4.5")
@pytest.mark.parametrize(
    ("call", "group", "wkt"),
    [
        ("geof:aggUnion(?g)", "boxes", "POLYGON ((0 0, 0 2, 1 2, 1 3, 3 3, 3 1, 2 1, 2 0, 0 0))"),
        ("geof:union(DISTINCT ?g)", "lines", "MULTILINESTRING ((0 0, 1 1), (1 1, 2 0))"),
        ("strdf:union(?g)", "crs", f"{LAEA} POINT (3210000 4321000)"),
        ("geof:aggunion(?g)", "broken", None),
        ("geof:aggUnion(?g)", "bow", None),
        ("strdf:intersection(?g)", "boxes", "POLYGON ((1 1, 1 2, 2 2, 2 1, 1 1))"),
        ("strdf:extent(?g)", "boxes", "POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0))"),
        ("geof:aggBoundingBox(?g)", "crs", f"{LAEA} POINT (3210000 4321000)"),
        ("geof:aggboundingBox(?g)", "empty", "POINT EMPTY"),
        ("geof:aggConvexHull(?g)", "boxes", "POLYGON ((0 0, 0 2, 1 3, 3 3, 3 1, 2 0, 0 0))"),
        ("geof:aggConcaveHull(?g, 1)", "boxes", "POLYGON ((0 0, 0 2, 1 3, 3 3, 3 1, 2 0, 0 0))"),
        ("geof:aggConcaveHull(?g, 3)", "boxes", None),
        ("geof:aggCentroid(?g)", "boxes", "POINT (1.5 1.5)"),
        ("geof:aggCentroid(?g)", "twice", "POINT (1 1)"),
        ("geof:aggCentroid(DISTINCT ?g)", "twice", "POINT (1.5 1.5)"),
        ("geof:aggCentroid(?g)", "empty", "POINT EMPTY"),
        ("geof:aggConcatLines(?g)", "lines", "LINESTRING (0 0, 1 1, 2 0)"),
        ("geof:aggConcatLines(?g)", "boxes", None),
        ("geof:aggBoundingCircle(?g)", "twice", "circle"),
    ],
)
def test_aggregates(store: Store, call: str, group: str, wkt: str | None) -> None:
    found = _made(store, call, group)
    if wkt == "circle":
        assert shapely.from_wkt(found).covers(shapely.from_wkt("LINESTRING (0 0, 3 3)"))
    elif wkt is None or wkt.startswith("<") or "EMPTY" in wkt:
        assert found == wkt
    else:
        assert shapely.from_wkt(found).equals(shapely.from_wkt(wkt))


def test_an_unbound_member_is_an_error_and_so_is_an_empty_group(store: Store) -> None:
    assert _made(store, "geof:aggUnion(?g)", "boxes", "UNDEF") is None
    assert _made(store, "strdf:extent(?g)", "boxes", "1") is None
    query = f"{PROLOGUE} SELECT (geof:aggUnion(?g) AS ?x) {{ ?s geo:asWKT ?g }}"
    assert list(store.query(query).rows()) == [{}]


def test_aggregates_stand_where_count_may(store: Store) -> None:
    rows = " ".join(
        f'("{name}" "{text}"^^geo:wktLiteral)' for name in ("boxes", "lines")
        for text in GROUPS[name]
    )  # fmt: skip
    query = (
        f"{PROLOGUE} SELECT ?k (geof:union(SAMPLE(?g), MIN(?g)) AS ?two) {{"
        f" VALUES (?k ?g) {{ {rows} }} }} GROUP BY ?k"
        " HAVING (geof:metricArea(geof:union(?g)) >= 0) ORDER BY geof:maxX(geof:aggUnion(?g))"
    )
    found = [row["k"].lexical for row in store.query(query).rows()]
    assert found == ["lines", "boxes"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * { ?s ?p ?g FILTER(geof:aggUnion(?g)) }", QuerySyntaxError),
        ("SELECT (geof:aggConcaveHull(?g, ?p) AS ?x) { ?s ?p ?g }", QuerySyntaxError),
        ("SELECT (geof:aggNothing(?g) AS ?x) { ?s ?p ?g }", UnsupportedError),
        ('SELECT (geof:aggConcaveHull(?g, "a") AS ?x) { BIND("POINT (1 1)"^^geo:wktLiteral AS ?g)}',
         UnsupportedError),
    ],
)  # fmt: skip
def test_bad_aggregates_are_named(store: Store, text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        list(store.query(PROLOGUE + text).rows())


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("geof:geometryN(?m, 2)", "POINT (2 2)"), ("geof:geometryN(?m, 3)", None),
        ("geof:geometryN(?m, 0)", None), ("geof:geometryN(?p, 1)", "POINT (10 52)"),
        ("geof:envelope(?l)", "LINESTRING (0 0, 0 5)"), ("geof:centroid(?bow)", "POINT (1 1)"),
        ("geof:dimension(?none)", None), ("geof:distance(?none, ?p, uom:metre)", None),
        ("geof:sfEquals(?none, ?none)", "true"), ("geof:sfDisjoint(?none, ?none)", "true"),
        ("geof:transform(?p, ?laea)", f"{LAEA} POINT (3210000 4321000)"),
        ("geof:transform(?p, ?m)", None), ("geof:transform(?off, ?laea)", None),
        ("geof:concaveHull(?m, 2)", None), ("geof:asKML(?p)", "KML"), ("geof:asGML(?p)", "GML"),
        ('geof:asGML(?p, "gml-sf0")', "GML"), ("geof:maxx(?m)", "2.0"),
        ("geof:length(?l, ?yard)", None), ("strdf:left(?l, ?p)", "true"),
        ("strdf:mbbContains(?m, ?l)", "false"), ("strdf:asText(?p)", "POINT (10 52)"),
        ("geof:asDGGS(?p, <https://h3geo.org/res/3>)", "CELL"),
        ("geof:relate(?p, ?p, ?pattern)", "true"), ("geof:relate(?p, ?p, ?m)", None),
    ],
)  # fmt: skip
def test_functions(store: Store, call: str, expected: str | None) -> None:
    bound = {
        "m": "MULTIPOINT ((1 1), (2 2))", "p": "POINT (10 52)", "l": "LINESTRING (0 0, 0 5)",
        "bow": GROUPS["bow"][0], "none": "GEOMETRYCOLLECTION EMPTY", "off": "POINT (10 95)",
    }  # fmt: skip
    values = " ".join(f'BIND("{text}"^^geo:wktLiteral AS ?{name})' for name, text in bound.items())
    values += f" VALUES ?laea {{ {LAEA} }} VALUES ?yard {{ uom:hectare }}"
    values += ' VALUES ?pattern { "t********" }'
    (row,) = store.query(f"{PROLOGUE} SELECT ({call} AS ?x) {{ {values} }}").rows()
    found = row.get("x")
    text = found.lexical if isinstance(found, Literal) else None
    if expected in ("KML", "GML", "CELL"):
        assert text is not None
        assert expected.lower() in text.lower() or "<Point" in text
    else:
        assert text == expected


def test_large_groups_are_taken_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collected, "_PIECE", 7)
    monkeypatch.setattr(collected, "_BATCH", 20)
    boxes = shapely.box(
        *np.indices((10, 10)).reshape(2, -1), *1 + np.indices((10, 10)).reshape(2, -1)
    )
    sizes = [50, 0, 1, 3, 30, 16]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    lists = pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.array(shapely.to_wkb(boxes), pa.binary())
    )
    functions = {"gl_all_union": shapely.union_all, "gl_all_intersection": shapely.intersection_all}
    functions["gl_all_hull"] = lambda group: shapely.convex_hull(shapely.multipolygons(group))
    functions["gl_all_centroid"] = lambda group: shapely.centroid(shapely.multipolygons(group))
    for name, whole in functions.items():
        found = shapely.from_wkb(collected.COLLECTED_COLUMNS[name][0](lists).to_pylist())
        for group, shape in enumerate(found):
            if sizes[group]:
                expected = whole(boxes[offsets[group] : offsets[group + 1]])
                assert shapely.equals(shape, expected) or shape.distance(expected) < 1e-9

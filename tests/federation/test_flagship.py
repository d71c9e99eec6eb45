"""Points against fields within 10 m and through a crosswalk, over two sources.

The harness: 200 m squares on a 300 m grid with 17 codes; of each ten points six lie inside a
field with a code their pair maps to, two inside one with another, one lies 1-9 m outside of a
mapped one, one 12-40 m outside. The crosswalk has 26 rows, n:m, keyed on a pair of literals.
Both sources use the same geometry predicates and have no rdf:type.
"""

from __future__ import annotations

import math

import pyoxigraph as ox
import pyproj
import pytest

from federation import Federation, Source
from ontology import IncompleteError
from store import Store

GEOD = pyproj.Geod(ellps="WGS84")
GEOF = "http://www.opengis.net/def/function/geosparql/"
PREFIXES = """
PREFIX f: <http://example.org/fields/ns#> PREFIX l: <http://example.org/lucas/ns#>
PREFIX m: <http://example.org/map/ns#> PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
"""
PAIRS = """SELECT ?p ?field WHERE {
  ?field f:crop ?number ; geo:hasGeometry/geo:asWKT ?area .
  ?p l:lc1 ?lc1 ; l:spec ?spec ; geo:hasGeometry/geo:asWKT ?place .
  ?c m:lc1 ?lc1 ; m:spec ?spec ; m:number ?number .
  FILTER(geof:distance(?place, ?area, uom:metre) < 10)
}"""
NO_FIELD = """SELECT ?p WHERE {
  ?p l:lc1 ?lc1 ; geo:hasGeometry/geo:asWKT ?place .
  FILTER NOT EXISTS {
    ?field f:crop ?number ; geo:hasGeometry/geo:asWKT ?area .
    FILTER(geof:distance(?place, ?area, uom:metre) < 10)
  }
}"""
COUNT = """SELECT (COUNT(*) AS ?n) WHERE {
  ?field f:crop ?number ; geo:hasGeometry/geo:asWKT ?area .
  ?p l:lc1 ?lc1 ; geo:hasGeometry/geo:asWKT ?place .
  FILTER(geof:distance(?place, ?area, uom:metre) < 10)
}"""
FIELDS, POINTS, COLUMNS = 2000, 200, 50
ROWS = [(j % 20, j % 17) for j in range(26)]  # (pair, code)


def corner(k: int, latitude: float) -> tuple[float, float, float, float]:
    east = 1 / (111_320 * math.cos(math.radians(latitude)))
    x, y = 15.5 + (k % COLUMNS) * 300 * east, latitude + (k // COLUMNS) * 300 / 111_200
    return x, y, x + 200 * east, y + 200 / 111_200


def literal(pair: int) -> str:
    return f'"B{pair % 7}" ; {{0}}:spec "s{pair}"'


def geometry(kind: str, k: int, wkt: str) -> str:
    node = f"<http://example.org/{kind}/geometry/{k}>"
    typed = f'"{wkt}"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
    return f"geo:hasGeometry {node} . {node} geo:asWKT {typed} .\n"


def fields(latitude: float) -> str:
    lines = [PREFIXES]
    for k in range(FIELDS):
        w, s, e, n = corner(k, latitude)
        wkt = f"POLYGON(({w} {s}, {e} {s}, {e} {n}, {w} {n}, {w} {s}))"
        subject = f"<http://example.org/fields/field/{k}>"
        lines.append(f"{subject} f:crop {k % 17} ; {geometry('fields', k, wkt)}")
    return "".join(lines)


def points(latitude: float) -> str:
    lines = [PREFIXES]
    for j, (pair, code) in enumerate(ROWS):
        lines.append(
            f'<http://example.org/map/row/{j}> m:lc1 "B{pair % 7}" ; m:spec "s{pair}" ;'
            f" m:number {code} .\n"
        )
    for i in range(POINTS):
        k = i * 9
        w, s, e, n = corner(k, latitude)
        mapped = i % 10 not in (6, 7)
        pair = next(p for p in range(20) if ((p, k % 17) in ROWS) is mapped)
        x, y = (w + e) / 2, (s + n) / 2
        if i % 10 >= 8:
            away = 1 + i % 80 / 10 if i % 10 == 8 else 12 + i % 28
            x, y, _ = GEOD.fwd(e, y, 90, away)
        lines.append(
            f'<http://example.org/lucas/point/{i}> l:lc1 "B{pair % 7}" ; l:spec "s{pair}" ;'
            f" {geometry('lucas', i, f'POINT({x} {y})')}"
        )
    return "".join(lines)


@pytest.fixture(scope="module", params=[48.2, 65.0], ids=["48N", "65N"])
def world(request: pytest.FixtureRequest) -> tuple[ox.Store, ox.Store]:
    stores = []
    for text in (fields(request.param), points(request.param)):
        store = ox.Store()
        store.bulk_load(text.encode(), format=ox.RdfFormat.TURTLE)
        stores.append(store)
    return stores[0], stores[1]


def pair_federation(serve, world, **options):
    a, b = (serve(store) for store in world)
    federation = Federation(
        [Source("fields", endpoint=a.url, **options), Source("lucas", endpoint=b.url, **options)]
    )
    return federation, a, b


def size(result) -> int:
    return len(result.json()["results"]["bindings"])


def test_pairs_over_two_endpoints(serve, world):
    federation, a, b = pair_federation(serve, world)
    result = federation.query(PREFIXES + PAIRS)
    assert size(result) == 140
    assert result.info["completeness"].complete
    cold = a.requests + b.requests
    assert cold <= 10
    assert size(federation.query(PREFIXES + PAIRS)) == 140
    assert a.requests + b.requests - cold <= 3
    assert result.info["completeness"].requests == cold


def test_fields_in_a_store_points_at_an_endpoint(serve, world, tmp_path):
    fields, points = world
    fields.dump(tmp_path / "fields.nt", ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    store = Store.create(tmp_path / "store")
    store.load(tmp_path / "fields.nt")
    b = serve(points)
    federation = Federation([Source("lucas", endpoint=b.url)], store=store)
    for query, expected in ((PAIRS, 140), (NO_FIELD, 20)):
        assert size(federation.query(PREFIXES + query, strict=True)) == expected
    assert b.requests <= 10


def test_points_without_field_and_counts(serve, world):
    federation, _a, _b = pair_federation(serve, world)
    assert size(federation.query(PREFIXES + NO_FIELD)) == 20
    (row,) = federation.query(PREFIXES + COUNT).json()["results"]["bindings"]
    assert row["n"]["value"] == "180"


def test_row_caps_are_found_and_paged_through(serve, world):
    federation, a, b = pair_federation(serve, world)
    a.row_cap = b.row_cap = 1000
    result = federation.query(PREFIXES + NO_FIELD)
    report = result.info["completeness"]
    assert size(result) == 20
    assert report.complete
    assert "row cap 1000" in str(report)


def test_a_cap_that_cannot_be_paged_is_flagged(serve, world):
    federation, a, _b = pair_federation(serve, world)
    federation.query(PREFIXES + PAIRS)
    a.row_cap = 1000
    a.misbehave = lambda text: (500, {}, b"sort too large") if "ORDER BY" in text else None
    result = federation.query(PREFIXES + NO_FIELD)
    report = result.info["completeness"]
    assert not report.complete
    assert report.wrong_rows_possible
    assert {s.name: s.status for s in report.sources} == {"fields": "capped", "lucas": "used"}
    with pytest.raises(IncompleteError, match="fields"):
        federation.query(PREFIXES + NO_FIELD, strict=True)


def lying_distance(*args):
    return None


def test_functions_that_do_not_work_are_not_used(serve, world):
    federation, a, b = pair_federation(serve, world, functions=(GEOF + "distance",))
    a.functions = b.functions = {GEOF + "distance": lying_distance}
    assert size(federation.query(PREFIXES + PAIRS)) == 140
    near = """SELECT ?p { ?p l:lc1 ?x ; geo:hasGeometry/geo:asWKT ?w
        FILTER(geof:distance(?w, "POINT(15.5 48.2)"^^geo:wktLiteral, uom:metre) < 20000000) }"""
    result = federation.query(PREFIXES + near)
    assert size(result) == POINTS
    assert "does not have a working" in str(result.info["completeness"])


@pytest.mark.parametrize("described", [True, False])
def test_a_dead_source_is_never_silent(serve, world, described):
    federation, a, _b = pair_federation(serve, world, timeout=0.5)
    if described:
        federation.query(PREFIXES + PAIRS)
    a.misbehave = lambda text: (500, {}, b"out of order")
    for query in (PAIRS, NO_FIELD):
        result = federation.query(PREFIXES + query)
        report = result.info["completeness"]
        assert not report.complete
        assert {s.name: s.status for s in report.sources}["fields"] == "failed"
        assert "out of order" in str(report)
        assert report.wrong_rows_possible is (query is NO_FIELD)
        with pytest.raises(IncompleteError, match="out of order"):
            federation.query(PREFIXES + query, strict=True)

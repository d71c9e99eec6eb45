from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyoxigraph as ox
import pyproj
import pytest
import shapely

from federation import Federation, Source, execute
from federation.spatial import Near, boxes_of, meets, nearness
from ontology import Literal
from store import algebra as al
from store import parse_query

GEOD = pyproj.Geod(ellps="WGS84")
GEOF = "http://www.opengis.net/def/function/geosparql/"


@pytest.mark.parametrize("latitude", [0.0, 48.2, 65.0, 84.0, -72.0])
@pytest.mark.parametrize("metres", [1.0, 10.0, 5000.0])
def test_boxes_hold_everything_within_the_distance(latitude, metres):
    random = np.random.default_rng(7)
    lon, lat = 15 + random.random(200) * 3, latitude + random.random(200)
    boxes = boxes_of(pa.array([f"POINT({x} {y})" for x, y in zip(lon, lat, strict=True)]), metres)
    assert len(boxes) <= 81
    area = shapely.union_all(shapely.box(*boxes.T))
    for bearing in range(0, 360, 15):
        x, y, _ = GEOD.fwd(lon, lat, np.full(200, bearing), np.full(200, metres))
        assert shapely.covers(area, shapely.points(x, y)).all()
    assert area.area < 4 * (3 + 0.1) * (1 + 0.1)


def test_boxes_at_the_edges_of_the_map_are_not_made():
    assert boxes_of(pa.array(["POINT(179.99999 10)"]), 10) is None
    assert boxes_of(pa.array(["POINT(0 89.9999)"]), 1000) is None
    assert len(boxes_of(pa.array(["POINT EMPTY", "rubbish"]), 1000)) == 0


def test_other_crs_are_placed():
    text = "<http://www.opengis.net/def/crs/EPSG/0/3035> POINT(2738000 4610000)"
    (box,) = boxes_of(pa.array([text]), 10)
    assert 13 < box[0] < box[2] < 15
    assert 47 < box[1] < box[3] < 49


def test_meets():
    boxes = np.array([[15.0, 48.0, 16.0, 49.0]])
    assert meets(boxes, (15.5, 48.5, 20, 60))
    assert not meets(boxes, (16.5, 48.5, 20, 60))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("geof:distance(?a, ?b, uom:metre) < 10", [("a", "b", 10)]),
        ("10 >= geof:distance(?a, ?b, uom:kilometre)", [("a", "b", 10_000)]),
        ("geof:sfWithin(?a, ?b) && ?c > 1", [("a", "b", 0)]),
        ("geof:distance(?a, ?b, uom:metre) > 10", []),
        ("geof:distance(?a, ?b, uom:degree) < 10", []),
        ("geof:distance(?a, ?b, uom:metre) < ?c", []),
        ("geof:sfDisjoint(?a, ?b)", []),
        ("geof:sfWithin(?a, ?b) || ?c > 1", []),
        ("!geof:sfWithin(?a, ?b)", []),
    ],
)
def test_nearness_is_read_from_filters(text, expected):
    plan = parse_query(f"SELECT * {{ ?s ?p ?a, ?b, ?c FILTER({text}) }}").plan
    while not isinstance(plan, al.Filter):
        (plan,) = al.child_plans(plan)
    found = nearness(plan.condition)
    assert list(found) == [Near(al.Var(a), al.Var(b), m) for a, b, m in expected]
    for near in found:
        assert near.partner("a") == al.Var("b")


WKT = "<http://www.opengis.net/ont/geosparql#wktLiteral>"
PREFIX = "PREFIX : <http://example.org/> "
TOWNS = "@prefix : <http://example.org/> ." + "".join(
    f':t{i} :town "POINT({15 + i / 50} {65 + i / 100})"^^{WKT} .\n' for i in range(5)
)
TREES = "@prefix : <http://example.org/> ." + "".join(
    f':x{i} :tree "POINT({15 + i / 10_000} 65)"^^{WKT} .\n' for i in range(2000)
)
NEAR = """SELECT ?t ?x { ?t :town ?w . ?x :tree ?v
          FILTER(geof:distance(?w, ?v, uom:metre) < 50) }"""


def intersects(a, b):
    shapes = [shapely.from_wkt(term.value) for term in (a, b)]
    return ox.Literal(bool(shapely.intersects(*shapes)))


@pytest.fixture
def near_towns(serve, monkeypatch):
    monkeypatch.setattr(execute, "_WINDOW_ROWS", 1000.0)
    towns, trees = serve(TOWNS), serve(TREES)
    return towns, trees


def ask(towns, trees, **options):
    federation = Federation(
        [Source("towns", endpoint=towns.url), Source("trees", endpoint=trees.url, **options)]
    )
    result = federation.query(PREFIX + NEAR, strict=True)
    found = {s.name: s for s in result.info["completeness"].sources}
    return len(result.json()["results"]["bindings"]), found["trees"]


def test_only_the_neighbourhood_of_known_geometries_is_fetched(near_towns):
    towns, trees = near_towns
    trees.functions = {GEOF + "sfIntersects": intersects}
    with_window, report = ask(towns, trees)
    assert report.rows < 200
    assert sum("MULTIPOLYGON" in text for text in trees.queries) == 1
    trees.functions = {GEOF + "sfIntersects": lambda *_: None}
    without, report = ask(towns, trees)
    assert report.rows > 2000
    assert with_window == without == 11  # 1e-4 degrees are 4.7 m here; only :t0 lies on the line


def test_no_window_over_geometries_in_another_crs(near_towns):
    towns, trees = near_towns
    trees.functions = {GEOF + "sfIntersects": intersects}
    trees.store.update(
        "INSERT DATA { <http://example.org/y> <http://example.org/tree> "
        f'"<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(65 15)"^^{WKT} }}'
    )
    found, _ = ask(towns, trees)
    assert not any("MULTIPOLYGON" in text for text in trees.queries)
    assert found == 12


def test_a_source_whose_box_lies_elsewhere_is_not_asked(near_towns):
    towns, trees = near_towns
    found, report = ask(towns, trees, box=(20, 40, 25, 45))
    assert found == 0
    assert report.rows < 100
    assert "can lie near enough" in str(report)


def test_the_constant_of_a_filter_prunes_by_box_too(near_towns):
    _, trees = near_towns
    federation = Federation([Source("trees", endpoint=trees.url, box=(10, 60, 20, 70))])
    near = 'geof:distance(?v, "POINT({} 65)"^^geo:wktLiteral, uom:metre) < 50'
    for place, expected in ((15, 11), (45, 0)):
        text = PREFIX + f"SELECT ?x {{ ?x :tree ?v FILTER({near.format(place)}) }}"
        result = federation.query(text, strict=True)
        assert len(result.json()["results"]["bindings"]) == expected


def test_a_literal_end(serve):
    assert Near(al.Var("a"), Literal("POINT(1 1)"), 0).partner("a") == Literal("POINT(1 1)")

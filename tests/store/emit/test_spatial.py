"""Spatial conditions run as SPATIAL_JOIN or as a window, and give what shapely says."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from ontology import IRI, metres_distance
from store import Store, explain, run_query

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
COUNT = 40
PREFIXES = "PREFIX : <http://ex/>\n"
PAIRS = (
    "?f a :Field ; geo:hasGeometry/geo:asWKT ?fw . ?s a :Sample ; geo:hasGeometry/geo:asWKT ?sw ."
)
NESTED = ("NL_JOIN", "NESTED_LOOP", "CROSS_PRODUCT")

Shapes = npt.NDArray[np.object_]


def _turtle(kind: str, shapes: Shapes) -> str:
    lines = ["@prefix : <http://ex/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> ."]
    for k, shape in enumerate(shapes):
        name = f"{kind}{k}"
        lines.append(
            f":{name} a :{kind} ; :cls :c{k % 3} ; :rank {k} ; geo:hasGeometry :g{name} . "
            f':g{name} geo:asWKT "{shapely.to_wkt(shape, rounding_precision=-1)}"^^geo:wktLiteral .'
        )
    return "\n".join(lines)


@pytest.fixture(scope="module")
def shapes() -> dict[str, Shapes]:
    random = np.random.default_rng(7)
    corners = random.uniform((25, 65), (25.06, 65.03), (COUNT, 2))
    fields = shapely.box(corners[:, 0], corners[:, 1], corners[:, 0] + 0.01, corners[:, 1] + 0.01)
    places = random.uniform((25, 65), (25.07, 65.04), (COUNT, 2))
    return {"Field": fields, "Sample": shapely.points(places)}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, shapes: dict[str, Shapes]) -> Store:
    folder = tmp_path_factory.mktemp("spatial")
    made = Store.create(folder / "store")
    far = shapely.points(np.array([[100.0, 10.0], [101.0, 11.0]]))
    for kind, some in (*shapes.items(), ("Far", far)):
        file = folder / f"{kind}.ttl"
        file.write_text(_turtle(kind, some), encoding="utf-8")
        made.load(file)
    return made


def pairs(store: Store, text: str, *, optimise: bool = True) -> set[tuple[int, int]]:
    rows = run_query(store.snapshot(), PREFIXES + text, optimise=optimise).rows()
    return {(_number(row.get("f")), _number(row.get("s"))) for row in rows}


def _number(term: object) -> int:
    if not isinstance(term, IRI):
        return -1
    return int("".join(c for c in term.value.rsplit("/", 1)[1] if c.isdigit()))


def brute(shapes: dict[str, Shapes], test: npt.NDArray[np.bool_]) -> set[tuple[int, int]]:
    return {(int(f), int(s)) for f, s in np.argwhere(test)}


def matrix(shapes: dict[str, Shapes]) -> tuple[Shapes, Shapes]:
    return shapes["Field"][:, None], shapes["Sample"][None, :]


RELATIONS = {
    "geof:sfContains(?fw, ?sw)": shapely.contains,
    "geof:sfWithin(?sw, ?fw)": shapely.contains,
    "geof:sfIntersects(?fw, ?sw)": shapely.intersects,
    "geof:ehContains(?fw, ?sw)": shapely.contains_properly,
    "geof:relate(?fw, ?sw, 'T*****FF*')": shapely.contains,
    "geof:sfContains(?fw, ?sw) || geof:sfTouches(?fw, ?sw)": shapely.intersects,
}


@pytest.mark.standard("GeoSPARQL 1.1 §9.2 Req 21-24")
@pytest.mark.parametrize("condition", RELATIONS)
def test_relations_join_spatially(store: Store, shapes: dict[str, Shapes], condition: str) -> None:
    text = f"SELECT ?f ?s {{ {PAIRS} FILTER({condition}) }}"
    wanted = brute(shapes, RELATIONS[condition](*matrix(shapes)))
    assert wanted
    assert pairs(store, text) == wanted
    assert pairs(store, text, optimise=False) == wanted
    plan = explain(store.snapshot(), PREFIXES + text)
    assert "SPATIAL_JOIN" in str(plan.physical)
    assert not any(word in str(plan.physical) for word in NESTED)
    assert "recognise_spatial_joins" in plan.fired


@pytest.mark.parametrize(
    ("extra", "joined"),
    [
        ("?f :cls ?c . ?s :cls ?c", True),
        ("?f :cls ?c . ?s :cls ?d FILTER(?c = ?d)", True),
        ("?f :cls ?c . ?s :cls ?d FILTER(?c = ?d && STR(?f) != STR(?s))", True),
    ],
)
def test_equality_beside_the_relation_keeps_the_spatial_join(
    store: Store, shapes: dict[str, Shapes], extra: str, joined: bool
) -> None:
    text = f"SELECT ?f ?s {{ {PAIRS} {extra} FILTER(geof:sfContains(?fw, ?sw)) }}"
    inside = shapely.contains(*matrix(shapes))
    classes = np.arange(COUNT) % 3
    assert pairs(store, text) == brute(shapes, inside & (classes[:, None] == classes[None, :]))
    assert ("SPATIAL_JOIN" in str(explain(store.snapshot(), PREFIXES + text).physical)) is joined


@pytest.mark.standard("GeoSPARQL 1.1 §9.1.2 geof:distance")
@pytest.mark.parametrize("metres", [10, 300, 1000])
def test_within_distance_is_geodesic_at_65_north(
    store: Store, shapes: dict[str, Shapes], metres: int
) -> None:
    text = f"SELECT ?f ?s {{ {PAIRS} FILTER(geof:distance(?fw, ?sw, uom:metre) <= {metres}) }}"
    fields, samples = np.broadcast_arrays(*matrix(shapes))
    apart = metres_distance(fields.ravel(), samples.ravel(), CRS84).reshape(fields.shape)
    assert pairs(store, text) == brute(shapes, apart <= metres)
    assert "SPATIAL_JOIN" in str(explain(store.snapshot(), PREFIXES + text).physical)


def test_optional_keeps_fields_without_a_sample(store: Store, shapes: dict[str, Shapes]) -> None:
    text = """SELECT ?f ?s { ?f a :Field ; geo:hasGeometry/geo:asWKT ?fw OPTIONAL {
      ?s a :Sample ; geo:hasGeometry/geo:asWKT ?sw FILTER(geof:sfContains(?fw, ?sw)) } }"""
    inside = shapely.contains(*matrix(shapes))
    alone = {(int(f), -1) for f in np.flatnonzero(~inside.any(axis=1))}
    assert alone
    assert pairs(store, text) == brute(shapes, inside) | alone
    physical = str(explain(store.snapshot(), PREFIXES + text).physical)
    assert "SPATIAL_JOIN" in physical
    assert not any(word in physical for word in NESTED)


@pytest.mark.parametrize("word", ["EXISTS", "NOT EXISTS"])
def test_exists_is_a_spatial_semi_join(store: Store, shapes: dict[str, Shapes], word: str) -> None:
    text = f"""SELECT ?f {{ ?f a :Field ; geo:hasGeometry/geo:asWKT ?fw FILTER {word} {{
      ?s a :Sample ; geo:hasGeometry/geo:asWKT ?sw FILTER(geof:sfContains(?fw, ?sw)) }} }}"""
    held = shapely.contains(*matrix(shapes)).any(axis=1)
    wanted = np.flatnonzero(held if word == "EXISTS" else ~held)
    assert {f for f, _ in pairs(store, text)} == set(wanted.tolist())
    physical = str(explain(store.snapshot(), PREFIXES + text).physical)
    assert "SPATIAL_JOIN" in physical
    assert not any(name in physical for name in NESTED)


def test_later_joins_and_aggregates_do_not_undo_the_spatial_join(store: Store) -> None:
    text = f"""SELECT ?c (COUNT(?s) AS ?n) {{ {{ SELECT ?f ?s {{ {PAIRS}
      FILTER(geof:sfContains(?fw, ?sw)) }} }} ?f :cls ?c OPTIONAL {{ ?s :rank ?r }}
      FILTER(STRSTARTS(STR(?f), "http")) }} GROUP BY ?c ORDER BY DESC(?n)"""
    physical = str(explain(store.snapshot(), PREFIXES + text).physical)
    assert "SPATIAL_JOIN" in physical
    assert not any(word in physical for word in NESTED)


WINDOW = "POLYGON ((25.01 65.005, 25.03 65.005, 25.03 65.02, 25.01 65.02, 25.01 65.005))"


@pytest.mark.parametrize("optimise", [True, False])
def test_window_reads_only_files_that_can_match(
    store: Store, shapes: dict[str, Shapes], optimise: bool
) -> None:
    text = f"""SELECT ?f {{ ?f a :Field ; geo:hasGeometry/geo:asWKT ?fw
      FILTER(geof:sfIntersects(?fw, "{WINDOW}"^^geo:wktLiteral)) }}"""
    wanted = np.flatnonzero(shapely.intersects(shapes["Field"], shapely.from_wkt(WINDOW)))
    assert {f for f, _ in pairs(store, text, optimise=optimise)} == set(wanted.tolist())
    plan = explain(store.snapshot(), PREFIXES + text, optimise=optimise)
    geometries = [path for path in plan.files if "asWKT" in str(path)]
    assert len(geometries) == (2 if optimise else 3)


def test_distance_window(store: Store, shapes: dict[str, Shapes]) -> None:
    text = """SELECT ?f { ?f a :Field ; geo:hasGeometry/geo:asWKT ?fw
      FILTER(geof:distance(?fw, "POINT (25.02 65.01)"^^geo:wktLiteral, uom:metre) < 700) }"""
    centre = np.array([shapely.Point(25.02, 65.01)] * COUNT)
    wanted = np.flatnonzero(metres_distance(shapes["Field"], centre, CRS84) < 700)
    assert {f for f, _ in pairs(store, text)} == set(wanted.tolist())
    assert "add_windows" in explain(store.snapshot(), PREFIXES + text).fired

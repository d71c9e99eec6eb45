"""Properties of geometries and classes of things that nobody asserted."""

from __future__ import annotations

from pathlib import Path

import pytest

from ontology import UsageError
from store import Inference, Store

X = "http://example.org/"
ASSERTED = Inference(topology="asserted", properties="asserted")
SCHEMA = Inference(classes=True)

DATA = """
@prefix : <http://example.org/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix sf: <http://www.opengis.net/ont/sf#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:field a :Field ; geo:hasGeometry :field-g ; geo:hasMetricArea 12.5e0 .
:field-g a sf:Polygon ; geo:asWKT
  "<LAEA> POLYGON ((0 0, 0 10, 20 10, 20 0, 0 0))"^^geo:wktLiteral .
:wood a :Field ; geo:hasGeometry :wood-g .
:wood-g a sf:Polygon ; geo:dimension "02"^^xsd:integer ; geo:asWKT
  "<LAEA> POLYGON ((0 0, 0 10, 30 10, 30 0, 0 0))"^^geo:wktLiteral .
:road :route :road-g .
:road-g geo:hasSerialization "LINESTRING (0 0, 1 1, 0 1, 1 0)"^^geo:wktLiteral .
:none geo:asWKT "POINT EMPTY"^^geo:wktLiteral .
:Field rdfs:subClassOf geo:Feature .
:route rdfs:subPropertyOf geo:hasGeometry .
""".replace("LAEA", "http://www.opengis.net/def/crs/EPSG/0/3035")


@pytest.fixture(scope="module", params=["always", "never"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("inferred")
    (folder / "data.ttl").write_text(DATA)
    made = Store.create(folder / "s", tables=request.param)
    made.load(folder / "data.ttl")
    return made


def _rows(store: Store, text: str, inference: Inference, *, optimise: bool = True) -> set[str]:
    prefixes = f"PREFIX : <{X}> PREFIX sf: <http://www.opengis.net/ont/sf#> "
    answer = store.query(prefixes + text, inference=inference, optimise=optimise)
    found = [
        " ".join(
            term.lexical if hasattr(term, "lexical") else term.value.removeprefix(X)
            for term in (row[name] for name in answer.variables)
        )
        for row in answer.rows()
    ]
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize("optimise", [True, False])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?g geo:dimension ?n }", {"field-g 2", "wood-g 02", "road-g 1", "none 0"}),
        ("SELECT * { ?g geo:isEmpty true }", {"none"}),
        ("SELECT * { ?g geo:isSimple false }", {"road-g"}),
        ("SELECT * { :field-g geo:coordinateDimension ?n }", {"2"}),
        ("SELECT * { ?g a sf:Polygon ; geo:spatialDimension ?n }", {"field-g 2", "wood-g 2"}),
        ("SELECT * { ?f a :Field ; geo:hasMetricArea ?m }", {"field 1.25E1", "wood 300.0"}),
        ("SELECT * { ?g a sf:Polygon ; geo:hasMetricPerimeterLength ?m }",
         {"field-g 60.0", "wood-g 80.0"}),
        ("SELECT ?g { ?g geo:hasSerialization ?l }", {"field-g", "wood-g", "road-g", "none"}),
        ("SELECT ?g ?n { VALUES ?n { 1 2 } ?g geo:dimension ?n }", {"field-g 2", "road-g 1"}),
        ("SELECT ?f { ?f a :Field FILTER NOT EXISTS { ?f geo:hasMetricArea ?m } }", set()),
    ],
)  # fmt: skip
def test_what_is_not_asserted_is_computed(
    store: Store, text: str, expected: set[str], optimise: bool
) -> None:
    found = _rows(store, text, Inference(), optimise=optimise)
    assert {row.replace("12.5e0", "1.25E1") for row in found} == expected


def test_asserted_properties_alone(store: Store) -> None:
    assert _rows(store, "SELECT * { ?g geo:dimension ?n }", ASSERTED) == {"wood-g 02"}
    assert not _rows(store, "SELECT * { ?g geo:isEmpty true }", ASSERTED)


def test_a_measure_of_a_feature_is_not_computed_for_its_geometry(store: Store) -> None:
    found = _rows(store, "SELECT ?x { ?x geo:hasMetricArea ?m }", Inference())
    assert "field" in found
    assert "field-g" not in found
    assert {"wood", "wood-g"} <= found


@pytest.mark.parametrize("optimise", [True, False])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?x a geo:Feature }", {"field", "wood", "road"}),
        ("SELECT * { ?x a geo:Geometry }", {"field-g", "wood-g", "road-g", "none"}),
        ("SELECT * { ?x a sf:Surface }", {"field-g", "wood-g"}),
        ("SELECT * { ?x a geo:SpatialObject }",
         {"field", "wood", "road", "field-g", "wood-g", "road-g", "none"}),
        ("SELECT * { ?f geo:hasGeometry ?g }",
         {"field field-g", "wood wood-g", "road road-g"}),
        ("SELECT ?x { ?x a geo:Feature ; a :Field }", {"field", "wood"}),
        ("SELECT (STR(?c) AS ?t) { :field a ?c }",
         {X + "Field", "http://www.opengis.net/ont/geosparql#Feature",
          "http://www.opengis.net/ont/geosparql#SpatialObject"}),
        ("SELECT (1 AS ?n) { :road a geo:Feature }", {"1"}),
        ("SELECT ?b { :road geo:sfIntersects ?b . ?b a geo:Feature }", {"road"}),
    ],
)  # fmt: skip
def test_classes_by_rdfs_entailment(
    store: Store, text: str, expected: set[str], optimise: bool
) -> None:
    assert _rows(store, text, SCHEMA, optimise=optimise) == expected


def test_classes_are_not_entailed_unless_asked(store: Store) -> None:
    assert _rows(store, "SELECT * { ?x a geo:Feature }", Inference()) == set()


def test_nothing_missing_is_nothing_to_compute(tmp_path: Path) -> None:
    made = Store.create(tmp_path / "s")
    made.update(
        f"""PREFIX : <{X}> INSERT DATA {{
        :f geo:hasGeometry :g ; geo:hasMetricArea 1.0 . :g geo:dimension 0 ;
        geo:asWKT "POINT (1 2)"^^geo:wktLiteral }}"""
    )
    for text in ("geo:hasMetricArea", "geo:dimension", "geo:asWKT"):
        told = made.explain(f"SELECT * {{ ?s {text} ?v }}")
        assert not told.inferred
        assert told.before.count("bgp") == told.after.count("bgp") == 1


def test_an_update_sees_what_is_inferred(tmp_path: Path) -> None:
    made = Store.create(tmp_path / "s")
    made.update(f"""INSERT DATA {{ <{X}g> geo:asWKT "POINT (1 2)"^^geo:wktLiteral }}""")
    text = f"INSERT {{ ?g <{X}dim> ?n }} WHERE {{ ?g geo:dimension ?n }}"
    assert made.update(text, inference=ASSERTED).inserted == 0
    assert made.update(text).inserted == 1


def test_an_unknown_choice_is_named() -> None:
    for options in ({"topology": "all"}, {"properties": "computed"}, {"classes": "yes"}):
        with pytest.raises(UsageError, match=next(iter(options))):
            Inference(**options)  # type: ignore[arg-type]


def test_explain_says_what_was_inferred(store: Store) -> None:
    told = store.explain("SELECT * { ?g geo:isEmpty ?e ; geo:asWKT ?w }")
    assert "?g geo:isEmpty ?e: computed where it is not asserted" in told.inferred
    assert "inferred:" in str(told)
    assert told.as_dict()["inferred"] == list(told.inferred)

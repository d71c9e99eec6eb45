"""Properties and classes of GeoSPARQL 1.1: asserted, computed, inferred."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from ontology import IRI, Literal
from store import Store
from store.algebra import Inference
from tests.geosparql.asking import PROLOGUE
from tests.geosparql.case import gml, wkt
from tests.geosparql.cases.metric import square_metres
from tests.geosparql.cases.relations import HOLDS, PAIRS, polygon, swapped
from tests.geosparql.surface import ASSERTED_PROPERTIES, CLASSES, COMPUTED_PROPERTIES, PROPERTIES

RING: Final = ((14.0, 48.0), (14.1, 48.0), (14.1, 48.1), (14.0, 48.1), (14.0, 48.0))
PREFIX: Final = f"{PROLOGUE}PREFIX x: <http://x/>\n"
DATA: Final = f"""
x:here geo:asWKT {wkt(polygon(RING))} .
x:swapped geo:asWKT {wkt(swapped(RING), "4326")} .
x:gml geo:asGML {gml("<gml:Point><gml:pos>1 2</gml:pos></gml:Point>")} .
x:broken geo:asWKT {wkt("POLYGON ((0 0")} .
x:said geo:asWKT {wkt(polygon(RING))} ;
  geo:dimension 7 ; geo:hasMetricArea 1.0 ; geo:isEmpty true .
x:nothing x:label "no spatial object" .
x:field geo:hasDefaultGeometry x:here .
"""
"""A geometry in two CRSs, one in GML, a broken one, one that says something else of itself."""

VALUES: Final = {
    "dimension": ("2", "0"),
    "coordinateDimension": ("2", "2"),
    "spatialDimension": ("2", "2"),
    "isEmpty": ("false", "false"),
    "isSimple": ("true", "true"),
}
"""Of the square, and of the point in GML."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("properties")
    lines = [PREFIX, DATA]
    for pair, (a, b) in PAIRS.items():
        name = pair.replace(" ", "-")
        lines.append(f"x:a-{name} geo:asWKT {wkt(polygon(a))} .")
        lines.append(f"x:b-{name} geo:asWKT {wkt(polygon(b))} .")
        lines.append(f"x:c-{name} geo:asWKT {wkt(swapped(b), '4326')} .")
    (folder / "data.ttl").write_text("\n".join(lines), encoding="utf-8")
    made = Store.create(folder / "store")
    made.load(folder / "data.ttl")
    return made


def asked(store: Store, text: str, **how: object) -> list[dict[str, object]]:
    return list(store.query(PREFIX + text, inference=Inference(**how)).rows())  # type: ignore[arg-type]


def of(store: Store, subject: str, name: str, **how: object) -> list[str]:
    rows = asked(store, f"SELECT ?v {{ x:{subject} geo:{name} ?v }}", **how)
    return [v.lexical for row in rows if isinstance(v := row["v"], Literal)]


@pytest.mark.parametrize("name", VALUES)
def test_what_a_geometry_is_like(name: str, store: Store) -> None:
    square, point = VALUES[name]
    assert of(store, "here", name) == [square]
    assert of(store, "swapped", name) == [square]
    assert of(store, "gml", name) == [point]
    assert of(store, "here", name, properties="asserted") == []
    assert of(store, "broken", name) == []
    assert of(store, "nothing", name) == []


def test_sizes(store: Store) -> None:
    area = square_metres(RING)
    for subject in ("here", "swapped", "field"):
        (found,) = of(store, subject, "hasMetricArea")
        assert float(found) == pytest.approx(area, rel=1e-7)
        (around,) = of(store, subject, "hasMetricPerimeterLength")
        assert float(around) == pytest.approx(37_200, rel=0.02)
        (length,) = of(store, subject, "hasMetricLength")
        assert float(length) >= 0
    for name in ("hasMetricArea", "hasMetricLength", "hasMetricPerimeterLength"):
        assert of(store, "here", name, properties="asserted") == []
        assert of(store, "broken", name) == []
        assert of(store, "nothing", name) == []


def test_what_is_said_counts(store: Store) -> None:
    assert of(store, "said", "dimension") == ["7"]
    assert of(store, "said", "isEmpty") == ["true"]
    assert [float(v) for v in of(store, "said", "hasMetricArea")] == [1.0]


@pytest.mark.parametrize("name", ["asWKT", "asGML", "asGeoJSON", "asKML"])
def test_serialisations(name: str, store: Store) -> None:
    for subject in ("here", "swapped", "gml"):
        assert len(of(store, subject, name)) == 1
    assert of(store, "nothing", name) == []
    assert len(of(store, "broken", name)) == (name == "asWKT")
    assert (
        of(store, "here", name, properties="asserted") == of(store, "here", name)[: name == "asWKT"]
    )


def test_has_serialization(store: Store) -> None:
    assert of(store, "here", "hasSerialization") == of(store, "here", "asWKT")
    assert len(of(store, "swapped", "hasSerialization")) == 1
    assert of(store, "here", "hasSerialization", properties="asserted") == []
    assert of(store, "nothing", "hasSerialization") == []
    assert len(of(store, "broken", "hasSerialization")) <= 1


@pytest.mark.parametrize("name", HOLDS)
def test_relations(name: str, store: Store) -> None:
    found = {
        (str(row["a"]), str(row["b"]))
        for row in asked(store, f"SELECT ?a ?b {{ ?a geo:{name} ?b }}", topology="computed")
    }
    for pair in PAIRS:
        end = pair.replace(" ", "-")
        for other in "bc":  # the second geometry in CRS84, and in EPSG:4326
            ends = (str(IRI(f"http://x/a-{end}")), str(IRI(f"http://x/{other}-{end}")))
            assert (ends in found) == (pair in HOLDS[name]), (name, pair, other)
    assert not any("broken" in a + b or "nothing" in a + b for a, b in found)
    assert asked(store, f"SELECT ?a {{ ?a geo:{name} ?b }}", topology="asserted") == []


SAID: Final = {
    "hasGeometry": "x:g", "hasDefaultGeometry": "x:g", "defaultGeometry": "x:g",
    "hasBoundingBox": "x:g", "hasCentroid": "x:g", "hasSize": "5", "hasLength": "5",
    "hasPerimeterLength": "5", "hasArea": "5", "hasVolume": "5", "hasMetricSize": "5.0",
    "hasMetricVolume": "5.0", "hasSpatialResolution": "5", "hasSpatialAccuracy": "5",
    "hasMetricSpatialResolution": "5.0", "hasMetricSpatialAccuracy": "5.0",
    "asDGGS": '"<https://h3geo.org/res/5> CELLLIST ((851e18b3fffffff))"^^geo:dggsLiteral',
}  # fmt: skip
ABOVE: Final = {
    "hasDefaultGeometry": "hasGeometry", "hasBoundingBox": "hasGeometry",
    "hasCentroid": "hasGeometry", "hasLength": "hasSize", "hasPerimeterLength": "hasSize",
    "hasArea": "hasSize", "hasVolume": "hasSize", "hasMetricVolume": "hasMetricSize",
    "asDGGS": "hasSerialization",
}  # fmt: skip
"""The property each is a kind of."""


@pytest.mark.parametrize("name", ASSERTED_PROPERTIES)
@pytest.mark.parametrize("shape", [wkt("POINT (1 2)"), wkt("POINT (2 1)", "4326"), wkt("POINT (")])
def test_asserted_properties(name: str, shape: str, tmp_path: Path) -> None:
    """They are what the data says, whatever geometry is there, and kinds of others by RDFS."""
    file = tmp_path / "data.ttl"
    file.write_text(f"{PREFIX} x:s geo:{name} {SAID[name]} . x:g geo:asWKT {shape} .")
    made = Store.create(tmp_path / "store")
    made.load(file)
    assert len(asked(made, f"SELECT ?v {{ x:s geo:{name} ?v }}")) == 1
    assert asked(made, f"SELECT ?v {{ x:other geo:{name} ?v }}") == []
    if above := ABOVE.get(name):
        text = f"SELECT ?v {{ x:s geo:{above} ?v }}"
        assert len(asked(made, text, classes=True)) == 1
        assert asked(made, text, properties="asserted") == []


TYPED: Final = {
    "SpatialObject": ("Feature", "Geometry"),
    "Feature": (),
    "Geometry": (),
    "SpatialObjectCollection": ("FeatureCollection", "GeometryCollection"),
    "FeatureCollection": (),
    "GeometryCollection": (),
}
"""The classes that are kinds of each."""


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("shape", [wkt("POINT (1 2)"), wkt("POINT (2 1)", "4326"), wkt("POINT (")])
def test_classes(name: str, shape: str, tmp_path: Path) -> None:
    """Members by assertion and by RDFS, whatever their geometry is, and no others."""
    kinds = (name, *TYPED[name])
    file = tmp_path / "data.ttl"
    lines = [f"x:{kind} a geo:{kind} ; x:shape {shape} ." for kind in kinds]
    file.write_text("\n".join([PREFIX, *lines, "x:other a x:Thing ."]))
    made = Store.create(tmp_path / "store")
    made.load(file)
    text = f"SELECT ?s {{ ?s a geo:{name} }}"
    found = {str(row["s"]) for row in asked(made, text, classes=True)}
    assert found == {str(IRI(f"http://x/{kind}")) for kind in kinds}
    assert len(asked(made, text)) == 1


def test_every_property_has_cases() -> None:
    tested = {*VALUES, *HOLDS, *SAID, "asWKT", "asGML", "asGeoJSON", "asKML", "hasSerialization"}
    tested |= {"hasMetricArea", "hasMetricLength", "hasMetricPerimeterLength"}
    assert tested == set(PROPERTIES)
    assert set(COMPUTED_PROPERTIES) | set(ASSERTED_PROPERTIES) | set(HOLDS) == tested
    assert set(TYPED) == set(CLASSES)

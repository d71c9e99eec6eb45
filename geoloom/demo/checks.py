"""Figures found, beside the generator's truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import rasterio

from endpoint import SearchResult, ValidationReport, search
from ontology import IRI, Literal
from store import Store

from ..scenario import Scenario

GL = "https://w3id.org/geoloom/ns#"
DEMO = "https://w3id.org/geoloom/demo/"


@dataclass(frozen=True, slots=True)
class Check:
    """One figure: what geoloom found and what is true."""

    name: str
    found: Any
    truth: Any

    @property
    def good(self) -> bool:
        """Whether they are equal."""
        return bool(self.found == self.truth)

    def shown(self) -> tuple[str, str, str]:
        """Name, found and truth as short texts: sets are shown by their size."""
        return self.name, _short(self.found), _short(self.truth)


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return f"{len(value):,} products"
    return f"{value:,}" if isinstance(value, int) else str(value)


def map_checks(store: Store, scenario: Scenario) -> Iterator[Check]:
    """Entities and pixels in the store against the generator and the raster itself."""
    truth = scenario.truth
    yield Check("crop fields in the store", _count(store, GL + "Observation"), truth.fields)
    yield Check("Sentinel-2 products in the store", _count(store, GL + "Product"), truth.products)
    pixels = f"SELECT (SUM(?p) AS ?n) {{ ?z a <{GL}Zone> ; <{GL}pixelCount> ?p }}"
    yield Check("pixels in zones", _number(store, pixels), _class_pixels(scenario))
    yield Check("pixels by the generator", _number(store, pixels), sum(truth.pixels.values()))


def _class_pixels(scenario: Scenario) -> int:
    with rasterio.open(scenario.directory / "classmap.tif") as raster:
        band = raster.read(1)
        return int((band != raster.nodata).sum())


def validation_checks(report: ValidationReport, scenario: Scenario) -> Iterator[Check]:
    """Outcomes of the federated validation, by count and by sample."""
    names = {
        "agree": "agrees",
        "disagree": "disagrees",
        "no_field": "no feature",
        "no_crosswalk": "no crosswalk",
    }
    outcome: dict[str, set[str]] = {}
    for entry in report.assessments:
        point = entry.sample.iri.rpartition("/")[2]
        outcome.setdefault(entry.outcome.words, set()).add(point)
    for field, words in names.items():
        found, true = outcome.get(words, set()), set(getattr(scenario.truth, field))
        yield Check(f"LUCAS samples: {words}", len(found), len(true))
        yield Check(f"  the same samples: {words}", found == true, True)


def search_checks(store: Store, scenario: Scenario) -> Iterator[Check]:
    """Three catalogue searches and the ice query."""
    truth = scenario.truth
    cover, district, wrong = truth.cover, truth.district, truth.inconsistent
    found = search(
        store,
        concept=cover.class_code,
        scheme="hcat3",
        min_share=cover.min_share,
        month=cover.start[:7],
        box=cover.box,
        limit=1000,
    )
    label = f"over {cover.min_share:.0%} {cover.class_name}, {cover.start[:7]}, in a box"
    yield Check(label, _images(found), frozenset(cover.image_ids))
    found = search(store, place=district.district, **_period(district.start, district.end))
    yield Check(f"over {district.district}", _images(found), frozenset(district.image_ids))
    period = _period(wrong.start, wrong.end)
    found = search(store, inconsistent_samples=True, **period)
    yield Check("with an inconsistent sample", _images(found), frozenset(wrong.image_ids))
    ice = truth.ice
    yield Check(
        f"ice polygons over {ice.min_concentration} % within {ice.distance_m / 1000:g} km "
        f"of {ice.harbour}",
        _number(store, ice_query(ice.harbour, ice.min_concentration, ice.distance_m)),
        ice.count,
    )


def ice_query(harbour: str, concentration: int, metres: float) -> str:
    """Count ice polygons over a concentration within a geodesic distance of a harbour."""
    return f"""SELECT (COUNT(DISTINCT ?ice) AS ?n) {{
  ?h a {IRI(DEMO + "Harbour").n3} ; rdfs:label {Literal(harbour).n3} ;
     geo:hasGeometry/geo:asWKT ?point .
  ?ice a {IRI(DEMO + "IcePolygon").n3} ; {IRI(DEMO + "concentration").n3} ?c ;
       geo:hasGeometry/geo:asWKT ?shape .
  FILTER(?c > {concentration})
  FILTER(geof:distance(?point, ?shape, uom:metre) <= {metres:g})
}}"""


def _period(start: str, end: str) -> dict[str, Any]:
    return {"start": start, "end": end, "limit": 1000}


def _images(result: SearchResult) -> frozenset[str]:
    return frozenset(item.image_id or item.id for item in result.items)


def _count(store: Store, kind: str) -> int:
    return _number(store, f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ ?x a <{kind}> }}")


def _number(store: Store, text: str) -> int:
    number = next(iter(store.query(text).rows()))["n"]
    assert isinstance(number, Literal)
    return int(number.lexical)

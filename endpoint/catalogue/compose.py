"""SPARQL of a search. Every term is written by its own serialiser, never pasted as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ontology import IRI, WKT_LITERAL, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from .request import SearchRequest

_XSD = "http://www.w3.org/2001/XMLSchema#"
_PROLOGUE = """PREFIX gl: <https://w3id.org/geoloom/ns#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
"""


@dataclass(frozen=True, slots=True)
class Conditions:
    """A search with its names resolved: concept IRIs and the place's IRI."""

    request: SearchRequest
    concepts: tuple[str, ...] = ()
    place: str | None = None


def count_query(conditions: Conditions) -> str:
    """Number of products that meet the conditions, as ``?total``."""
    return (
        f"{_PROLOGUE}SELECT (COUNT(DISTINCT ?product) AS ?total) WHERE {{\n{_where(conditions)}\n}}"
    )


def page_query(conditions: Conditions) -> str:
    """The products of one page, newest first, as ``?product``."""
    request = conditions.request
    return (
        f"{_PROLOGUE}SELECT DISTINCT ?product ?acquired WHERE {{\n{_where(conditions)}\n"
        "  OPTIONAL { ?product gl:acquired ?acquired }\n"
        f"}} ORDER BY DESC(?acquired) ?product LIMIT {request.limit} OFFSET {request.offset}"
    )


def details_query(products: Iterable[str]) -> str:
    """What the items of a page show."""
    return f"""{_PROLOGUE}SELECT ?product ?imageID ?acquired ?platform ?tile ?cloud ?wkt WHERE {{
  {_values("product", products)}
  ?product geo:hasGeometry/geo:asWKT ?wkt .
  OPTIONAL {{ ?product gl:imageID ?imageID }}
  OPTIONAL {{ ?product gl:acquired ?acquired }}
  OPTIONAL {{ ?product gl:platform ?platform }}
  OPTIONAL {{ ?product gl:tile ?tile }}
  OPTIONAL {{ ?product gl:cloudCover ?cloud }}
}}"""


def shares_query(products: Iterable[str], concepts: Iterable[str]) -> str:
    """Cover share of each wanted class in each product of a page."""
    return f"""{_PROLOGUE}SELECT ?product ?class (SUM(?part) AS ?share) WHERE {{
  {_values("product", products)}
  {_values("class", concepts)}
  ?product gl:hasCoverShare ?cover . ?cover gl:ofClass ?class ; gl:share ?part .
}} GROUP BY ?product ?class"""


def observations_query(
    products: Iterable[str], concepts: Iterable[str], min_confidence: float | None
) -> str:
    """Observations of the wanted classes in each product: count and greatest confidence."""
    least = f"FILTER(?sure >= {_double(min_confidence)})" if min_confidence is not None else ""
    sure = "?seen gl:confidence ?sure ."
    return f"""{_PROLOGUE}SELECT ?product ?class (COUNT(DISTINCT ?seen) AS ?number)
  (MAX(?sure) AS ?confidence) WHERE {{
  {_values("product", products)}
  {_values("class", concepts)}
  ?seen gl:seenIn ?product ; gl:observedClass ?class .
  {sure if least else f"OPTIONAL {{ {sure} }}"}
  {least}
}} GROUP BY ?product ?class"""


def samples_query(products: Iterable[str]) -> str:
    """Samples that disagree with the map inside each product, as ``?number``."""
    return f"""{_PROLOGUE}SELECT ?product (COUNT(DISTINCT ?sample) AS ?number) WHERE {{
  {_values("product", products)}
  {_DISAGREEING}
}} GROUP BY ?product"""


_DISAGREEING = """?assessment gl:outcome gl:Disagrees ; gl:assessedSample ?sample .
  ?sample geo:hasGeometry/geo:asWKT ?point .
  ?product geo:hasGeometry/geo:asWKT ?footprint .
  FILTER(geof:sfIntersects(?footprint, ?point))"""


def _where(conditions: Conditions) -> str:
    request = conditions.request
    lines = ["?product a gl:Product ."]
    if request.box is not None or conditions.place is not None:
        lines.append("?product geo:hasGeometry/geo:asWKT ?wkt .")
    if request.box is not None:
        lines.append(f"FILTER(geof:sfIntersects(?wkt, {_box(request.box)}))")
    if conditions.place is not None:
        unit = IRI(conditions.place).n3
        lines.append(f"{unit} geo:hasGeometry/geo:asWKT ?area .")
        lines.append("FILTER(geof:sfIntersects(?wkt, ?area))")
    lines += _time(request)
    if request.platform is not None:
        lines.append(f"?product gl:platform {Literal(request.platform).n3} .")
    if request.max_cloud is not None:
        lines.append("?product gl:cloudCover ?cloud .")
        lines.append(f"FILTER(?cloud <= {_double(request.max_cloud)})")
    lines += _content(conditions)
    if request.inconsistent_samples:
        lines.append(
            "{ SELECT DISTINCT ?product WHERE { ?product a gl:Product . " + _DISAGREEING + " } }"
        )
    return "\n".join("  " + line for line in lines)


def _time(request: SearchRequest) -> list[str]:
    first, after = request.period()
    if first is None and after is None:
        return []
    lines = ["?product gl:acquired ?when ."]
    if first is not None:
        lines.append(f"FILTER(?when >= {_instant(first)})")
    if after is not None:
        lines.append(f"FILTER(?when < {_instant(after)})")
    return lines


def _content(conditions: Conditions) -> list[str]:
    request = conditions.request
    if not conditions.concepts:
        return []
    classes = _values("class", conditions.concepts)
    covered = "?product gl:hasCoverShare ?cover . ?cover gl:ofClass ?class ; gl:share ?part ."
    lines = []
    if request.min_share is not None:
        lines.append(
            f"{{ SELECT ?product WHERE {{ {classes} {covered} }} GROUP BY ?product "
            f"HAVING (SUM(?part) >= {_double(request.min_share)}) }}"
        )
    if request.min_confidence is not None:
        lines.append(
            f"{{ SELECT DISTINCT ?product WHERE {{ {classes} ?seen gl:seenIn ?product ; "
            "gl:observedClass ?class ; gl:confidence ?sure . "
            f"FILTER(?sure >= {_double(request.min_confidence)}) }} }}"
        )
    if not lines:
        lines.append(
            f"{{ SELECT DISTINCT ?product WHERE {{ {{ {classes} {covered} FILTER(?part > 0) }} "
            f"UNION {{ {classes} ?seen gl:seenIn ?product ; gl:observedClass ?class }} }} }}"
        )
    return lines


def _values(variable: str, iris: Iterable[str]) -> str:
    return f"VALUES ?{variable} {{ {' '.join(IRI(iri).n3 for iri in iris)} }}"


def _double(number: float) -> str:
    return Literal(repr(float(number)), _XSD + "double").n3


def _instant(moment: datetime) -> str:
    return Literal(moment.isoformat().replace("+00:00", "Z"), _XSD + "dateTime").n3


def _box(box: tuple[float, float, float, float]) -> str:
    west, south, east, north = box
    halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    rings = [
        f"(({a!r} {south!r}, {b!r} {south!r}, {b!r} {north!r}, {a!r} {north!r}, {a!r} {south!r}))"
        for a, b in halves
    ]
    wkt = f"POLYGON {rings[0]}" if len(rings) == 1 else f"MULTIPOLYGON ({', '.join(rings)})"
    return Literal(wkt, WKT_LITERAL).n3

"""The benchmark's queries in SPARQL; :mod:`handwritten` has the SQL of each."""

from __future__ import annotations

from typing import Final

WINDOW: Final = (11.9009, 47.5115, 11.9142, 47.5205)
"""West, south, east, north in CRS84: 1 km in a town that has fields around it."""

WIDE: Final = (11.84, 47.47, 11.97, 47.56)
"""10 km around it."""

FIELD: Final = "https://example.org/fields/00000770"
CLASS: Final = "https://w3id.org/geoloom/codes/hcat3/3302010000"
TYPE: Final = "https://w3id.org/geoloom/ns#Observation"

PREFIXES: Final = """PREFIX gl: <https://w3id.org/geoloom/ns#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX sosa: <http://www.w3.org/ns/sosa/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""


def ring(box: tuple[float, float, float, float]) -> str:
    """A box as WKT."""
    west, south, east, north = box
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return "POLYGON ((" + ", ".join(f"{x} {y}" for x, y in corners) + "))"


def describe(subject: str) -> str:
    """What is said of one subject."""
    return f"SELECT ?p ?o {{ <{subject}> ?p ?o }}"


def window(box: tuple[float, float, float, float]) -> str:
    """All attributes of the fields that meet a box."""
    return f"""SELECT ?f ?c ?p ?a ?w {{
        ?f gl:observedClass ?c ; gl:confidence ?p ; geo:hasMetricArea ?a ;
            geo:hasGeometry/geo:asWKT ?w
        FILTER(geof:sfIntersects(?w, "{ring(box)}"^^geo:wktLiteral)) }}"""


QUERIES: Final[dict[str, str]] = {
    "star, counted": """SELECT (COUNT(*) AS ?n) {
        ?f a gl:Observation ; gl:observedClass ?c ; gl:confidence ?p ; geo:hasMetricArea ?a
        FILTER(?p > 0.9 && ?a > 30000) }""",
    "star, rows": """SELECT ?f ?c ?p ?a {
        ?f a gl:Observation ; gl:observedClass ?c ; gl:confidence ?p ; geo:hasMetricArea ?a
        FILTER(?p > 0.9 && ?a > 48000) }""",
    "group by": """SELECT ?c (COUNT(?f) AS ?n) (AVG(?a) AS ?mean) {
        ?f gl:observedClass ?c ; geo:hasMetricArea ?a FILTER(?a > 10000) } GROUP BY ?c""",
    "having": """SELECT ?c (SUM(?a) AS ?total) {
        ?f gl:observedClass ?c ; geo:hasMetricArea ?a }
        GROUP BY ?c HAVING(COUNT(?f) > 2000)""",
    "window, 1 km": window(WINDOW),
    "window, 10 km": window(WIDE),
    "one subject": describe(FIELD),
    "two entities": """SELECT ?v ?d ?f ?c ?a {
        ?v sosa:hasFeatureOfInterest ?f ; dct:date ?d .
        ?f gl:observedClass ?c ; geo:hasMetricArea ?a FILTER(?a > 48000) }""",
    "three entities": """SELECT ?v ?d ?f ?a {
        ?v sosa:hasFeatureOfInterest ?f ; dct:date ?d .
        ?f gl:observedClass ?c ; geo:hasMetricArea ?a . ?c skos:prefLabel "crop 3"@en
        FILTER(?a > 40000) }""",
    "optional": """SELECT ?f ?v {
        ?f geo:hasMetricArea ?a OPTIONAL { ?v sosa:hasFeatureOfInterest ?f }
        FILTER(?a > 48000) }""",
    "top 10": "SELECT ?f ?a { ?f geo:hasMetricArea ?a } ORDER BY DESC(?a) LIMIT 10",
    "distinct": "SELECT DISTINCT ?c { ?f gl:observedClass ?c }",
    "text and date": """SELECT ?v ?t {
        ?v dct:description ?t ; dct:date ?d
        FILTER(STRSTARTS(?t, "lodged") && ?d >= "2018-07-01"^^xsd:date
            && ?d < "2018-08-01"^^xsd:date) }""",
    "path": """SELECT ?up (COUNT(?f) AS ?n) {
        ?f gl:observedClass ?c . ?c skos:broader* ?up } GROUP BY ?up""",
    "ask": f"""ASK {{ ?f gl:observedClass <{CLASS}> ; geo:hasMetricArea ?a
        FILTER(?a > 59000) }}""",
}

SCANS: Final = ("star, counted", "star, rows", "group by", "two entities", "top 10")
"""Queries that must be near hand-written SQL, and grow with the data."""

SELECTIVE: Final = ("window, 1 km", "one subject")
"""Queries that must be near it, and hardly grow."""

HUNDRED_TIMES: Final = ("star, counted", "group by")
"""Queries that must be a hundred times as fast as Oxigraph's."""

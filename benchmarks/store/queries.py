"""The benchmark's queries in SPARQL; :mod:`handwritten` has the SQL of each."""

from __future__ import annotations

from typing import Final

WINDOW: Final = (13.20, 47.60, 13.30, 47.70)
"""West, south, east, north in CRS84."""

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


def _ring() -> str:
    west, south, east, north = WINDOW
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return "POLYGON ((" + ", ".join(f"{x} {y}" for x, y in corners) + "))"


RING: Final = _ring()

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
    "window, all attributes": f"""SELECT ?f ?c ?p ?a ?w {{
        ?f gl:observedClass ?c ; gl:confidence ?p ; geo:hasMetricArea ?a ; geo:asWKT ?w
        FILTER(geof:sfIntersects(?w, "{RING}"^^geo:wktLiteral)) }}""",
    "one subject": f"SELECT ?p ?o {{ <{FIELD}> ?p ?o }}",
    "two entities": """SELECT ?v ?d ?f ?a {
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

TEN_TIMES: Final = ("star, counted", "group by")
"""Queries that must be ten times as fast as Oxigraph's."""

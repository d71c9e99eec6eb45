"""The SHACL shapes accept good descriptions and reject bad ones."""

from __future__ import annotations

import pytest

from ontology import vocabulary_graph

pyshacl = pytest.importorskip("pyshacl", reason="pip install pyshacl to test the shapes")
rdflib = pytest.importorskip("rdflib")

PREFIXES = """
@prefix gl: <https://w3id.org/geoloom/ns#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix sosa: <http://www.w3.org/ns/sosa/> .
@prefix : <https://example.org/> .
"""
GEOMETRY = 'geo:hasGeometry [ geo:asWKT "POINT (1 2)"^^geo:wktLiteral ]'
GOOD = {
    "observation": f":a a gl:Observation ; gl:classCode 7 ; gl:confidence 0.9 ; {GEOMETRY} .",
    "zone": f":a a gl:Zone ; gl:observedClass :c ; gl:pixelCount 4 ; gl:confidence 0.9e0 ; "
    f"gl:minConfidence 0.2e0 ; geo:hasMetricArea 400.0 ; {GEOMETRY} .",
    "numeric": f":a a gl:NumericObservation ; gl:numericValue 3.1 ; sosa:observedProperty :lai ; "
    f"{GEOMETRY} .",
    "product": ':a a gl:Product ; gl:imageID "S2A" ; gl:cloudCover 3 ; '
    'gl:acquired "2018-06-01T10:00:00Z"^^xsd:dateTime ; '
    f"gl:hasCoverShare :s ; {GEOMETRY} . :s a gl:CoverShare ; gl:ofClass :c ; gl:share 0.3 .",
    "sample": f':a a gl:Sample ; gl:sampleID "46002788" ; gl:observedClass :c ; {GEOMETRY} .',
}
BAD = {
    "no geometry": ":a a gl:Observation ; gl:classCode 7 .",
    "no class": f":a a gl:Observation ; gl:confidence 0.9 ; {GEOMETRY} .",
    "percent": f":a a gl:Observation ; gl:classCode 7 ; gl:confidence 90 ; {GEOMETRY} .",
    "class as text": f':a a gl:Observation ; gl:observedClass "maize" ; {GEOMETRY} .',
    "no pixels": f":a a gl:Zone ; gl:classCode 7 ; gl:pixelCount 0 ; {GEOMETRY} .",
    "no time": f':a a gl:Product ; gl:imageID "S2A" ; {GEOMETRY} .',
    "share of 30": ":a a gl:CoverShare ; gl:ofClass :c ; gl:share 30 .",
    "share of nothing": ":a a gl:CoverShare ; gl:share 0.3 .",
    "no sample id": f":a a gl:Sample ; gl:observedClass :c ; {GEOMETRY} .",
    "backwards": f":a a gl:Observation ; gl:classCode 7 ; {GEOMETRY} ; "
    'gl:validFrom "2018-07-01T00:00:00Z"^^xsd:dateTime ; '
    'gl:validTo "2018-06-01T00:00:00Z"^^xsd:dateTime .',
}


def conforms(text: str) -> bool:
    data = rdflib.Graph().parse(data=PREFIXES + text, format="turtle")
    shapes = vocabulary_graph("shapes")
    return bool(pyshacl.validate(data, shacl_graph=shapes)[0])


@pytest.mark.parametrize("case", GOOD)
def test_good(case: str) -> None:
    assert conforms(GOOD[case])


@pytest.mark.parametrize("case", BAD)
def test_bad(case: str) -> None:
    assert not conforms(BAD[case])

"""The vocabulary, its shapes, and the ExtremeEarth profile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS

from ontology import UsageError, extremeearth_profile, vocabulary_graph, vocabulary_text

GL = rdflib.Namespace("https://w3id.org/geoloom/ns#")
FIXED = ("http://www.w3.org/", "http://www.opengis.net/", "http://purl.org/", "http://xmlns.com/")


@pytest.fixture(scope="module")
def terms() -> rdflib.Graph:
    return vocabulary_graph()


def ours(graph: rdflib.Graph) -> set[rdflib.URIRef]:
    return {s for s in graph.subjects() if str(s).startswith(GL)}


def test_every_term_has_type_label_and_comment(terms: rdflib.Graph) -> None:
    assert len(ours(terms)) > 40
    for term in ours(terms):
        assert terms.value(term, RDF.type), term
        assert terms.value(term, RDFS.label), term
        assert terms.value(term, RDFS.comment), term


def test_every_gl_term_used_is_defined(terms: rdflib.Graph) -> None:
    graph = vocabulary_graph("geoloom", "shapes", "extremeearth")
    used = {t for triple in graph for t in triple if str(t).startswith(GL)}
    assert used <= ours(terms)


def test_the_table_of_the_architecture_page_is_covered(terms: rdflib.Graph) -> None:
    page = Path(__file__).parents[2] / "docs" / "architecture.md"
    if not page.is_file():
        pytest.skip("docs/architecture.md is not here (installed without sources)")
    table = page.read_text(encoding="utf-8").split("## Vocabulary in one table")[1]
    named = {GL[name] for name in re.findall(r"`gl:(\w+)`", table)}
    assert named
    assert named <= ours(terms)


@pytest.mark.parametrize(
    ("term", "above"),
    [
        ("Observation", "http://www.w3.org/ns/sosa/Observation"),
        ("Observation", "http://www.opengis.net/ont/geosparql#Feature"),
        ("Product", "http://www.w3.org/ns/dcat#Dataset"),
        ("ClassificationRun", "http://www.w3.org/ns/prov#Activity"),
        ("Sample", "http://www.w3.org/ns/sosa/Sample"),
        ("Zone", GL + "Observation"),
    ],
)
def test_built_on_standards(terms: rdflib.Graph, term: str, above: str) -> None:
    assert (GL[term], RDFS.subClassOf, rdflib.URIRef(above)) in terms


def test_unknown_file() -> None:
    with pytest.raises(UsageError, match="use one of geoloom"):
        vocabulary_text("polar")


POLAR = "http://ai.di.uoa.gr/polar/ontology/"
UOA = "http://ai.di.uoa.gr/fs/ontology/"
FS = "http://earthanalytics.eu/fs/ontology/"
DEG = "http://deg.iit.demokritos.gr/"
GADM = "http://gadm.org/ontology#"
NAMES = {
    POLAR: "hasCT hasCTClassName hasRECDAT hasRECDATE hasTitle hasURL hasThumbnail",
    UOA: "hasArea hasCNTR_CODE hasCapabilityValue hasClassName hasCropTypeName hasCropTypeNumber "
    "hasDescription hasStartDate hasEndDate hasID hasLC1 hasLC1_PERC hasLC1_SPEC hasNUTS_ID "
    "hasOBS_DIRECT hasRelativeAmount hasSURVEYDATE hasImageID",
    FS: "FoodSecurityObservation hasDN hasRECDATE hasImageID",
    "http://ai.di.uoa.gr/": "invekos/ontology/hasCropTypeName gadm/ontology/hasName "
    "eu-hydro/ontology/hasSTRAHLER eu-hydro/ontology/hasLENGTH",
    DEG: "invekos/hasID invekos/hasCropTypeName invekos/hasCropTypeNumber invekos/hasArea "
    "invekos/hasDescription lucas/hasLC1 lucas/hasLC1_SPEC lucas/hasLC1_PERC lucas/hasOBS_DIRECT "
    "lucas/hasSURVEYDATE lucasLC1 lucasLC1_spec invekosCropTypeName invekosCropTypeNumber",
    GADM: "AdministrativeUnit1 AdministrativeUnit2 AdministrativeUnit3 has_NAME_0 has_NAME_1 "
    "has_NAME_2 has_NAME_3 has_GID_0 has_GID_3 has_TYPE_1 has_HASC_2",
}


@pytest.mark.parametrize(
    "iri", [namespace + name for namespace, names in NAMES.items() for name in names.split()]
)
def test_every_extremeearth_term_is_mapped(iri: str) -> None:
    graph = vocabulary_graph("extremeearth")
    targets = [str(o) for o in graph.objects(rdflib.URIRef(iri))]
    assert len(targets) == 1
    assert targets[0].startswith((str(GL), *FIXED))


def test_profile() -> None:
    profile = extremeearth_profile()
    assert profile[FS + "hasImageID"] == profile[POLAR + "hasImageID"] == GL + "imageID"
    assert profile[FS + "FoodSecurityObservation"] == GL + "Observation"
    assert profile[FS + "hasDN"] == profile[POLAR + "hasCT"] == GL + "classCode"
    assert UOA + "hasArea" not in profile
    profile.clear()
    assert extremeearth_profile()


def test_equivalent_terms_are_properties(terms: rdflib.Graph) -> None:
    graph = vocabulary_graph("extremeearth")
    for target in graph.objects(None, OWL.equivalentProperty):
        assert (target, RDF.type, OWL.DatatypeProperty) in terms

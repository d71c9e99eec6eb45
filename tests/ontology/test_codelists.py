"""Code lists: facts, hierarchy, lookup, search, SKOS."""

from __future__ import annotations

import pyarrow as pa
import pytest
import rdflib
from rdflib.namespace import RDF, SKOS

from ontology import (
    CODE_LISTS,
    InputError,
    UnknownCodeError,
    code_list,
    code_lists,
    find_concepts,
    skos_batches,
    skos_text,
    skos_triples,
)

COUNTS = {
    "lucas2018-lc1": 75 + 29 + 8,
    "hcat3": 384,
    "worldcover": 11,
    "usda-cdl": 255,
    "corine": 44 + 15 + 5,
    "sigrid3-stage": 99,
    "cgls-lc100": 27,
    "worldcereal-croptype": 8,
    "worldcereal-cropland": 2,
}


@pytest.mark.parametrize("name", CODE_LISTS)
def test_each_list_has_its_classes_once(name: str) -> None:
    entry = code_list(name)
    codes = [c.code for c in entry.concepts]
    assert len(codes) == len(set(codes)) == COUNTS[name]
    assert all(c.label for c in entry.concepts)


@pytest.mark.parametrize("name", CODE_LISTS)
def test_hierarchy_has_no_orphan_and_no_cycle(name: str) -> None:
    entry = code_list(name)
    assert all(c.parent is None or c.parent in entry for c in entry.concepts)
    reached = [code for top in entry.top() for code in entry.subtree(top)]
    assert sorted(reached) == sorted(c.code for c in entry.concepts)


def test_lucas_maize_is_a_cereal_is_cropland() -> None:
    lucas = code_list("lucas2018-lc1")
    assert lucas.broader("B16") == ("B1", "B")
    assert lucas.broader("B16", transitive=False) == ("B1",)
    assert lucas.narrower("B1") == tuple(f"B1{n}" for n in range(1, 10))
    assert set(lucas.narrower("B", transitive=False)) == {
        "B1", "B2", "B3", "B4", "B5", "B7", "B8", "Bx"
    }  # fmt: skip
    assert lucas.top() == tuple("ABCDEFGH")


def test_hcat_grain_maize_is_a_cereal() -> None:
    hcat = code_list("hcat3")
    cereals = hcat.iri("3301010000")
    assert cereals == "https://w3id.org/geoloom/codes/hcat3/3301010000"
    assert "3301010600" in hcat.narrower(cereals)
    assert "3301020600" not in hcat.narrower(cereals)
    assert hcat.subtree("3301010000")[0] == "3301010000"
    assert hcat.top() == ("3000000000",)


def test_corine_levels_and_grid_codes() -> None:
    corine = code_list("corine")
    assert corine.broader("312") == ("31", "3")
    assert corine.concept("211").grid == 12
    assert corine.concept("523").grid == 44
    grids = [c.grid for c in corine.concepts if c.grid is not None]
    assert grids == list(range(1, 45))


def test_sigrid_stages() -> None:
    stage = code_list("sigrid3-stage")
    assert stage.narrower("86") == ("87", "88", "89", "91", "93")
    assert stage.label("20") == "Ice thickness 20 cm"
    assert stage.label("69") == "Ice thickness 190 cm"


def test_unknown_code_suggests() -> None:
    with pytest.raises(UnknownCodeError, match=r"no code 'B61'.*did you mean"):
        code_list("lucas2018-lc1").concept("B61")
    with pytest.raises(UnknownCodeError, match="find_concepts"):
        code_list("hcat3").label("wheat")


def test_unknown_list_suggests() -> None:
    with pytest.raises(UnknownCodeError, match="did you mean hcat3"):
        code_list("hcat")


def test_lookup_forgives_case_blanks_and_lost_zeros() -> None:
    found = code_list("lucas2018-lc1").lookup(pa.array(["B16", " b16 ", "BX1", "", None]))
    iri = "https://w3id.org/geoloom/codes/lucas2018-lc1/"
    assert found.iris.to_pylist() == [iri + "B16", iri + "B16", iri + "Bx1", None, None]
    assert found.unknown == ()
    stages = code_list("sigrid3-stage").lookup(pa.array([1, 86], pa.int32()))
    assert [i.rsplit("/", 1)[1] for i in stages.iris.to_pylist()] == ["01", "86"]


def test_lookup_reports_unknown_but_not_missing_codes() -> None:
    found = code_list("lucas2018-lc1").lookup(pa.chunked_array([["Z9", "8"], ["-1", "Z9", "A11"]]))
    assert found.unknown == ("Z9",)
    assert found.iris.null_count == 4


def test_lookup_by_raster_value() -> None:
    corine = code_list("corine")
    values = pa.array([12, 48, 45], pa.uint8())
    found = corine.lookup(values, "grid")
    assert found.iris.to_pylist() == [corine.iri("211"), None, None]
    assert found.unknown == ("45",)
    with pytest.raises(InputError, match="no raster values"):
        code_list("hcat3").lookup(values, "grid")


def test_lookup_of_fractions_is_refused() -> None:
    assert code_list("usda-cdl").lookup(pa.array([1.0, 5.0])).unknown == ()
    with pytest.raises(InputError, match="no codes of usda-cdl"):
        code_list("usda-cdl").lookup(pa.array([1.5]))


def test_lookup_is_quick() -> None:
    codes = pa.array(["B16", "B11", "Z9"] * 300_000)
    assert code_list("lucas2018-lc1").lookup(codes).iris.null_count == 300_000


@pytest.mark.parametrize(
    ("text", "scheme", "code"),
    [
        ("cereals", "hcat3", "3301010000"),
        ("Cereals", "lucas2018-lc1", "B1"),
        ("maize", "lucas2018-lc1", "B16"),
        ("maize", "usda-cdl", "1"),
        ("grain_maize", "hcat3", "3301010600"),
        ("Maize", "hcat3", "3301010600"),
        ("coniferous forest", "corine", "312"),
        ("potato", "hcat3", "3301030000"),
        ("3301010600", "hcat3", "3301010600"),
        ("b16", "lucas2018-lc1", "B16"),
    ],
)
def test_search_puts_the_class_meant_first(text: str, scheme: str, code: str) -> None:
    assert find_concepts(text, (scheme,))[0].code == code
    assert any((c.scheme, c.code) == (scheme, code) for c in find_concepts(text))


def test_search_by_iri_and_in_vain() -> None:
    iri = code_list("worldcover").iri("40")
    assert [c.label for c in find_concepts(iri)] == ["Cropland"]
    assert find_concepts("zyzzyva") == ()
    assert find_concepts("  ") == ()


def test_skos_parses_and_says_the_same() -> None:
    graph = rdflib.Graph().parse(data=skos_text(media="turtle"), format="turtle")
    assert len(graph) == len(set(skos_triples()))
    assert len(set(graph.subjects(RDF.type, SKOS.ConceptScheme))) == len(CODE_LISTS)
    for entry in code_lists():
        members = set(graph.subjects(SKOS.inScheme, rdflib.URIRef(entry.scheme_iri)))
        assert {str(m) for m in members} == {c.iri for c in entry.concepts}
        for concept in entry.concepts:
            above = graph.objects(rdflib.URIRef(concept.iri), SKOS.broaderTransitive)
            assert {str(a) for a in above} == {entry.iri(c) for c in entry.broader(concept.code)}


def test_skos_batches_have_one_row_a_concept_and_keep_the_graph() -> None:
    batches = list(skos_batches(("hcat3",), graph="https://example.org/g"))
    assert {b.graph for b in batches} == {"https://example.org/g"}
    (concepts,) = (b for b in batches if b.theme == "concepts")
    assert len(concepts.subjects) == len(set(concepts.subjects.to_pylist())) == 384
    assert not any(b.theme == "crosswalks" for b in batches)


def test_no_two_preferred_labels() -> None:
    triples = [t for t in skos_triples() if t[1].value.endswith("prefLabel")]
    assert len(triples) == len({t[0] for t in triples})


def test_national_crop_codes_are_notations_of_hcat() -> None:
    hcat = code_list("hcat3")
    found = hcat.lookup(pa.array(["110", "0110", " 110 ", "Q9", None]), "at")
    assert [iri and hcat.label(iri) for iri in found.iris.to_pylist()] == [
        *["winter barley"] * 3,
        None,
        None,
    ]
    assert found.unknown == ("Q9",)
    assert hcat.lookup(pa.array([110]), "at").iris == found.iris.slice(0, 1)
    names = hcat.lookup(pa.array(["access road /  roadways"]), "ie")
    assert names.unknown == ()
    for notation, codes in hcat.national.items():
        assert set(codes.values()) <= {concept.code for concept in hcat.concepts}, notation
    with pytest.raises(UnknownCodeError, match="did you mean at"):
        hcat.lookup(pa.array(["1"]), "att")

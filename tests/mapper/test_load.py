from __future__ import annotations

from pathlib import Path

import pytest

from mapper import load_mapping
from ontology import InputError, MappingError, UnsupportedError


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.ttl"):
        load_mapping(tmp_path / "none.ttl")


def test_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.ttl"
    path.write_bytes(b"# caf\xe9\n")
    with pytest.raises(InputError, match=r"latin\.ttl"):
        load_mapping(path)


def test_syntax_error_names_file_and_line(tmp_path: Path, turtle) -> None:
    path = tmp_path / "broken.ttl"
    lines = turtle('rml:reference "a"').splitlines()
    lines[9] = "rml:subjectMap [[ oops"
    path.write_text("\n".join(lines))
    with pytest.raises(MappingError) as caught:
        load_mapping(path)
    assert str(path) in caught.value.where
    assert "line 10" in caught.value.where


@pytest.mark.standard("RML-Core: vocabulary")
def test_unknown_term_is_refused_with_its_line(turtle) -> None:
    with pytest.raises(MappingError) as caught:
        load_mapping(turtle('rml:referense "a"'))
    assert "rml:referense" in str(caught.value)
    assert "line 12" in caught.value.where
    assert "'reference'" in caught.value.remedy


def test_unknown_option_of_ours_is_refused(turtle) -> None:
    source = '[ rml:source "in.csv" ; rml:referenceFormulation rml:CSV ; gl:bnad 2 ]'
    with pytest.raises(MappingError, match="did you mean 'band'"):
        load_mapping(turtle('rml:reference "a"', source=source))


@pytest.mark.standard("RML-CC: collections and containers")
@pytest.mark.parametrize("term", ["rml:strategy rml:append", "rml:gatherAs rdf:List"])
def test_legal_but_unsupported_terms_are_refused(turtle, term: str) -> None:
    with pytest.raises(UnsupportedError):
        load_mapping(turtle(f'rml:reference "a" ; {term}'))


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ('rml:reference "a" ; rml:template "{b}"', "says twice"),
        ("rml:termType rml:Literal", "does not say how"),
        ('rml:template "{a"', "never closed"),
        ('rml:template "{{a}}"', "inside a reference"),
        ('rml:template "a}"', "no reference before it"),
        ('rml:reference "a" ; rml:language "a-spanish"', "not a language tag"),
        ('rml:reference "a" ; rml:termType rml:Nonsense', "term type|not a term"),
        ('rml:reference "a" ; rml:language "en" ; rml:datatype xsd:string', "and a language"),
        ('rml:reference "a" ; rml:language "en" ; rml:termType rml:IRI', "Only a literal"),
        ('rml:reference "a" ; rml:datatype xsd:date ; rml:termType rml:BlankNode', "Only a lit"),
        ('rml:reference "a" ; rml:datatype "xsd:date"', "cannot be a datatype"),
        ('rml:reference "a" ; rml:datatype xsd:intger', "did you mean 'integer'"),
        ('rml:reference "a" ; rml:datatypeMap [ rml:termType rml:Literal ]', "be a datatype"),
        ('rml:reference "a" ; rml:languageMap [ rml:constant ex:en ]', "be a language"),
        ('rml:reference "a" ; rml:languageMap [ rml:termType rml:IRI ]', "be a language"),
        ('rml:reference "a" ; rml:language "en", "de"', "more than one language"),
        ('rml:constant "a" ; rml:termType rml:IRI', "not of its map"),
        ('rml:template "\\\\q"', "backslash"),
        ("rml:parentTriplesMap <#m>, <#n>", "parentTriplesMap"),
        ('rml:parentTriplesMap <#m> ; rml:joinCondition [ rml:child "a" ]', "parentMap"),
    ],
)
def test_broken_term_maps(turtle, broken: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        load_mapping(turtle(broken))


@pytest.mark.standard("RML-Core: subject maps")
def test_a_literal_cannot_be_a_subject(turtle) -> None:
    with pytest.raises(MappingError, match="cannot be a subject"):
        load_mapping(turtle(subject='rml:reference "a" ; rml:termType rml:Literal'))
    with pytest.raises(MappingError, match="must be an IRI"):
        load_mapping(turtle(subject='rml:reference "a" ; rml:class "C"'))
    constant = turtle(subject='rml:constant "s"')
    with pytest.raises(MappingError, match="Literal cannot be a subject"):
        load_mapping(constant)
    with pytest.raises(MappingError, match="Literal cannot be a predicate"):
        load_mapping(
            turtle('rml:reference "a"').replace("rml:predicate ex:p0", 'rml:predicate "p"')
        )


TYPES = {"IRI", "URI", "UnsafeIRI", "UnsafeURI", "BlankNode", "Literal"}
ROLES = {
    "subject": TYPES - {"Literal"},
    "graph": TYPES - {"Literal"},
    "predicate": TYPES - {"Literal", "BlankNode"},
    "datatype": TYPES - {"Literal", "BlankNode"},
    "object": TYPES,
    "language": {"Literal"},
}


@pytest.mark.standard("RML-Core: term types of subjects, predicates, objects and graphs")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", sorted(TYPES))
def test_which_terms_may_be_what(turtle, role: str, kind: str) -> None:
    made = f'[ rml:template "http://example.com/{{a}}" ; rml:termType rml:{kind} ]'
    plain = turtle('rml:reference "a"')
    text = {
        "subject": plain.replace('[ rml:template "http://example.com/{id}" ]', made),
        "graph": turtle('rml:reference "a"', subject=f'rml:reference "a" ; rml:graphMap {made}'),
        "predicate": plain.replace("rml:predicate ex:p0", f"rml:predicateMap {made}"),
        "object": turtle(made[2:-2]),
        "datatype": turtle(f'rml:reference "a" ; rml:datatypeMap {made}'),
        "language": turtle(f'rml:reference "a" ; rml:languageMap {made}'),
    }[role]
    assert f"rml:{kind}" in text
    if kind in ROLES[role]:
        load_mapping(text)
    else:
        with pytest.raises(MappingError, match=f"cannot be a {role}"):
            load_mapping(text)


@pytest.mark.standard("RML-Core: triples maps")
def test_source_and_subject_are_needed(turtle) -> None:
    text = turtle('rml:reference "a"')
    with pytest.raises(MappingError, match="exactly one subject map"):
        load_mapping(text.replace("rml:subjectMap [", "rml:predicateObjectMap ["))
    with pytest.raises(MappingError, match="logicalSource"):
        load_mapping(text.replace("rml:logicalSource", "ex:logicalSource"))
    with pytest.raises(MappingError, match="does not say what to read"):
        load_mapping(turtle(source="[ rml:referenceFormulation rml:CSV ]"))
    with pytest.raises(MappingError, match="referenceFormulation"):
        load_mapping(turtle(source='[ rml:source "in.csv" ]'))


def test_unknown_formulations_are_refused(turtle) -> None:
    with pytest.raises(UnsupportedError, match="reference formulation"):
        load_mapping(turtle(source='[ rml:source "x" ; rml:referenceFormulation ex:YAMLPath ]'))


def test_old_vocabularies_are_read(run) -> None:
    run.file("in.csv", "id,name\n1,Ann\n")
    text = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
<http://example.com/#m> rml:logicalSource [
    rml:source "in.csv" ; rml:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rr:template "http://example.com/{id}" ] ;
  rr:predicateObjectMap [ rr:predicate <http://example.com/p0> ;
      rr:objectMap [ rr:column "name" ] ] .
"""
    assert run.objects(text) == ['"Ann"']


def test_parent_triples_map_must_exist(run, turtle) -> None:
    run.file("in.csv", "id\n1\n")
    with pytest.raises(MappingError, match="parent triples map does not exist"):
        run(turtle("rml:parentTriplesMap <#other>"))

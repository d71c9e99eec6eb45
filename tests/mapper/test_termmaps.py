from __future__ import annotations

import pyoxigraph
import pytest

from mapper import load_mapping
from ontology import MappingError
from tests.mapper.conftest import SOURCE

CSV = "id,name,lang,n\n1,Ann,en,5\n2,Zoë Ü,fr,6\n"


@pytest.fixture
def table(run):
    run.file("in.csv", CSV)
    return run


@pytest.mark.standard("RML-Core: constant-valued term maps")
@pytest.mark.parametrize(
    ("constant", "expected"),
    [
        ("rml:constant ex:thing", "<http://example.com/thing>"),
        ('rml:constant "text"', '"text"'),
        ('rml:constant "text"@en', '"text"@en'),
        ("rml:constant 7", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("rml:constant true", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        (
            'rml:constant "007"^^xsd:integer',
            '"007"^^<http://www.w3.org/2001/XMLSchema#integer>',
        ),
    ],
)
def test_constants(table, turtle, constant: str, expected: str) -> None:
    assert table.objects(turtle(constant)) == [expected] * 2


@pytest.mark.standard("RML-Core: constant shortcut properties")
def test_shortcuts(table, turtle) -> None:
    text = turtle('rml:reference "name"').replace(
        "; rml:predicateObjectMap",
        "; rml:predicateObjectMap [ rml:predicate ex:p9 ; rml:object 1 ]\n; rml:predicateObjectMap",
        1,
    )
    assert table.objects(text, "p9") == ['"1"^^<http://www.w3.org/2001/XMLSchema#integer>'] * 2


@pytest.mark.standard("RML-Core: reference-valued term maps")
def test_reference(table, turtle) -> None:
    assert table.objects(turtle('rml:reference "name"')) == ['"Ann"', '"Zoë Ü"']


@pytest.mark.standard("RML-Core: template-valued term maps")
def test_templates_encode_references_only(table, turtle) -> None:
    assert table.objects(
        turtle('rml:template "http://example.com/a b/{name}"'.replace(" b", "/b"))
    ) == [
        "<http://example.com/a/b/Ann>",
        "<http://example.com/a/b/Zoë%20Ü>",
    ]
    assert table.objects(
        turtle('rml:template "{name} \\\\{{n}\\\\}" ; rml:termType rml:Literal')
    ) == [
        '"Ann {5}"',
        '"Zoë Ü {6}"',
    ]


@pytest.mark.standard("RML-Core: term types")
@pytest.mark.parametrize(
    ("term_type", "expected"),
    [
        ("IRI", ["<http://example.com/x/Ann>", "<http://example.com/x/Zoë%20Ü>"]),
        ("URI", ["<http://example.com/x/Ann>", "<http://example.com/x/Zo%C3%AB%20%C3%9C>"]),
    ],
)
def test_term_types(table, turtle, term_type: str, expected: list[str]) -> None:
    text = turtle(f'rml:template "http://example.com/x/{{name}}" ; rml:termType rml:{term_type}')
    assert table.objects(text) == expected


@pytest.mark.standard("RML-Core: term types")
def test_blank_nodes_are_one_per_value_and_stable(table, turtle) -> None:
    text = turtle('rml:template "{n}" ; rml:termType rml:BlankNode')
    first = table.objects(text)
    assert len(set(first)) == 2
    assert all(label.startswith("_:b") for label in first)
    assert table.objects(text) == first


@pytest.mark.standard("RML-Core: blank nodes without expression")
def test_fresh_blank_node_for_each_row(table, turtle) -> None:
    quads = table(turtle('rml:reference "name"', subject="rml:termType rml:BlankNode"))
    assert len({quad.subject for quad in quads}) == 2


@pytest.mark.standard("RML-Core: base IRI")
def test_relative_iris_get_the_base(table, turtle) -> None:
    text = turtle('rml:reference "name"', subject='rml:reference "id"')
    subjects = {str(quad.subject) for quad in table(text, base_iri="http://base.org/")}
    assert subjects == {"<http://base.org/1>", "<http://base.org/2>"}


@pytest.mark.standard("RML-Core: classes")
def test_classes(table, turtle) -> None:
    subject = 'rml:template "http://example.com/{id}" ; rml:class ex:A, ex:B'
    quads = table(turtle(subject=subject))
    assert len(quads) == 4


@pytest.mark.standard("RML-Core: language maps")
def test_languages(table, turtle) -> None:
    assert table.objects(turtle('rml:reference "name" ; rml:language "de-AT"')) == [
        '"Ann"@de-at',  # pyoxigraph lowers tags while reading
        '"Zoë Ü"@de-at',
    ]
    by_row = turtle('rml:reference "name" ; rml:languageMap [ rml:reference "lang" ]')
    assert table.objects(by_row) == ['"Ann"@en', '"Zoë Ü"@fr']
    bad = turtle('rml:reference "name" ; rml:languageMap [ rml:reference "n" ]')
    assert table.objects(bad) == []
    assert table.report.rows_quarantined == 2


@pytest.mark.standard("RML-Core: datatype maps")
def test_datatype_by_row(run, turtle) -> None:
    run.file("in.csv", "id,v,t\n1,5,integer\n2,2020-01-02,date\n3,x,string\n")
    template = 'rml:template "http://www.w3.org/2001/XMLSchema#{t}"'
    text = turtle(f'rml:reference "v" ; rml:datatypeMap [ {template} ]')
    assert run.objects(text) == [
        '"2020-01-02"^^<http://www.w3.org/2001/XMLSchema#date>',
        '"5"^^<http://www.w3.org/2001/XMLSchema#integer>',
        '"x"',
    ]


@pytest.mark.standard("RML-Core: graph maps")
def test_graphs_of_subject_and_pair(table, turtle) -> None:
    subject = (
        'rml:template "http://example.com/{id}" ; rml:class ex:A ; '
        'rml:graphMap [ rml:template "http://example.com/g/{lang}" ]'
    )
    text = turtle('rml:reference "name"', subject=subject).replace(
        "rml:predicate ex:p0", "rml:graph ex:g0 , rml:defaultGraph ; rml:predicate ex:p0"
    )
    graphs = sorted((str(q.graph_name), str(q.predicate)[-3:-1]) for q in table(text))
    assert graphs == sorted(
        [(f"<http://example.com/g/{lang}>", p) for lang in ("en", "fr") for p in ("pe", "p0")]
        + [("<http://example.com/g0>", "p0"), ("DEFAULT", "p0")] * 2
    )


@pytest.mark.standard("RML-Core: predicate maps")
def test_predicates_from_data(table, turtle) -> None:
    text = turtle('rml:reference "name"').replace(
        "rml:predicate ex:p0", 'rml:predicateMap [ rml:template "http://example.com/p{n}" ]'
    )
    assert table.objects(text, "p5") == ['"Ann"']
    assert table.objects(text, "p6") == ['"Zoë Ü"']


@pytest.mark.standard("RML-FNML: conditions")
def test_condition(table, turtle) -> None:
    condition = """rml:condition [ rml:functionExecution [ rml:function gl:equal ;
        rml:input [ rml:parameter gl:first ; rml:inputValueMap [ rml:reference "lang" ] ],
                  [ rml:parameter gl:second ; rml:inputValue "fr" ] ] ]"""
    assert table.objects(turtle(f'rml:reference "name" ; {condition}')) == ['"Zoë Ü"']


JOIN = """
<#parent> rml:logicalSource [ rml:source "parent.csv" ; rml:referenceFormulation rml:CSV ] ;
  rml:subjectMap [ rml:template "http://example.com/parent/{key}" ] .
"""


@pytest.mark.standard("RML-Core: referencing object maps")
def test_join_is_many_to_many_and_skips_null(run, turtle) -> None:
    run.file("in.csv", "id,k\n1,a\n2,b\n3,\n4,z\n")
    run.file("parent.csv", "key,k\nA1,a\nA2,a\nB,b\nN,\n")
    text = turtle(
        'rml:parentTriplesMap <#parent> ; rml:joinCondition [ rml:child "k" ; rml:parent "k" ]'
    )
    assert run.objects(text + JOIN) == [
        "<http://example.com/parent/A1>",
        "<http://example.com/parent/A2>",
        "<http://example.com/parent/B>",
    ]


@pytest.mark.standard("RML-Core: referencing object maps")
def test_parent_of_the_same_source_needs_no_condition(table, turtle) -> None:
    assert table.objects(turtle("rml:parentTriplesMap <#m>")) == [
        "<http://example.com/1>",
        "<http://example.com/2>",
    ]


def test_parent_of_another_source_needs_a_condition(run, turtle) -> None:
    run.file("in.csv", "id,k\n1,a\n")
    run.file("parent.csv", "key,k\nA1,a\n")
    with pytest.raises(MappingError, match="join condition"):
        run(turtle("rml:parentTriplesMap <#parent>") + JOIN)


@pytest.mark.standard("RML-Core: multi-valued expressions")
def test_lists_multiply(run, turtle) -> None:
    run.file("in.json", '[{"id": 1, "a": ["x", "y"], "b": [1, 2.5]}, {"id": 2, "a": []}]')
    source = (
        '[ rml:source "in.json" ; rml:iterator "$[*]" ; rml:referenceFormulation rml:JSONPath ]'
    )
    text = turtle(
        'rml:template "http://example.com/{$.a[*]}/{$.b[*]}"',
        'rml:reference "$.b[*]"',
        subject='rml:template "http://example.com/{$.id}"',
        source=source,
    )
    assert len(run.objects(text)) == 4
    assert run.objects(text, "p1") == [
        '"1"^^<http://www.w3.org/2001/XMLSchema#integer>',
        '"2.5"^^<http://www.w3.org/2001/XMLSchema#double>',
    ]


def test_null_makes_no_triple_and_empty_text_none_in_templates(run, turtle) -> None:
    run.file("in.csv", 'id,v\n1,\n2,""\n3,x\n')
    assert run.objects(turtle('rml:reference "v"')) == ['"x"']
    plain = SOURCE.replace('; rml:null ""', "")
    assert run.objects(turtle('rml:reference "v"', source=plain)) == ['""', '""', '"x"']
    assert run.objects(turtle('rml:template "http://example.com/{v}"', source=plain)) == [
        "<http://example.com/x>"
    ]
    subject = 'rml:template "http://example.com/{v}"'
    quads = run(turtle('rml:reference "id"', subject=subject, source=plain))
    assert {q.subject for q in quads} == {pyoxigraph.NamedNode("http://example.com/x")}


@pytest.mark.standard("RML-Core: datatypes and languages of constants")
def test_constants_take_datatypes_and_languages(table, turtle) -> None:
    typed = turtle('rml:constant "007" ; rml:datatype xsd:integer')
    assert table.objects(typed) == ['"007"^^<http://www.w3.org/2001/XMLSchema#integer>'] * 2
    tagged = turtle('rml:constant "x" ; rml:languageMap [ rml:reference "lang" ]')
    assert table.objects(tagged) == ['"x"@en', '"x"@fr']
    for twice in ("7 ; rml:datatype xsd:double", '"x"@en ; rml:language "de"'):
        with pytest.raises(MappingError, match="gets no other"):
            load_mapping(turtle(f"rml:constant {twice}"))

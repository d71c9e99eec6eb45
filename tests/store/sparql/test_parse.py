"""Text to algebra: SPARQL 1.1 sections 4, 9, 18.2 and 19.8."""

from __future__ import annotations

import pytest

from ontology import IRI, RDF_TYPE, Literal
from store.algebra import (
    Bgp,
    Closure,
    Extend,
    Filter,
    Group,
    Join,
    LeftJoin,
    Minus,
    Project,
    Query,
    Service,
    Slice,
    Union,
    Unit,
    Values,
    Var,
)
from store.passes import format_plan
from store.sparql import parse_query

EX = "PREFIX : <http://ex/> "


def where(text: str) -> object:
    """Plan of an ASK, which has no projection."""
    return parse_query(f"{EX}ASK {{ {text} }}").plan


def objects(text: str) -> list[object]:
    plan = where(text)
    assert isinstance(plan, Bgp)
    return [pattern.object for pattern in plan.patterns]


@pytest.mark.standard("SPARQL 1.1 §4.1.2")
def test_literals_keep_their_lexical_form() -> None:
    xsd = "http://www.w3.org/2001/XMLSchema#"
    assert objects("?s ?p 01, 1.50, 1.0e0, -7, true, 'x', 'y'@EN-gb, '5'^^xsd:byte, '''a'b'''") == [
        Literal("01", xsd + "integer"),
        Literal("1.50", xsd + "decimal"),
        Literal("1.0e0", xsd + "double"),
        Literal("-7", xsd + "integer"),
        Literal("true", xsd + "boolean"),
        Literal("x"),
        Literal("y", lang="en-gb"),
        Literal("5", xsd + "byte"),
        Literal("a'b"),
    ]


@pytest.mark.standard("SPARQL 1.1 §19.2, §19.7")
def test_escapes() -> None:
    assert objects(r"?s ?p 'a\tb\\n', '\u00e9\U0001F30D'") == [Literal("a\tb\\n"), Literal("é🌍")]
    assert objects(r"?s ?p :a\~b, :a%20b, :a.b") == [
        IRI("http://ex/a~b"),
        IRI("http://ex/a%20b"),
        IRI("http://ex/a.b"),
    ]


def test_known_prefixes_need_no_declaration() -> None:
    assert objects("?s a gl:Zone") == [IRI("https://w3id.org/geoloom/ns#Zone")]


@pytest.mark.standard("SPARQL 1.1 §4.1.1")
def test_relative_iris_resolve_against_base() -> None:
    query = parse_query("BASE <http://ex/dir/> ASK { <a> <#p> <../b> }")
    assert isinstance(query.plan, Bgp)
    triple = query.plan.patterns[0]
    assert [
        getattr(n, "value", None) for n in (triple.subject, triple.predicate, triple.object)
    ] == [
        "http://ex/dir/a",
        "http://ex/dir/#p",
        "http://ex/b",
    ]


@pytest.mark.standard("SPARQL 1.1 §4.2")
def test_abbreviated_triples() -> None:
    plan = where("?s a :T ; :p 1, 2 ; . [ :q ?s ] . (1) :r [] ; :t ()")
    assert isinstance(plan, Bgp)
    predicates = [getattr(pattern.predicate, "value", "") for pattern in plan.patterns]
    assert predicates[:4] == [RDF_TYPE, "http://ex/p", "http://ex/p", "http://ex/q"]
    assert [p.rsplit("#")[-1] for p in predicates[4:6]] == ["first", "rest"]
    assert len(plan.patterns) == 8


@pytest.mark.standard("SPARQL 1.1 §18.2.2")
def test_group_elements() -> None:
    plan = where("?s :p ?o OPTIONAL { ?o :q ?r FILTER(?r > ?o) } MINUS { ?s :z 1 } FILTER(?o > 1)")
    assert isinstance(plan, Filter)
    assert isinstance(plan.child, Minus)
    assert isinstance(plan.child.left, LeftJoin)
    assert plan.child.left.condition is not None


@pytest.mark.standard("SPARQL 1.1 §18.2.2.6")
def test_filter_of_a_nested_group_stays_inside_an_optional() -> None:
    plan = where("?s :p ?o OPTIONAL { { ?o :q ?r FILTER(?r > ?o) } }")
    assert isinstance(plan, LeftJoin)
    assert plan.condition is None
    assert isinstance(plan.right, Filter)


@pytest.mark.standard("SPARQL 1.1 §18.2.2.2")
def test_filters_do_not_end_a_basic_graph_pattern() -> None:
    plan = where("?s :p _:x FILTER(?s != 1) _:x :q ?o")
    assert isinstance(plan, Filter)
    assert isinstance(plan.child, Bgp)
    assert len(plan.child.patterns) == 2


@pytest.mark.standard("SPARQL 1.1 §9")
def test_paths_become_patterns() -> None:
    chain = where("?s :a/:b/^:c ?o")
    assert isinstance(chain, Bgp)
    assert len(chain.patterns) == 3
    assert isinstance(where("?s :a|:b ?o"), Union)
    closure = where("?s (:a/:b)+ ?o")
    assert isinstance(closure, Closure)
    assert isinstance(closure.step, Bgp)
    negated = where("?s !(:a|^:b) ?o")
    assert isinstance(negated, Union)


@pytest.mark.standard("SPARQL 1.1 §18.2.4")
def test_aggregates_become_variables_of_a_group() -> None:
    query = parse_query(
        f"{EX}SELECT ?s (COUNT(?o) + 1 AS ?n) {{ ?s :p ?o }} GROUP BY ?s HAVING(COUNT(?o) > 2)"
    )
    assert query.variables == ("s", "n")
    assert isinstance(query.plan, Project)
    extend = query.plan.child
    assert isinstance(extend, Extend)
    assert isinstance(extend.child, Filter)
    group = extend.child.child
    assert isinstance(group, Group)
    assert len(group.aggregates) == 1


def test_select_star_lists_visible_variables_in_order() -> None:
    query = parse_query(f"{EX}SELECT * {{ ?b :p ?a . [] :q ?c BIND(1 AS ?d) MINUS {{ ?z :p 1 }} }}")
    assert query.variables == ("b", "a", "c", "d")


@pytest.mark.standard("SPARQL 1.1 §13.3")
def test_graph_goes_down_to_the_patterns() -> None:
    plan = where("GRAPH ?g { ?s :p ?o OPTIONAL { ?o :q ?r } }")
    assert isinstance(plan, LeftJoin)
    assert plan.left.graph == Var("g")  # type: ignore[union-attr]
    assert plan.right.graph == Var("g")  # type: ignore[union-attr]
    assert isinstance(where("GRAPH ?g { VALUES ?x { 1 } }"), Join)


def test_other_forms_and_leaves() -> None:
    dataset = parse_query(f"{EX}ASK FROM :a FROM NAMED :b {{}}")
    assert isinstance(dataset.plan, Unit)
    assert dataset.default_graphs == (IRI("http://ex/a"),)
    assert dataset.named_graphs == (IRI("http://ex/b"),)
    assert len(parse_query(f"{EX}CONSTRUCT WHERE {{ ?s :p [] }}").template) == 1
    assert parse_query(f"{EX}DESCRIBE :a ?x {{ ?x :p 1 }}").described == (
        IRI("http://ex/a"),
        Var("x"),
    )
    assert isinstance(where("SERVICE SILENT <http://e/> { ?s ?p ?o }"), Service)
    values = where("VALUES (?a ?b) { (1 UNDEF) }")
    assert isinstance(values, Values)
    assert values.rows[0][1] is None


def test_limit_under_a_graph_variable_counts_in_each_graph() -> None:
    plan = where("GRAPH ?g { { SELECT ?s { ?s :p ?o } LIMIT 1 } }")
    assert isinstance(plan, Slice)
    assert plan.per == ("g",)


def test_parsed_queries_are_remembered() -> None:
    text = f"{EX}ASK {{ ?s :remembered ?o }}"
    assert parse_query(text) is parse_query(text)


def test_printer_covers_every_node() -> None:
    query: Query = parse_query(
        f"""{EX}SELECT DISTINCT ?s (COUNT(*) AS ?n) {{
          {{ ?s :p ?o MINUS {{ ?s :q 1 }} }} UNION {{ ?s :p* ?o OPTIONAL {{ ?s :r ?t }} }}
          VALUES ?o {{ 1 2 }} BIND(STR(?o) AS ?x) {{}}
          SERVICE <http://e/> {{ ?s :p ?o }}
          FILTER NOT EXISTS {{ GRAPH :g {{ ?s :z ?o }} }} }}
        GROUP BY ?s ORDER BY DESC(?n) LIMIT 3 OFFSET 1"""
    )
    text = format_plan(query.plan)
    words = ["slice", "distinct", "project", "order", "group", "filter", "extend", "union"]
    for word in [*words, "minus", "path", "optional", "service", "values"]:
        assert f"({word}" in text

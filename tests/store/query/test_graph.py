"""GRAPH and EXISTS: the pattern inside is evaluated for each graph, and for each solution."""

from __future__ import annotations

from collections.abc import Callable

import pyoxigraph as ox
import pytest

from store import Store
from store.query import run_query
from tests.store.query.conftest import PREFIXES, make_pair, ours, theirs

DATA = """
@prefix : <http://ex/> .
:a :p :b . :b :p :c . :c :p :a . :c :q :d . :d :name "D" . :d :p "lit" . :e :p :f .
:a :age 3 . :b :age 4 . :x :q _:n . _:n :p :a .
:g1 { :a :p :b . :b :p :c . :g1 :p :a . :a :age 3 . :c :q :g1 . :b :p "lit" }
:g2 { :a :p :c . :c :p :d . :d :p :a . :d :q :e . :a :age 5 . :d :age 1 . :g1 :p :g2 }
:g3 { :z :q :z }
"""

LIKE_THE_ORACLE = """
GRAPH ?g { ?x :p* ?y }
GRAPH ?g { :a :p+ ?y }
GRAPH ?g { ?x (:p|:q)+ ?g }
GRAPH ?g { ?x (:p|:q)* ?y . ?x :age ?a }
GRAPH ?g { ?x :p ?y MINUS { ?x :age ?a } }
GRAPH ?g { ?x :p ?y FILTER NOT EXISTS { ?y :p ?z } }
GRAPH ?g { BIND(1 AS ?x) OPTIONAL { ?s :age ?a FILTER(?a > ?x) } }
GRAPH ?g { }
GRAPH :g1 { }
GRAPH :nope { }
GRAPH :nope { ?x :p* ?y }
GRAPH :nope { OPTIONAL { ?s :p ?o } }
GRAPH ?g { ?x :p ?y GRAPH :g2 { ?x :q ?z } }
GRAPH ?g { GRAPH ?g { ?x :q ?y } }
GRAPH ?g { ?g :p ?y }
GRAPH ?g { ?x ?p ?g }
?x :age ?a OPTIONAL { GRAPH ?g { ?x :p ?y } }
?g ?p ?o OPTIONAL { GRAPH ?g { ?x :q ?y } }
?x :age ?a OPTIONAL { GRAPH ?g { ?x :age ?b } FILTER(?b > ?a) }
?s :p ?o FILTER EXISTS { GRAPH ?g { ?s :p ?o } }
GRAPH ?g { ?s :p ?o } MINUS { GRAPH ?g { ?s :age ?a } }
?x :p ?y FILTER EXISTS { ?w :age ?a OPTIONAL { ?w :q ?x } }
?x :p ?y FILTER NOT EXISTS { ?w :q ?v OPTIONAL { ?v :p ?x FILTER(?x = ?y) } }
?x :p ?y FILTER EXISTS { ?x :p ?b MINUS { ?b :p ?y } }
?x :p ?y FILTER EXISTS { ?v :q ?b MINUS { ?v :q ?y } }
?x :p ?y FILTER EXISTS { SELECT ?x { ?x :p ?b } ORDER BY ?b LIMIT 1 }
?x :p ?y FILTER NOT EXISTS { SELECT ?x { ?x :p ?b } ORDER BY ?b OFFSET 1 }
?x :p ?y FILTER EXISTS { { SELECT ?x ?b { ?x :p ?b } ORDER BY ?b LIMIT 1 } ?b :p ?y }
?x :p ?y FILTER EXISTS { SELECT ?x (COUNT(*) AS ?n) { ?x :p ?b } GROUP BY ?x HAVING(?n > 1) }
?x :age ?y FILTER EXISTS { BIND(?y + 1 AS ?z) FILTER(?z > 4) }
?x :age ?y FILTER EXISTS { VALUES (?y ?z) { (UNDEF 3) (4 UNDEF) } FILTER(?z = ?y || ?y = 4) }
?x :age ?y FILTER EXISTS { { ?w :age ?b FILTER(?b > ?y) } UNION { ?x :nope ?z } }
?x :age ?y FILTER EXISTS { ?w :p ?b FILTER NOT EXISTS { ?v :age ?c FILTER(?c > ?y) } }
?x :age ?y FILTER EXISTS { ?w :age ?b OPTIONAL { ?b :nope ?y } FILTER(?y > 3) }
?x :p ?y OPTIONAL { ?x :age ?a } FILTER EXISTS { ?z :q ?w OPTIONAL { ?z :age ?a } }
?x :p ?y OPTIONAL { ?y :p ?z FILTER NOT EXISTS { ?z :age ?a OPTIONAL { ?w :q ?x } } }
?x :p ?y FILTER(!EXISTS { ?x :age ?a OPTIONAL { ?y :q ?a } MINUS { ?x :p ?y } } || ?x = :a)
GRAPH ?g { ?x :p ?y FILTER EXISTS { SELECT ?x { ?x :p ?z } ORDER BY ?z LIMIT 1 } }
GRAPH ?g { ?x :p ?y } FILTER EXISTS { GRAPH ?h { ?x :p ?z } FILTER(?g != ?h) }
?x :p ?y FILTER EXISTS { ?y :p* ?x OPTIONAL { ?y :q+ ?x } }
BIND(EXISTS { ?w :p ?z OPTIONAL { ?z :q ?x } FILTER(BOUND(?z)) } AS ?e)
""".strip().splitlines()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, ox.Store]:
    return make_pair(tmp_path_factory.mktemp("graphs"), DATA)


@pytest.fixture(scope="module")
def rows(pair: tuple[Store, ox.Store]) -> Callable[[str], list[tuple[str | None, ...]]]:
    """Rows of our answer, ?g first, IRIs without their namespace, with passes on and off."""

    def ask(text: str) -> list[tuple[str | None, ...]]:
        found = []
        for optimise in (True, False):
            answer = run_query(pair[0].snapshot(), PREFIXES + text, optimise=optimise)
            table = answer.terms().to_pylist()
            names = sorted(answer.variables, key=lambda name: (name != "g", name))
            cells = [[row[name] for name in names] for row in table]
            plain = [tuple(c and c["value"].replace("http://ex/", "") for c in r) for r in cells]
            found.append(sorted(plain, key=str))
        assert found[0] == found[1]
        return found[0]

    return ask


@pytest.mark.parametrize("pattern", LIKE_THE_ORACLE)
def test_like_the_oracle(pair: tuple[Store, ox.Store], pattern: str) -> None:
    store, graph = pair
    query = f"{PREFIXES}SELECT * {{ {pattern} }}"
    wanted = theirs(graph, query)
    for optimise in (True, False):
        assert ours(store, query, optimise=optimise) == wanted


@pytest.mark.standard("SPARQL 1.1 §18.6 evaluation of Graph")
@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("SELECT (COUNT(*) AS ?n) { ?x :q ?y }", [("g1", "1"), ("g2", "1"), ("g3", "1")]),
        ("SELECT (COUNT(?a) AS ?n) { ?x :age ?a }", [("g1", "1"), ("g2", "2"), ("g3", "0")]),
        ("SELECT (SUM(?a) AS ?n) { ?x :age ?a }", [("g1", "3"), ("g2", "6"), ("g3", "0")]),
        ("SELECT (MAX(?a) AS ?n) { ?x :age ?a }", [("g1", "3"), ("g2", "5"), ("g3", None)]),
        ("SELECT ?a { ?x :age ?a } ORDER BY DESC(?a) LIMIT 1", [("g1", "3"), ("g2", "5")]),
        ("SELECT ?a { ?x :age ?a } ORDER BY DESC(?a) OFFSET 1", [("g2", "1")]),
        ("VALUES ?x { 3 }", [("g1", "3"), ("g2", "3"), ("g3", "3")]),
        (
            "VALUES ?x { 3 4 } MINUS { ?s :age ?x }",
            [("g1", "4"), ("g2", "3"), ("g2", "4"), ("g3", "3"), ("g3", "4")],
        ),
        ("OPTIONAL { ?g :p ?x }", [("g1", "a"), ("g3", None)]),
        ("GRAPH :g2 { ?x :q :e }", [("g1", "d"), ("g2", "d"), ("g3", "d")]),
        (
            "{ ?x :q ?y } UNION { BIND(1 AS ?x) } FILTER(?x = 1)",
            [("g1", "1"), ("g2", "1"), ("g3", "1")],
        ),
    ],
)
def test_each_graph_for_itself(
    rows: Callable[[str], list[tuple[str | None, ...]]],
    pattern: str,
    wanted: list[tuple[str | None, ...]],
) -> None:
    """The oracle evaluates sub-queries and VALUES inside GRAPH once for all graphs."""
    found = rows(f"SELECT * {{ GRAPH ?g {{ {pattern} }} }}")
    assert [row[: len(wanted[0])] for row in found] == wanted


@pytest.mark.standard("SPARQL 1.1 §18.6 evaluation of Graph")
def test_differences_inside_a_graph_share_more_than_the_graph(
    rows: Callable[[str], list[tuple[str | None, ...]]],
) -> None:
    every = rows("SELECT * { GRAPH ?g { ?x :p ?y } }")
    assert rows("SELECT * { GRAPH ?g { ?x :p ?y MINUS { ?z :age ?a } } }") == every
    kept = rows("SELECT * { GRAPH ?g { ?x :p ?y OPTIONAL { ?x :age ?a } MINUS { ?z :age ?a } } }")
    assert [row[1] for row in kept] == [None] * len(kept)
    assert len(kept) == 5


@pytest.mark.standard("SPARQL 1.1 §18.6 evaluation of Graph")
def test_the_variable_of_a_graph_is_not_bound_inside_it(
    rows: Callable[[str], list[tuple[str | None, ...]]],
) -> None:
    assert rows("SELECT * { GRAPH ?g { ?x :q ?y FILTER(?g = :g1) } }") == []
    assert rows("SELECT * { GRAPH ?g { ?x :q ?y FILTER EXISTS { ?g :p :a } } }") == [
        ("g1", "c", "g1"),
        ("g2", "d", "e"),
    ]
    assert rows("SELECT * { GRAPH ?g { ?x :q ?y } FILTER(?g = :g1) }") == [("g1", "c", "g1")]


@pytest.mark.standard("SPARQL 1.1 §13.2")
def test_a_named_graph_of_the_dataset_may_be_empty(
    rows: Callable[[str], list[tuple[str | None, ...]]],
) -> None:
    dataset = "FROM :g1 FROM NAMED :g3 FROM NAMED :nope"
    assert rows(f"SELECT * {dataset} {{ GRAPH ?g {{ }} }}") == [("g3",), ("nope",)]
    assert rows(f"SELECT * {dataset} {{ GRAPH ?g {{ ?x :q ?y }} }}") == [("g3", "z", "z")]
    assert rows(f"SELECT ?x {dataset} {{ ?x :age ?y }}") == [("a",)]


@pytest.mark.standard("SPARQL 1.1 §18.6 substitute")
def test_what_a_sub_query_does_not_select_is_its_own(
    rows: Callable[[str], list[tuple[str | None, ...]]],
) -> None:
    every = rows("SELECT ?x ?y { ?x :p ?y }")
    assert rows("SELECT ?x ?y { ?x :p ?y FILTER EXISTS { SELECT ?x { ?x :p ?z } } }") == every
    assert rows("SELECT ?x { ?x :age ?y FILTER EXISTS { SELECT ?x { ?x :p ?y } } }") == [
        ("a",),
        ("b",),
    ]

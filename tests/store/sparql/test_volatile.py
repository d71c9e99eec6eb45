"""What RAND, UUID, STRUUID and BNODE draw: once a solution, and consistently."""

from __future__ import annotations

from typing import Any

import pytest

from store import Store, parse_query
from store.algebra import Service


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.create(tmp_path_factory.mktemp("volatile") / "store")


def _rows(store: Store, query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in store.query(query).rows()]


@pytest.mark.standard("SPARQL 1.1 §17.4.2.9")
def test_a_text_names_one_blank_node_within_a_solution_only(store: Store) -> None:
    rows = _rows(
        store,
        'SELECT ?x (BNODE(?x) AS ?a) (BNODE(?x) AS ?b) (BNODE("y") AS ?c) (?a = ?b AS ?same)'
        ' { VALUES ?x { "x" "x" "y" } }',
    )
    assert all(row["a"] == row["b"] for row in rows)
    assert len({str(row["a"]) for row in rows}) == 3
    assert [row["a"] == row["c"] for row in rows] == [row["x"] == rows[-1]["x"] for row in rows]


@pytest.mark.standard("SPARQL 1.1 §17.4.2.9")
def test_no_text_no_blank_node(store: Store) -> None:
    (row,) = _rows(store, 'SELECT * { BIND(BNODE(1) AS ?a) BIND(BNODE("a"@en) AS ?b) }')
    assert not any(row.values())


@pytest.mark.standard("SPARQL 1.1 §17.4.2.13")
def test_what_is_drawn_stays_the_same(store: Store) -> None:
    query = """ASK {
      BIND(UUID() AS ?u) BIND(IRI(STR(?u)) AS ?v) BIND(IF(RAND() < 0.5, 1, "b") AS ?w)
      FILTER(?u = ?v && sameTerm(?u, ?v) && BOUND(?w) && UUID() != UUID() && STRUUID() != STRUUID())
      FILTER(isBlank(BNODE()) && RAND() >= 0 && RAND() < 1)
    }"""
    assert all(store.query(query).boolean for _ in range(5))


def test_each_solution_draws(store: Store) -> None:
    query = """SELECT (COUNT(DISTINCT ?u) AS ?n) (COUNT(DISTINCT BNODE()) AS ?m)
      { VALUES ?x { 1 2 3 } BIND(UUID() AS ?u) } GROUP BY (RAND() < 2 AS ?k)"""
    (row,) = _rows(store, query)
    assert [str(row[name]) for name in "nm"] == [
        str(_rows(store, "SELECT (3 AS ?n) {}")[0]["n"])
    ] * 2


def test_a_service_is_sent_what_was_written() -> None:
    plan: Any = parse_query("SELECT * { SERVICE <http://e/> { BIND(UUID() AS ?u) } }").plan
    while not isinstance(plan, Service):
        plan = plan.child
    assert "op='UUID'" in repr(plan)


@pytest.mark.standard("SPARQL 1.1 §17.4.2.8, RFC 3986 §5.4")
def test_iri_is_resolved_against_the_base(store: Store) -> None:
    rows = _rows(
        store,
        """BASE <http://b/c/d> SELECT (STR(IRI(?x)) AS ?y)
        { VALUES ?x { "q" "../y" "//h/x" "#f" "" "u:a" 1 <u:z> "a b" } }""",
    )
    plain = _rows(
        store,
        """SELECT ?y { VALUES ?y { "http://b/c/q" "http://b/y" "http://h/x" "http://b/c/d#f"
        "http://b/c/d" "u:a" UNDEF "u:z" UNDEF } }""",
    )
    assert rows == plain

"""Running: deadlines, plans without a store, EXPLAIN, refusals."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pyarrow as pa
import pytest

from ontology import (
    IRI,
    DeadlineError,
    GeoloomError,
    Literal,
    QuerySyntaxError,
    StoreError,
    UnsupportedError,
)
from store import Store, explain, run_query
from store.algebra import Bgp, Join, Project, Query, RemoteScan, TermTable, TriplePattern, Var
from store.values import TERM_STRUCT

INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
EX = "PREFIX : <http://ex/> "


def term(kind: int, value: str, datatype: str | None = None) -> dict[str, object]:
    return {"kind": kind, "value": value, "datatype": datatype, "lang": None}


TABLE = pa.table(
    {
        "k": pa.array([term(1, "http://ex/b"), term(1, "http://ex/zz"), None], TERM_STRUCT),
        "n": pa.array([term(3, "1", INTEGER), term(3, "02", INTEGER), None], TERM_STRUCT),
    }
)


def test_tables_of_terms_need_no_store() -> None:
    leaf = TermTable(("k", "n"), TABLE)
    result = run_query(None, Query("SELECT", Project(("k", "n"), leaf), ("k", "n")))
    assert list(result.rows()) == [
        {"k": IRI("http://ex/b"), "n": Literal("1", INTEGER)},
        {"k": IRI("http://ex/zz"), "n": Literal("02", INTEGER)},
        {},
    ]
    assert run_query(None, "ASK { VALUES ?x { 1 2 } FILTER(?x > 1) }").boolean is True


def test_tables_of_terms_join_with_the_store(people: tuple[Store, object]) -> None:
    knows = TriplePattern(Var("s"), IRI("http://ex/knows"), Var("k"))
    plan = Project(("s", "n"), Join(Bgp((knows,)), TermTable(("k", "n"), TABLE.slice(0, 2))))
    rows = list(run_query(people[0].snapshot(), Query("SELECT", plan, ("s", "n"))).rows())
    assert rows == [{"s": IRI("http://ex/a"), "n": Literal("1", INTEGER)}]


def test_triple_patterns_without_a_store_are_refused() -> None:
    with pytest.raises(StoreError, match="no store to match"):
        run_query(None, "ASK { ?s ?p ?o }")


@pytest.mark.parametrize("text", ["ASK { SERVICE <http://e/> { ?s ?p ?o } }"])
def test_service_needs_a_federation(people: tuple[Store, object], text: str) -> None:
    with pytest.raises(UnsupportedError, match="federation"):
        run_query(people[0].snapshot(), text)
    remote = Query("ASK", RemoteScan("far", Bgp(()), ()))
    with pytest.raises(UnsupportedError, match=r"far.*federation"):
        run_query(people[0].snapshot(), remote)


def test_syntax_errors_come_before_anything_else() -> None:
    with pytest.raises(QuerySyntaxError):
        run_query(None, "SELECT ?s { ?s ?p }")


def test_deadline(people: tuple[Store, object]) -> None:
    many = " ".join(f"?s{k} ?p{k} ?o{k} ." for k in range(12))
    with pytest.raises(DeadlineError, match=r"longer than 0\.3 s"):
        run_query(people[0].snapshot(), f"SELECT (COUNT(*) AS ?n) {{ {many} }}", timeout=0.3)


def test_memory_limit(people: tuple[Store, object]) -> None:
    many = " ".join(f"?s{k} ?p{k} ?o{k} ." for k in range(5))
    with pytest.raises(GeoloomError, match="more memory than allowed"):
        run_query(
            people[0].snapshot(),
            f"SELECT DISTINCT * {{ {many} }}",
            memory_limit="40MB",
            timeout=60,
        )


def test_unknown_functions_are_named(people: tuple[Store, object]) -> None:
    with pytest.raises(UnsupportedError, match="nope"):
        run_query(people[0].snapshot(), f"{EX}ASK {{ ?s :age ?a FILTER(:nope(?a)) }}")


def test_deep_plans_are_refused_not_crashed(people: tuple[Store, object]) -> None:
    many = "+".join(["1"] * 5000)
    with pytest.raises(UnsupportedError, match="nested"):
        run_query(people[0].snapshot(), f"SELECT ({many} AS ?n) {{}}")


def test_explain_shows_plan_passes_files_and_sql(people: tuple[Store, object]) -> None:
    text = f'{EX}SELECT ?s {{ ?s :name ?n OPTIONAL {{ ?s :knows ?k }} FILTER(?n > "B") }}'
    told = explain(people[0].snapshot(), text, analyze=True)
    assert told.fired[0] == "place_filters"
    assert told.before != told.after
    assert 0 < len(told.files) < told.files_held
    assert "READ_PARQUET" in told.sql
    assert "plan as written" in str(told)
    assert "lane files" in str(told)


def test_no_user_text_becomes_sql(people: tuple[Store, object]) -> None:
    evil = "x' OR 1=1; DROP TABLE t; --"
    text = f'{EX}SELECT ?s {{ ?s :name "{evil}" }}'
    assert len(run_query(people[0].snapshot(), text)) == 0
    bound = run_query(None, f'SELECT ?v {{ VALUES ?v {{ "{evil}" }} }}')
    assert list(bound.rows()) == [{"v": Literal(evil)}]


@pytest.mark.standard("SPARQL 1.1 §18.2.4.1, §13.3")
def test_a_group_without_keys_is_counted_per_graph(people: tuple[Store, object]) -> None:
    text = f"""{EX}SELECT ?g ?n {{ GRAPH ?g {{
      SELECT (COUNT(*) AS ?n) {{ ?s :in ?o FILTER(?o = :b) }} }} }}"""
    rows = run_query(people[0].snapshot(), text).rows()
    found = {row["g"].value: row["n"].lexical for row in rows}  # type: ignore[union-attr]
    assert found == {"http://ex/g1": "1", "http://ex/g2": "0"}


@pytest.mark.standard("SPARQL 1.1 §18.4")
def test_a_path_of_length_zero_matches_terms_that_are_not_stored(
    people: tuple[Store, object],
) -> None:
    rows = run_query(people[0].snapshot(), f"{EX}SELECT ?o {{ :new :knows* ?o }}").rows()
    assert list(rows) == [{"o": IRI("http://ex/new")}]


def test_describe(people: tuple[Store, object]) -> None:
    found = run_query(people[0].snapshot(), f"{EX}DESCRIBE :a")
    assert found.form == "DESCRIBE"
    assert len(found) == 5
    named = run_query(people[0].snapshot(), f"{EX}DESCRIBE ?s {{ ?s :knows :c }}")
    assert {s.value for s, _, _ in named.triples()} == {"http://ex/a", "http://ex/b"}  # type: ignore[union-attr]


def test_an_empty_store_answers(tmp_path: Path) -> None:
    snapshot = Store.create(tmp_path / "s").snapshot()
    assert len(run_query(snapshot, "SELECT * { ?s ?p ?o }")) == 0
    assert run_query(snapshot, "ASK {}").boolean is True
    counted = run_query(snapshot, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows()
    assert [row["n"].lexical for row in counted] == ["0"]  # type: ignore[union-attr]


@pytest.mark.parametrize("how", ["query", "explain"])
def test_a_snapshot_is_let_go_of_at_once(tmp_path: Path, how: str) -> None:
    """As long as it is held, no vacuum removes its files."""
    Store.create(tmp_path / "s").update("INSERT DATA { <http://ex/s> <http://ex/p> 1 }")
    store = Store.open(tmp_path / "s")
    held = weakref.ref(store.snapshot())
    gc.disable()
    try:
        getattr(store, how)("SELECT ?s { ?s <http://ex/p> ?o FILTER(?o > 0) } ORDER BY ?o LIMIT 1")
        del store
        assert held() is None
    finally:
        gc.enable()

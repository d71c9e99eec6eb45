"""Requests past every limit are refused by name or answered, and the store goes on answering."""

from __future__ import annotations

from time import perf_counter

import pytest

from ontology import GeoloomError
from store import Store

PREFIX = "PREFIX : <http://ex/>\n"


def _nested(opening: str, count: int, inner: str = "?s :p ?o", closing: str = "}") -> str:
    return f"{opening * count} {inner} {closing * count}"


def _many(template: str, count: int, separator: str = " ") -> str:
    return separator.join(template.replace("#", str(k)) for k in range(count))


REFUSED = {
    "129 groups": _nested("{ ", 128),
    "OPTIONAL 120 deep": _nested("?s :p ?o OPTIONAL { ", 120),
    "EXISTS 100 deep": _nested("?s :p ?o FILTER EXISTS { ", 100),
    "MINUS 120 deep": _nested("?s :p ?o MINUS { ", 120),
    "IF 100 deep": f"?s :n ?o BIND({_nested('IF(?o > 0, ', 100, '1', ', 2)')} AS ?x)",
    "1,000 branches": _many("{ ?s :p ?o }", 1000, " UNION "),
    "1,000 OPTIONALs": "?s :p ?o " + _many("OPTIONAL { ?s :n ?o# }", 1000),
    "5,000 triple patterns": _many("?s :p ?o# .", 5000),
    "10,000 summands": f"?s :n ?o FILTER(?o{' + 1' * 10_000} > 3)",
    "10,000 alternatives": f"?s :n ?o FILTER({_many('?o = #', 10_000, ' || ')})",
    "3,000 filters": "?s :n ?o " + _many("FILTER(?o != 1#)", 3000),
    "50,000 numbers after IN": f"?s :n ?o FILTER(?o IN ({_many('#', 50_000, ', ')}))",
    "more than a MiB": f'?s :p "{"x" * (1 << 20)}"',
    "path of 3,000 steps": f"?s {_many(':p', 3000, '/')} ?o",
}

ANSWERED = {
    "128 groups": (_nested("{ ", 127), 2),
    "60 sub-queries": (_nested("{ SELECT * { ", 60, closing="} }"), 2),
    "paths nested 120 deep": (f"?s {_nested('(', 120, ':p', ')*')} ?o", 8),
    "100,000 rows": (f"VALUES ?s {{ {_many(':v#', 100_000)} :a }} ?s :p ?o", 1),
    "50,000 IRIs after IN": (f"?s :p ?o FILTER(?o IN ({_many(':v#', 50_000, ', ')}, :b))", 1),
    "200 alternatives": (f"?s :n ?o FILTER({_many('?o = #', 200, ' || ')})", 2),
    "400 branches": (_many("{ ?s :p ?o }", 400, " UNION "), 800),
    "60 summands": (f"?s :n ?o FILTER(?o{' + 1' * 60} > 61)", 1),
    "60 triple patterns": (_many("?s :p ?o# .", 60), 2),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("limits")
    file = folder / "data.ttl"
    file.write_text("@prefix : <http://ex/> . :a :p :b ; :n 1 . :b :p :c ; :n 2 .")
    made = Store.create(folder / "store")
    made.load(file)
    return made


def _goes_on(store: Store) -> None:
    assert store.query(PREFIX + "ASK { :a :p :b }").boolean


@pytest.mark.parametrize("case", REFUSED)
def test_a_query_past_a_limit_is_refused(store: Store, case: str) -> None:
    began = perf_counter()
    with pytest.raises(GeoloomError) as refusal:
        store.query(f"{PREFIX}SELECT * {{ {REFUSED[case]} }}", timeout=20)
    assert "refused a query that geoloom wrote" not in str(refusal.value)
    assert perf_counter() - began < 21
    _goes_on(store)


@pytest.mark.parametrize("case", REFUSED)
def test_an_update_past_a_limit_is_refused(store: Store, case: str) -> None:
    with pytest.raises(GeoloomError):
        store.update(f"{PREFIX}INSERT {{ ?s :never ?o }} WHERE {{ {REFUSED[case]} }}")
    assert not store.query(PREFIX + "ASK { ?s :never ?o }").boolean
    _goes_on(store)


@pytest.mark.parametrize("case", ANSWERED)
def test_a_large_query_is_answered(store: Store, case: str) -> None:
    pattern, rows = ANSWERED[case]
    found = store.query(f"{PREFIX}SELECT * {{ {pattern} }}")
    assert found.terms().num_rows == rows


def test_a_path_without_end_stops_at_its_deadline_or_its_memory(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A chain of 40,000 nodes has 800 million pairs."""
    folder = tmp_path_factory.mktemp("chain")
    lines = (
        f"<http://ex/{k}> <http://ex/p> <http://ex/{(k + 1) % 20_000}> ." for k in range(20_000)
    )
    (folder / "chain.nt").write_text("\n".join(lines))
    chain = Store.create(folder / "store")
    chain.load(folder / "chain.nt")
    began = perf_counter()
    with pytest.raises(GeoloomError, match=r"stopped before it ended|more memory than allowed"):
        chain.query(PREFIX + "SELECT (COUNT(*) AS ?n) { ?x :p+ ?y }", timeout=2)
    assert perf_counter() - began < 6
    assert chain.query(PREFIX + "ASK { :0 :p :1 }").boolean

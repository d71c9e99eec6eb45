"""Sources are asked as if they were one store: a triple that two of them hold counts once."""

from __future__ import annotations

import pytest

from federation import Federation, Source
from store import Store

DATA = """@prefix : <http://e/> .
:a :p 1, 2 ; :q :b . :b :q :c .
"""
MORE = DATA + ":c :p 3 ; :q :a ."


@pytest.mark.parametrize("home", [True, False])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT (COUNT(?s) AS ?n) { ?s :p ?o }", "3"),
        ("SELECT (COUNT(*) AS ?n) { ?s :p ?o ; :q ?t }", "3"),
        ("SELECT (COUNT(*) AS ?n) { ?s :q/:q ?t }", "3"),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(?o = 1) }", "1"),
        ("SELECT (SUM(?o) AS ?n) { ?s :p ?o FILTER(?o > 1) }", "5"),
    ],
)
def test_a_shared_triple_counts_once(home: bool, query: str, expected: str, serve, tmp_path):
    (tmp_path / "data.ttl").write_text(DATA)
    sources = [Source("more", endpoint=serve(MORE).url)]
    store = None
    if home:
        store = Store.create(tmp_path / "home")
        store.load(tmp_path / "data.ttl")
    else:
        sources.append(Source("data", endpoint=serve(DATA).url))
    federation = Federation(sources, store=store)
    (row,) = federation.query("PREFIX : <http://e/>\n" + query).rows()
    assert row["n"].lexical == expected

"""A local store as home, joined with an endpoint; further stores beside it."""

from __future__ import annotations

import pytest

from federation import Federation, Source
from store import Store

PREFIX = "PREFIX : <http://example.org/> "
WKT = "<http://www.opengis.net/ont/geosparql#wktLiteral>"
TURTLE = "@prefix : <http://example.org/> ."


def square(i: int) -> str:
    w, s = 15 + i * 0.01, 48.0
    e, n = w + 0.005, s + 0.005
    return f'"POLYGON(({w} {s}, {e} {s}, {e} {n}, {w} {n}, {w} {s}))"^^{WKT}'


FIELDS = TURTLE + "".join(f":f{i} :crop {i % 3} ; :shape {square(i)} .\n" for i in range(60))
POINTS = TURTLE + "".join(
    f"<http://example.org/points/{i}> :seen {i % 4} ;"
    f' :shape "POINT({15.001 + i * 0.01} 48.001)"^^{WKT} .\n'
    for i in range(50)
)
INSIDE = """SELECT ?f ?p { ?f :crop ?c ; :shape ?a . ?p :seen ?c ; :shape ?b
            FILTER(geof:sfContains(?a, ?b)) }"""
TRUTH = sum(i % 3 == i % 4 for i in range(50))


def store_of(path, text: str) -> Store:
    data = path.with_suffix(".ttl")
    data.write_text(text)
    store = Store.create(path)
    store.load(data)
    return store


def rows(result) -> list[dict[str, str]]:
    found = result.json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


@pytest.fixture
def home(tmp_path):
    return store_of(tmp_path / "fields", FIELDS)


def test_a_store_joins_an_endpoint(home, serve):
    points = serve(POINTS)
    federation = Federation([Source("points", endpoint=points.url)], store=home)
    result = federation.query(PREFIX + INSIDE, strict=True)
    assert len(rows(result)) == TRUTH
    report = result.info["completeness"]
    assert {s.name: s.status for s in report.sources} == {"store": "used", "points": "used"}
    assert report.requests <= 5
    again = federation.query(PREFIX + INSIDE, strict=True)
    assert again.info["completeness"].requests == 1
    explained = federation.explain(PREFIX + INSIDE)
    assert "Local patterns" in explained
    assert "RemoteScan points" in explained


def test_predicates_of_both_sides_are_united(home, serve):
    points = serve(POINTS)
    federation = Federation([Source("points", endpoint=points.url)], store=home)
    (count,) = rows(federation.query(PREFIX + "SELECT (COUNT(*) AS ?n) { ?x :shape ?w }"))
    assert count["n"] == "110"


def test_values_of_the_home_store_restrict_what_is_fetched(home, serve):
    more = serve(
        TURTLE + "".join(f":f{i} :owner <http://example.org/farm/{i}> .\n" for i in range(3000))
    )
    federation = Federation([Source("owners", endpoint=more.url)], store=home)
    result = federation.query(PREFIX + "SELECT * { ?f :crop ?c . ?f :owner ?o }", strict=True)
    assert len(rows(result)) == 60
    assert {s.name: s for s in result.info["completeness"].sources}["owners"].rows < 100


def test_two_stores_and_no_network(home, tmp_path):
    other = store_of(tmp_path / "points", POINTS)
    path = tmp_path / "sources.toml"
    path.write_text(
        '[[source]]\nname = "fields"\nstore = "fields"\n'
        '[[source]]\nname = "points"\nstore = "points"\n'
    )
    federation = Federation.from_toml(path)
    assert len(rows(federation.query(PREFIX + INSIDE, strict=True))) == TRUTH
    extra = tmp_path / "extra.ttl"
    extra.write_text(TURTLE + f':f77 :crop 1 ; :shape "POINT(15.011 48.001)"^^{WKT} .')
    home.load(extra)
    found = rows(federation.query(PREFIX + "SELECT ?f { ?f :crop ?c }"))
    assert len(found) == 61, "a changed store is described anew"
    assert other.path != home.path


def test_blank_nodes_of_the_home_store_join(tmp_path, serve):
    home = store_of(tmp_path / "home", TURTLE + ":a :p _:x . _:x :q 1 .")
    other = serve(TURTLE + ":b :p _:x . _:x :q 2 .")
    federation = Federation([Source("other", endpoint=other.url)], store=home)
    result = federation.query(PREFIX + "SELECT ?s ?v { ?s :p ?x . ?x :q ?v }", strict=True)
    assert len(rows(result)) == 2


def test_no_source_at_all(home):
    federation = Federation([], store=home)
    result = federation.query(PREFIX + "SELECT * { ?f :crop 1 }", strict=True)
    assert len(rows(result)) == 20

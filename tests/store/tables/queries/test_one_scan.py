"""Star queries over an entity table are one scan: no join, no dictionary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from store import Store
from store.query import parse_query, plan_query

PREFIXES = "PREFIX : <http://ex/>\nPREFIX geo: <http://www.opengis.net/ont/geosparql#>\n"
INTEGER = "^^<http://www.w3.org/2001/XMLSchema#integer>"
POINT = "^^<http://www.opengis.net/ont/geosparql#wktLiteral>"

ONE_SCAN = {
    "star": "SELECT * { ?s a :C ; :kind ?k ; :size ?n }",
    "filter": "SELECT * { ?s a :C ; :kind ?k ; :size ?n FILTER(?n > 5 && ?k != :k1) }",
    "filters between": "SELECT * { { ?s :kind ?k FILTER(?k = :k1) } ?s :size ?n FILTER(?n > 5) }",
    "constant": "SELECT * { ?s :kind :k1 ; :size ?n }",
    "twice": "SELECT * { ?s :kind ?k , ?l ; :size 3 }",
    "through a node": "SELECT * { ?s :kind ?k ; geo:hasGeometry ?g . ?g geo:asWKT ?w }",
    "through a path": "SELECT * { ?s :kind ?k ; geo:hasGeometry/geo:asWKT ?w }",
    "geometry alone": "SELECT * { ?g geo:asWKT ?w ; a geo:Geometry }",
    "grouped": "SELECT ?k (AVG(?n) AS ?a) { ?s :kind ?k ; :size ?n } GROUP BY ?k",
    "top": "SELECT * { ?s :kind ?k ; :size ?n } ORDER BY DESC(?n) LIMIT 3",
    "optional": "SELECT * { ?s :kind ?k OPTIONAL { ?s :size ?n } OPTIONAL { ?s :name ?l } }",
    "optional, filter": "SELECT * { ?s :kind ?k OPTIONAL { ?s :size ?n FILTER(?n > 5) } }",
    "optional of two": "SELECT * { ?s :kind ?k OPTIONAL { ?s :name ?l ; :size ?n } }",
    "optional geometry": "SELECT * { ?s :kind ?k OPTIONAL { ?s geo:hasGeometry/geo:asWKT ?w } }",
    "optional, back to itself": "SELECT * { ?s :kind ?k OPTIONAL { ?s :next ?s ; :size ?n } }",
    "optional geometry, back": """SELECT * {
        ?s :kind ?k OPTIONAL { ?s geo:hasGeometry ?g . ?g :about ?s ; geo:asWKT ?w } }""",
    "not bound": "SELECT * { ?s :kind ?k OPTIONAL { ?s :name ?l } FILTER(!BOUND(?l)) }",
    "subject by name": "SELECT * { :s3 :kind ?k ; :size ?n }",
}

SEVERAL = {
    "another subject": ("SELECT * { ?s :kind ?k . ?t :kind ?k }", 2),
    "next entity": ("SELECT * { ?s :next ?t . ?t :size ?n }", 2),
    "predicate in lanes": ("SELECT * { ?s :kind ?k ; :size ?n ; :many ?m }", 2),
}

APART = {
    "condition below on its variable": """SELECT * {
        { ?s :kind ?k ; a :C FILTER(!BOUND(?n)) } ?s2 :next ?s OPTIONAL { ?s :size ?n } }""",
    "EXISTS below with its variable": """SELECT * {
        { ?s :kind ?k ; a :C FILTER EXISTS { ?s :size ?n } } ?s2 :next ?s
        OPTIONAL { ?s :name ?n } }""",
    "EXISTS in its condition": """SELECT * { ?s :kind ?k OPTIONAL { ?s :name ?l ; :size ?n
        FILTER(?n > 20 || EXISTS { ?s :name ?l OPTIONAL { ?s :name ?n } }) } }""",
}
"""OPTIONALs whose answer would change if they were read beside the star."""


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> list[Store]:
    folder: Path = tmp_path_factory.mktemp("scans")
    lines: list[str] = []
    for k in range(30):
        name = f'; :name "n{k}"' if k % 3 else ""
        several = "; :many 1 , 2 " if k % 10 == 0 else ""
        following = k if k % 7 == 0 else (k + 1) % 30
        lines.append(
            f":s{k} a :C ; :kind :k{k % 3} ; :next :s{following} ; :size {k} {name} {several}"
            f"; geo:hasGeometry :g{k} .\n"
            f":g{k} a geo:Geometry ; :about :s{k - k % 4} ; "
            f'geo:asWKT "POINT({k} 1)"{POINT} .'
        )
    (folder / "data.ttl").write_text(
        PREFIXES.replace("PREFIX", "@prefix").replace(">\n", "> .\n") + "\n".join(lines),
        encoding="utf-8",
    )
    made = [Store.create(folder / policy, tables=policy) for policy in ("always", "never")]
    for store in made:
        store.load(folder / "data.ttl")
    return made


def sql(store: Store, text: str, *, optimise: bool = True) -> str:
    return plan_query(parse_query(PREFIXES + text), store.snapshot(), optimise)[1].sql


def answer(store: Store, text: str) -> list[str]:
    return sorted(map(str, store.query(PREFIXES + text).terms().to_pylist()))


@pytest.mark.parametrize("name", ONE_SCAN)
def test_one_scan(stores: list[Store], name: str) -> None:
    written = sql(stores[0], ONE_SCAN[name])
    assert len(re.findall("READ_PARQUET", written)) == 1, written
    assert "JOIN" not in written
    assert "/terms/" not in written
    assert answer(stores[0], ONE_SCAN[name]) == answer(stores[1], ONE_SCAN[name])


@pytest.mark.parametrize("name", SEVERAL)
def test_several_scans(stores: list[Store], name: str) -> None:
    text, scans = SEVERAL[name]
    written = sql(stores[0], text)
    assert len(re.findall("READ_PARQUET", written)) == scans, written
    assert answer(stores[0], text) == answer(stores[1], text)


@pytest.mark.parametrize("name", APART)
def test_optional_apart(stores: list[Store], name: str) -> None:
    assert answer(stores[0], APART[name]) == answer(stores[1], APART[name])


def test_a_constant_of_all_rows_is_not_read(stores: list[Store]) -> None:
    assert '"_type_id"' not in sql(stores[0], "SELECT ?s { ?s a :C ; :kind ?k }")
    assert "WHERE" not in sql(stores[0], "SELECT ?s { ?s a :C ; :kind ?k }")


@pytest.mark.parametrize("most", [0, 1])
@pytest.mark.parametrize("name", ["star", "through a path", "optional", "optional geometry"])
def test_too_many_scans(
    stores: list[Store], monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    monkeypatch.setattr("store.emit.stars.MOST_SCANS", most)
    fresh = f"{ONE_SCAN[name]} # {most}"
    assert answer(stores[0], fresh) == answer(stores[1], fresh)
    apart = len(re.findall("READ_PARQUET", sql(stores[0], fresh)))
    assert apart == 1 if most else apart > 1

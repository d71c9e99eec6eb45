"""What DuckDB makes of interval joins once sorting pays: its range join, in every form."""

from __future__ import annotations

import random

import pytest

from store import Store, explain
from tests.store.time.moments import PREFIXES, instant, period

COUNT = 3000

SHAPES = {
    "periods": "?a :valid ?p . ?b :seen ?q FILTER(glf:intersects(?p, ?q))",
    "strabon": "?a :valid ?p . ?b :seen ?q FILTER(strdf:adjacent(?p, ?q) && ?a != ?b)",
    "times": "?a :from ?f ; :to ?t . ?b :from ?g ; :to ?u FILTER(glf:during(?f, ?t, ?g, ?u))",
    "open ends": (
        "?a :from ?f OPTIONAL { ?a :to ?t } ?b :from ?g OPTIONAL { ?b :to ?u }"
        " FILTER(glf:overlaps(?f, ?t, ?g, ?u))"
    ),
    "same class": (
        "?a :class ?c ; :valid ?p . ?b :class ?c ; :seen ?q FILTER(glf:intersects(?p, ?q))"
    ),
    "exists": "?a :valid ?p FILTER EXISTS { ?b :seen ?q FILTER(glf:contains(?q, ?p)) }",
    "not exists, same class": (
        "?a :class ?c ; :valid ?p"
        " FILTER NOT EXISTS { ?b :class ?c ; :seen ?q FILTER(glf:intersects(?q, ?p)) }"
    ),
    "optional": "?a :valid ?p OPTIONAL { ?b :seen ?q FILTER(glf:during(?q, ?p)) }",
    "optional, same class": (
        "?a :class ?c ; :valid ?p"
        " OPTIONAL { ?b :class ?c ; :seen ?q FILTER(glf:overlaps(?p, ?q) && ?a != ?b) }"
    ),
    "grouped": (
        "{ SELECT ?a (COUNT(*) AS ?n)"
        " { ?a :valid ?p . ?b :seen ?q FILTER(glf:intersects(?p, ?q)) } GROUP BY ?a } ?a :class ?c"
    ),
}


@pytest.fixture(scope="module", params=("always", "never"), ids="tables {}".format)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("ranges")
    draw = random.Random(3)
    lines = []
    for k in range(COUNT):
        subject, start = f"<http://ex/t{k}>", draw.randrange(100_000)
        lines += [
            f"{subject} <http://ex/valid> {period(start, start + draw.randrange(1, 9)).n3} .",
            f"{subject} <http://ex/seen> {period(start + 2, start + 5).n3} .",
            f"{subject} <http://ex/from> {instant(start, 0).n3} .",
            f"{subject} <http://ex/to> {instant(start + 1 + k % 5, 0).n3} .",
            f"{subject} <http://ex/class> <http://ex/c{k % 5}> .",
        ]
    (folder / "data.nt").write_text("\n".join(lines), encoding="utf-8")
    made = Store.create(folder / "store", tables=request.param)
    made.load(folder / "data.nt")
    return made


@pytest.mark.parametrize("shape", SHAPES)
def test_range_join(store: Store, shape: str) -> None:
    query = f"{PREFIXES} SELECT * {{ {SHAPES[shape]} }}"
    physical = explain(store.snapshot(), query).physical or ""
    assert "IE_JOIN" in physical
    found = [name for name in ("NESTED_LOOP", "NL_JOIN", "CROSS_PRODUCT") if name in physical]
    assert not found, physical
    assert len(store.query(query)) > 0


def test_explain_names_the_operator(store: Store) -> None:
    text = str(explain(store.snapshot(), f"{PREFIXES} SELECT * {{ {SHAPES['same class']} }}"))
    assert "interval join glf:intersects(?p, ?q)" in text

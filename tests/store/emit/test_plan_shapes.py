"""What DuckDB makes of our SQL at 100,000 rows: no nested loop, no product where a key exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from store import Store, explain

SUBJECTS = 100_000
PREFIXES = "PREFIX : <http://ex/>\n"
NESTED = ("NESTED_LOOP", "NL_JOIN", "CROSS_PRODUCT", "POSITIONAL_JOIN")

SHAPES = {
    "star": "?s :kind ?k ; :size ?n ; :name ?l",
    "chain": "?s :next ?t . ?t :next ?u . ?u :kind ?k",
    "cycle": "?s :next ?t . ?t :kind ?k . ?s :kind ?k",
    "optional": "?s :kind ?k OPTIONAL { ?s :size ?n }",
    "optional of two": "?s :kind ?k OPTIONAL { ?s :next ?t . ?t :size ?n }",
    "optional, right filter": "?s :kind ?k OPTIONAL { ?s :size ?n FILTER(?n > 5) }",
    "optional, left filter": "?s :size ?a OPTIONAL { ?s :next ?t FILTER(?a > 5) }",
    "optional, filter on both": (
        "?s :size ?a OPTIONAL { ?s :next ?t . ?t :size ?b FILTER(?a + ?b > 5 || ?a = 1) }"
    ),
    "optional, exists in its filter": (
        "?s :size ?a OPTIONAL { ?s :next ?t FILTER EXISTS { ?t :size ?b FILTER(?b > ?a) } }"
    ),
    "nested optional": (
        "?s :kind ?k OPTIONAL { ?s :next ?t OPTIONAL { ?t :size ?n OPTIONAL { ?t :name ?l } } }"
    ),
    "chain of optionals over one variable": (
        "?s :kind ?k OPTIONAL { ?s :next ?t } OPTIONAL { ?t :size ?n } OPTIONAL { ?t :name ?l }"
    ),
    "chain of optionals with filters": (
        "?s :size ?a OPTIONAL { ?s :next ?t . ?t :size ?b FILTER(?b > ?a) } "
        "OPTIONAL { ?s :name ?l FILTER(?b > 7 || ?a < 3) }"
    ),
    "unions joined": "{ ?s :kind ?k } UNION { ?t :size ?n } { ?s :next ?t } UNION { ?t :name ?l }",
    "optionals joined without a key": (
        "{ ?s :kind ?k OPTIONAL { ?s :size ?n } OPTIONAL { ?s :name ?l } } "
        "{ ?t :next ?u OPTIONAL { ?u :size ?n } OPTIONAL { ?u :name ?l } }"
    ),
    "four unbound variables": (
        "VALUES (?s ?k ?n ?l) { (UNDEF :k1 1 UNDEF) (UNDEF UNDEF UNDEF 'n7') (:s1 UNDEF 2 UNDEF) } "
        "{ ?s :kind ?k } UNION { ?s :size ?n } UNION { ?s :name ?l }"
    ),
    "values with UNDEF": "VALUES (?s ?n) { (:s1 UNDEF) (UNDEF 3) } ?s :size ?n",
    "minus": "?s :kind ?k MINUS { ?s :size 3 }",
    "minus, unbound variables": (
        "?s :kind ?k OPTIONAL { ?s :size ?n } OPTIONAL { ?s :name ?l } "
        "MINUS { ?t :next ?u OPTIONAL { ?u :size ?n } OPTIONAL { ?u :name ?l } }"
    ),
    "exists": "?s :kind ?k FILTER EXISTS { ?s :next ?t . ?t :size ?n FILTER(?n > 5) }",
    "not exists": "?s :size ?a FILTER NOT EXISTS { ?s :next ?t . ?t :size ?n FILTER(?n > ?a) }",
    "exists with a sub-query": (
        "?s :kind ?k FILTER EXISTS { SELECT ?s { ?s :next ?t . ?t :size ?n } ORDER BY ?n LIMIT 1 }"
    ),
    "exists with OPTIONAL and MINUS": (
        "?s :kind ?k FILTER EXISTS { ?s :next ?t OPTIONAL { ?t :kind ?k } MINUS { ?t :name ?l } }"
    ),
    "either of two exists": (
        "?s :kind ?k FILTER(EXISTS { ?s :next ?t . ?t :size 1 } || EXISTS { ?s :size 2 })"
    ),
    "sub-queries": (
        "{ SELECT ?k (COUNT(*) AS ?c) { ?s :kind ?k } GROUP BY ?k } ?t :kind ?k ; :size ?n"
    ),
    "path from a filtered start": "?s :size 77 . ?s :next* ?t . ?t :kind ?k",
    "path in each graph": "GRAPH ?g { ?s :size 77 . ?s :next+ ?t }",
    "same variable in each graph": "GRAPH ?g { ?s :kind ?k } GRAPH ?g { ?s :size ?n }",
    "graph as a node": "GRAPH ?g { ?s :kind ?k } ?g :size ?n",
    "limit in each graph": (
        "GRAPH ?g { SELECT ?s ?n { ?s :size ?n } ORDER BY ?n LIMIT 3 } ?s :kind ?k"
    ),
}


@pytest.fixture(scope="module", params=("never", "always"), ids="tables {}".format)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder: Path = tmp_path_factory.mktemp("shapes")
    number = "^^<http://www.w3.org/2001/XMLSchema#integer>"
    lines: list[str] = []
    for k in range(SUBJECTS):
        graph = "" if k % 2 else f"<http://ex/g{k % 5}> "
        lines += [
            f"<http://ex/s{k}> <http://ex/kind> <http://ex/k{k % 9}> {graph}.",
            f"<http://ex/s{k}> <http://ex/next> <http://ex/s{k // 2}> {graph}.",
            f'<http://ex/s{k}> <http://ex/size> "{k % 1000}"{number} {graph}.',
        ]
        if k % 3 == 0:
            lines.append(f'<http://ex/s{k}> <http://ex/name> "n{k}" {graph}.')
    (folder / "data.nq").write_text("\n".join(lines), encoding="utf-8")
    made = Store.create(folder / "store", tables=request.param)
    made.load(folder / "data.nq")
    return made


@pytest.mark.parametrize("shape", SHAPES)
def test_no_nested_loop(store: Store, shape: str) -> None:
    query = f"{PREFIXES}SELECT * {{ {SHAPES[shape]} }}"
    for optimise in (True, False):
        physical = explain(store.snapshot(), query, optimise=optimise).physical or ""
        found = [name for name in NESTED if name in physical]
        assert not found, f"{found} in {physical}"
        joined = "HASH_JOIN" in physical or "DELIM_JOIN" in physical
        assert joined or store.snapshot().tables

"""Exact relations to a constant are tested for the rows that a selective join leaves."""

from __future__ import annotations

import pytest

from ontology import PREFIXES, WKT_LITERAL
from store import Store

XSD = PREFIXES["xsd"]
AREA = f'"POLYGON ((0 0, 60 0, 60 60, 0 60, 0 0))"^^<{WKT_LITERAL}>'
INSIDE = [k for k in range(2000) if k % 97 < 60]
RARE = [k for k in INSIDE if k % 100 == 0]
SELECTIVE = f"""SELECT ?s {{ ?s <http://x/tag> ?t . ?t <http://x/key> "rare" .
    ?s <http://x/place> ?g FILTER(geof:sfWithin(?g, {AREA})) }}"""


@pytest.fixture(scope="module", params=["always", "never"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("late")
    lines = []
    for k in range(2000):
        lines.append(f'<http://x/t{k}> <http://x/key> "{"rare" if k % 100 == 0 else "often"}" .')
        lines.append(f"<http://x/s{k}> <http://x/tag> <http://x/t{k}> .")
        wkt = f'"POINT ({k % 97}.5 {k // 100}.5)"^^<{WKT_LITERAL}>'
        lines.append(f"<http://x/s{k}> <http://x/place> {wkt} .")
    day = f'"2018-06-01T00:00:00"^^<{XSD}dateTime>'
    lines += [f"<http://x/a> <http://x/{end}> {day} ." for end in ("from", "to")]
    (folder / "d.nt").write_text("\n".join([*lines, ""]))
    made = Store.create(folder / "store", tables=request.param)
    made.load(folder / "d.nt")
    return made


def _within_a_named_step(sql: str) -> bool:
    """Whether the relation is tested on what stands under a name."""
    return sql.upper().index("AS MATERIALIZED") < sql.upper().index("ST_WITHIN")


def test_a_selective_join_comes_first(store: Store) -> None:
    assert "AS MATERIALIZED" in str(store.explain(SELECTIVE).sql).upper()
    assert _within_a_named_step(str(store.explain(SELECTIVE).sql))
    with_passes = store.query(SELECTIVE).terms().num_rows
    assert with_passes == store.query(SELECTIVE, optimise=False).terms().num_rows == len(RARE)


def test_a_join_that_leaves_all_rows(store: Store) -> None:
    everything = SELECTIVE.replace('"rare"', "?key")
    assert store.query(everything).terms().num_rows == len(INSIDE)


def test_within_exists(store: Store) -> None:
    inside = SELECTIVE.removeprefix("SELECT ?s ")
    asked = f'SELECT ?t {{ ?t <http://x/key> "rare" FILTER EXISTS {inside} }}'
    assert store.query(asked).terms().num_rows == len(RARE)


def test_a_query_that_relates_times_has_no_named_step_for_it(store: Store) -> None:
    """DuckDB has no IE_JOIN beside a materialised step (store/emit/interval.py)."""
    asked = SELECTIVE.replace("?s {", "?s { ?a <http://x/from> ?x . ?b <http://x/to> ?y .", 1)
    asked = asked.removesuffix("}") + "FILTER(?x < ?y) }"
    sql = str(store.explain(asked).sql).upper()
    assert "AS MATERIALIZED" not in sql.split("ST_WITHIN")[0]

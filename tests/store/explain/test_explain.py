"""EXPLAIN: estimated and actual rows, row groups, remarks, and what it does when time runs out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from store import Explanation, Store, explain
from store.explaining.explanation import Operator
from store.explaining.physical import PhysicalNode, Profile

PREFIX = "PREFIX : <http://ex/> "
ROWS = 50_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("explain")
    path: Path = folder / "a.nt"
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    with path.open("w", encoding="utf-8") as out:
        for k in range(ROWS):
            out.write(f'<http://ex/s{k}> <http://ex/size> "{k}"^^<{integer}> .\n')
            out.write(f"<http://ex/s{k}> <http://ex/kind> <http://ex/k{k % 5}> .\n")
    made = Store.create(folder / "store", tables="never")
    made.load([path])
    return made


def told(store: Store, text: str, **options: object) -> Explanation:
    return explain(store.snapshot(), PREFIX + text, **options)  # type: ignore[arg-type]


def by_label(explanation: Explanation) -> dict[str, Operator]:
    return {operator.label: operator for _, operator in explanation.root.walk()}


SMALL = "SELECT ?s { ?s :size ?n ; :kind :k1 FILTER(?n < 1000) } ORDER BY ?n LIMIT 10"


def test_without_a_run_there_are_estimates_only(store: Store) -> None:
    found = told(store, SMALL)
    assert found.run is None
    assert all(operator.actual is None for _, operator in found.root.walk())
    text = str(found)
    for part in ("not run", "estimated", "read at most", "passes", "plan as written", "SQL"):
        assert part in text
    assert "actual" not in text
    assert max(map(len, text.split("\nplan as written")[0].splitlines())) <= 100


def test_every_operator_has_its_actual_rows(store: Store) -> None:
    found = told(store, SMALL, analyze=True)
    assert found.run is not None
    assert found.run.rows == 10
    operators = by_label(found)
    assert operators["?s <http://ex/kind> <http://ex/k1>"].actual == ROWS // 5
    assert operators["join"].actual == ROWS // 5
    assert operators["FILTER ?n < 1000"].actual == 200
    assert operators["LIMIT 10"].actual == 10
    assert all((operator.error or 1) < 2 for operator in operators.values())


def test_row_groups_that_statistics_rule_out_are_not_counted(store: Store) -> None:
    readings = {reading.what: reading for reading in told(store, SMALL).readings}
    size, kind = readings["<http://ex/size> (integer)"], readings["<http://ex/kind> (node)"]
    assert (size.groups, size.conditions) == (1, ("object < 1000",))
    assert kind.conditions[-1] == "object = <http://ex/k1>"
    assert kind.conditions[0].startswith("rows ")
    assert 1 <= kind.groups < kind.groups_held
    assert size.groups_held == 3
    assert 0 < size.rows < ROWS
    assert size.bytes > 0
    whole = told(store, "SELECT * { ?s :size ?n OPTIONAL { ?s :kind ?k } FILTER(?k = :k1) }")
    assert all(one.groups == one.groups_held for one in whole.readings)


def test_a_wrong_estimate_is_flagged(store: Store) -> None:
    text = "SELECT * { ?s :size ?n ; :kind :k1 FILTER(STRLEN(STR(?n)) > 9) }"
    found = told(store, text, analyze=True)
    wrong = by_label(found)["FILTER STRLEN(STR(?n)) > 9"]
    assert (wrong.actual, wrong.wrong) == (0, True)
    assert any("was expected" in remark for remark in found.remarks)
    assert " x !" in str(found)


def test_parts_without_a_shared_variable_are_named(store: Store) -> None:
    found = told(store, "SELECT * { ?s :size ?n . ?t :kind ?k }")
    assert any("share no variable" in remark for remark in found.remarks)
    counted = told(store, "SELECT (COUNT(*) AS ?c) { ?s :size ?n . ?t :kind ?k }", analyze=True)
    (product,) = [
        operator for _, operator in counted.root.walk() if "no variable" in operator.label
    ]
    assert (product.actual, "are expected" in product.remark) == (None, True)


def test_a_query_that_is_stopped_is_explained_all_the_same(store: Store) -> None:
    text = "SELECT * { ?s :size ?n . ?t :size ?m FILTER(STRLEN(STR(?n)) + STRLEN(STR(?m)) > 99) }"
    found = told(store, text, analyze=True, timeout=2)
    assert found.run is not None
    assert (found.run.rows, "stopped" in found.run.remark) == (None, True)
    assert "stopped after" in str(found)
    assert by_label(found)["?s <http://ex/size> ?n"].actual == ROWS


@pytest.mark.parametrize(
    ("text", "root", "rows"),
    [
        ("ASK { ?s :kind :k1 }", "ASK", 1),
        ("ASK { ?s :kind :none }", "ASK", 0),
        (
            "CONSTRUCT { ?s :is ?k . ?k :of ?s } { ?s :kind ?k ; :size 7 }",
            "CONSTRUCT 2 triples a solution, each once",
            2,
        ),
        ("DESCRIBE :s1", "DESCRIBE 1 triples a solution, each once", 2),
    ],
)
def test_other_forms(store: Store, text: str, root: str, rows: int) -> None:
    found = told(store, text, analyze=True)
    assert found.root.label == root
    assert found.root.actual == rows
    assert root != "ASK" or found.root.estimated <= 1


def test_exists_is_shown_but_not_counted(store: Store) -> None:
    text = "SELECT * { ?s :size ?n FILTER(?n < 50) FILTER NOT EXISTS { ?s :kind :k1 } }"
    found = told(store, text, analyze=True)
    assert by_label(found)["in NOT EXISTS"].remark
    assert found.run is not None
    assert found.run.rows == 40


def test_a_query_without_a_store() -> None:
    found = explain(None, "SELECT * { VALUES ?x { 1 2 3 } FILTER(?x > 1) }", analyze=True)
    assert (found.snapshot, found.readings, found.root.actual) == (None, (), 2)


def test_it_is_json_too(store: Store) -> None:
    document = json.loads(json.dumps(told(store, SMALL, analyze=True).as_dict()))
    assert document["run"]["rows"] == 10
    assert document["plan"]["label"] == "LIMIT 10" or document["plan"]["children"]
    assert {step["name"] for step in document["passes"]} >= {"order_joins", "place_filters"}
    assert document["files"]["held"] == 2
    assert document["reading"][0]["groups_held"] == 7


def test_the_plan_of_duckdb_is_shown_when_asked_for(store: Store) -> None:
    found = told(store, SMALL, analyze=True)
    assert "plan of DuckDB" not in str(found)
    assert "READ_PARQUET" in found.as_text(physical=True).split("plan of DuckDB")[1]


@pytest.mark.parametrize(("sides", "pairs"), [((30_000, 1), 0), ((300, 400), 120_000)])
def test_a_single_row_beside_others_makes_no_pairs(sides: tuple[int, int], pairs: int) -> None:
    read = tuple(PhysicalNode("READ_PARQUET", (), rows, None, 0.0, ()) for rows in sides)
    assert Profile(PhysicalNode("CROSS_PRODUCT", (), None, None, 0.0, read)).pairs() == pairs

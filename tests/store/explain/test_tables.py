"""Entity tables in EXPLAIN: what spares reading parts, and that answers stay the same."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from store import Explanation, Store, explain
from store.explaining.explanation import Reading

ROWS = 2400
SMALL = 100
"""Rows of a part here."""
PREFIX = "PREFIX : <http://ex/> "
BOX = '"POLYGON ((0 0, 11.5 0, 11.5 11.5, 0 11.5, 0 0))"^^geo:wktLiteral'


class Pair(NamedTuple):
    """The same triples with entity tables and without."""

    tables: Store
    lanes: Store


def data() -> str:
    """Observations on a grid, a month each hundred, half of them with a time zone; and owners."""
    lines = ["@prefix : <http://ex/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> ."]
    lines.append("@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .")
    for k in range(ROWS):
        month, zone = k // 100, ("", "Z", "+05:00", "-11:30")[k % 4]
        moment = (
            f"{2020 + month // 12}-{month % 12 + 1:02d}-{k % 28 + 1:02d}T{k % 24:02d}:00:00{zone}"
        )
        lines.append(
            f":o{k} a :Observation ; :seen '{moment}'^^xsd:dateTime ; :size {k} ;"
            f" :kind :k{month % 3} ; geo:hasGeometry :g{k} ."
            f" :g{k} geo:asWKT 'POINT ({k % 40} {(k * 7) % 40})'^^geo:wktLiteral ."
        )
        if k % 4 == 0:
            lines.append(f":archive {{ :o{k} a :Observation ; :size {k} ; :kind :k9 }}")
    lines += [f":owner{k} a :Owner ; :name 'owner {k}' ; :age {k % 80} ." for k in range(300)]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    folder = tmp_path_factory.mktemp("tables")
    path: Path = folder / "a.trig"
    path.write_text(data(), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith("store.layout") and hasattr(module, "PART_ROWS"):
                patch.setattr(module, "PART_ROWS", SMALL)
        tables = Store.create(folder / "tables", tables="always")
        tables.load([path])
    lanes = Store.create(folder / "lanes", tables="never")
    lanes.load([path])
    return Pair(tables, lanes)


def told(pair: Pair, text: str, **options: object) -> Explanation:
    return explain(pair.tables.snapshot(), PREFIX + text, **options)  # type: ignore[arg-type]


def of_table(explanation: Explanation) -> Reading:
    """What is read of the table of observations in the default graph."""
    found = [one for one in explanation.readings if one.columns and one.files_held > SMALL // 10]
    return max(found, key=lambda one: one.rows)


def answers(store: Store, text: str, **options: object) -> list[str]:
    rows = store.query(PREFIX + text, **options).terms().to_pylist()  # type: ignore[arg-type]
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


WITHIN = (
    f"SELECT * {{ ?o :size ?n ; geo:hasGeometry/geo:asWKT ?g FILTER(geof:sfWithin(?g, {BOX})) }}"
)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("space", WITHIN),
        (
            "time",
            "SELECT * { ?o :size ?n; :seen ?t FILTER(?t >='2021-06-01T00:00:00'^^xsd:dateTime) }",
        ),
        ("value", "SELECT * { ?o :seen ?t ; :size ?n FILTER(?n > 2050 && 2100 >= ?n) }"),
        ("value", "SELECT * { ?o :seen ?t ; :kind ?k FILTER(?k IN (:k1)) }"),
        ("value", "SELECT * { ?o :kind :k9 ; :seen ?t }"),
        ("graph", "SELECT * { GRAPH :archive { ?o :size ?n ; :kind ?k } }"),
    ],
)
def test_parts_are_spared_and_answers_stay_the_same(pair: Pair, reason: str, text: str) -> None:
    found = told(pair, text)
    spared = [dict(one.spared) for one in found.readings]
    assert any(one.get(reason, 0) > 0 for one in spared), found
    assert found.tables.parts_read < found.tables.parts_held
    expected = answers(pair.lanes, text)
    assert answers(pair.tables, text) == expected
    assert answers(pair.tables, text, optimise=False) == expected


def test_other_themes_are_not_touched(pair: Pair) -> None:
    text = "SELECT * { ?o :name ?n ; :age ?a FILTER(?a > 40) }"
    found = told(pair, text)
    assert (found.tables.read, found.tables.held >= 2) == (1, True)
    assert answers(pair.tables, text) == answers(pair.lanes, text)


@pytest.mark.parametrize("op", ["<", "<=", "=", ">=", ">"])
@pytest.mark.parametrize(
    "moment",
    [
        "2020-12-31T23:00:00",
        "2021-01-01T00:00:00Z",
        "2020-06-01T05:00:00+05:00",
        "2020-03-01T00:00:00-11:30",
        "2019-01-01T00:00:00Z",
    ],
)
def test_times_with_zones_and_without(pair: Pair, op: str, moment: str) -> None:
    text = f"SELECT ?o {{ ?o :seen ?t ; :size ?n FILTER(?t {op} '{moment}'^^xsd:dateTime) }}"
    assert answers(pair.tables, text) == answers(pair.lanes, text)


def test_values_of_other_kinds_rule_a_column_out(pair: Pair) -> None:
    for text in (
        "SELECT * { ?o :size ?n FILTER(?n > 'a') }",
        "SELECT * { ?o :seen ?n FILTER(?n = 5) }",
        "SELECT * { ?o :kind ?n FILTER(?n = 'k1') }",
        "SELECT * { ?o :name ?n FILTER(?n = 'owner 7') }",
        "SELECT * { ?o :size ?n FILTER(?n = 5.0 || ?n = 7e0) }",
        "SELECT * { ?o :size ?n OPTIONAL { ?o :kind ?k FILTER(?k = :k0) } FILTER(?n < 400) }",
        "SELECT * { ?o :size ?n MINUS { ?o :kind ?k FILTER(?k = :k0) } }",
    ):
        assert answers(pair.tables, text) == answers(pair.lanes, text), text


def test_columns_parts_and_reasons_are_shown(pair: Pair) -> None:
    found = told(pair, WITHIN)
    reading = of_table(found)
    assert reading.what.startswith("table ")
    assert {"size", "seen"} & set(reading.columns) == {"size"}
    assert 0 < reading.files <= reading.files_held
    text = str(found)
    assert "parts not read: " in text
    assert "by space" in text
    assert " tables (" in text
    assert max(map(len, text.split("\nplan as written")[0].splitlines())) <= 100


def test_it_is_json_too(pair: Pair) -> None:
    document = json.loads(json.dumps(told(pair, WITHIN).as_dict()))
    assert document["tables"]["parts_held"] > document["tables"]["parts_read"] > 0
    reading = next(one for one in document["reading"] if one["columns"])
    assert dict(reading["spared"])["space"] > 0


def test_what_was_counted_is_right_over_tables(pair: Pair) -> None:
    text = "SELECT * { ?o :size ?n ; :kind :k1 OPTIONAL { ?o :seen ?t } FILTER(?n < 1000) }"
    found = told(pair, text, analyze=True)
    assert found.run is not None
    assert found.run.rows == len(answers(pair.lanes, text))
    assert all((one.error or 1) < 3 for _, one in found.root.walk()), found

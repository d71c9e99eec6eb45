"""Columns of a table, read as rows of lanes: what the lanes would hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ontology import CRS84, EntityBatch, Lane, Property, TermColumn, node_ids, term_id
from store.catalog import GRAPH, SUBJECT, lex_column, zone_column
from store.layout.manifest import ColumnEntry, FileEntry, TableEntry
from store.layout.preparation import Preparation
from store.layout.tables.columns import (
    as_lane_rows,
    as_work_rows,
    lane_rows,
    part_paths,
    quoted,
    work_schema,
)
from tests.store.tables.parts.work import EX, FIELDS, LAEA, Written, some_fields, work_rows

ROWS = 60
A = EX + "graph/a"


@pytest.fixture
def given() -> dict[str, Any]:
    """Fields with lexical forms, zones and subjects that are blank nodes."""
    values = some_fields(ROWS)
    values[SUBJECT] = [text if k % 5 else f"_:b{k}" for k, text in enumerate(values[SUBJECT])]
    values[lex_column("area")] = [None if k % 2 else f"{k}e0" for k in range(ROWS)]
    values[lex_column("wkt")] = [None if k % 7 else f"POLYGON(({k}" for k in range(ROWS)]
    values["share"] = pa.array(np.arange(ROWS) / 8).cast(pa.decimal128(38, 12))
    values[lex_column("seen")] = ["2018-01-01T02:00:00.25+02:00"] * ROWS
    values[zone_column("seen")] = [120] * ROWS
    values[GRAPH] = [term_id(f"<{A}>")] * ROWS
    return values


@pytest.fixture
def fields(write: Callable[..., Written], given: dict[str, Any]) -> Written:
    return write(FIELDS, work_rows(FIELDS, given), [A])


def _term(column: ColumnEntry, given: dict[str, Any]) -> TermColumn:
    rows, lane = work_rows(FIELDS, given), column.key.lane
    form = lex_column(column.name)
    return TermColumn(
        lane,
        rows[column.name].combine_chunks(),
        lexical=rows[form].combine_chunks() if form in rows.column_names else None,
        lang=column.lang,
        crs={"wkt": CRS84, "centre": LAEA}.get(column.name),
        zoned=lane is Lane.DATETIME,
    )


def _in_lane(column: ColumnEntry, given: dict[str, Any]) -> pa.Table:
    """What the lane of a column holds, staged from a batch of the same rows."""
    staged = Preparation()
    objects = Property(column.key.predicate, _term(column, given))
    staged.add(EntityBatch(pa.array(given[column.view]), (objects,), graph=A))
    ((_, rows),) = staged.lanes
    return rows


def _rows(table: pa.Table) -> list[tuple[Any, ...]]:
    return sorted(map(tuple, zip(*table.to_pydict().values(), strict=True)), key=repr)


@pytest.mark.parametrize("column", FIELDS.columns, ids=lambda column: column.name)
def test_lane_rows(
    con: duckdb.DuckDBPyConnection, fields: Written, given: dict[str, Any], column: ColumnEntry
) -> None:
    query = lane_rows(fields.entry, column, fields.root)
    found = con.execute(query, {"files": part_paths(fields.entry, fields.root)}).to_arrow_table()
    wanted = _in_lane(column, given)
    assert found.column_names == wanted.column_names
    assert _rows(found) == _rows(wanted)
    assert found.num_rows == fields.entry.triples_of(column.name) > 0


@pytest.mark.parametrize("column", FIELDS.columns, ids=lambda column: column.name)
def test_work_rows_as_lane_rows(
    con: duckdb.DuckDBPyConnection, given: dict[str, Any], column: ColumnEntry
) -> None:
    con.register("work", work_rows(FIELDS, given))
    found = con.execute(
        f"SELECT {as_lane_rows(column, stored=False)} FROM work"
        f" WHERE {quoted(column.name)} IS NOT NULL"
    ).to_arrow_table()
    assert _rows(found) == _rows(_in_lane(column, given))


def test_files_give_back_the_work_rows(
    con: duckdb.DuckDBPyConnection, fields: Written, given: dict[str, Any]
) -> None:
    found = con.execute(
        f"SELECT {as_work_rows(FIELDS)} FROM read_parquet($files)",
        {"files": part_paths(fields.entry, fields.root)},
    ).to_arrow_table()
    assert found.schema == work_schema(FIELDS)
    assert _rows(found) == _rows(work_rows(FIELDS, given))


def test_deleted_rows_and_conditions_leave_rows_out(
    con: duckdb.DuckDBPyConnection, fields: Written, given: dict[str, Any]
) -> None:
    gone = given[SUBJECT][:10]
    path = fields.root / "gone.parquet"
    pq.write_table(pa.table({"id": node_ids(pa.array(gone))}), path)
    table = replace(fields.entry, deleted=FileEntry("gone.parquet", 10, 1, ""))
    files = {"files": part_paths(table, fields.root)}
    column = FIELDS.columns[0]
    found = con.execute(lane_rows(table, column, fields.root), files).to_arrow_table()
    assert set(found["s"].to_pylist()) == set(node_ids(pa.array(given[SUBJECT][10:])).tolist())
    few = con.execute(
        lane_rows(table, column, fields.root, ["starts_with(iri, '_:')"]), files
    ).to_arrow_table()
    assert few["s_blank"].to_pylist() == [True] * 10


@pytest.mark.parametrize("name", ['a"b', "a b", "select", "a'b"])
def test_names_of_columns_are_never_syntax(
    con: duckdb.DuckDBPyConnection, write: Callable[..., Written], name: str
) -> None:
    table = TableEntry("odd", (SUBJECT,), (replace(FIELDS.columns[4], name=name),))
    done = write(table, work_rows(table, {SUBJECT: ["http://x/1"], name: [1.5]}))
    query = lane_rows(done.entry, done.entry.columns[0], done.root)
    found = con.execute(query, {"files": part_paths(done.entry, done.root)}).fetchall()
    assert [row[3] for row in found] == [1.5]

"""Writing rows of an entity table as sorted parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ontology import GeoloomError, Lane, term_id

from ...catalog import SUBJECT, id_column, lex_column
from ..index_files import write_index
from ..manifest import ColumnEntry, PartEntry, TableEntry
from ..part_files import write_part
from ..parts import GROUP_ROWS, PartWriter, in_order
from .columns import quoted, work_schema
from .part_rows import part_rows
from .partition import Cut, cut_rows
from .ranges import column_ranges


@dataclass(frozen=True, slots=True)
class _Written:
    """A part, and the columns with lexical forms or blank nodes in it."""

    part: PartEntry
    lexical: frozenset[str]
    blank: frozenset[str]


def append_rows(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    table: TableEntry,
    source: str,
    graphs: Iterable[str] = (),
) -> TableEntry:
    """Write work rows as new parts of a table.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
    writer : PartWriter
    table : TableEntry
    source : str
        Name of a DuckDB table or view of the columns of :func:`.columns.work_schema`. Its rows
        are unique and none of them is in the table.
    graphs : iterable of str
        IRIs of the named graphs that rows may be of.

    Returns
    -------
    TableEntry
        With the new parts and renewed statistics.

    Raises
    ------
    GeoloomError
        If a row is of a graph that is not named.
    """
    names = {term_id(f"<{iri}>"): iri for iri in graphs}
    schema = work_schema(table)
    columns = ", ".join(map(quoted, schema.names))
    work = con.execute(f"SELECT {columns} FROM {source}").to_arrow_table().combine_chunks()
    written = list(in_order(_tasks(writer, table, work, names)))
    if not written:
        return table
    return replace(
        table,
        parts=(*table.parts, *(one.part for one in written)),
        columns=tuple(_flagged(column, written) for column in table.columns),
    )


def _tasks(
    writer: PartWriter, table: TableEntry, work: pa.Table, names: Mapping[int, str]
) -> Iterator[Callable[[], _Written]]:
    for cut in cut_rows(table, work):
        yield _task(writer, table, work, cut, _graph(table, cut, names))


def _graph(table: TableEntry, cut: Cut, names: Mapping[int, str]) -> str | None:
    if cut.graph is None or cut.graph in names:
        return None if cut.graph is None else names[cut.graph]
    raise GeoloomError(
        "Rows of an entity table are of a graph that the store does not know",
        where=f"table {table.name}",
        why=f"no graph has the id {cut.graph}",
        remedy="name the graph before its rows are written",
    )


def _task(
    writer: PartWriter, table: TableEntry, work: pa.Table, cut: Cut, graph: str | None
) -> Callable[[], _Written]:
    folder = f"tables/{table.name}"
    path, index = writer.claim(folder), writer.claim(f"{folder}/_index", "arrow")

    def write() -> _Written:
        rows, boxes = part_rows(table, work.take(pa.array(cut.rows)))
        count = rows.num_rows

        def fill(target: Path) -> None:
            write_part(target, rows, GROUP_ROWS)

        def fill_index(target: Path) -> None:
            write_index(target, _ids(table, rows))

        ranges = column_ranges(table, rows)
        part = PartEntry(
            file=writer.fill(path, count, fill),
            graph=graph,
            index=writer.fill(index, count, fill_index),
            boxes=boxes,
            ranges=ranges,
            triples={column.name: count - ranges[column.name].nulls for column in table.columns},
        )
        return _Written(part, _lexical(rows), _blank(table, rows))

    return write


def _ids(table: TableEntry, rows: pa.Table) -> dict[str, pa.ChunkedArray]:
    nodes = [column.name for column in table.columns if column.key.lane is Lane.NODE]
    return {name: rows.column(id_column(name)) for name in (SUBJECT, *nodes)}


def _lexical(rows: pa.Table) -> frozenset[str]:
    held = (name for name in rows.column_names if rows.column(name).null_count < rows.num_rows)
    return frozenset(held)


def _blank(table: TableEntry, rows: pa.Table) -> frozenset[str]:
    nodes = (column.name for column in table.columns if column.key.lane is Lane.NODE)
    return frozenset(
        name for name in nodes if pc.any(pc.starts_with(rows.column(name), "_:")).as_py()
    )


def _flagged(column: ColumnEntry, written: list[_Written]) -> ColumnEntry:
    lex = lex_column(column.name)
    return replace(
        column,
        has_lexical=column.has_lexical or any(lex in one.lexical for one in written),
        has_blank=column.has_blank or any(column.name in one.blank for one in written),
    )

"""Writing rows of an entity table as sorted parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
from ..spool import StagingFolder
from ..statistics import slice_step
from .chunks import chunks
from .held_rows import HeldRows
from .measure import Samples, sample_part, sample_stored, still_known, with_statistics
from .part_rows import part_rows
from .partition import Cut, cut_rows, partition_of
from .ranges import column_ranges


@dataclass(frozen=True, slots=True)
class _Written:
    """A part, a sample of its columns, and those with lexical forms or blank nodes in it."""

    part: PartEntry
    samples: Samples
    lexical: frozenset[str]
    blank: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Target:
    """What parts are written for; ``graphs`` has the IRIs of ids."""

    writer: PartWriter
    table: TableEntry
    graphs: Mapping[int, str]
    step: int


def append_rows(
    con: duckdb.DuckDBPyConnection,
    writer: PartWriter,
    table: TableEntry,
    source: str,
    graphs: Iterable[str] = (),
    held: Sequence[HeldRows] = (),
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
    held : sequence of HeldRows
        The rows themselves where they need no query; they are let go of on the way.

    Returns
    -------
    TableEntry
        With the new parts and renewed statistics.

    Raises
    ------
    GeoloomError
        If a row is of a graph that is not named.
    """
    partition = partition_of(con, table, source)
    if not partition.rows:
        return table
    names = {term_id(f"<{iri}>"): iri for iri in graphs}
    target = _Target(writer, table, names, slice_step(table.rows + partition.rows))
    folder = StagingFolder(writer.root)
    try:
        pieces = chunks(con, table, source, partition, folder, held)
        tasks = (_task(target, rows, cut) for rows in pieces for cut in cut_rows(partition, rows))
        written = list(in_order(tasks))
    finally:
        folder.remove()
    new = [one.part for one in written]
    grown = replace(
        table,
        parts=(*table.parts, *new),
        columns=tuple(_flagged(column, written) for column in table.columns),
    )
    if known := still_known(grown, new):
        return known
    old = sample_stored(table, writer.root, target.step)
    return with_statistics(grown, [*old, *(one.samples for one in written)], target.step)


def _graph(target: _Target, cut: Cut) -> str | None:
    if cut.graph is None or cut.graph in target.graphs:
        return None if cut.graph is None else target.graphs[cut.graph]
    raise GeoloomError(
        "Rows of an entity table are of a graph that the store does not know",
        where=f"table {target.table.name}",
        why=f"no graph has the id {cut.graph}",
        remedy="name the graph before its rows are written",
    )


def _task(target: _Target, work: pa.Table, cut: Cut) -> Callable[[], _Written]:
    folder, graph = f"tables/{target.table.name}", _graph(target, cut)
    path = target.writer.claim(folder)
    beside = target.writer.claim(f"{folder}/_index", "arrow")
    return lambda: _write(target, work.take(pa.array(cut.rows)), graph, path, beside)


def _write(target: _Target, work: pa.Table, graph: str | None, path: str, beside: str) -> _Written:
    table, writer = target.table, target.writer
    rows, boxes, largest = part_rows(table, work)
    count, ranges = rows.num_rows, column_ranges(table, rows)

    def fill(made: Path) -> None:
        write_part(made, rows, GROUP_ROWS)

    def fill_index(made: Path) -> None:
        write_index(made, _ids(table, rows))

    part = PartEntry(
        file=writer.fill(path, count, fill),
        graph=graph,
        index=writer.fill(beside, count, fill_index),
        boxes=boxes,
        ranges=ranges,
        triples={column.name: count - ranges[column.name].nulls for column in table.columns},
        largest=largest,
    )
    samples = sample_part(table, rows, target.step)
    return _Written(part, samples, _lexical(table, rows), _blank(table, rows))


def _ids(table: TableEntry, rows: pa.Table) -> dict[str, pa.ChunkedArray]:
    nodes = [column.name for column in table.columns if column.key.lane is Lane.NODE]
    return {id_column(name): rows.column(id_column(name)) for name in (SUBJECT, *nodes)}


def _lexical(table: TableEntry, rows: pa.Table) -> frozenset[str]:
    """Columns with lexical forms."""
    forms = {column.name: lex_column(column.name) for column in table.columns}
    return frozenset(
        name
        for name, form in forms.items()
        if form in rows.column_names and rows.column(form).null_count < rows.num_rows
    )


def _blank(table: TableEntry, rows: pa.Table) -> frozenset[str]:
    """Columns with blank nodes."""
    nodes = (column.name for column in table.columns if column.key.lane is Lane.NODE)
    return frozenset(
        name for name in nodes if pc.any(pc.starts_with(rows.column(name), "_:")).as_py()
    )


def _flagged(column: ColumnEntry, written: Sequence[_Written]) -> ColumnEntry:
    name = column.name
    return replace(
        column,
        has_lexical=column.has_lexical or any(name in one.lexical for one in written),
        has_blank=column.has_blank or any(name in one.blank for one in written),
    )

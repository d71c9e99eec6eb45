"""Entity batches kept as rows on their way into entity tables.

Batches of several triples maps over the same rows follow each other. Where one batch's subjects
are, row by row, those of another, or the nodes of one of its columns, the two become one: columns
of the same subjects, or of a view.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import RDF_TYPE, Lane

from .lane_columns import COLUMNS
from .manifest import LaneKey
from .spool import Spool, StagingFolder
from .tables.column_keys import Cell, ColumnKey, Place, cells_of

_WAITING: Final = 8
_WAITING_ROWS: Final = 300_000
"""Batches, and rows of them, that wait for one whose rows are theirs."""

_SAMPLE: Final = 200


class Naming(Protocol):
    """What gives nodes their ids."""

    def distinct_nodes(self, texts: pa.Array) -> Any:
        """Name nodes, none of them null."""


@dataclass(frozen=True, slots=True)
class NodeColumn:
    """Nodes with their texts and ids; null where there is none."""

    texts: pa.Array
    coded: pa.DictionaryArray
    ids: pa.Array

    @classmethod
    def named(cls, naming: Naming, texts: pa.Array) -> NodeColumn:
        """Name nodes, each text once."""
        if texts.null_count == 0 and mostly_distinct(texts):
            positions = pa.array(np.arange(len(texts), dtype=np.int32))
            coded = pa.DictionaryArray.from_arrays(positions, texts)
        else:
            coded = texts.dictionary_encode()
        ids = naming.distinct_nodes(coded.dictionary).ids
        if len(coded.dictionary) == 1 and coded.null_count == 0:
            return cls(texts, coded, pa.repeat(ids[0], len(texts)))
        return cls(texts, coded, ids.take(coded.indices))


def mostly_distinct(texts: pa.Array) -> bool:
    """Whether few texts repeat, by a sample."""
    step = max(len(texts) // _SAMPLE, 1)
    some = texts.take(pa.array(np.arange(0, len(texts), step)))
    return bool(len(some.unique()) > len(some) * 0.9)


@dataclass(frozen=True, slots=True)
class WideKey:
    """Rows that have the same columns, and are of one theme and graph.

    Their tables have the columns that :class:`.Group` says, texts too.
    """

    theme: str
    graph: str | None
    columns: tuple[Cell, ...]


@dataclass(slots=True, eq=False)
class Rows:
    """Rows that are being put together.

    Attributes
    ----------
    subjects : NodeColumn
    nodes : mapping of place to NodeColumn
        Columns of nodes.
    values : mapping of place to arrays
        Any other columns: ``v``, ``l`` and ``z``.
    odd : array of bool, optional
        Rows with a value that a table cannot hold.
    """

    theme: str
    graph: str | None
    graph_id: int | None
    subjects: NodeColumn
    nodes: dict[Place, NodeColumn] = field(default_factory=dict)
    values: dict[Place, dict[str, pa.Array]] = field(default_factory=dict)
    odd: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.subjects.texts)

    def predicates(self, view: tuple[ColumnKey, ...] = ()) -> set[str]:
        """Predicates of a view."""
        return {key.predicate for path, key in (*self.nodes, *self.values) if path == view}

    def mark_odd(self, mask: pa.Array) -> None:
        """Let rows go to lanes."""
        self.odd = mask if self.odd is None else pc.or_(self.odd, mask)

    def take_in(self, other: Rows, path: tuple[ColumnKey, ...]) -> None:
        """Add the columns of rows whose subjects stand at the end of a path."""
        absent = pc.is_null(other.subjects.texts) if other.subjects.texts.null_count else None
        for (inner, key), nodes in other.nodes.items():
            self.nodes[(*path, *inner), key] = nodes if absent is None else _without(nodes, absent)
        for (inner, key), arrays in other.values.items():
            self.values[(*path, *inner), key] = {
                name: _where(array, absent) for name, array in arrays.items()
            }
        if other.odd is not None:
            self.mark_odd(other.odd)


def _where(array: pa.Array, absent: pa.Array | None) -> pa.Array:
    return array if absent is None else pc.if_else(absent, pa.scalar(None, array.type), array)


def _without(nodes: NodeColumn, absent: pa.Array) -> NodeColumn:
    texts = _where(nodes.texts, absent)
    return NodeColumn(texts, texts.dictionary_encode(), _where(nodes.ids, absent))


class WideRows:
    """Gathers rows by what columns they have.

    Parameters
    ----------
    folder : StagingFolder
        Where rows beyond the memory budget go.
    lanes : Spool
        Takes what no table can hold.

    Attributes
    ----------
    spool : Spool
        The rows.
    repeating : set of str
        Themes of batches that are not kept as rows, since their subjects repeat.
    """

    def __init__(self, folder: StagingFolder, lanes: Spool[LaneKey]) -> None:
        self.spool: Spool[WideKey] = Spool(folder)
        self.repeating: set[str] = set()
        self._lanes = lanes
        self._waiting: list[Rows] = []

    def known(self, texts: pa.Array) -> NodeColumn | None:
        """Nodes that waiting rows have named already."""
        for rows in self._waiting:
            for nodes in (rows.subjects, *rows.nodes.values()):
                if len(nodes.texts) == len(texts) and nodes.texts.equals(texts):
                    return nodes
        return None

    def add(self, rows: Rows) -> None:
        """Take rows; they wait a little for others that belong to them."""
        found: Rows | None = rows
        while found is not None:
            rows, found = found, self._united(found)
        self._waiting.append(rows)
        while len(self._waiting) > _WAITING or (
            sum(map(len, self._waiting)) > _WAITING_ROWS and len(self._waiting) > 1
        ):
            self._keep(self._waiting.pop(0))

    def _united(self, rows: Rows) -> Rows | None:
        """Rows united with waiting ones, which then wait no more."""
        for other in self._waiting:
            for parent, child in ((other, rows), (rows, other)):
                path = _link(parent, child)
                if path is not None:
                    self._waiting.remove(other)
                    parent.take_in(child, path)
                    return parent
        return None

    def settle(self) -> None:
        """Let no rows wait any longer."""
        for rows in self._waiting:
            self._keep(rows)
        self._waiting.clear()

    def _keep(self, rows: Rows) -> None:
        key, table = _table(rows)
        if rows.odd is not None and pc.any(rows.odd).as_py():
            odd = pc.fill_null(rows.odd, False)
            self.to_lanes(key.columns, table.filter(odd))
            table = table.filter(pc.invert(odd))
        self.spool.add(key, _described(key, table))

    def to_lanes(self, columns: tuple[Cell, ...], table: pa.Table) -> None:
        """Let rows be triples in lanes."""
        for key, rows in lane_tables(columns, table):
            self._lanes.add(key, rows)

    def give_up(self, key: WideKey) -> None:
        """Let all rows of a key be triples in lanes."""
        for table in self.spool.tables(key):
            self.to_lanes(key.columns, table)
        self.spool.forget(key)


def _link(parent: Rows, child: Rows) -> tuple[ColumnKey, ...] | None:
    """The path from a parent's subjects to a child's, if they are the same row by row."""
    if len(parent) != len(child) or parent.graph != child.graph:
        return None
    if parent.subjects.texts.equals(child.subjects.texts):
        return None if parent.predicates() & child.predicates() else ()
    if parent.subjects.texts.null_count:
        return None
    for (path, key), nodes in parent.nodes.items():
        view = (*path, key)
        shared = parent.predicates(view) & child.predicates()
        if key.predicate != RDF_TYPE and not shared and nodes.texts.equals(child.subjects.texts):
            return view
    return None


def _table(rows: Rows) -> tuple[WideKey, pa.Table]:
    places = sorted((*rows.nodes, *rows.values))
    graph = pa.repeat(pa.scalar(rows.graph_id, pa.int64()), len(rows))
    columns = {"g": graph, "s": rows.subjects.ids, "t": rows.subjects.coded}
    for number, place in enumerate(places):
        if place in rows.nodes:
            columns[f"i{number}"] = rows.nodes[place].ids
            columns[f"v{number}"] = rows.nodes[place].coded
        else:
            columns |= {f"{name}{number}": a for name, a in rows.values[place].items()}
    return WideKey(rows.theme, rows.graph, cells_of(places)), pa.table(columns)


def _described(key: WideKey, table: pa.Table) -> pa.Table:
    """The rows that have a subject and a value."""
    if table["s"].null_count:
        table = table.filter(pc.is_valid(table["s"]))
    columns = [
        table[f"{'i' if cell.key.lane is Lane.NODE else 'v'}{number}"]
        for number, cell in enumerate(key.columns)
    ]
    if all(column.null_count for column in columns):
        held = pc.is_valid(columns[0])
        for column in columns[1:]:
            held = pc.or_(held, pc.is_valid(column))
        table = table.filter(held)
    return table


def lane_tables(columns: tuple[Cell, ...], table: pa.Table) -> Iterator[tuple[LaneKey, pa.Table]]:
    """Turn rows, as a :class:`.Group` has them with texts, into rows of lanes."""
    for number, cell in enumerate(columns):
        lane = cell.key.lane
        node = ("s", "t") if cell.view is None else (f"i{cell.view}", f"v{cell.view}")
        value = table[f"i{number}" if lane is Lane.NODE else f"v{number}"]
        held = table.filter(pc.and_(pc.is_valid(value), pc.is_valid(table[node[0]])))
        if held.num_rows == 0:
            continue
        found = {
            "g": held["g"],
            "s": held[node[0]],
            "s_blank": _blank(held[node[1]]),
            **_objects(cell, number, held),
        }
        schema = COLUMNS[lane].work
        yield cell.key.lane_key, pa.table([found[name] for name in schema.names], schema=schema)


def _objects(cell: Cell, number: int, table: pa.Table) -> dict[str, Any]:
    match cell.key.lane:
        case Lane.NODE:
            return {"o": table[f"i{number}"], "o_blank": _blank(table[f"v{number}"])}
        case Lane.LANG:
            tag = pa.repeat(pa.scalar(cell.key.lang, pa.string()), table.num_rows)
            return {"o": table[f"v{number}"], "lang": tag}
        case Lane.GEOMETRY:
            return {"wkb": table[f"v{number}"], "lex": table[f"l{number}"]}
        case Lane.STRING:
            return {"o": table[f"v{number}"]}
        case Lane.DATETIME:
            names = {"o": "v", "zone": "z", "lex": "l"}
        case _:
            names = {"o": "v", "lex": "l"}
    return {name: table[f"{column}{number}"] for name, column in names.items()}


def _blank(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.starts_with(texts.cast(pa.string()), "_:")

"""What must hold of the files of any store, read from the files themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.ipc
import pyarrow.parquet as pq

from ontology import Lane, term_id
from store import Store
from store.catalog import GRAPH, SUBJECT, id_column
from store.layout.lane_columns import COLUMNS
from store.layout.manifest import Manifest, PartEntry, TableEntry

Subject = tuple[int | None, int]
"""A graph and a subject, by their ids."""


class Row(NamedTuple):
    """A live row of a table."""

    table: TableEntry
    values: dict[str, Any]


def check(store: Store) -> None:
    """Check the live snapshot of a store; AssertionError says what does not hold."""
    manifest = store.snapshot().manifest
    texts = _dictionary(store.path, manifest)
    rows = [row for table in manifest.tables for row in _checked(store.path, table, texts)]
    lanes = list(_lane_subjects(store.path, manifest, texts))
    _check_subjects(rows, lanes)
    assert manifest.triples == len(lanes) + sum(table.triples for table in manifest.tables)
    assert store.verify().ok


def _dictionary(root: Path, manifest: Manifest) -> dict[int, str]:
    texts: dict[int, str] = {}
    for entry in manifest.terms:
        table = pq.ParquetFile(root / entry.path).read()
        ids = table.column("id").to_pylist()
        assert not texts.keys() & set(ids)
        texts |= dict(zip(ids, table.column("text").to_pylist(), strict=True))
    for id_, text in texts.items():
        assert id_ == term_id(text if text.startswith("_:") else f"<{text}>"), text
    return texts


def _checked(root: Path, table: TableEntry, texts: dict[int, str]) -> Iterator[Row]:
    """Check a table's parts and counts; its live rows."""
    dead: list[int] = []
    if table.deleted is not None:
        held = pq.ParquetFile(root / table.deleted.path).read()
        dead = held.column("id").to_pylist()
        assert held.schema.names == ["id"]
        assert dead == sorted(set(dead)), "deleted ids are sorted and each there once"
        assert dead, "no file without deleted ids"
        assert table.deleted.rows == len(dead)
    seen: set[int] = set()
    assert table.parts
    for part in table.parts:
        rows = pq.ParquetFile(root / part.file.path).read().to_pylist()
        _check_part(root, table, part, rows, set(dead), texts)
        seen |= {row[id_column(SUBJECT)] for row in rows}
        yield from (Row(table, row) for row in rows if row[id_column(SUBJECT)] not in dead)
    assert seen >= set(dead), "ids are deleted that no part has"
    assert (table.deleted is None) == all(part.deleted == 0 for part in table.parts)


def _check_part(
    root: Path,
    table: TableEntry,
    part: PartEntry,
    rows: list[dict[str, Any]],
    dead: set[int],
    texts: dict[int, str],
) -> None:
    live = [row for row in rows if row[id_column(SUBJECT)] not in dead]
    graph = None if part.graph is None else term_id(f"<{part.graph}>")
    assert {row[GRAPH] for row in rows} == {graph}
    assert part.file.rows == len(rows)
    assert part.deleted == len(rows) - len(live) < len(rows)
    for column in table.columns:
        triples = sum(row[column.name] is not None for row in live)
        assert part.triples[column.name] == triples, (table.name, column.name)
        assert column.key.lane is not Lane.OTHER
    for row in rows:
        for name in (SUBJECT, *_nodes(table)):
            text, id_ = row[name], row[id_column(name)]
            assert (text is None) == (id_ is None), name
            assert id_ is None or texts[id_] == text
    if part.index is not None:
        with pyarrow.memory_map(str(root / part.index.path)) as source:
            pyarrow.ipc.open_file(source).read_all()


def _nodes(table: TableEntry) -> list[str]:
    return [column.name for column in table.columns if column.key.lane is Lane.NODE]


def _lane_subjects(
    root: Path, manifest: Manifest, texts: dict[int, str]
) -> Iterator[tuple[str, Subject]]:
    """Predicate, graph and subject of every triple in lanes."""
    for lane in manifest.lanes:
        triples: Counter[tuple[Any, ...]] = Counter()
        names = [n if n != "wkb" else "geom" for n in COLUMNS[lane.key.lane].names]
        for entry in lane.files:
            held = pq.ParquetFile(root / entry.path).read(columns=names).to_pylist()
            assert len(held) == entry.rows > 0
            triples.update(tuple(row[name] for name in names) for row in held)
        assert not triples or max(triples.values()) == 1, f"twice in lane {lane.key}"
        for triple in triples:
            row = dict(zip(names, triple, strict=True))
            assert row["s"] in texts
            yield lane.key.predicate, (row["g"], row["s"])


def _check_subjects(rows: list[Row], lanes: list[tuple[str, Subject]]) -> None:
    """A subject is of one row of a graph, and its triples lie in the row or in lanes."""
    homes: dict[Subject, tuple[str, int]] = {}
    claimed: set[tuple[str, Subject]] = set()
    for number, row in enumerate(rows):
        for view in row.table.views:
            id_ = row.values[id_column(view)]
            if id_ is None:
                continue
            subject = (row.values[GRAPH], id_)
            home = (row.table.name, number)
            assert homes.setdefault(subject, home) == home, f"two rows of {row.values[view]}"
            predicates = {c.key.predicate for c in row.table.columns if c.view == view}
            claimed |= {(predicate, subject) for predicate in predicates}
    both = claimed & set(lanes)
    assert not both, f"in a table and in lanes: {both}"

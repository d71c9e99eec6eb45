"""Objects that are subjects of another triples map (RML-Core, "Referencing object maps")."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..language.model import JoinCondition, Mapping, ParentMap, TriplesMap
from .cells import Batch, Cells, product
from .evaluate import Evaluator
from .literals import text_of

Scan = Callable[[TriplesMap], Iterable[tuple[Batch, Evaluator]]]
"""Reads a triples map's source from its beginning."""


class Parents:
    """Looks up parents' subjects; each parent side is read once and kept in memory."""

    def __init__(self, mapping: Mapping, scan: Scan) -> None:
        self._mapping = mapping
        self._scan = scan
        self._tables: dict[tuple[str, tuple[JoinCondition, ...]], pa.Table] = {}

    def subjects(self, link: ParentMap, evaluator: Evaluator, batch: Batch) -> Cells:
        """Subjects of the parent for each row of the child."""
        parent = self._mapping.triples_map(link.parent)
        if not link.conditions:
            return evaluator.nodes(parent.subject)
        keys = [evaluator.terms_text(condition.child) for condition in link.conditions]
        left = _table(keys, len(batch), "row")
        joined = left.join(self._parent(parent, link.conditions), _names(keys), join_type="inner")
        joined = joined.sort_by([("row", "ascending"), ("subject", "ascending")])
        nodes = pc.cast(joined.column("subject").combine_chunks(), pa.string())
        return Cells(nodes, joined.column("row").to_numpy().astype(np.int64))

    def _parent(self, parent: TriplesMap, conditions: tuple[JoinCondition, ...]) -> pa.Table:
        key = (parent.name, conditions)
        if key not in self._tables:
            self._tables[key] = self._read(parent, conditions)
        return self._tables[key]

    def _read(self, parent: TriplesMap, conditions: tuple[JoinCondition, ...]) -> pa.Table:
        pieces = []
        for batch, evaluator in self._scan(parent):
            keys = [evaluator.terms_text(condition.parent) for condition in conditions]
            subject = evaluator.nodes(parent.subject)
            pieces.append(_table([*keys, subject], len(batch), None))
        names = [*_names(list(conditions)), "subject"]
        if not pieces:
            return pa.table({name: pa.array([], pa.string()) for name in names})
        table = pa.concat_tables(pieces).rename_columns(names)
        return table.filter(pc.is_valid(table["subject"])).group_by(names).aggregate([])


def _names(keys: list[Cells] | list[JoinCondition]) -> list[str]:
    return [f"key{number}" for number in range(len(keys))]


def _table(cells: list[Cells], count: int, row: str | None) -> pa.Table:
    places, rows = product([one.rows for one in cells], count)
    columns = {
        f"key{k}": text_of(one.values).take(pa.array(place))
        for k, (one, place) in enumerate(zip(cells, places, strict=True))
    }
    if row is not None:
        columns[row] = pa.array(np.arange(count) if rows is None else rows)
    return pa.table(columns)

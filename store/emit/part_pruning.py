"""Which parts of an entity table a scan must read: the others cannot hold a row of its answer.

Parts are ruled out by their graph, the boxes of their geometries, and the least and greatest values
of their columns; only where that is sure. Ends of numbers are widened, since a comparison may take
place among floats (SPARQL 1.1, section 17.3); times compare as they are stored, because those with
a zone and those without compare only where they lie further apart than any zone reaches
(:mod:`store.lower.compare`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from ontology import IRI, BlankNode, Lane, Term, term_id

from ..algebra import Node, ValueRange, Var, Window
from ..catalog import ColumnRange, EntityColumn, EntityPart, EntityTable
from ..estimates import object_key
from .windows import box_in, meet

Reason = Literal["graph", "space", "time", "value", "index"]
"""What rules a part out; ``index`` is a look-up of a node."""

_TIMES: Final = frozenset({Lane.DATE, Lane.DATETIME})
_COMPARED: Final[Mapping[str, frozenset[Lane]]] = {
    "node": frozenset({Lane.NODE}),
    "text": frozenset({Lane.STRING}),
    "number": frozenset({Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE, Lane.FLOAT, Lane.OTHER}),
    "date": frozenset({Lane.DATE, Lane.OTHER}),
    "dateTime": frozenset({Lane.DATETIME, Lane.OTHER}),
    "time": frozenset({Lane.DATE, Lane.DATETIME, Lane.OTHER}),
}
_KEYED: Final = frozenset(Lane) - {Lane.GEOMETRY, Lane.OTHER, Lane.LANG}
_SHARE: Final = 1e-6
"""What floats may be off, and more."""
_SECONDS: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a scan reads of an entity table.

    Attributes
    ----------
    table : EntityTable
    parts : tuple of EntityPart
        Those it must read; may be empty.
    by : mapping of Reason to int
        Parts it need not read, each counted once.
    columns : tuple of str
        Columns whose triples are asked for.
    """

    table: EntityTable
    parts: tuple[EntityPart, ...]
    by: Mapping[Reason, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()

    @property
    def held(self) -> int:
        """Parts of the table."""
        return len(self.table.parts)

    def only(self, paths: Collection[Path], reason: Reason = "index") -> Pruned:
        """What is left when no other parts than some are needed either."""
        kept = tuple(part for part in self.parts if part.path in paths)
        dropped = len(self.parts) - len(kept)
        by = {**self.by, reason: self.by.get(reason, 0) + dropped} if dropped else self.by
        return replace(self, parts=kept, by=by)


def needed_parts(
    table: EntityTable,
    graphs: Collection[int] | None,
    asked: Sequence[tuple[EntityColumn, Node]],
    windows: Sequence[Window] = (),
    ranges: Sequence[ValueRange] = (),
    holding: Collection[Path] | None = None,
) -> Pruned:
    """Choose the parts that can hold a row of some patterns on its subjects.

    Parameters
    ----------
    table : EntityTable
    graphs : collection of int, optional
        Ids of the named graphs that are read; None is the default graph.
    asked : sequence of (EntityColumn, Node)
        The columns every row must have a value in, and the objects of their patterns; columns of
        OPTIONAL patterns do not belong here.
    windows, ranges : sequence
        Of the basic graph pattern; those of other variables than the objects' are passed over.
    holding : collection of Path, optional
        The parts that may hold the subjects, where they were looked up.
    """
    tests = [_Asked.of(column, node, windows, ranges) for column, node in asked]
    kept: list[EntityPart] = []
    dropped: Counter[Reason] = Counter()
    reason: Reason | None
    for part in table.parts:
        lacking = holding is not None and part.path not in holding
        reason = "index" if lacking else _ruled_out(part, graphs, tests)
        if reason is None:
            kept.append(part)
        else:
            dropped[reason] += 1
    names = tuple(dict.fromkeys(column.name for column, _ in asked))
    return Pruned(table, tuple(kept), dict(dropped), names)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a part must have in one column."""

    column: EntityColumn
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    ranges: tuple[ValueRange, ...] = ()
    term: Term | None = None

    @classmethod
    def of(
        cls,
        column: EntityColumn,
        node: Node,
        windows: Iterable[Window],
        ranges: Iterable[ValueRange],
    ) -> _Asked:
        if not isinstance(node, Var):
            return cls(column, term=node)
        boxes: list[tuple[float, float, float, float]] = []
        if column.lane is Lane.GEOMETRY:
            own = (window for window in windows if window.variable == node.name)
            boxes = [box for window in own if (box := box_in(window, column.crs)) is not None]
        held = tuple(one for one in ranges if one.variable == node.name)
        return cls(column, tuple(boxes), held)


def _ruled_out(
    part: EntityPart, graphs: Collection[int] | None, tests: Iterable[_Asked]
) -> Reason | None:
    if part.graph is not None if graphs is None else part.graph not in graphs:
        return "graph"
    found = {reason for test in tests if (reason := _column_rules_out(part, test)) is not None}
    order: tuple[Reason, ...] = ("space", "time", "value")
    return next((reason for reason in order if reason in found), None)


def _column_rules_out(part: EntityPart, test: _Asked) -> Reason | None:
    column = test.column
    held = part.ranges.get(column.name)
    if held is not None and held.nulls >= part.rows:
        return "value"
    box = part.boxes.get(column.name)
    if box is not None and not all(meet(box, window) for window in test.boxes):
        return "space"
    reason: Reason = "time" if column.lane in _TIMES else "value"
    if test.term is not None and not _may_be(column, held, test.term):
        return reason
    for wanted in test.ranges:
        if column.lane not in _COMPARED[wanted.kind]:
            return "value"
        if held is not None and not _may_lie(held, wanted, column.lane):
            return reason
    return None


def _may_be(column: EntityColumn, held: ColumnRange | None, term: Term) -> bool:
    """Whether a term may be among the values of a column."""
    if isinstance(term, IRI | BlankNode):
        return column.lane is Lane.NODE and _spans(held, term_id(term.n3), term_id(term.n3))
    lane, key = object_key(term)
    if lane is not column.lane:
        return False
    if lane not in _KEYED or key is None:
        return True
    return _spans(held, _widened(key, -1, lane), _widened(key, 1, lane))


def _may_lie(held: ColumnRange, wanted: ValueRange, lane: Lane) -> bool:
    if wanted.kind == "node":
        ids = (term_id(node.n3) for node in wanted.nodes)
        return any(_spans(held, id_, id_) for id_ in ids)
    return _spans(held, _widened(wanted.low, -1, lane), _widened(wanted.high, 1, lane))


def _widened(end: float | str | None, times: float, lane: Lane) -> float | str | None:
    """An end moved outward, or as it is for texts and truth values."""
    if not isinstance(end, float):
        return end
    return end + times * (_SECONDS if lane in _TIMES else abs(end) * _SHARE)


def _spans(held: ColumnRange | None, low: float | str | None, high: float | str | None) -> bool:
    """Whether values from ``low`` to ``high`` can be those of a part."""
    if held is None:
        return True
    above = low is not None and held.greatest is not None and _less(held.greatest, low)
    below = high is not None and held.least is not None and _less(high, held.least)
    return not (above or below)


def _less(first: float | str, second: float | str) -> bool:
    """Whether it is sure that one is less; text and numbers do not compare."""
    if isinstance(first, str) or isinstance(second, str):
        return isinstance(first, str) and isinstance(second, str) and first < second
    return first < second

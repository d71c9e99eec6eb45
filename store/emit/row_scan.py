"""Patterns that the columns of one row of an entity table answer, as one scan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlglot import exp

from ontology import IRI, BlankNode, Lane

from ..algebra import Expr, Node, TriplePattern, Var, Window
from ..catalog import ColumnPlace, EntityPart, LaneTable
from ..lower import constant, sql
from ..values import Value
from .binding import Bindings, id_sql
from .context import Context
from .expressions import tests
from .lookup import LookUp, look_up, object_end, read_rows, subject_end
from .part_pruning import Pruned, needed_parts
from .relation import Body, Relation, Sql, column, make, parquet, select, source
from .stored import graph_of, main_subject, node, object_of, subject_of
from .target import Target
from .windows import box_conditions


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern and the column that answers it.

    ``others`` are further columns of its predicate, one of which may hold its constant object.
    """

    pattern: TriplePattern
    lane: LaneTable
    others: tuple[LaneTable, ...] = ()

    @property
    def place(self) -> ColumnPlace:
        """The column and its table."""
        assert self.lane.place is not None
        return self.lane.place


@dataclass(frozen=True, slots=True)
class Beside:
    """Patterns of an OPTIONAL in the same row, and a condition on what they bind."""

    matches: tuple[Match, ...]
    condition: Expr | None = None


def scan_row(
    context: Context,
    target: Target,
    matches: Sequence[Match],
    beside: Sequence[Beside] = (),
    *,
    texts: bool = True,
    alias: str | None = None,
) -> Relation | None:
    """Solutions of patterns whose subjects all lie in one row, or None where there are none.

    Parameters
    ----------
    matches : sequence of Match
        All of one table. Subjects that are the same node are of the same view.
    beside : sequence of Beside
        OPTIONAL patterns, whose variables are unbound where the row does not have them.
    texts : bool
        False leaves the texts of nodes out, as if they had to be decoded.
    alias : str, optional
        What the rows are called; a new name by default.
    """
    asked = [(m.place.column, m.pattern.object) for m in matches if not m.others]
    whole = matches[0].place.table
    found = look_up(
        target,
        LookUp(tuple(part.path for part in whole.parts)),
        [subject_end(m.pattern, m.lane) for m in matches],
    )
    holding = frozenset(found.files)
    pruned = needed_parts(whole, target.graphs, asked, target.windows, target.ranges, holding)
    found = look_up(
        target,
        found.within(part.path for part in pruned.parts),
        [object_end(m.pattern, m.lane) for m in matches if not m.others],
    )
    pruned = pruned.only(found.files)
    context.notes.pruned.append(pruned)
    if not pruned.parts:
        return None
    alias = alias or context.alias()
    row = _Row(context, target, alias, pruned.parts)
    for match in matches:
        row.add(match)
    if isinstance(target.graph, Var):
        row.bind_graph(target.graph.name, matches[0].lane)
    if not row.bindings.possible:
        return None
    for optional in beside:
        row.add_beside(optional)
    if not texts:
        held = row.bindings.values.items()
        row.bindings.values = {name: _without_text(value) for name, value in held}
    pattern = matches[0].pattern
    several = isinstance(pattern.predicate, Var) and not isinstance(pattern.subject, Var)
    kept = partial(_alive, context, pruned)
    body = Body(
        read_rows(context, found, alias, kept, shared=several), where=tuple(row.bindings.tests)
    )
    return make(row.bindings.values, body, row.bindings.lacking_text())


def _without_text(value: Value) -> Value:
    if value.only_lane is not Lane.NODE or isinstance(value.get("text"), exp.Literal):
        return value
    return node(value.get("id"), value.get("blank"))


class _Row:
    """The bindings of one scan, grown pattern by pattern."""

    def __init__(
        self, context: Context, target: Target, alias: str, parts: Sequence[EntityPart]
    ) -> None:
        self.bindings = Bindings(target)
        self._context = context
        self._alias = alias
        self._parts = parts
        self._seen: set[tuple[Node, str]] = set()
        self._present: set[str] = set()

    def add(self, match: Match) -> None:
        """Bind or test the nodes of a pattern."""
        pattern, place = match.pattern, match.place
        self._take(pattern.subject, place.column.view, subject_of(match.lane, self._alias))
        if match.others and not isinstance(pattern.object, Var):
            self.bindings.take_any(pattern.object, self._objects(match))
            return
        held = object_of(match.lane, self._alias)
        self._take(pattern.object, place.column.name, held)
        self._require(match, held)
        if isinstance(pattern.predicate, Var):
            self.bindings.take(pattern.predicate, constant(IRI(match.lane.predicate)))
        for window in self.bindings.target.windows:
            if pattern.object == Var(window.variable):
                self.bindings.tests += _window_tests(match.lane, window, held)

    def _objects(self, match: Match) -> list[Value]:
        return [object_of(lane, self._alias) for lane in (match.lane, *match.others)]

    def _take(self, end: Node, name: str, value: Value) -> None:
        """Bind a node to a column, once."""
        if (end, name) in self._seen:
            return
        self._seen.add((end, name))
        self.bindings.take(end, value, tested=not self._is_always(end, name))

    def _is_always(self, end: Node, name: str) -> bool:
        """Whether every row of the parts has this constant in the column."""
        if not isinstance(end, IRI | BlankNode):
            return False
        known = self.bindings.target.id_of(end)
        ranges = [part.ranges.get(name) for part in self._parts]
        return all(held is not None and held.constant and held.least == known for held in ranges)

    def _require(self, match: Match, held: Value) -> None:
        name, end = match.place.column.name, match.pattern.object
        if not isinstance(end, Var) or name in self._present:
            return
        self._present.add(name)
        if _has_nulls(self._parts, name):
            own = held.get("id") if match.lane.lane is Lane.NODE else column(name, self._alias)
            self.bindings.tests.append(sql.not_null(own))

    def add_beside(self, optional: Beside) -> None:
        """Bind the variables of an OPTIONAL where all of its patterns are met."""
        inner = _Row(self._context, self.bindings.target, self._alias, self._parts)
        held = self.bindings.values
        shared = [(name, view) for name, view in _subjects(optional) if name in held]
        inner._seen = {(Var(name), view) for name, view in shared}
        inner.bindings.values = {name: held[name] for name, _ in shared}
        for match in optional.matches:
            inner.add(match)
        if not inner.bindings.possible:
            return
        values, met = inner.bindings.values, inner.bindings.tests
        whole = len(met) > 1 or len(optional.matches) > 1
        if optional.condition is not None:
            met = [*met, *tests(self._context, optional.condition, {**held, **values})]
            whole = True
        for name, value in values.items():
            if name not in held:
                held[name] = _where(met, value, whole=whole) if met else value

    def bind_graph(self, name: str, lane: LaneTable) -> None:
        """Bind the variable of ``GRAPH ?g``."""
        graphs = {part.graph for part in self._parts}
        value = node(graph_of(lane, self._alias), sql.boolean(False))
        if len(graphs) == 1:
            only = graphs.pop()
            names = (name for name, id_ in self._context.named().items() if id_ == only)
            assert only is not None
            value = node(id_sql(only), sql.boolean(False), sql.string(next(names)))
        self.bindings.take(Var(name), value)


def _window_tests(lane: LaneTable, window: Window, held: Value) -> list[Sql]:
    if lane.lane is Lane.GEOMETRY:
        return box_conditions(lane.crs, window, held)
    return [sql.boolean(False)] if window.empty else []


def _subjects(optional: Beside) -> Iterator[tuple[str, str]]:
    for match in optional.matches:
        if isinstance(match.pattern.subject, Var):
            yield match.pattern.subject.name, match.place.column.view


def _where(met: Sequence[Sql], value: Value, *, whole: bool) -> Value:
    """The value where all conditions hold, else unbound.

    Unless ``whole``, the only condition is that its column is not null.
    """
    facets = {
        facet: sql.when(sql.every(met), held) if whole or not _is_read(held) else held
        for facet, held in value.facets.items()
    }
    return replace(value, facets=facets, maybe_unbound=True)


def _is_read(held: Sql) -> bool:
    return any(held.find_all(exp.Column))


def _has_nulls(parts: Sequence[EntityPart], name: str) -> bool:
    ranges = [part.ranges.get(name) for part in parts]
    return not all(held is not None and held.nulls == 0 for held in ranges)


def _alive(context: Context, pruned: Pruned, read: Sql, alias: str) -> Sql:
    """Rows read of the parts, without those that are deleted."""
    context.notes.files |= {part.path: part.rows for part in pruned.parts}
    if not any(part.deleted for part in pruned.parts):
        return read
    whole, gone = pruned.table, context.alias()
    assert whole.deleted is not None
    context.notes.files[whole.deleted] = sum(part.deleted for part in whole.parts)
    on = sql.binary("=", main_subject(alias), column("id", gone))
    join = exp.Join(this=parquet([whole.deleted], gone), kind="ANTI", on=on)
    return source(select([exp.Star()], read, [join]), alias)

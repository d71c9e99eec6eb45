"""Running a federated plan: remote leaves become tables, in an order that spares transfer.

Per leaf the run-time chooses between fetching it whole and sending it the values its join
partners already have, in batches that double while the source bears them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import IRI, Literal, RemoteError, UnsupportedError
from store import algebra as al

from .answers import blank_columns, empty_table
from .bindings import as_values, distinct_values, sendable
from .client import RequestTooLargeError
from .decompose import remote_leaves
from .estimates import estimate
from .local import LocalEngine
from .members import Member
from .scope import certain, nodes, rewrite_below
from .spatial import INTERSECTS, Boxes, Near, boxes_of, meets, nearness, other_crs, window_filter
from .writer import write_ask

_FIRST_BATCH: Final = 128
_LARGEST_BATCH: Final = 4096
_REQUEST_COST: Final = 200.0  # rows that could be sent instead of one more request
_HOME_ROWS: Final = 50_000  # a home side larger than this is not turned into values
_UNKNOWN: Final = 1e6  # rows assumed where nothing is known
_WINDOW_ROWS: Final = 5_000.0  # fewer are fetched whole rather than by neighbourhood


@dataclass(frozen=True, slots=True)
class Context:
    """What is known around a plan while its remote leaves are fetched.

    Attributes
    ----------
    plans : tuple of Plan
        Local plans that the result will be joined with: a row that can join with none of
        theirs need not be fetched.
    near : tuple of Near
        Pairs of geometries that the final solutions have near each other.
    """

    plans: tuple[al.Plan, ...] = ()
    near: tuple[Near, ...] = ()


NOTHING: Final = Context()


@dataclass(frozen=True, slots=True)
class _Binder:
    """Known values of shared variables."""

    table: pa.Table

    @property
    def cost(self) -> float:
        return 2.0 * len(self.table) + _REQUEST_COST * (1 + len(self.table) / _LARGEST_BATCH)


class Executor:
    """Replaces the remote leaves of one plan.

    Parameters
    ----------
    members : mapping
        Members by name, the home store not among them.
    engine : LocalEngine
        Over the home store.
    service : callable (IRI) -> Member
        The member a SERVICE clause names; raises RemoteError for one that is not allowed.
    home_rows : callable (plan) -> float or None
        Estimate for a plan over the home store.
    """

    def __init__(
        self,
        members: Mapping[str, Member],
        engine: LocalEngine,
        service: Callable[[str], Member],
        home_rows: Callable[[al.Plan], float | None],
    ) -> None:
        self._members = members
        self._engine = engine
        self._service = service
        self._home_rows = home_rows
        self._blank: dict[tuple[str, str], pa.Table] = {}

    def resolve(self, plan: al.Plan, context: Context = NOTHING) -> al.Plan:
        """Return the plan with every remote leaf replaced by the rows it sent."""
        match plan:
            case al.RemoteScan():
                return self._scan(plan, context)
            case al.Service():
                return self._call(plan, context)
            case al.Join():
                return self._join(list(_operands(plan)), context)
            case al.Union():
                return al.Union(self.resolve(plan.left, context), self.resolve(plan.right, context))
            case al.LeftJoin() | al.Minus():
                return self._one_sided(plan, context)
            case al.Filter():
                near = (*context.near, *nearness(plan.condition))
                child = self.resolve(plan.child, replace(context, near=near))
                around = Context((child,))
                return rewrite_below(
                    plan, lambda p: child if p is plan.child else self.resolve(p, around)
                )
        return rewrite_below(plan, lambda p: self.resolve(p, NOTHING))

    def _one_sided(self, plan: al.LeftJoin | al.Minus, context: Context) -> al.Plan:
        left = self.resolve(plan.left, context)
        condition = plan.condition if isinstance(plan, al.LeftJoin) else None
        right = self.resolve(plan.right, Context((left,), nearness(condition)))
        done = {id(plan.left): left, id(plan.right): right}
        return rewrite_below(plan, lambda p: done.get(id(p)) or self.resolve(p, NOTHING))

    # -------------------------------------------------------------------- joins

    def _join(self, operands: list[al.Plan], context: Context) -> al.Plan:
        done = [o for o in operands if not _has_remote(o)]
        waiting = [o for o in operands if _has_remote(o)]
        while waiting:
            known = replace(context, plans=(*done, *context.plans))
            waiting.sort(key=lambda o: self._expected(o, known.plans))
            done.append(self.resolve(waiting.pop(0), known))
        return reduce(al.Join, done)

    def _expected(self, plan: al.Plan, known: tuple[al.Plan, ...]) -> tuple[bool, float]:
        rows = sum(self._rows(leaf) or _UNKNOWN for leaf in remote_leaves(plan))
        rows += sum(_UNKNOWN for node in nodes(plan) if isinstance(node, al.Service))
        linked = any(certain(plan) & certain(other) for other in known)
        return (bool(known) and not linked and rows > _FIRST_BATCH, rows)

    def _rows(self, scan: al.RemoteScan) -> float | None:
        return estimate(scan.plan, self._members[scan.source].description)

    # ------------------------------------------------------------------- leaves

    def _scan(self, scan: al.RemoteScan, context: Context) -> al.Plan:
        member = self._members[scan.source]
        try:
            table = self._fetch(member, scan, context, self._rows(scan))
        except RemoteError as error:
            member.usage.note("failures", error.in_short())
            return al.Empty(scan.variables)
        return al.TermTable(scan.variables, table, scan.source)

    def _call(self, call: al.Service, context: Context) -> al.Plan:
        if isinstance(call.endpoint, al.Var):
            return self._call_each(call, call.endpoint.name, context)
        names = tuple(sorted(al.visible(call.plan)))
        try:
            member = self._service(call.endpoint.value)
        except RemoteError:
            if call.silent:
                return al.Unit()
            raise
        try:
            scan = al.RemoteScan(member.usage.name, call.plan, names)
            table = self._fetch(member, scan, context, None)
        except RemoteError as error:
            member.usage.note("failures", error.in_short())
            if call.silent:
                return al.Unit()
            raise
        return al.TermTable(names, table, call.endpoint.value)

    def _call_each(self, call: al.Service, name: str, context: Context) -> al.Plan:
        """Call every endpoint that a join partner binds the variable to."""
        known = next((p for p in context.plans if name in certain(p)), None)
        if known is None:
            raise UnsupportedError(
                "SERVICE with a variable needs patterns beside it that bind the variable",
                where=f"?{name}",
                remedy="name the endpoint by its IRI, or bind the variable in the same group",
            )
        table = self._engine.solutions(al.Distinct(al.Project((name,), known)), (name,))
        answers: list[al.Plan] = []
        for (term,) in as_values(table).rows:
            if isinstance(term, IRI):
                answer = self._call(replace(call, endpoint=term), context)
                answers.append(al.Join(al.Values((name,), ((term,),)), answer))
        return reduce(al.Union, answers) if answers else al.Empty(tuple(al.visible(call)))

    def _fetch(
        self, member: Member, scan: al.RemoteScan, context: Context, rows: float | None
    ) -> pa.Table:
        expected = _UNKNOWN if rows is None else rows
        windowed = self._windowed(member, scan, context, expected)
        if windowed is None:
            return empty_table(scan.variables)
        binder = self._binder(windowed, context.plans, expected)
        if binder is not None and not len(binder.table):
            return empty_table(scan.variables)
        if binder is not None and binder.cost < expected:
            table = self._by_values(member, windowed, binder.table)
        else:
            table = member.solutions(windowed.plan, windowed.variables)
        self._note_blanks(member, table)
        return table

    def _windowed(
        self, member: Member, scan: al.RemoteScan, context: Context, rows: float
    ) -> al.RemoteScan | None:
        """Restrict a scan to the neighbourhood of known geometries; None if nothing is there."""
        sure = certain(scan.plan)
        for name, near in ((v, n) for n in context.near for v in sorted(sure)):
            partner = near.partner(name)
            if partner is None or not (member.box or rows > _WINDOW_ROWS):
                continue
            boxes = self._boxes(partner, near.metres, context.plans, rows)
            if boxes is None:
                continue
            if not len(boxes) or (member.box is not None and not meets(boxes, member.box)):
                member.usage.note("pruned", f"nothing of ?{name} can lie near enough")
                return None
            if rows > _WINDOW_ROWS and isinstance(partner, al.Var) and member.can(INTERSECTS):
                foreign = other_crs(name, scan.plan)
                if foreign is not None and member.shown(write_ask(foreign)) is False:
                    scan = replace(scan, plan=window_filter(name, boxes, scan.plan))
        return scan

    def _boxes(
        self, partner: al.Var | Literal, metres: float, known: tuple[al.Plan, ...], rows: float
    ) -> Boxes | None:
        if isinstance(partner, Literal):
            return boxes_of(pa.array([partner.lexical]), metres)
        for other in known:
            if partner.name in certain(other):
                table = self._known_values(other, (partner.name,), rows)
                if table is not None:
                    texts = pc.struct_field(table.column(partner.name), "value")
                    return boxes_of(texts.combine_chunks(), metres)
        return None

    def _binder(
        self, scan: al.RemoteScan, known: tuple[al.Plan, ...], rows: float
    ) -> _Binder | None:
        """Return the shortest list of values that a join partner knows."""
        found = [b for other in known if (b := self._values_of(scan, other, rows))]
        return min(found, key=lambda b: b.cost, default=None)

    def _values_of(self, scan: al.RemoteScan, other: al.Plan, rows: float) -> _Binder | None:
        shared = tuple(sorted(certain(scan.plan) & certain(other)))
        table = self._known_values(other, shared, rows) if shared else None
        if table is None:
            return None
        usable = sendable(table, shared)
        return _Binder(distinct_values(table, usable)) if usable else None

    def _known_values(self, plan: al.Plan, names: tuple[str, ...], rows: float) -> pa.Table | None:
        """Return values of variables of a local plan, unless that costs more than it can save."""
        if isinstance(plan, al.TermTable):
            return plan.table
        if self._small(plan, rows):
            return self._engine.solutions(al.Distinct(al.Project(names, plan)), names)
        return None

    def _small(self, plan: al.Plan, rows: float) -> bool:
        expected = self._home_rows(plan)
        return expected is not None and expected < min(rows, _HOME_ROWS)

    def _by_values(self, member: Member, scan: al.RemoteScan, values: pa.Table) -> pa.Table:
        size, start = _FIRST_BATCH, 0
        parts: list[pa.Table] = []
        while start < len(values):
            batch = as_values(values.slice(start, size))
            try:
                parts.append(member.solutions(al.Join(batch, scan.plan), scan.variables))
            except RequestTooLargeError:
                if size == 1:
                    raise
                size = max(1, size // 4)
                continue
            start += len(batch.rows)
            size = min(2 * size, _LARGEST_BATCH)
        return pa.concat_tables(parts)

    def _note_blanks(self, member: Member, table: pa.Table) -> None:
        for name in blank_columns(table):
            if self._blank.setdefault((member.usage.name, name), table) is not table:
                member.usage.note(
                    "capped",
                    f"sent blank nodes for ?{name} in two answers, which cannot be matched",
                )


def _operands(plan: al.Plan) -> Iterator[al.Plan]:
    if isinstance(plan, al.Join):
        yield from _operands(plan.left)
        yield from _operands(plan.right)
    else:
        yield plan


def _has_remote(plan: al.Plan) -> bool:
    if isinstance(plan, al.RemoteScan | al.Service):
        return True
    found = False

    def look(child: al.Plan) -> al.Plan:
        nonlocal found
        found = found or _has_remote(child)
        return child

    rewrite_below(plan, look)
    return found

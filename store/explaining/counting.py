"""Actual rows: every operator's sub-plan is counted by itself, under one deadline."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Final

from ontology import DeadlineError, GeoloomError

from ..algebra import Aggregate, Group, Plan, Query
from ..catalog import Snapshot
from ..emit import Statement, emit_query
from ..engine.engine import DuckDBEngine
from .explanation import Operator
from .operators import Node

TOO_MANY: Final = 1e8
"""Expected rows from which on a sub-plan is not counted."""

_COUNT: Final = "n"


@dataclass(frozen=True, slots=True)
class Count:
    """Solutions of a sub-plan and the time it took, or why they were not counted."""

    rows: int | None = None
    milliseconds: float | None = None
    remark: str = ""


@dataclass(slots=True)
class Counter:
    """Counts sub-plans of one query until the time is up.

    Attributes
    ----------
    engine : DuckDBEngine
    query : Query
        Its dataset is that of the sub-plans.
    end : float, optional
        ``time.monotonic()`` value after which nothing more is counted.
    """

    engine: DuckDBEngine
    query: Query
    snapshot: Snapshot | None
    end: float | None = None
    _found: dict[int, Count] = field(default_factory=dict)

    def counted(self, root: Node, answer: Count | None = None) -> Operator:
        """The operators with actual rows, the cheapest counted first.

        ``answer`` is what is known of the root from the run of the whole query.
        """
        if answer is not None:
            self._found[id(root)] = answer
        waiting = [
            node for node in root.walk() if not node.same_as_child and id(node) not in self._found
        ]
        for node in sorted(waiting, key=lambda node: node.estimated):
            self._found[id(node)] = self._count(node)
        return self._operator(root)

    def _count(self, node: Node) -> Count:
        if node.remark:
            return Count(remark=node.remark)
        if node.estimated > TOO_MANY:
            return Count(remark=f"not counted: about {node.estimated:.0e} rows are expected")
        left = None if self.end is None else self.end - time.monotonic()
        if left is not None and left <= 0:
            return Count(remark="not counted: the time was up")
        start = time.perf_counter()
        try:
            rows = self._rows(node.plan, left)
        except DeadlineError:
            return Count(remark="not counted: the time was up")
        except GeoloomError as error:
            return Count(remark=f"not counted: {error.what}")
        return Count(rows, (time.perf_counter() - start) * 1000)

    def _rows(self, plan: Plan, timeout: float | None) -> int:
        counting = Group((), ((_COUNT, Aggregate("COUNT", None)),), plan)
        query = replace(self.query, form="SELECT", plan=counting, variables=(_COUNT,))
        statement = emit_query(query, self.snapshot)
        register(self.engine, statement)
        table = self.engine.execute(statement.sql, timeout)
        return int(table.column(_COUNT)[0].as_py()["value"])

    def _operator(self, node: Node) -> Operator:
        children = tuple(self._operator(child) for child in node.children)
        count = self._found.get(id(node))
        if count is None:
            below = children[0]
            count = Count(below.actual, below.milliseconds)
        return Operator(
            node.label, node.estimated, count.rows, count.milliseconds, count.remark, children
        )


def uncounted(node: Node) -> Operator:
    """The operators with estimates only."""
    return Operator(node.label, node.estimated, children=tuple(map(uncounted, node.children)))


def register(engine: DuckDBEngine, statement: Statement) -> None:
    """Make the statement's tables readable."""
    for name, table in statement.tables.items():
        engine.register(name, table)

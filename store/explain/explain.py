"""Explaining a query: plan, passes, files and SQL."""

from __future__ import annotations

from ..algebra import Query
from ..catalog import Snapshot
from ..engine.engine import DuckDBEngine
from ..passes import format_plan
from ..query import folder_of, parse_query, plan_query
from .explanation import Explanation


def explain(
    snapshot: Snapshot | None,
    query: str | Query,
    *,
    optimise: bool = True,
    analyze: bool = False,
    timeout: float | None = None,
) -> Explanation:
    """Say how a query would be answered.

    Parameters
    ----------
    snapshot : Snapshot or None
    query : str or Query
    optimise : bool
        False shows the plan without passes.
    analyze : bool
        Run the query and show DuckDB's plan with actual rows.
    timeout : float, optional
        Seconds, for ``analyze``.
    """
    parsed = parse_query(query) if isinstance(query, str) else query
    (after, steps), statement = plan_query(parsed, snapshot, optimise)
    engine = DuckDBEngine(folder_of(snapshot))
    try:
        for name, table in statement.tables.items():
            engine.register(name, table)
        verb = "EXPLAIN ANALYZE" if analyze else "EXPLAIN"
        physical = engine.execute(f"{verb} {statement.sql}", timeout)
    finally:
        engine.close()
    return Explanation(
        format_plan(parsed.plan),
        format_plan(after.plan),
        tuple(steps),
        dict(statement.files),
        0 if snapshot is None else sum(len(lane.files) for lane in snapshot.lanes),
        statement.sql,
        physical.column("explain_value")[0].as_py(),
    )

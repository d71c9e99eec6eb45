"""Explaining a query: plan, passes, estimated and actual rows, what is read, SQL."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Final

from ontology import DeadlineError, MemoryLimitError, term_id

from ..algebra import Inference, Query
from ..catalog import EntityTable, Snapshot
from ..emit import Statement
from ..engine.engine import DuckDBEngine
from ..engine.limits import current_limit
from ..estimates import Estimator
from ..passes import format_plan
from ..query import USUAL, folder_of, over_dataset, parse_query, plan_query
from .counting import Count, Counter, register, uncounted
from .explanation import Explanation, Operator, Run, Tables
from .operators import operators
from .physical import Profile, read_profile
from .places import places_of
from .reading import homes_of, named_ids, readings_of, tables_of
from .remarks import remarks_on

_FOR_RUNNING: Final = 0.5
"""Part of the time that is for the query itself; the rest is for counting its parts."""

_OF_LIMIT: Final = 0.9
"""Part of the time left until an outer limit; the rest is for telling what was found."""


def explain(
    snapshot: Snapshot | None,
    query: str | Query,
    *,
    default_graphs: tuple[str, ...] = (),
    named_graphs: tuple[str, ...] = (),
    optimise: bool = True,
    analyze: bool = False,
    timeout: float | None = None,
    memory_limit: str | None = None,
    inference: Inference = USUAL,
) -> Explanation:
    """Say how a query would be answered, and with ``analyze`` how it was.

    Parameters
    ----------
    snapshot : Snapshot or None
    query : str or Query
    analyze : bool
        Run the query, then count the solutions of every part of its plan by itself. A part that
        cannot be counted in time is left without a count and says so.
    timeout : float, optional
        Seconds for ``analyze``, half of them for the query itself. A query that takes longer is
        stopped, and explained all the same. Within a limit most of what is left of it counts.
    default_graphs, named_graphs, optimise, memory_limit, inference
        As of :func:`store.run_query`.

    Raises
    ------
    QuerySyntaxError, UnsupportedError, StoreError
    """
    term_id("")  # compiled on first use, which is not the query's doing
    started = time.perf_counter()
    parsed = parse_query(query) if isinstance(query, str) else query
    parsed = over_dataset(parsed, default_graphs, named_graphs)
    inferred: list[str] = []
    (after, steps), statement = plan_query(parsed, snapshot, optimise, inference, inferred)
    plan_ms = (time.perf_counter() - started) * 1000
    places = tuple(dict.fromkeys(places_of(after.plan)))
    readings = readings_of(statement, snapshot, named_ids(after.plan))
    with closing(DuckDBEngine(folder_of(snapshot), memory_limit)) as engine:
        register(engine, statement)
        profile, run, shown = _examined(engine, after, statement, snapshot, analyze, timeout)
    return Explanation(
        snapshot=None if snapshot is None else snapshot.number,
        before=format_plan(parsed.plan),
        after=format_plan(after.plan),
        steps=tuple(steps),
        inferred=tuple(inferred),
        places=places,
        plan_ms=plan_ms,
        root=shown,
        readings=readings,
        files=dict(statement.files),
        files_held=0 if snapshot is None else len(homes_of(snapshot)),
        sql=statement.sql,
        physical=str(profile),
        remarks=remarks_on(shown, readings, profile, run, _tables_read(statement), places),
        run=run,
        tables=Tables() if snapshot is None else tables_of(readings, statement, snapshot),
    )


def _examined(
    engine: DuckDBEngine,
    query: Query,
    statement: Statement,
    snapshot: Snapshot | None,
    analyze: bool,
    timeout: float | None,
) -> tuple[Profile, Run | None, Operator]:
    """DuckDB's plan, how it ran if it was to, and our operators with what was counted."""
    root = operators(query, Estimator(snapshot, query.default_graphs, query.named_graphs))
    limit = _time_for_analysis(timeout)
    end = None if limit is None else time.monotonic() + limit
    profile, run = _profiled(engine, statement, analyze, limit)
    if run is None:
        return profile, None, uncounted(root)
    counter = Counter(engine, query, snapshot, end)
    return profile, run, counter.counted(root, _answer(query, run))


def _tables_read(statement: Statement) -> tuple[EntityTable, ...]:
    read = {one.table.name: one.table for one in statement.pruned if one.parts}
    return tuple(read.values())


def _time_for_analysis(timeout: float | None) -> float | None:
    left = current_limit().left
    if left is None:
        return timeout
    return left * _OF_LIMIT if timeout is None else min(timeout, left * _OF_LIMIT)


def _profiled(
    engine: DuckDBEngine, statement: Statement, analyze: bool, timeout: float | None
) -> tuple[Profile, Run | None]:
    """DuckDB's plan and, if the query was to be run, how it ran."""
    planned = _profile(engine, statement, "FORMAT JSON", None)
    if not analyze:
        return planned, None
    started = time.perf_counter()
    half = None if timeout is None else timeout * _FOR_RUNNING
    try:
        profile = _profile(engine, statement, "ANALYZE, FORMAT JSON", half)
    except (DeadlineError, MemoryLimitError) as error:
        spent = (time.perf_counter() - started) * 1000
        return planned, Run(None, spent, remark=f"{error.in_short()}.")
    spent = (profile.seconds or 0.0) * 1000
    return profile, Run(profile.rows, spent, profile.peak_memory, profile.work())


def _answer(query: Query, run: Run) -> Count | None:
    """What the run says of the root: its rows, except that of ASK, which is one row anyway."""
    if run.rows is None:
        return Count(remark="the query was stopped")
    return None if query.form == "ASK" else Count(run.rows, run.milliseconds)


def _profile(
    engine: DuckDBEngine, statement: Statement, options: str, timeout: float | None
) -> Profile:
    table = engine.execute(f"EXPLAIN ({options}) {statement.sql}", timeout)
    return read_profile(table.column("explain_value")[0].as_py())

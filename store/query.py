"""Asking a query: text, plan, passes, SQL, answer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final
from weakref import WeakKeyDictionary

import pyarrow as pa

from ontology import IRI, MemoryLimitError, UnsupportedError

from .algebra import (
    Bgp,
    Call,
    Exists,
    Expr,
    Inference,
    Plan,
    Query,
    child_plans,
    own_expressions,
)
from .catalog import Snapshot
from .emit import JOINED, Statement, emit_query
from .engine.engine import DuckDBEngine
from .engine.limits import limited
from .inference import ASSERTED, infer
from .passes import PASSES, Step, optimise
from .plan_cache import PlanCache, Planned, Request
from .results import Result
from .sparql import parse_query

__all__ = ["folder_of", "parse_query", "plan_query", "run_query"]

MAX_PARTS: Final = 1000
"""Triple patterns, operators and calls a query may have."""

MAX_DEPTH: Final = 64
"""Calls that may stand in one another; chains of ``||`` or ``&&`` count their logarithm."""

USUAL: Final = Inference()
"""What queries are answered from where nothing is said."""

_PLANS: Final = PlanCache()
_FOLDERS: Final[WeakKeyDictionary[Snapshot, Path | None]] = WeakKeyDictionary()


def run_query(
    snapshot: Snapshot | None,
    query: str | Query,
    *,
    timeout: float | None = None,
    default_graphs: tuple[str, ...] = (),
    named_graphs: tuple[str, ...] = (),
    optimise: bool = True,
    memory_limit: str | None = None,
    inference: Inference = USUAL,
) -> Result:
    """Answer a query over a snapshot.

    Parameters
    ----------
    snapshot : Snapshot or None
        None will do for plans that need no store (tables of terms, VALUES).
    query : str or Query
        SPARQL 1.1, or a plan that federation has prepared.
    timeout : float, optional
        Seconds; one call into GEOS cannot be interrupted.
    default_graphs, named_graphs : tuple of str
        IRIs of the dataset, instead of the query's FROM and FROM NAMED (SPARQL 1.1 Protocol,
        section 2.1.4); both empty leave the query's own.
    optimise : bool
        False runs the plan as written; the answer is the same.
    memory_limit : str, optional
        As DuckDB writes it, for example ``"1GB"``.
    inference : Inference
        What counts beside the asserted triples.

    Returns
    -------
    Result

    Raises
    ------
    QuerySyntaxError, UnsupportedError, DeadlineError, StoreError
    """
    with limited(timeout):
        start = perf_counter()
        if isinstance(query, str):
            graphs = tuple(default_graphs), tuple(named_graphs)
            request = Request(query, *graphs, optimise, inference)
            plan = partial(_remembered, request, snapshot)
        else:
            query = over_dataset(query, default_graphs, named_graphs)
            plan = partial(_planned, query, snapshot, optimise, inference)
        planned = plan()
        try:
            return _answered(planned, snapshot, memory_limit, start)
        except MemoryLimitError:
            if JOINED not in planned.statement.spatial:
                raise
        return _answered(plan(tiled=True), snapshot, memory_limit, start)


def _answered(
    planned: Planned, snapshot: Snapshot | None, memory_limit: str | None, start: float
) -> Result:
    ready = perf_counter()
    if snapshot is not None:
        snapshot.check_files(planned.statement.files, dictionary=planned.decodes)
    table = _run(planned, memory_limit)
    info: dict[str, object] = {
        "plan_ms": round((ready - start) * 1000, 3),
        "run_ms": round((perf_counter() - ready) * 1000, 3),
        "files": len(planned.statement.files),
        "snapshot": None if snapshot is None else snapshot.number,
    }
    return _result(planned, table, info)


def _remembered(request: Request, snapshot: Snapshot | None, *, tiled: bool = False) -> Planned:
    """The plan made before, or a new one, which is remembered in its place."""
    planned = None if tiled else _PLANS.get(request, snapshot)
    if planned is None:
        query = over_dataset(
            parse_query(request.text), request.default_graphs, request.named_graphs
        )
        planned = _planned(query, snapshot, request.with_passes, request.inference, tiled=tiled)
        _PLANS.put(request, snapshot, planned)
    return planned


def over_dataset(
    query: Query, default_graphs: tuple[str, ...], named_graphs: tuple[str, ...]
) -> Query:
    """The query over another dataset, if one is named."""
    if not default_graphs and not named_graphs:
        return query
    return replace(
        query,
        default_graphs=tuple(map(IRI, default_graphs)),
        named_graphs=tuple(map(IRI, named_graphs)),
    )


def _planned(
    query: Query,
    snapshot: Snapshot | None,
    with_passes: bool,
    inference: Inference,
    *,
    tiled: bool = False,
) -> Planned:
    _, statement = plan_query(query, snapshot, with_passes, inference, tiled=tiled)
    decodes = snapshot is not None and any(f.name in statement.sql for f in snapshot.dictionary)
    return Planned(query.form, query.variables, statement, folder_of(snapshot), decodes)


def _run(planned: Planned, memory_limit: str | None) -> pa.Table:
    engine = DuckDBEngine(planned.folder, memory_limit)
    try:
        for name, table in planned.statement.tables.items():
            engine.register(name, table)
        return engine.execute(planned.statement.sql)
    finally:
        engine.close()


def plan_query(
    query: Query,
    snapshot: Snapshot | None,
    with_passes: bool,
    inference: Inference = USUAL,
    notes: list[str] | None = None,
    *,
    tiled: bool = False,
) -> tuple[tuple[Query, Sequence[Step]], Statement]:
    """Rewrite and emit a query: the plan after passes, what each pass did, and the statement.

    ``notes`` takes a line for every pattern that is answered from more than asserted triples;
    ``tiled`` asks for spatial joins that take little memory.

    Raises
    ------
    UnsupportedError
    """
    _check_size(query.plan)
    try:
        query = infer(query, snapshot, inference, partial(_from_asserted, snapshot), notes)
        plan, steps = optimise(query.plan, snapshot, PASSES if with_passes else ())
        rewritten = replace(query, plan=plan)
        return (rewritten, steps), emit_query(rewritten, snapshot, tiled=tiled)
    except RecursionError:
        raise UnsupportedError(
            "The query is too deeply nested to be planned",
            remedy="flatten it, or split it into several queries",
        ) from None


def _from_asserted(snapshot: Snapshot | None, query: Query) -> Result:
    return run_query(snapshot, query, inference=ASSERTED)


def _check_size(plan: Plan) -> None:
    """Refuse what would take long to plan; within these sizes planning stops at the deadline."""
    waiting, parts = [plan], 0
    expressions: list[tuple[Expr, int]] = []

    def note(expr: Expr) -> None:
        expressions.append((expr, 1))

    while waiting:
        one = waiting.pop()
        parts += len(one.patterns) if isinstance(one, Bgp) else 1
        waiting.extend(child_plans(one))
        own_expressions(one, note)
        while expressions:
            expr, depth = expressions.pop()
            if isinstance(expr, Exists):
                waiting.append(expr.plan)
            elif isinstance(expr, Call):
                parts += 1
                _check_depth(depth)
                expressions += [(arg, depth + 1) for arg in expr.args]
        if parts > MAX_PARTS:
            raise UnsupportedError(
                "The query has too many parts",
                why=f"more than {MAX_PARTS} triple patterns, operators and calls",
                remedy="split it into several queries, or put constants into VALUES",
            )


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise UnsupportedError(
            "An expression is nested too deeply",
            why=f"more than {MAX_DEPTH} calls stand in one another",
            remedy="split it with BIND",
        )


def folder_of(snapshot: Snapshot | None) -> Path | None:
    """The folder that holds every file of a snapshot."""
    if snapshot is None:
        return None
    if snapshot not in _FOLDERS:
        _FOLDERS[snapshot] = _common_folder(snapshot)
    return _FOLDERS[snapshot]


def _common_folder(snapshot: Snapshot) -> Path | None:
    files = [file.path.parent for lane in snapshot.lanes for file in lane.files]
    files += [path.parent for path in snapshot.dictionary]
    return Path(os.path.commonpath(files)) if files else None


def _result(planned: Planned, table: pa.Table, info: dict[str, object]) -> Result:
    match planned.form:
        case "SELECT":
            return Result.select(planned.variables, table, info=info)
        case "ASK":
            return Result.ask(table.column("answer")[0].as_py(), info=info)
        case form:
            return Result.graph(table, form, info=info)

"""Running an update request: operation after operation, all in one snapshot."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import assert_never

import pyarrow as pa

from ontology import IRI, StoreError

from ..algebra import Bgp, Project, Query, TriplePattern, Var, visible
from ..catalog import Snapshot
from .templates import ONE_SOLUTION, fill
from .transaction import Change, Transaction
from .update_text import Clear, Create, Modify, Operation, QuadPattern, Transfer

Select = Callable[[Snapshot, Query], pa.Table]
"""Answers a SELECT query as a table with a ``TERM_STRUCT`` column a variable."""

_ANY = TriplePattern(Var("s"), Var("p"), Var("o"))


def run_update(transaction: Transaction, operations: Sequence[Operation], select: Select) -> Change:
    """Apply the operations in order; each sees what those before it did.

    Raises
    ------
    StoreError
        If a graph that is created exists, or one that is dropped or copied does not, without
        ``SILENT``.
    """
    scope = uuid.uuid4().hex
    total = Change()
    for number, operation in enumerate(operations):
        match operation:
            case Modify():
                change = _modify(transaction, operation, select, f"{scope}-{number}")
            case Clear():
                change = _clear(transaction, operation)
            case Create():
                change = _create(transaction, operation)
            case Transfer():
                change = _transfer(transaction, operation, select, f"{scope}-{number}")
            case _:
                assert_never(operation)
        total += change
    return total


def _modify(transaction: Transaction, operation: Modify, select: Select, scope: str) -> Change:
    solutions = _solutions(transaction, operation, select)
    deletes, inserts = transaction.staging(), transaction.staging()
    for staging, quads in ((deletes, operation.deletes), (inserts, operation.inserts)):
        for batch in fill(quads, solutions, scope):
            staging.add(batch)
    return transaction.apply(deletes=deletes, inserts=inserts)


def _solutions(transaction: Transaction, operation: Modify, select: Select) -> pa.Table:
    if operation.where is None:
        return ONE_SOLUTION
    snapshot = transaction.snapshot()
    default, named = operation.using, operation.using_named
    if operation.with_graph is not None and not (default or named):
        default = (operation.with_graph,)
        named = tuple(IRI(graph) for graph in snapshot.graphs)
    quads = (*operation.deletes, *operation.inserts)
    used = {
        node.name
        for quad in quads
        for node in (quad.triple.subject, quad.triple.predicate, quad.triple.object, quad.graph)
        if isinstance(node, Var)
    }
    names = tuple(name for name in visible(operation.where) if name in used)
    plan = Project(names, operation.where)
    return select(
        snapshot, Query("SELECT", plan, names, default_graphs=default, named_graphs=named)
    )


def _clear(transaction: Transaction, operation: Clear) -> Change:
    graphs = transaction.manifest.graphs
    match operation.target:
        case IRI(value):
            _must_exist(value, graphs, operation.silent)
            return transaction.clear(value)
        case "default":
            return transaction.clear(None)
        case "named" | "all" as which:
            total = Change()
            for graph in (*graphs, None) if which == "all" else graphs:
                total += transaction.clear(graph)
            return total


def _create(transaction: Transaction, operation: Create) -> Change:
    if operation.graph.value in transaction.manifest.graphs and not operation.silent:
        raise StoreError(
            "The graph exists already",
            where=operation.graph.value,
            remedy="write CREATE SILENT GRAPH",
        )
    return Change()


def _transfer(transaction: Transaction, operation: Transfer, select: Select, scope: str) -> Change:
    source, target = operation.source, operation.target
    if source is not None:
        _must_exist(source.value, transaction.manifest.graphs, operation.silent)
    if source == target:
        return Change()
    total = Change()
    if operation.verb != "ADD":
        total += transaction.clear(None if target is None else target.value)
    copy = Modify(inserts=(QuadPattern(_ANY, target),), where=Bgp((_ANY,), source))
    total += _modify(transaction, copy, select, scope)
    if operation.verb == "MOVE":
        total += transaction.clear(None if source is None else source.value)
    return total


def _must_exist(graph: str, graphs: Sequence[str], silent: bool) -> None:
    if graph not in graphs and not silent:
        raise StoreError(
            "There is no such graph",
            where=graph,
            why="a graph without triples does not exist here",
            remedy="check the IRI, or write SILENT",
        )

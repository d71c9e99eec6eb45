"""Running an update request: operation after operation, all in one snapshot."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import assert_never

import pyarrow as pa

from ontology import (
    IRI,
    DeadlineError,
    GeoloomError,
    MemoryLimitError,
    StoreError,
    UnsupportedError,
)

from ..algebra import Project, Query, Var, visible
from ..catalog import Snapshot
from ..sparql.updates import Clear, Create, Data, Load, Modify, Operation, Transfer
from .staging import Staging
from .transaction import Change, Transaction
from .update_data import gather
from .update_load import Sources
from .update_templates import fill

Select = Callable[[Snapshot, Query], pa.Table]
"""Answers a SELECT query as a table with a ``TERM_STRUCT`` column a variable."""


@dataclass(slots=True)
class UpdateRun:
    """Applies operations to a transaction; each sees what those before it did.

    Attributes
    ----------
    transaction : Transaction
    select : callable
        Answers the patterns.
    sources : Sources
        What ``LOAD`` may read.
    """

    transaction: Transaction
    select: Select
    sources: Sources
    _scope: str = field(default_factory=lambda: uuid.uuid4().hex)

    def run(self, operations: Sequence[Operation]) -> Change:
        """Apply the operations in order; data blocks that follow one another are one change.

        Raises
        ------
        StoreError
            If a graph that is created exists, or one that is dropped or copied does not,
            without ``SILENT``.
        UsageError, InputError, RemoteError
            If a document to load is not allowed or not there, without ``SILENT``.
        """
        total = Change()
        labels: set[str] = set()
        scoped = [(f"{self._scope}-{number}", each) for number, each in enumerate(operations)]
        for verb, group in groupby(scoped, key=lambda pair: _verb_of_data(pair[1])):
            if verb is None:
                for scope, operation in group:
                    total += self._changed(operation, scope)
            else:
                staging = self.transaction.staging(rows=verb == "INSERT")
                for scope, operation in group:
                    assert isinstance(operation, Data)
                    gather(operation, staging, scope, labels)
                total += self._data(verb, staging)
        return total

    def _changed(self, operation: Operation, scope: str) -> Change:
        match operation:
            case Modify():
                return self._modify(operation, scope)
            case Load():
                return self._load(operation)
            case Clear():
                return self._clear(operation)
            case Create():
                return self._create(operation)
            case Transfer():
                return self._transfer(operation)
            case Data():
                raise AssertionError("blocks of data are applied together")
            case _:
                assert_never(operation)

    def _data(self, verb: str, staging: Staging) -> Change:
        if verb == "INSERT":
            return self.transaction.apply(inserts=staging)
        return self.transaction.apply(deletes=staging)

    def _modify(self, operation: Modify, scope: str) -> Change:
        try:
            solutions = self._solutions(operation)
        except RecursionError:
            raise UnsupportedError(
                "The update is too deeply nested to be planned",
                remedy="flatten it, or split it into several operations",
            ) from None
        deletes, inserts = (self.transaction.staging(rows=rows) for rows in (False, True))
        for staging, quads in ((deletes, operation.deletes), (inserts, operation.inserts)):
            for batch in fill(quads, solutions, scope):
                staging.add(batch)
        return self.transaction.apply(deletes=deletes, inserts=inserts)

    def _solutions(self, operation: Modify) -> pa.Table:
        snapshot = self.transaction.snapshot()
        default, named = operation.using, operation.using_named
        if operation.with_graph is not None and not (default or named):
            default = (operation.with_graph,)
            named = tuple(IRI(graph) for graph in snapshot.graphs)
        used = {
            node.name
            for quad in (*operation.deletes, *operation.inserts)
            for node in (*quad.nodes, quad.graph)
            if isinstance(node, Var)
        }
        names = tuple(name for name in visible(operation.where) if name in used)
        plan = Project(names, operation.where)
        query = Query("SELECT", plan, names, default_graphs=default, named_graphs=named)
        return self.select(snapshot, query)

    def _load(self, operation: Load) -> Change:
        target = None if operation.target is None else operation.target.value
        try:
            report = self.sources.load(self.transaction, operation.source.value, target)
        except (DeadlineError, MemoryLimitError, StoreError):
            raise
        except GeoloomError:
            if operation.silent:
                return Change()
            raise
        if target is not None:
            self.transaction.create(target)
        return Change(added=report.new)

    def _clear(self, operation: Clear) -> Change:
        graphs = self.transaction.manifest.graphs
        named: Sequence[str] = ()
        change = Change()
        match operation.target:
            case IRI(value):
                if not self._exists(value, operation.silent):
                    return change
                named = (value,)
                change = self.transaction.clear(value)
            case "default":
                change = self.transaction.clear(None)
            case "named":
                named = graphs
                for graph in graphs:
                    change += self.transaction.clear(graph)
            case "all":
                named = graphs
                change = self.transaction.clear_all()
        if operation.verb == "DROP":
            self.transaction.forget(named)
        return change

    def _create(self, operation: Create) -> Change:
        exists = operation.graph.value in self.transaction.manifest.graphs
        if exists and not operation.silent:
            raise StoreError(
                "The graph exists already",
                where=operation.graph.value,
                remedy="write CREATE SILENT GRAPH",
            )
        self.transaction.create(operation.graph.value)
        return Change()

    def _transfer(self, operation: Transfer) -> Change:
        source, target = (
            None if graph is None else graph.value for graph in (operation.source, operation.target)
        )
        if not self._exists(source, operation.silent) or source == target:
            return Change()
        total = Change()
        if operation.verb != "ADD":
            total += self.transaction.clear(target)
        total += self.transaction.add_graph(source, target)
        if operation.verb == "MOVE":
            total += self.transaction.clear(source)
            self.transaction.forget(() if source is None else (source,))
        return total

    def _exists(self, graph: str | None, silent: bool) -> bool:
        if graph is None or graph in self.transaction.manifest.graphs:
            return True
        if silent:
            return False
        raise StoreError(
            "There is no such graph",
            where=graph,
            remedy="check the IRI, or write SILENT",
        )


def _verb_of_data(operation: Operation) -> str | None:
    return operation.verb if isinstance(operation, Data) else None

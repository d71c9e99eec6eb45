"""What a store does by the engine of queries, which takes half a second to import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import Final

import pyarrow as pa

from ontology import IRI, UsageError

from .algebra import Inference, Query
from .catalog import Snapshot
from .explaining import explain
from .layout.transaction import Change, Transaction
from .layout.update_load import Sources
from .layout.update_run import UpdateRun
from .query import USUAL, run_query
from .sparql.updates import Modify, Operation, parse_update

__all__ = ["explain", "operations", "run_query", "run_update", "selecting"]

_LEAST_S: Final = 0.001

Select = Callable[[Snapshot, Query], pa.Table]


def operations(
    text: str, base_iri: str | None, using: Sequence[str], named: Sequence[str]
) -> tuple[Operation, ...]:
    """Read an update request; ``using`` and ``named`` are the dataset of every WHERE."""
    return _with_dataset(parse_update(text, base_iri), tuple(using), tuple(named))


def run_update(
    transaction: Transaction, select: Select, sources: Sources, wanted: tuple[Operation, ...]
) -> Change:
    """Run the operations of a request in a transaction."""
    return UpdateRun(transaction, select, sources).run(wanted)


def selecting(timeout: float | None, optimise: bool, inference: Inference | None) -> Select:
    """What answers the WHERE clauses of one request, all within one time limit."""
    usual = inference or USUAL
    end = None if timeout is None else monotonic() + timeout

    def select(snapshot: Snapshot, query: Query) -> pa.Table:
        left = None if end is None else max(end - monotonic(), _LEAST_S)
        found = run_query(snapshot, query, timeout=left, optimise=optimise, inference=usual)
        return found.terms()

    return select


def _with_dataset(
    operations: tuple[Operation, ...], using: tuple[str, ...], named: tuple[str, ...]
) -> tuple[Operation, ...]:
    """Give every WHERE the dataset that the protocol names."""
    if not using and not named:
        return operations
    modifying = [operation for operation in operations if isinstance(operation, Modify)]
    if any(o.using or o.using_named or o.with_graph is not None for o in modifying):
        raise UsageError(
            "The dataset of the update is given twice",
            why="the request has USING or WITH, and graphs are given beside it",
            remedy="leave one of them out (SPARQL 1.1 Protocol, section 2.2.3)",
        )
    default, others = tuple(map(IRI, using)), tuple(map(IRI, named))
    return tuple(
        replace(operation, using=default, using_named=others)
        if isinstance(operation, Modify)
        else operation
        for operation in operations
    )

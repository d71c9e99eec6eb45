"""What emitting needs to know and notes on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from ontology import IRI, term_id

from ..algebra import Given, Plan
from ..catalog import Snapshot
from ..engine.limits import check_limit
from ..estimates import Estimate, Estimator
from .lane_index import LaneIndex
from .part_pruning import Pruned
from .relation import Body, Relation, Scope

if TYPE_CHECKING:
    from .seeds import Seed


@dataclass(slots=True)
class NamedRows:
    """Few rows of a file as a common table expression, kept in memory once a second scan reads it.

    ``key`` is the file with the numbers of the first and last row.
    """

    key: tuple[Path, tuple[int, int]]
    cte: exp.CTE
    readers: int = 0

    def read(self) -> None:
        """Note one more scan."""
        self.readers += 1
        self.cte.set("materialized", self.readers > 1)


@dataclass(slots=True)
class Notes:
    """What is found out while emitting: names taken, files read, tables to register.

    ``paths`` are the common table expressions of property paths. They stand before the whole
    statement, since DuckDB fails over some recursions inside a correlated sub-query. ``pruned``
    has what each scan of an entity table reads and leaves out, for EXPLAIN, ``rows`` what is known
    of rows that several scans may read, by their names, ``spatial`` a word a spatial join: "joined"
    or "tiled".
    """

    aliases: int = 0
    files: dict[Path, int] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)
    paths: list[exp.CTE] = field(default_factory=list)
    estimator: Estimator | None = None
    pruned: list[Pruned] = field(default_factory=list)
    rows: dict[str, NamedRows] = field(default_factory=dict)
    lanes: LaneIndex | None = None
    spatial: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Context:
    """A snapshot, the dataset of the query, the solutions around an EXISTS, the ends of paths.

    ``given`` are relations already named in the statement, ``rows`` the one an expression is
    evaluated over, where its EXISTS needs the numbers of its rows. ``tiled`` asks for spatial joins
    that take little memory, ``timed`` says that the query relates times: then nothing is named that
    need not be (see :mod:`store.emit.interval`).

    ``emit`` turns a plan into a relation; EXISTS needs it from within expressions.
    """

    snapshot: Snapshot | None
    emit: Callable[[Plan, Context], Relation]
    default_graphs: tuple[IRI, ...] = ()
    named_graphs: tuple[IRI, ...] = ()
    outer: Scope = field(default_factory=dict)
    seeds: Mapping[str, Seed] = field(default_factory=dict)
    given: Mapping[str, Relation] = field(default_factory=dict)
    rows: Given | None = None
    tiled: bool = False
    timed: bool = False
    notes: Notes = field(default_factory=Notes)

    def alias(self) -> str:
        """A table alias not used before in this query.

        Raises
        ------
        DeadlineError
            The time is up: here every part of a query comes along.
        """
        check_limit()
        self.notes.aliases += 1
        return f"r{self.notes.aliases}"

    def opened(self, relation: Relation) -> Relation:
        """The same solutions, open (see :class:`Relation`)."""
        return relation if isinstance(relation.source, Body) else relation.opened(self.alias())

    def lanes(self) -> LaneIndex:
        """The lanes of the snapshot, which there must be."""
        if self.notes.lanes is None:
            assert self.snapshot is not None
            self.notes.lanes = LaneIndex(self.snapshot)
        return self.notes.lanes

    def estimate(self, plan: Plan) -> Estimate:
        """How many solutions a plan has, from the statistics of the snapshot."""
        if self.notes.estimator is None:
            graphs = (self.default_graphs, self.named_graphs)
            self.notes.estimator = Estimator(self.snapshot, *graphs)
        return self.notes.estimator.of(plan)

    @property
    def has_dataset(self) -> bool:
        """Return whether FROM or FROM NAMED names the dataset."""
        return bool(self.default_graphs or self.named_graphs)

    def graph_names(self) -> tuple[str, ...]:
        """The named graphs of the dataset; one that FROM NAMED names may hold nothing."""
        if self.has_dataset:
            return tuple(dict.fromkeys(graph.value for graph in self.named_graphs))
        return tuple(self.snapshot.graphs) if self.snapshot is not None else ()

    def named(self) -> dict[str, int]:
        """The named graphs of the dataset that the store holds, and their ids."""
        held = tuple(self.snapshot.graphs) if self.snapshot is not None else ()
        if self.has_dataset:
            wanted = {graph.value for graph in self.named_graphs}
            held = tuple(name for name in held if name in wanted)
        return {name: term_id(f"<{name}>") for name in held}

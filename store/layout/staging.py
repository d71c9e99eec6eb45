"""Rows on their way into the store: triples in lanes, rows of entities, the terms they name."""

from __future__ import annotations

from typing import Literal

from ontology import EntityBatch, node_ids

from .manifest import LaneKey
from .preparation import Hasher, Nodes, Preparation
from .spool import BUDGET_BYTES, Spool, StagingFolder
from .wide import WideRows
from .wide_batches import add_rows, has_rows, repeats

__all__ = ["Hasher", "Nodes", "Preparation", "Staging"]


class Staging:
    """Gathers rows of lanes, rows of entities, and the terms they name.

    Parameters
    ----------
    folder : StagingFolder
        Where rows beyond the memory budget go.
    hasher : callable
        Ids of a NODE column; another one than ``node_ids`` only in tests of collisions.
    rows : bool
        Whether batches that describe entities are kept as rows.

    Attributes
    ----------
    folder : StagingFolder
    lanes, terms, wide : Spool, Spool, WideRows
    graphs : set of str
        Named graphs that take rows.
    remarks : list of str
        For the user.
    offered : int
        Triples taken.
    """

    def __init__(
        self, folder: StagingFolder, hasher: Hasher = node_ids, *, rows: bool = False
    ) -> None:
        self.folder = folder
        self.lanes: Spool[LaneKey] = Spool(folder)
        self.terms: Spool[Literal["terms"]] = Spool(folder, BUDGET_BYTES // 4)
        self.wide = WideRows(folder, self.lanes) if rows else None
        self.graphs: set[str] = set()
        self.remarks: list[str] = []
        self.offered = 0
        self.hasher = hasher

    def add(self, batch: EntityBatch) -> None:
        """Take one batch."""
        prepared = Preparation(self.hasher)
        if self.wide is None or not has_rows(batch):
            if self.wide is not None and repeats(batch):
                self.wide.repeating.add(batch.theme)
            prepared.add(batch)
            self.take(prepared)
            return
        add_rows(batch, prepared, self.wide)
        offered = self.offered + batch.triples
        self.take(prepared)
        self.offered = offered

    def take(self, prepared: Preparation) -> None:
        """Take what was prepared, with the same hasher."""
        for key, rows in prepared.lanes:
            self.offered += rows.num_rows
            self.lanes.add(key, rows)
        for terms in prepared.terms:
            self.terms.add("terms", terms)
        self.graphs |= prepared.graphs

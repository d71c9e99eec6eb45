"""Counts of one pass over a source, which must add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from ontology import EntityBatch, GeoloomError

from ..lines import Written
from ..terms.cells import Batch
from ..terms.faults import Faults
from .reports import SourceReport


@dataclass(slots=True)
class Tally:
    """Everything is counted where it happens, nothing is made of differences."""

    read: int = 0
    mapped: int = 0
    quarantined: int = 0
    unchanged: int = 0
    triples: int = 0
    invalid: int = 0
    noted: Counter[str] = field(default_factory=Counter)
    nulls: Counter[str] = field(default_factory=Counter)

    def written(self, batch: Batch, entities: list[EntityBatch], faults: Faults) -> None:
        """Count rows that were mapped."""
        self.mapped += len(batch)
        self.triples += sum(entity.triples for entity in entities)
        self.invalid += faults.invalid_geometries
        self.noted.update(faults.remarks)
        for name, cells in batch.columns.items():
            absent = cells.values.null_count
            if cells.rows is not None:
                there = cells.rows[np.asarray(cells.values.is_valid())]
                absent = len(batch) - len(np.unique(there))
            if absent:
                self.nulls[name] += absent

    def written_short(self, batch: Batch, left: Batch, written: Written) -> None:
        """Count rows of a batch that were mapped the short way: all but those left."""
        self.mapped += len(batch) - len(left)
        self.triples += written.triples
        self.invalid += written.invalid
        for name, cells in batch.columns.items():
            absent = cells.values.null_count - left.columns[name].values.null_count
            if absent:
                self.nulls[name] += absent

    def add(self, other: Tally) -> None:
        """Add counts of another process."""
        for name in ("read", "mapped", "quarantined", "unchanged", "triples", "invalid"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.noted.update(other.noted)
        self.nulls.update(other.nulls)

    def report(self, source: str, seconds: float) -> SourceReport:
        """The counts, once they add up.

        Raises
        ------
        GeoloomError
            They do not: a fault of geoloom.
        """
        if self.read != self.mapped + self.unchanged + self.quarantined:
            raise GeoloomError(
                "The counts of a source do not add up; nothing was kept of this run",
                where=source,
                why=f"{self.read:,} rows were read, {self.mapped:,} mapped,"
                f" {self.unchanged:,} unchanged, {self.quarantined:,} quarantined",
                remedy="report this as a fault of geoloom, with the mapping",
            )
        return SourceReport(
            source,
            rows_read=self.read,
            rows_mapped=self.mapped + self.unchanged,
            rows_quarantined=self.quarantined,
            triples_offered=self.triples,
            seconds=seconds,
            rows_unchanged=self.unchanged,
            nulls=tuple(sorted(self.nulls.items())),
        )

    def remarks(self, source: str) -> list[str]:
        """What the user should know beside the counts."""
        found = [f"{source}, {text} ({count} values)" for text, count in self.noted.items()]
        if self.invalid:
            found.insert(0, f"{source}: {self.invalid} invalid geometries kept as they are")
        if self.mapped and not self.triples:
            found.append(f"{source}: no triple came of {self.mapped:,} rows")
        return found

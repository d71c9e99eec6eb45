"""What a run reports: counts by source that add up, bad rows, remarks."""

from __future__ import annotations

from dataclasses import dataclass

from ..terms.faults import Quarantined


@dataclass(frozen=True, slots=True)
class SourceReport:
    """Counts of one source; ``rows_read = rows_mapped + rows_quarantined``.

    ``rows_unchanged`` of the rows mapped are as they were in the last run, whose triples stay.
    ``nulls`` says of how many of the others a reference has no value, so that no triple comes
    of it.
    """

    source: str
    rows_read: int
    rows_mapped: int
    rows_quarantined: int
    triples_offered: int
    seconds: float
    rows_unchanged: int = 0
    nulls: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class MappingReport:
    """What a run did.

    Attributes
    ----------
    sources : tuple of SourceReport
    rows_read, rows_mapped, rows_quarantined : int
        Sums over the sources; read = mapped + quarantined.
    triples_offered, triples_written : int
        What went into the sink, and what was new to it.
    quarantine : tuple of Quarantined
        The first 1000 bad rows; ``quarantine_to`` gets all of them.
    remarks : tuple of str
        Of the sources and of the sink.
    rows_unchanged : int
        Of the rows mapped: those that are as in the last run, where a store is updated.
    triples_removed : int
        That rows said which are gone, where a store is updated.
    """

    sources: tuple[SourceReport, ...]
    rows_read: int
    rows_mapped: int
    rows_quarantined: int
    triples_offered: int
    triples_written: int
    quarantine: tuple[Quarantined, ...]
    remarks: tuple[str, ...]
    rows_unchanged: int = 0
    triples_removed: int = 0

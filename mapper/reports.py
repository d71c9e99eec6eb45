"""What a run reports: counts by source that add up, bad rows, remarks."""

from __future__ import annotations

from dataclasses import dataclass

from .faults import Quarantined


@dataclass(frozen=True, slots=True)
class SourceReport:
    """Counts of one source; ``rows_read = rows_mapped + rows_quarantined``.

    ``rows_unchanged`` of the rows mapped are as they were in the last run, whose triples stay.
    """

    source: str
    rows_read: int
    rows_mapped: int
    rows_quarantined: int
    triples_offered: int
    seconds: float
    rows_unchanged: int = 0


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
    """

    sources: tuple[SourceReport, ...]
    rows_read: int
    rows_mapped: int
    rows_quarantined: int
    triples_offered: int
    triples_written: int
    quarantine: tuple[Quarantined, ...]
    remarks: tuple[str, ...]

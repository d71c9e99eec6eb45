"""Run a mapping: each source is read once, in batches, straight into a sink."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ontology import MappingError, Sink, UsageError

from .model import Mapping
from .opened import Workplace, open_all
from .quarantine import Quarantine
from .reports import MappingReport, SourceReport
from .source_pass import SourcePass
from .sources import Surroundings
from .targets import has_targets, routed

Progress = Callable[[int, int | None], object]
"""Called with rows done and, if known, rows in all (of all sources)."""


def run_mapping(
    mapping: Mapping,
    sink: Sink,
    *,
    base_dir: str | Path | None = None,
    sample: int | None = None,
    on_bad: Literal["quarantine", "fail"] | str = "quarantine",
    progress: Progress | None = None,
    quarantine_to: str | Path | None = None,
    commit: bool = True,
    database: str | None = None,
    file: str | Path | None = None,
) -> MappingReport:
    """Map all sources into a sink.

    Parameters
    ----------
    mapping : Mapping
    sink : Sink
        Entered, committed and, on any error, aborted here; with ``commit=False`` the
        caller does all three, so that several mappings can become visible together.
    base_dir : path, optional
        Folder of relative paths that have no ``rml:root``; default the mapping's folder.
    sample : int, optional
        Read only the first rows of each source.
    on_bad : {"quarantine", "fail"}
        A row with a bad value yields no triple at all and is reported, or ends the run.
    progress : callable, optional
    quarantine_to : path, optional
        JSON Lines file for all bad rows.
    database : str, optional
        URL of the database of logical tables that name none.
    file : path, optional
        Read in place of every source's own file.

    Returns
    -------
    MappingReport

    Raises
    ------
    GeoloomError
        Of the kind that fits; nothing has become visible then.
    """
    if on_bad not in ("quarantine", "fail"):
        raise MappingError(f"on_bad is 'quarantine' or 'fail', not {on_bad!r}")
    around = Surroundings(
        Path(base_dir) if base_dir else mapping.directory,
        mapping.directory,
        database,
        None if file is None else Path(file),
    )
    if commit:
        sink = routed(sink, mapping)
    elif any(map(has_targets, mapping.triples_maps)):
        raise UsageError(
            "Logical targets become visible with their run",
            where=mapping.origin,
            remedy="leave the commit to run_mapping",
        )
    with Quarantine(quarantine_to) as quarantine:
        run = _Run(Workplace(mapping, around), sink, quarantine, on_bad == "fail", sample, progress)
        if not commit:
            run.execute()
            return run.report(run.offered, ())
        with sink:
            run.execute()
            written = sink.commit()
        return run.report(written.written, written.remarks)


@dataclass(slots=True)
class _Run:
    place: Workplace
    sink: Sink
    quarantine: Quarantine
    fail: bool
    sample: int | None
    progress: Progress | None
    sources: list[SourceReport] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    done: int = 0
    total: int | None = None

    def execute(self) -> None:
        """Open all sources, then read one after the other."""
        opened = open_all(self.place)
        known = [one.source.rows for one in opened]
        if self.sample is None:
            self.total = None if None in known else sum(rows or 0 for rows in known)
        for one in opened:
            reading = SourcePass(
                self.place, one, self.sink, self.quarantine, self.fail, self.sample, self._advance
            )
            self.sources.append(reading.run())
            self.remarks.extend(reading.remarks)
        for one in opened:
            one.unchanged.check()

    @property
    def offered(self) -> int:
        """Triples that went into the sink."""
        return sum(source.triples_offered for source in self.sources)

    def report(self, written: int, remarks: tuple[str, ...]) -> MappingReport:
        """Counts so far."""
        return MappingReport(
            tuple(self.sources),
            sum(source.rows_read for source in self.sources),
            sum(source.rows_mapped for source in self.sources),
            sum(source.rows_quarantined for source in self.sources),
            self.offered,
            written,
            self.quarantine.first,
            (*self.remarks, *remarks),
        )

    def _advance(self, rows: int) -> None:
        self.done += rows
        if self.progress is not None:
            self.progress(self.done, self.total)

"""Run a mapping: each source is read once, in batches, straight into a sink."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ontology import Sink, SinkReport

from ..language.model import Mapping
from ..targets import routed
from .beside import Beside
from .checks import check_files, check_options, check_sink
from .opened import OpenedSource, Workplace, open_all
from .progress import Meter, Progress, sizes
from .reports import MappingReport, SourceReport
from .source_pass import Manner, SourcePass

if TYPE_CHECKING:
    from .shapes import Shapes


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
    shapes: str | Path | None = None,
    provenance_to: str | Path | None = None,
    provenance_graph: str | None = None,
    workers: int = 1,
) -> MappingReport:
    """Map all sources into a sink: all of them, or nothing becomes visible.

    Parameters
    ----------
    mapping : Mapping
    sink : Sink
        Entered, committed and, on errors, aborted here; with ``commit=False`` by the caller, so
        that several mappings become visible together. A :class:`RememberingSink` is updated.
    base_dir, database, file : optional
        Folder of relative paths without ``rml:root``, else the mapping's; URL of the database of
        tables that name none; what is read in place of every source's own file.
    sample : int, optional
        Only the first rows of each source.
    on_bad : {"quarantine", "fail"}
        A row with a bad value yields no triple and is reported, or ends the run.
    quarantine_to, provenance_to, provenance_graph : optional
        JSON Lines file for all bad rows; RDF file, and IRI of a graph of the sink, for the record
        of the run (PROV-O).
    shapes : path, optional
        SHACL shapes; rows whose triples violate them are bad.
    workers : int
        Processes that map each plain CSV file over 128 MB a worker to N-Triples or N-Quads, to the
        same bytes as one; other sources take one.

    Raises
    ------
    GeoloomError
    """
    with ExitStack() as stack:
        if commit:
            stack.enter_context(sink)
        check_options(on_bad, workers)
        check_sink(mapping, sink, sample, commit, provenance_graph)
        place = Workplace.of(mapping, base_dir, database, file)
        manner = Manner(on_bad == "fail", sample, _shapes(shapes), workers)
        beside = Beside.opened(stack, mapping, quarantine_to, provenance_to, provenance_graph)
        beside.reads(check_files(place, shapes, sink, quarantine_to, provenance_to))
        main = _routed(stack, sink, mapping) if commit else sink
        run = _Run(place, main, beside, manner, progress)
        run.execute()
        return run.report(run.committed() if commit else None)


def _routed(stack: ExitStack, sink: Sink, mapping: Mapping) -> Sink:
    """The sink, or one that also writes the mapping's logical targets."""
    main = routed(sink, mapping)
    return main if main is sink else stack.enter_context(main)


def _shapes(path: str | Path | None) -> Shapes | None:
    if path is None:
        return None
    from .shapes import Shapes  # rdflib takes its time

    return Shapes(path)


@dataclass(slots=True)
class _Run:
    place: Workplace
    sink: Sink
    beside: Beside
    manner: Manner
    progress: Progress | None
    sources: list[SourceReport] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def execute(self) -> None:
        """Open all sources, then read one after the other."""
        opened = open_all(self.place)
        meter = self._meter(opened)
        for one in opened:
            reading = SourcePass(
                self.place, one, self.sink, self.beside.quarantine, self.manner, meter.advance
            )
            self.sources.append(reading.run())
            self.remarks.extend(reading.remarks)
            meter.finish(sizes(one.unchanged.files))
        for one in opened:
            one.unchanged.check()
        self.beside.write_record(self.sink, self.sources)

    def committed(self) -> SinkReport:
        """Make everything visible; what may fail is done before anything is."""
        self.beside.finish(self.sources)
        report = self.sink.commit()
        self.beside.publish()
        return report

    def _meter(self, opened: tuple[OpenedSource, ...]) -> Meter:
        if self.manner.sample is not None:
            return Meter(self.progress, None, {})
        known = [one.source.rows for one in opened]
        total = None if None in known else sum(rows or 0 for rows in known)
        files = (file for one in opened for file in one.unchanged.files)
        return Meter(self.progress, total, sizes(files))

    @property
    def offered(self) -> int:
        """Triples that went into the sink."""
        return sum(source.triples_offered for source in self.sources)

    def report(self, sunk: SinkReport | None) -> MappingReport:
        """Counts of the run, and of what the sink did if it was committed here."""
        written = SinkReport(self.offered, self.offered) if sunk is None else sunk
        return MappingReport(
            tuple(self.sources),
            sum(source.rows_read for source in self.sources),
            sum(source.rows_mapped for source in self.sources),
            sum(source.rows_quarantined for source in self.sources),
            self.offered,
            written.written,
            self.beside.quarantine.first,
            (*self.remarks, *written.remarks),
            rows_unchanged=sum(source.rows_unchanged for source in self.sources),
            triples_removed=written.removed,
        )

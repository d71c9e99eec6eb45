"""Run a mapping: each source is read once, in batches, straight into a sink."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ontology import IRI, MappingError, Sink, SinkReport, UnsupportedError, UsageError

from ..language.model import Mapping
from ..sinks import TextSink, open_sink
from ..sources import Surroundings, source_files
from ..targets import has_targets, routed, target_paths
from .opened import OpenedSource, Workplace, open_all
from .progress import Meter, Progress, sizes
from .provenance import RunRecord
from .quarantine import Quarantine
from .reports import MappingReport, SourceReport
from .row_prints import RememberingSink
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
    """Map all sources into a sink.

    Parameters
    ----------
    mapping : Mapping
    sink : Sink
        Entered, committed and, on any error, aborted here; with ``commit=False`` the
        caller does all three, so that several mappings can become visible together.
        A :class:`RememberingSink` is updated: only rows it has not are mapped.
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
    shapes : path, optional
        SHACL shapes; rows whose triples violate them are bad.
    provenance_to : path, optional
        RDF file that gets the record of the run in PROV-O.
    provenance_graph : str, optional
        IRI of a named graph of the sink that gets it.
    workers : int
        Processes that map each plain CSV file over 128 MB a worker to N-Triples or N-Quads; what
        is written is byte for byte what one process writes. Other sources take one.

    Returns
    -------
    MappingReport

    Raises
    ------
    GeoloomError
        Of the kind that fits; nothing has become visible then.
    """
    with ExitStack() as stack:
        if commit:
            stack.enter_context(sink)
        _check_options(on_bad, workers)
        _check_sink(mapping, sink, sample, commit)
        _check_graph(sink, provenance_graph)
        place = _place(mapping, base_dir, database, file)
        manner = Manner(on_bad == "fail", sample, _shapes(shapes), workers)
        quarantine = stack.enter_context(Quarantine(quarantine_to))
        record = RunRecord(mapping) if provenance_to or provenance_graph else None
        story = None if provenance_to is None else stack.enter_context(open_sink(provenance_to))
        outputs = (_path(sink), quarantine_to, provenance_to, *target_paths(mapping))
        read = (*_inputs(place), *((Path(shapes),) if shapes else ()))
        _check_outputs(tuple(Path(out) for out in outputs if out), read)
        if record is not None:
            record.reads(read)
        main = sink
        if commit and (main := routed(sink, mapping)) is not sink:
            stack.enter_context(main)
        run = _Run(place, main, quarantine, manner, progress, record, provenance_graph)
        run.execute()
        beside = (run.sources, quarantine, record, story)
        return run.report(_finish(main if commit else None, *beside))


def _place(
    mapping: Mapping, base_dir: str | Path | None, database: str | None, file: str | Path | None
) -> Workplace:
    around = Surroundings(
        Path(base_dir) if base_dir else mapping.directory,
        mapping.directory,
        database,
        None if file is None else Path(file),
    )
    return Workplace(mapping, around)


def _check_options(on_bad: str, workers: int) -> None:
    if on_bad not in ("quarantine", "fail"):
        raise MappingError(f"on_bad is 'quarantine' or 'fail', not {on_bad!r}")
    if workers < 1:
        raise UsageError(f"There must be at least one worker, not {workers}")


def _finish(
    sink: Sink | None,
    sources: list[SourceReport],
    quarantine: Quarantine,
    record: RunRecord | None,
    story: TextSink | None,
) -> SinkReport | None:
    """Make everything visible; what may fail is done before anything is."""
    quarantine.finish()
    if record is not None and story is not None:
        for batch in record.batches(sources):
            story.write(batch)
        story.prepare()
    report = None if sink is None else sink.commit()
    quarantine.publish()
    if story is not None:
        story.publish()
    return report


def _check_sink(mapping: Mapping, sink: Sink, sample: int | None, commit: bool) -> None:
    targets = any(map(has_targets, mapping.triples_maps))
    if targets and not commit:
        raise UsageError(
            "Logical targets become visible with their run",
            where=mapping.origin,
            remedy="leave the commit to run_mapping",
        )
    if not isinstance(sink, RememberingSink):
        return
    if sample is not None:
        raise UsageError(
            "A sample cannot update a store",
            why="rows beyond the sample would count as gone",
            remedy="leave out --sample or --update",
        )
    if targets:
        raise UnsupportedError(
            "A mapping with logical targets cannot update a store",
            where=mapping.origin,
            why="the files of its targets would have the changed rows only",
            remedy="run it without --update, or take rml:logicalTarget out of the mapping",
        )


def _check_graph(sink: Sink, graph: str | None) -> None:
    if graph is None:
        return
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", IRI(graph).value):
        raise UsageError(
            "A graph is named by an absolute IRI",
            where=repr(graph),
            remedy="begin it with http://, https:// or urn:",
        )
    if isinstance(sink, TextSink) and not sink.holds_graphs:
        raise UsageError(
            f"{sink.format_name} has no named graphs",
            where=str(sink.path),
            remedy="write .nq or .trig, or the record to a file of its own (--provenance F.ttl)",
        )


def _shapes(path: str | Path | None) -> Shapes | None:
    if path is None:
        return None
    from .shapes import Shapes  # rdflib takes its time

    return Shapes(path)


def _path(sink: Sink) -> Path | None:
    return sink.path if isinstance(sink, TextSink) else None


def _inputs(place: Workplace) -> tuple[Path, ...]:
    """Files a run reads: its mapping and its sources, as far as they exist."""
    sources = dict.fromkeys(rule.source for rule in place.mapping.triples_maps)
    files = [file for source in sources for file in source_files(source, place.around)]
    own = Path(place.mapping.origin)
    return (*((own,) if own.is_file() else ()), *dict.fromkeys(files))


def _check_outputs(written: tuple[Path, ...], read: tuple[Path, ...]) -> None:
    """Refuse to write over what is read, or twice to one file."""
    taken = {path.resolve(): "is read by this run" for path in read}
    for path in written:
        if path.resolve() in taken:
            raise UsageError(
                "An output would overwrite another file of the run",
                where=str(path),
                why=f"it {taken[path.resolve()]}",
                remedy="name another file",
            )
        taken[path.resolve()] = "is another output of this run"


@dataclass(slots=True)
class _Run:
    place: Workplace
    sink: Sink
    quarantine: Quarantine
    manner: Manner
    progress: Progress | None = None
    record: RunRecord | None = None
    record_graph: str | None = None
    sources: list[SourceReport] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def execute(self) -> None:
        """Open all sources, then read one after the other."""
        opened = open_all(self.place)
        meter = self._meter(opened)
        for one in opened:
            reading = SourcePass(
                self.place, one, self.sink, self.quarantine, self.manner, meter.advance
            )
            self.sources.append(reading.run())
            self.remarks.extend(reading.remarks)
            meter.finish(sizes(one.unchanged.files))
        for one in opened:
            one.unchanged.check()
        if self.record is not None and self.record_graph is not None:
            self._write_record(self.record, self.record_graph)

    def _meter(self, opened: tuple[OpenedSource, ...]) -> Meter:
        if self.manner.sample is not None:
            return Meter(self.progress, None, {})
        known = [one.source.rows for one in opened]
        total = None if None in known else sum(rows or 0 for rows in known)
        files = (file for one in opened for file in one.unchanged.files)
        return Meter(self.progress, total, sizes(files))

    def _write_record(self, record: RunRecord, graph: str) -> None:
        if isinstance(self.sink, RememberingSink):
            self.sink.about(np.empty((0, 2), np.uint64))
        for batch in record.batches(self.sources, graph):
            self.sink.write(batch)

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
            self.quarantine.first,
            (*self.remarks, *written.remarks),
            rows_unchanged=sum(source.rows_unchanged for source in self.sources),
            triples_removed=written.removed,
        )

"""One pass over one source: all its triples maps, batch by batch, into the sink."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ontology import EntityBatch, MappingError, Sink

from ..lines import LineWriter, line_writer
from ..sinks import NTriplesSink
from ..sources import PathSource
from ..terms.cells import Batch
from ..terms.emit import Emitter
from ..terms.faults import Faults, Quarantined
from ..terms.joins import Parents
from ..workers import Team, useful_workers, why_alone
from .opened import OpenedSource, Workplace
from .quarantine import Quarantine
from .reports import SourceReport
from .row_prints import RememberingSink, RowPrinter, RowPrints
from .tally import Tally

if TYPE_CHECKING:
    from .shapes import Shapes  # rdflib takes its time


@dataclass(frozen=True, slots=True)
class Manner:
    """How a run goes over its sources.

    Attributes
    ----------
    fail : bool
        The first bad row ends the run; otherwise bad rows are quarantined.
    sample : int, optional
        Only the first rows of each source.
    shapes : Shapes, optional
        What the triples of a row must meet.
    workers : int
        Processes that map one source.
    """

    fail: bool = False
    sample: int | None = None
    shapes: Shapes | None = None
    workers: int = 1


@dataclass(slots=True)
class SourcePass:
    """Reads a source once.

    Attributes
    ----------
    place : Workplace
    opened : OpenedSource
    sink : Sink
    quarantine : Quarantine
        Takes the bad rows.
    manner : Manner
    advance : callable
        Told the number of rows of each batch that is done.
    """

    place: Workplace
    opened: OpenedSource
    sink: Sink
    quarantine: Quarantine
    manner: Manner
    advance: Callable[[int], object]
    remarks: list[str] = field(default_factory=list)
    _parents: Parents = field(init=False)
    _printer: RowPrinter | None = None
    _lines: LineWriter | None = None
    _tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self._parents = Parents(self.place.mapping, self.place.scan)
        if isinstance(self.sink, RememberingSink):
            rules = "" if self.manner.shapes is None else self.manner.shapes.fingerprint
            self._printer = RowPrinter(self.place, self.opened, self._parents, rules)
        if self.manner.shapes is None:
            self._lines = line_writer(self.place, self.opened.part.triples_maps, self.sink)

    def run(self) -> SourceReport:
        """Map all rows."""
        start, source = time.perf_counter(), self.opened.source
        if not self._by_team():
            for batch in _limited(source.batches(self.opened.references), self.manner.sample):
                self.take(batch)
        self.remarks.extend((*self._tally.remarks(self.opened.name), *source.remarks))
        self._report_absent()
        return self._tally.report(self.opened.name, time.perf_counter() - start)

    def take(self, batch: Batch) -> None:
        """Map the rows of a batch."""
        rows = len(batch) + len(batch.rejected)
        self._tally.read += rows
        self._set_rejected_aside(batch)
        for piece in self._pieces(batch):
            self._map(piece)
        self.advance(rows)

    def hand_over(self) -> Tally:
        """Counts since the last time."""
        tally, self._tally = self._tally, Tally()
        return tally

    def _by_team(self) -> bool:
        """Map all rows by several processes, if that is wanted, possible and worth it."""
        if self.manner.workers < 2:
            return False
        why = "rows are validated" if self.manner.shapes is not None else ""
        why = why or why_alone(self.opened, self.sink)
        if why:
            self.remarks.append(f"{self.opened.name}: mapped by one process, as {why}")
            return False
        count = useful_workers(self.opened, self.manner.workers)
        if count < 2 or self.manner.sample is not None:
            return False
        assert isinstance(self.sink, NTriplesSink)
        with Team(self.place, self.opened, self.sink, self.manner.fail, count) as team:
            for tally, bad in team.results():
                self._tally.add(tally)
                self.quarantine.keep(bad)
                self.advance(tally.read)
        return True

    def _pieces(self, batch: Batch) -> Iterator[Batch]:
        """Whole, or as many rows at a time as are validated together."""
        if self.manner.shapes is None or len(batch) <= self.manner.shapes.rows:
            yield batch
            return
        number = np.arange(len(batch)) // self.manner.shapes.rows
        yield from (batch.keep(number == one) for one in range(number[-1] + 1))

    def _report_absent(self) -> None:
        """References to paths that led nowhere, which may be meant or misspelt."""
        source = self.opened.source
        absent = source.absent if isinstance(source, PathSource) else ()
        if absent and self.manner.fail:
            raise MappingError(
                f"No row of the source has {absent[0]}",
                where=self.opened.name,
                remedy="correct the reference, or go on without with --on-bad quarantine"
                " (in Python on_bad='quarantine')",
            )
        if absent:
            self.remarks.append(f"{self.opened.name}: no row has {', '.join(absent)}")

    def _map(self, batch: Batch) -> None:
        """Evaluate all triples maps; rows with faults are taken out and the rest done anew."""
        batch, prints = self._changed(self._without_plain(batch))
        while len(batch):
            faults = Faults(batch.numbers)
            entities = self._entities(batch, faults)
            if not faults and self.manner.shapes is not None:
                self.manner.shapes.check(entities, faults)
            if not faults:
                self._tally.written(batch, entities, faults)
                self._write(entities, prints)
                return
            batch = self._without_bad(batch, faults)
            prints = None if prints is None else prints[faults.good()]

    def _without_plain(self, batch: Batch) -> Batch:
        """Rows that could not be written the short way."""
        if self._lines is None or not len(batch):
            return batch
        written = self._lines.write(batch)
        left = batch.keep(written.odd)
        self._tally.written_short(batch, left, written)
        return left

    def _changed(self, batch: Batch) -> tuple[Batch, RowPrints | None]:
        """Rows that the sink does not know from an earlier run, and their prints."""
        if self._printer is None or not len(batch):
            return batch, None
        assert isinstance(self.sink, RememberingSink)
        prints = self._printer.prints(batch)
        unknown = self.sink.unknown(prints)
        self._tally.unchanged += int(len(unknown) - unknown.sum())
        return (batch, prints) if unknown.all() else (batch.keep(unknown), prints[unknown])

    def _entities(self, batch: Batch, faults: Faults) -> list[EntityBatch]:
        evaluator = self.place.evaluator
        return [
            entity
            for rule in self.opened.part.triples_maps
            for entity in Emitter(
                rule, evaluator(rule, batch, faults), self._parents, batch
            ).batches()
        ]

    def _write(self, entities: list[EntityBatch], prints: RowPrints | None) -> None:
        if prints is not None:
            assert isinstance(self.sink, RememberingSink)
            self.sink.about(prints)
        for entity in entities:
            self.sink.write(entity)

    def _without_bad(self, batch: Batch, faults: Faults) -> Batch:
        if self.manner.fail:
            faults.raise_first(self.opened.name)
        bad = faults.quarantined(self.opened.name, batch)
        self._tally.quarantined += self.quarantine.keep(bad)
        return batch.keep(faults.good())

    def _set_rejected_aside(self, batch: Batch) -> None:
        """Rows the reader could not read."""
        if not batch.rejected:
            return
        name = self.opened.name
        if self.manner.fail:
            row, reason = batch.rejected[0]
            raise MappingError(
                "A row cannot be read",
                where=f"{name}, row {row}",
                why=reason,
                remedy="correct the source, or leave bad rows out with --on-bad quarantine"
                " (in Python on_bad='quarantine')",
            )
        rejected = (Quarantined(name, row, reason) for row, reason in batch.rejected)
        self._tally.quarantined += self.quarantine.keep(rejected)


def _limited(batches: Iterator[Batch], limit: int | None) -> Iterator[Batch]:
    left = limit
    for batch in batches:
        if left is None:
            yield batch
            continue
        if left <= 0:
            return
        yield batch if len(batch) <= left else batch.keep(np.arange(len(batch)) < left)
        left -= len(batch)

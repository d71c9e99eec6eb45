"""Run a mapping: each source is read once, in batches, straight into a sink."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TextIO

import numpy as np

from ontology import MappingError, Sink

from .cells import Batch
from .emit import Emitter
from .evaluate import Evaluator, Settings
from .faults import Faults, Quarantined
from .joins import Parents
from .model import Mapping, ParentMap, TermMap, TriplesMap
from .plan import SourcePlan, check_references, plan, subject_references
from .sources import Source, Surroundings, open_source

Progress = Callable[[int, int | None], object]
"""Called with rows done and, if known, rows in all (of all sources)."""

_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class SourceReport:
    """Counts of one source; ``rows_read = rows_mapped + rows_quarantined``."""

    source: str
    rows_read: int
    rows_mapped: int
    rows_quarantined: int
    triples_offered: int
    seconds: float


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
    run = _Run(mapping, sink, around, sample, on_bad)
    run.progress = progress
    try:
        if quarantine_to is not None:
            run.quarantine_file = Path(quarantine_to).open("w", encoding="utf-8")  # noqa: SIM115
        if not commit:
            run.execute()
            return run.report(run.offered, ())
        with sink:
            run.execute()
            written = sink.commit()
        return run.report(written.written, written.remarks)
    finally:
        if run.quarantine_file is not None:
            run.quarantine_file.close()


@dataclass(slots=True)
class _Run:
    mapping: Mapping
    sink: Sink
    around: Surroundings
    sample: int | None
    on_bad: str
    progress: Progress | None = None
    quarantine_file: TextIO | None = None
    sources: list[SourceReport] = field(default_factory=list)
    quarantine: list[Quarantined] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    offered: int = 0
    done: int = 0
    total: int | None = 0

    def execute(self) -> None:
        """Check everything that can be checked before reading, then read."""
        opened = []
        for part in plan(self.mapping):
            source = open_source(part.source, self.around)
            wanted = part.references(self.mapping)
            check_references(wanted, source)
            self._check_parents(part)
            known = source.rows if self.sample is None else None
            self.total = None if known is None or self.total is None else self.total + known
            opened.append((part, source, sorted(wanted)))
        for part, source, references in opened:
            self._source(part, source, references)

    def report(self, written: int, remarks: tuple[str, ...]) -> MappingReport:
        """Counts so far."""
        return MappingReport(
            tuple(self.sources),
            sum(s.rows_read for s in self.sources),
            sum(s.rows_mapped for s in self.sources),
            sum(s.rows_quarantined for s in self.sources),
            self.offered,
            written,
            tuple(self.quarantine),
            (*self.remarks, *remarks),
        )

    def _source(self, part: SourcePlan, source: Source, references: list[str]) -> None:
        start = time.perf_counter()
        name = part.source.path
        layer = part.source.option("layer")
        name = f"{name}, layer {layer}" if layer else name
        parents = Parents(self.mapping, self._scan)
        read = bad = triples = invalid = 0
        for batch in _limited(source.batches(references), self.sample):
            lost = self._rejected(batch, name)
            read += len(batch) + len(batch.rejected)
            count, faults, more = self._batch(part, batch, parents, name)
            bad += lost + more
            triples += count
            invalid += faults.invalid_geometries
            self.done += len(batch) + len(batch.rejected)
            if self.progress is not None:
                self.progress(self.done, self.total)
        self.offered += triples
        if invalid:
            self.remarks.append(f"{name}: {invalid} invalid geometries kept as they are")
        self.remarks.extend(source.remarks)
        seconds = time.perf_counter() - start
        self.sources.append(SourceReport(name, read, read - bad, bad, triples, seconds))

    def _batch(
        self, part: SourcePlan, batch: Batch, parents: Parents, name: str
    ) -> tuple[int, Faults, int]:
        """Evaluate all triples maps; rows with faults are taken out and the rest done anew."""
        bad = 0
        while True:
            faults = Faults(batch.numbers)
            batches = (
                [
                    entity
                    for triples_map in part.triples_maps
                    for entity in Emitter(
                        triples_map, self._evaluator(triples_map, batch, faults), parents, batch
                    ).batches()
                ]
                if len(batch)
                else []
            )
            if not faults:
                break
            if self.on_bad == "fail":
                faults.raise_first(name)
            self._keep(faults.quarantined(name))
            good = faults.good()
            bad += int((~good).sum())
            batch = batch.keep(good)
        for entity in batches:
            self.sink.write(entity)
        return sum(batch.triples for batch in batches), faults, bad

    def _evaluator(self, triples_map: TriplesMap, batch: Batch, faults: Faults) -> Evaluator:
        source = triples_map.source
        seed = f"{self.mapping.fingerprint} {self.around.base_dir.resolve()}"
        settings = Settings(
            base_iri=triples_map.base_iri,
            blank_prefix="b" + hashlib.sha256(seed.encode()).hexdigest()[:16],
            target_crs=source.option("targetCRS"),
            declared_crs=source.option("crs"),
        )
        return Evaluator(batch, faults, settings)

    def _rejected(self, batch: Batch, name: str) -> int:
        entries = [Quarantined(name, row, reason) for row, reason in batch.rejected]
        if entries and self.on_bad == "fail":
            raise MappingError(
                "A row cannot be read",
                where=f"{name}, row {entries[0].row}",
                why=entries[0].reason,
                remedy="correct the source, or leave bad rows out with --on-bad quarantine"
                " (in Python on_bad='quarantine')",
            )
        self._keep(entries)
        return len(entries)

    def _keep(self, entries: list[Quarantined]) -> None:
        self.quarantine.extend(entries[: max(0, _KEPT - len(self.quarantine))])
        if self.quarantine_file is not None:
            for entry in entries:
                fields = {"source": entry.source, "row": entry.row, "reason": entry.reason}
                self.quarantine_file.write(json.dumps(fields, ensure_ascii=False) + "\n")

    def _check_parents(self, part: SourcePlan) -> None:
        for triples_map in part.triples_maps:
            for pair in triples_map.predicate_objects:
                for link in pair.objects:
                    if isinstance(link, ParentMap) and link.conditions:
                        self._open_parent(self.mapping.triples_map(link.parent))

    def _parent_maps(self, parent: TriplesMap) -> tuple[TermMap, ...]:
        return tuple(
            condition.parent
            for triples_map in self.mapping.triples_maps
            for pair in triples_map.predicate_objects
            for link in pair.objects
            if isinstance(link, ParentMap) and link.parent == parent.name
            for condition in link.conditions
        )

    def _open_parent(self, parent: TriplesMap) -> tuple[Source, list[str]]:
        source = open_source(parent.source, self.around)
        references = subject_references(parent, self._parent_maps(parent))
        check_references(references, source)
        return source, sorted(references)

    def _scan(self, parent: TriplesMap) -> Iterator[tuple[Batch, Evaluator]]:
        """Rows of a join's parent side; its bad rows are reported where they are mapped."""
        source, references = self._open_parent(parent)
        for batch in source.batches(references):
            if len(batch):
                faults = Faults(batch.numbers)
                self._evaluator(parent, batch, faults).nodes(parent.subject)
                sound = batch.keep(faults.good()) if faults else batch
                yield sound, self._evaluator(parent, sound, Faults(sound.numbers))


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

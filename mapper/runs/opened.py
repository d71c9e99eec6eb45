"""Everything a run opens before it reads: sources with their references, parents of joins."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from ..language.model import LogicalSource, Mapping, ParentMap, TermMap, TriplesMap
from ..sources import Joinable, Source, Surroundings, Unchanged, open_source, source_files
from ..terms.cells import Batch
from ..terms.evaluate import Evaluator, Settings
from ..terms.faults import Faults
from .plan import SourcePlan, check_references, plan, subject_references

_SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Workplace:
    """A mapping and where its sources are: makes evaluators, reads the parents of joins."""

    mapping: Mapping
    around: Surroundings

    @classmethod
    def of(
        cls,
        mapping: Mapping,
        base_dir: str | Path | None,
        database: str | None,
        file: str | Path | None,
    ) -> Self:
        """The workplace of a run; see :func:`mapper.run_mapping`."""
        around = Surroundings(
            Path(base_dir) if base_dir else mapping.directory,
            mapping.directory,
            database,
            None if file is None else Path(file),
        )
        return cls(mapping, around)

    def settings(self, triples_map: TriplesMap) -> Settings:
        """What evaluation of a triples map needs beside the rows."""
        source = triples_map.source
        seed = f"{self.mapping.fingerprint} {self.around.base_dir.resolve()}"
        return Settings(
            base_iri=triples_map.base_iri,
            blank_prefix="b" + hashlib.sha256(seed.encode()).hexdigest()[:16],
            target_crs=source.option("targetCRS"),
            declared_crs=source.option("crs"),
        )

    def evaluator(self, triples_map: TriplesMap, batch: Batch, faults: Faults) -> Evaluator:
        """Evaluate term maps of a triples map over a batch."""
        return Evaluator(batch, faults, self.settings(triples_map))

    def scan(self, parent: TriplesMap) -> Iterator[tuple[Batch, Evaluator]]:
        """Rows of a join's parent side; its bad rows are reported where they are mapped."""
        source, references = self.open_parent(parent)
        for batch in source.batches(references):
            if len(batch):
                faults = Faults(batch.numbers)
                self.evaluator(parent, batch, faults).nodes(parent.subject)
                sound = batch.keep(faults.good()) if faults else batch
                yield sound, self.evaluator(parent, sound, Faults(sound.numbers))

    def open_parent(self, parent: TriplesMap) -> tuple[Source, list[str]]:
        """Open the source of a join's parent; gives the references its joins read."""
        source = open_source(parent.source, self.around)
        references = subject_references(parent, self._parent_maps(parent))
        check_references(references, source)
        return source, sorted(references)

    def _parent_maps(self, parent: TriplesMap) -> tuple[TermMap, ...]:
        return tuple(
            condition.parent
            for triples_map in self.mapping.triples_maps
            for pair in triples_map.predicate_objects
            for link in pair.objects
            if isinstance(link, ParentMap) and link.parent == parent.name
            for condition in link.conditions
        )


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A source ready to be read, the references its triples maps need, and its files.

    ``file`` is read in place of the one that the mapping names.
    """

    part: SourcePlan
    source: Source
    references: tuple[str, ...]
    unchanged: Unchanged
    file: Path | None = None

    @property
    def name(self) -> str:
        """File (and layer), table or query, for people."""
        return source_name(self.part.source, self.file)


def source_name(source: LogicalSource, file: Path | None = None) -> str:
    """File (and layer), table or query, for people; ``file`` is read in place of the source's."""
    if not source.path:
        return " ".join((source.iterator or "").split())[:_SHOWN]
    layer = source.option("layer")
    name = source.path if file is None else file.name
    return f"{name}, layer {layer}" if layer else name


def open_all(place: Workplace) -> tuple[OpenedSource, ...]:
    """Open every source and check everything that can be checked before reading.

    Raises
    ------
    GeoloomError
        A source or column is missing, a join or function does not fit.
    """
    return tuple(_opened(place, part) for part in plan(place.mapping))


def open_one(place: Workplace, source: LogicalSource) -> OpenedSource:
    """Open one of the sources of a mapping, as :func:`open_all` does."""
    return next(_opened(place, part) for part in plan(place.mapping) if part.source == source)


def _opened(place: Workplace, part: SourcePlan) -> OpenedSource:
    unchanged = Unchanged(source_files(part.source, place.around))
    source = open_source(part.source, place.around)
    wanted = part.references(place.mapping)
    check_references(wanted, source)
    for triples_map in part.triples_maps:
        for pair in triples_map.predicate_objects:
            for link in pair.objects:
                if isinstance(link, ParentMap) and link.conditions:
                    parent, _ = place.open_parent(place.mapping.triples_map(link.parent))
                    if isinstance(source, Joinable):
                        source.check_join(parent, link)
    file = place.around.file
    return OpenedSource(part, source, tuple(sorted(wanted)), unchanged, file)

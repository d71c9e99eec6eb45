"""Logical targets while a mapping runs: triples go to files of their own (RML-IO)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ontology import EntityBatch, MappingError, Sink, SinkReport

from .language.model import LogicalTarget, Mapping, ParentMap, TermMap, TriplesMap
from .sinks import TextSink, serialisation_sink


@dataclass(frozen=True, slots=True)
class RoutedBatch(EntityBatch):
    """A batch that goes to logical targets instead of the run's sink."""

    targets: tuple[LogicalTarget, ...] = ()


def targets_of(*term_maps: TermMap | ParentMap | None) -> tuple[LogicalTarget, ...]:
    """Targets of the terms of a triple, each once; none means the run's sink."""
    found: dict[LogicalTarget, None] = {}
    for term_map in term_maps:
        if term_map is None:
            continue
        found.update(dict.fromkeys(term_map.targets))
        if isinstance(term_map, TermMap):
            found.update(dict.fromkeys(targets_of(term_map.language, term_map.datatype)))
    return tuple(found)


def has_targets(triples_map: TriplesMap) -> bool:
    """Whether any triple of a triples map goes to a target of its own."""
    return any(True for _ in _all_targets(triples_map))


def _all_targets(triples_map: TriplesMap) -> Iterator[LogicalTarget]:
    yield from targets_of(triples_map.subject, *triples_map.graphs)
    for pair in triples_map.predicate_objects:
        yield from targets_of(*pair.predicates, *pair.objects, *pair.graphs)


def routed(sink: Sink, mapping: Mapping) -> Sink:
    """Sink that also writes the logical targets of a mapping, if it has any.

    Raises
    ------
    MappingError
        Two targets write one file in different ways.
    """
    targets = _opened(mapping)
    return Routes(sink, targets) if targets else sink


def target_paths(mapping: Mapping) -> tuple[Path, ...]:
    """Files the logical targets of a mapping write, each once."""
    return tuple(dict.fromkeys(_path(target, mapping) for target in _wanted(mapping)))


def _wanted(mapping: Mapping) -> tuple[LogicalTarget, ...]:
    found = (target for rule in mapping.triples_maps for target in _all_targets(rule))
    return tuple(dict.fromkeys(found))


class Routes:
    """A sink and the files of logical targets, which become visible together.

    Parameters
    ----------
    sink : Sink
        Takes every batch that goes to no target.
    targets : dict of LogicalTarget to TextSink
    """

    def __init__(self, sink: Sink, targets: dict[LogicalTarget, TextSink]) -> None:
        self._sink = sink
        self._targets = targets
        self._files = tuple(dict.fromkeys(targets.values()))

    def write(self, batch: EntityBatch) -> None:
        """Write a batch to its targets, or to the sink."""
        if not isinstance(batch, RoutedBatch):
            self._sink.write(batch)
            return
        for file in dict.fromkeys(self._targets[target] for target in batch.targets):
            file.write(batch)

    def commit(self) -> SinkReport:
        """Make everything visible; what may fail is done before anything is."""
        for file in self._files:
            file.prepare()
        main = self._sink.commit()
        reports = [(file.path, file.publish()) for file in self._files]
        return SinkReport(
            main.offered + sum(report.offered for _, report in reports),
            main.written + sum(report.written for _, report in reports),
            (*main.remarks, *(f"{path}: {r.written} triples written" for path, r in reports)),
        )

    def abort(self) -> None:
        """Forget everything written since the last commit."""
        for file in self._files:
            file.abort()
        self._sink.abort()

    def __enter__(self) -> Self:
        self._sink.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            for file in self._files:
                file.abort()
        self._sink.__exit__(kind, error, trace)


def _opened(mapping: Mapping) -> dict[LogicalTarget, TextSink]:
    files: dict[Path, LogicalTarget] = {}
    sinks: dict[LogicalTarget, TextSink] = {}
    for target in _wanted(mapping):
        path = _path(target, mapping)
        same = files.setdefault(path, target)
        if not _alike(same, target):
            raise MappingError(
                "One file cannot be written in two ways",
                where=str(path),
                why=f"as {same} and as {target}",
                remedy="give each target a file of its own",
            )
        sinks[target] = sinks[same] if same in sinks else _sink(target, path)
    return sinks


def _alike(one: LogicalTarget, other: LogicalTarget) -> bool:
    said = ("serialization", "compression", "encoding")
    return all(getattr(one, name) == getattr(other, name) for name in said)


def _path(target: LogicalTarget, mapping: Mapping) -> Path:
    roots = {"mapping": mapping.directory, "cwd": Path.cwd()}
    return (roots.get(target.root, Path(target.root)) / target.path).resolve()


def _sink(target: LogicalTarget, path: Path) -> TextSink:
    return serialisation_sink(
        path, target.serialization, target.compression or "none", target.encoding, str(path)
    )

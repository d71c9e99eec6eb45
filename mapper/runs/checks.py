"""What a run refuses before anything is read: options, sinks and outputs that do not fit."""

from __future__ import annotations

import re
from pathlib import Path

from ontology import IRI, MappingError, Sink, UnsupportedError, UsageError

from ..language.model import Mapping
from ..sinks import TextSink
from ..sources import source_files
from ..targets import has_targets, target_paths
from .opened import Workplace
from .row_prints import RememberingSink


def check_options(on_bad: str, workers: int) -> None:
    """Raise MappingError or UsageError for values there are not."""
    if on_bad not in ("quarantine", "fail"):
        raise MappingError(f"on_bad is 'quarantine' or 'fail', not {on_bad!r}")
    if workers < 1:
        raise UsageError(f"There must be at least one worker, not {workers}")


def check_sink(
    mapping: Mapping, sink: Sink, sample: int | None, commit: bool, graph: str | None
) -> None:
    """Raise UsageError or UnsupportedError where a sink cannot take what it is to be given.

    ``graph`` is the named graph of the record of the run.
    """
    _check_graph(sink, graph)
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


def check_files(
    place: Workplace,
    shapes: str | Path | None,
    sink: Sink,
    *beside: str | Path | None,
) -> tuple[Path, ...]:
    """Files a run reads, none of which it writes; ``beside`` are outputs beside its sink.

    Raises
    ------
    UsageError
        An output would overwrite what is read, or another output.
    """
    read = (*_inputs(place), *((Path(shapes),) if shapes else ()))
    own = sink.path if isinstance(sink, TextSink) else None
    outputs = (own, *beside, *target_paths(place.mapping))
    _check_outputs(tuple(Path(out) for out in outputs if out), read)
    return read


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


def _inputs(place: Workplace) -> tuple[Path, ...]:
    """Files a run reads: its mapping and its sources, as far as they exist."""
    sources = dict.fromkeys(rule.source for rule in place.mapping.triples_maps)
    files = [file for source in sources for file in source_files(source, place.around)]
    own = Path(place.mapping.origin)
    return (*((own,) if own.is_file() else ()), *dict.fromkeys(files))

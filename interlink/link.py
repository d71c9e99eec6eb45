"""Linking two layers: filter, verify, and write GeoSPARQL properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

import numpy as np
import pyarrow as pa

from ontology import EntityBatch, Lane, Property, Sink, TermColumn

from .candidates import FILTERS, CandidateFilter, FilterName, Pairs, Rows
from .layer import GeometryColumn, Layer, Rejected, read_layer
from .relations import Relation, holds, linkable
from .verify import FailedPair, Verified, verify

DEFAULT_FILTER: Final[FilterName] = "tree"
CHUNK: Final = 100_000
"""Pairs verified at a time: memory beyond the two layers is a few tens of MB."""


@dataclass(frozen=True, slots=True)
class LinkReport:
    """What a linking run did.

    Attributes
    ----------
    source, target : str
        Names of the two columns.
    candidates : int
        Pairs whose boxes meet.
    verified : int
        Pairs whose matrix was computed; the rest is in ``failed``.
    links : mapping of str to int
        Links by relation.
    rejected_source, rejected_target : Rejected
        Geometries that took no part, or are invalid.
    failed : tuple of FailedPair
        Pairs GEOS could not decide.
    seconds : float
    """

    source: str
    target: str
    candidates: int
    verified: int
    links: Mapping[str, int]
    rejected_source: Rejected
    rejected_target: Rejected
    failed: tuple[FailedPair, ...] = field(default=())
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether every link between the readable geometries was found."""
        return not (
            self.failed
            or any(
                side.unreadable or side.infinite
                for side in (self.rejected_source, self.rejected_target)
            )
        )


def link(
    source: GeometryColumn,
    target: GeometryColumn,
    relations: Sequence[str] = ("sfIntersects",),
    *,
    sink: Sink,
    theme: str = "links",
    graph: str | None = None,
    candidate_filter: FilterName = DEFAULT_FILTER,
) -> LinkReport:
    """Find all links between two columns and write them to a sink.

    The target is carried into the source's CRS. A geometry linked with itself (both columns
    the same) counts like any other pair.

    Parameters
    ----------
    source, target : GeometryColumn
    relations : sequence of str
        Local names of GeoSPARQL properties, such as ``sfWithin`` or ``ehCovers``.
    sink : Sink
        Gets one batch a chunk, a property a relation; the caller commits.
    theme, graph : str
        Where the sink puts the links.
    candidate_filter : {"tree", "grid"}
        How pairs are filtered; the links are the same.

    Raises
    ------
    UsageError
        A relation is unknown or a kind of disjointness.
    CRSError
        A CRS is unknown.
    """
    wanted = linkable(relations)
    began = perf_counter()
    left, right = read_layer(source, source.crs), read_layer(target, source.crs)
    counts = dict.fromkeys((relation.name for relation in wanted), 0)
    verified = 0
    failed: list[FailedPair] = []
    for chunk in verified_chunks(left, right, candidate_filter):
        verified += len(chunk.source)
        failed.extend(chunk.failed)
        batch = _batch(left, right, chunk, wanted, theme, graph)
        for relation, prop in zip(wanted, batch.properties, strict=True):
            counts[relation.name] += len(prop.objects) - prop.objects.values.null_count
        if len(batch.subjects):
            sink.write(batch)
    return LinkReport(
        source=source.name,
        target=target.name,
        candidates=verified + len(failed),
        verified=verified,
        links=counts,
        rejected_source=left.rejected,
        rejected_target=right.rejected,
        failed=tuple(failed),
        seconds=perf_counter() - began,
    )


def find_links(
    source: GeometryColumn,
    target: GeometryColumn,
    relations: Sequence[str] = ("sfIntersects",),
    *,
    candidate_filter: FilterName = DEFAULT_FILTER,
) -> Iterator[pa.Table]:
    """Yield tables (source, target, relation) of all links, ordered by source row.

    See :func:`link` for the parameters. Rejected geometries and failed pairs are reported
    only by :func:`link`.
    """
    wanted = linkable(relations)
    left, right = read_layer(source, source.crs), read_layer(target, source.crs)
    return (
        _table(left, right, chunk, wanted)
        for chunk in verified_chunks(left, right, candidate_filter)
    )


def verified_chunks(
    left: Layer, right: Layer, candidate_filter: FilterName = DEFAULT_FILTER
) -> Iterator[Verified]:
    """Yield the matrices of every pair whose boxes meet, cut at source boundaries."""
    if len(left.geometries) and len(right.geometries):
        finder = FILTERS[candidate_filter](left.boxes, right.boxes)
        for pairs in pair_chunks(finder, len(left.geometries)):
            yield verify(left, right, pairs)


def pair_chunks(finder: CandidateFilter, sources: int, most: int = CHUNK) -> Iterator[Pairs]:
    """Yield candidate pairs in chunks of about ``most``, never cutting a source in two.

    One source with more candidates than that is a chunk of its own.
    """
    start, block = 0, 1024
    while start < sources:
        rows = np.arange(start, min(start + block, sources))
        source, target = finder.candidates(rows)
        start += block
        block = int(np.clip(block * most / max(1, len(source)), 1, 65_536))
        yield from _cut(source, target, most)


def _cut(source: Rows, target: Rows, most: int) -> Iterator[Pairs]:
    at = 0
    while at < len(source):
        end = at + most
        if end < len(source):
            end = int(np.searchsorted(source, source[end], "left"))
            if end <= at:
                end = int(np.searchsorted(source, source[at], "right"))
        yield source[at:end], target[at:end]
        at = end


def _held(left: Layer, right: Layer, chunk: Verified, relation: Relation) -> Rows:
    found = holds(
        relation, chunk.matrices, left.dimensions[chunk.source], right.dimensions[chunk.target]
    )
    return np.flatnonzero(found)


def _batch(
    left: Layer,
    right: Layer,
    chunk: Verified,
    relations: tuple[Relation, ...],
    theme: str,
    graph: str | None,
) -> EntityBatch:
    held = [_held(left, right, chunk, relation) for relation in relations]
    rows = np.unique(np.concatenate(held))
    targets = chunk.target[rows]
    properties = tuple(
        Property(relation.predicate, TermColumn(Lane.NODE, _masked(right, targets, rows, found)))
        for relation, found in zip(relations, held, strict=True)
    )
    subjects = left.ids.take(pa.array(chunk.source[rows]))
    return EntityBatch(subjects, properties, graph=graph, theme=theme)


def _masked(right: Layer, targets: Rows, rows: Rows, found: Rows) -> pa.Array:
    """Ids of the targets, null where the relation does not hold."""
    return right.ids.take(pa.array(targets, mask=~np.isin(rows, found, assume_unique=True)))


def _table(left: Layer, right: Layer, chunk: Verified, relations: tuple[Relation, ...]) -> pa.Table:
    held = [_held(left, right, chunk, relation) for relation in relations]
    rows = np.concatenate(held)
    codes = np.repeat(np.arange(len(held), dtype=np.int32), [len(found) for found in held])
    order = np.lexsort((codes, rows))
    rows, codes = rows[order], codes[order]
    names = pa.array([relation.name for relation in relations], pa.string())
    return pa.table(
        {
            "source": left.ids.take(pa.array(chunk.source[rows])),
            "target": right.ids.take(pa.array(chunk.target[rows])),
            "relation": pa.DictionaryArray.from_arrays(pa.array(codes), names),
        }
    )

"""Reading features with their geometries straight from the lanes, for interlinking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import duckdb
import pyarrow as pa

from ontology import PREFIXES, RDF_TYPE, Lane, UsageError

from .manifest import LaneEntry, LaneKey
from .snapshot import StoredSnapshot

FEATURE_PATH: Final = (PREFIXES["geo"] + "hasGeometry", PREFIXES["geo"] + "asWKT")
"""How a feature has its geometry (GeoSPARQL 1.1, sections 8.4 and 8.8)."""


class FeatureGeometries(NamedTuple):
    """Features and geometries of one CRS.

    Attributes
    ----------
    ids : pa.Array of string, shape (n,)
        IRIs without ``<>``, or ``_:label``.
    wkb : pa.Array of binary, shape (n,)
        Easting or longitude first.
    crs : str
        CRS IRI of all rows.
    """

    ids: pa.Array
    wkb: pa.Array
    crs: str


def read_geometries(
    con: duckdb.DuckDBPyConnection,
    snapshot: StoredSnapshot,
    class_iri: str | None,
    graph: str | None,
    path: Sequence[str],
) -> list[FeatureGeometries]:
    """Read the geometries at the end of a predicate path, one entry a CRS.

    Raises
    ------
    UsageError
        If the path has no step.
    """
    if not path:
        raise UsageError("A geometry path needs at least one predicate")
    wanted = [iri for iri in (class_iri, graph) if iri is not None]
    known = snapshot.known(wanted)
    if len(known) < len(set(wanted)):
        return []
    lanes = [e for e in snapshot.manifest.lanes if e.key.lane is Lane.GEOMETRY]
    lanes = [entry for entry in lanes if entry.key.predicate == path[-1]]
    links = [snapshot.manifest.lane(LaneKey(step, Lane.NODE)) for step in path[:-1]]
    typed = snapshot.manifest.lane(LaneKey(RDF_TYPE, Lane.NODE)) if class_iri else None
    if None in links or (class_iri and typed is None):
        return []
    query = _Query(snapshot, None if graph is None else known[graph])
    for step in links:
        if step is not None:
            query.follow(step)
    if typed is not None and class_iri is not None:
        query.restrict(typed, known[class_iri])
    found = [_read(con, query, entry) for entry in lanes]
    return [part for part in found if len(part.ids)]


class _Query:
    """The joins from features to the subject of their geometry literal."""

    def __init__(self, snapshot: StoredSnapshot, graph: int | None) -> None:
        self.snapshot = snapshot
        self.parameters: dict[str, object] = {"g": graph}
        self._conditions: list[str] = []
        self._steps: list[str] = []

    def files(self, name: str, entry: LaneEntry) -> str:
        """SQL that reads a lane's rows of the graph."""
        self.parameters[name] = [str(self.snapshot.root / f.path) for f in entry.files]
        return f"(FROM read_parquet(${name}) WHERE g IS NOT DISTINCT FROM $g)"

    def follow(self, entry: LaneEntry) -> None:
        """Add a step from the feature towards the literal."""
        name = f"step{len(self._steps)}"
        self._steps.append(f"{self.files(name, entry)} {name}")

    def restrict(self, entry: LaneEntry, class_id: int) -> None:
        """Keep features of a class only."""
        self.parameters["class"] = class_id
        source = self.files("typed", entry)
        self._conditions.append(f"{{feature}} IN (SELECT s FROM {source} WHERE o = $class)")

    def text(self, literals: str) -> str:
        """SQL of feature texts and WKB."""
        joins, subject = [], "literal.s"
        for number, step in reversed(list(enumerate(self._steps))):
            joins.append(f"JOIN {step} ON step{number}.o = {subject}")
            subject = f"step{number}.s"
        conditions = [c.format(feature=subject) for c in self._conditions]
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return (
            f"SELECT d.text, ST_AsWKB(literal.geom) AS wkb FROM {literals} literal"
            f" {' '.join(joins)} JOIN read_parquet($dictionary) d ON d.id = {subject}{where}"
        )


def _read(con: duckdb.DuckDBPyConnection, query: _Query, entry: LaneEntry) -> FeatureGeometries:
    text = query.text(query.files("literals", entry))
    dictionary = [str(path) for path in query.snapshot.dictionary]
    table = con.execute(text, {**query.parameters, "dictionary": dictionary}).to_arrow_table()
    return FeatureGeometries(
        table["text"].combine_chunks(), table["wkb"].combine_chunks(), entry.key.crs
    )

"""Reading features with their geometries straight from lanes and tables, for interlinking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import duckdb
import pyarrow as pa

from ontology import GEO, RDF_TYPE, Lane, UsageError

from ..catalog import id_column
from .manifest import ColumnEntry, FileEntry, TableEntry
from .quoting import listed_files, quoted
from .snapshot import StoredSnapshot
from .tables.columns import alive

FEATURE_PATHS: Final = tuple(
    (GEO + "hasGeometry", GEO + name)
    for name in ("asWKT", "asGML", "asGeoJSON", "asKML", "asDGGS", "hasSerialization")
)
"""How a feature has its geometry (GeoSPARQL 1.1, sections 8.4 and 8.8)."""

_ROW_STEPS: Final = 2
"""Steps of a path that one row of a table can answer: to the geometry node, and from there."""


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
    source = _Source(
        snapshot,
        tuple(path),
        graph,
        None if graph is None else known[graph],
        None if class_iri is None else known[class_iri],
    )
    found = [_read(con, source, crs) for crs in source.systems]
    return [part for part in found if len(part.ids)]


def feature_geometries(
    con: duckdb.DuckDBPyConnection,
    snapshot: StoredSnapshot,
    class_iri: str | None,
    graph: str | None,
) -> list[FeatureGeometries]:
    """Read the geometries of features in every serialisation, one entry a CRS.

    A feature whose geometry is written in several ways that mean the same place is there once.
    """
    found: dict[str, list[FeatureGeometries]] = {}
    for path in FEATURE_PATHS:
        for part in read_geometries(con, snapshot, class_iri, graph, path):
            found.setdefault(part.crs, []).append(part)
    return [_united(found[crs]) for crs in sorted(found)]


def _united(parts: list[FeatureGeometries]) -> FeatureGeometries:
    if len(parts) == 1:
        return parts[0]
    tables = [pa.table([part.ids, part.wkb], ["ids", "wkb"]) for part in parts]
    rows = pa.concat_tables(tables).group_by(["ids", "wkb"], use_threads=False).aggregate([])
    ids, wkb = (rows.column(name).combine_chunks() for name in ("ids", "wkb"))
    return FeatureGeometries(ids, wkb, parts[0].crs)


def _read(con: duckdb.DuckDBPyConnection, source: _Source, crs: str) -> FeatureGeometries:
    queries = [*source.rows(crs), *source.joined(crs)]
    if not queries:
        return FeatureGeometries(pa.array([], pa.string()), pa.array([], pa.binary()), crs)
    table = con.execute(" UNION ALL ".join(queries)).to_arrow_table()
    return FeatureGeometries(table["text"].combine_chunks(), table["wkb"].combine_chunks(), crs)


@dataclass(frozen=True, slots=True)
class _Source:
    """The places of one graph where steps of the path and literals lie."""

    snapshot: StoredSnapshot
    path: tuple[str, ...]
    graph: str | None
    graph_id: int | None
    class_id: int | None

    @property
    def systems(self) -> tuple[str, ...]:
        """CRS of the literals at the end."""
        lanes = (entry.key for entry in self.snapshot.manifest.lanes)
        columns = (column.key for _, column in self._columns(self.path[-1], Lane.GEOMETRY))
        keys = (k for k in lanes if (k.predicate, k.lane) == (self.path[-1], Lane.GEOMETRY))
        return tuple(sorted({key.crs for key in (*keys, *columns)}))

    def rows(self, crs: str) -> Iterator[str]:
        """SQL of texts and WKB that lie in one row of a table."""
        if len(self.path) > _ROW_STEPS:
            return
        for table, literal in self._columns(self.path[-1], Lane.GEOMETRY, crs):
            if len(self.path) == 1:
                yield self._row(table, literal, literal.view)
                continue
            for other, link in self._columns(self.path[0], Lane.NODE):
                if other is table and link.name == literal.view:
                    yield self._row(table, literal, link.view)

    def _row(self, table: TableEntry, literal: ColumnEntry, view: str) -> str:
        name = quoted(literal.name)
        tests = [f"{name} IS NOT NULL", *self._of_class(table, view)]
        return (
            f"SELECT {quoted(view)} AS text, ST_AsWKB({name}) AS wkb"
            f" FROM {self._table(table)} WHERE {' AND '.join(tests)}"
        )

    def _of_class(self, table: TableEntry, view: str) -> Iterator[str]:
        """SQL conditions that a row's subject is of the class."""
        if self.class_id is None:
            return
        types = [c for c in table.columns if (c.view, c.key.predicate) == (view, RDF_TYPE)]
        nodes = [quoted(id_column(c.name)) for c in types if c.key.lane is Lane.NODE]
        if types:
            yield f"{self.class_id} IN ({', '.join(nodes)})" if nodes else "false"
        else:
            yield f"{quoted(id_column(view))} IN ({self._typed()})"

    def joined(self, crs: str) -> Iterator[str]:
        """SQL of texts and WKB that are joined from several places."""
        literals = self._literals(crs)
        steps = [self._links(number) for number in range(len(self.path) - 1)]
        if not literals or not all(steps):
            return
        joins, subject = [], "literal.s"
        for number, step in reversed(list(enumerate(steps))):
            joins.append(f"JOIN ({_union(step)}) step{number} ON step{number}.o = {subject}")
            subject = f"step{number}.s"
        where = "" if self.class_id is None else f" WHERE {subject} IN ({self._typed()})"
        dictionary = listed_files(self.snapshot.root, self.snapshot.manifest.terms)
        yield (
            f"SELECT d.text AS text, literal.wkb AS wkb FROM ({_union(literals)}) literal"
            f" {' '.join(joins)} JOIN read_parquet({dictionary}) d ON d.id = {subject}{where}"
        )

    def _literals(self, crs: str) -> list[str]:
        """SQL of subjects and WKB; of tables too, unless the path is answered by rows alone."""
        key = (self.path[-1], Lane.GEOMETRY, crs)
        found = [
            f"SELECT s, ST_AsWKB(geom) AS wkb FROM {self._lane(entry.files)}"
            for entry in self.snapshot.manifest.lanes
            if (entry.key.predicate, entry.key.lane, entry.key.crs) == key
        ]
        if len(self.path) == 1:
            return found
        for table, column in self._columns(self.path[-1], Lane.GEOMETRY, crs):
            subject, name = quoted(id_column(column.view)), quoted(column.name)
            items = f"{subject} AS s, ST_AsWKB({name}) AS wkb"
            found.append(f"SELECT {items} FROM {self._table(table)} WHERE {name} IS NOT NULL")
        return found

    def _links(self, number: int) -> list[str]:
        """SQL of subjects and objects of a step, those of :meth:`rows` left out."""
        last = len(self.path) == _ROW_STEPS
        tables = [
            (table, link)
            for table, link in self._columns(self.path[number], Lane.NODE)
            if not (last and self._leads(table, link))
        ]
        return self._nodes(self.path[number], tables)

    def _leads(self, table: TableEntry, link: ColumnEntry) -> bool:
        """Whether the literals of a link's objects all lie in the same row."""
        return any(c.view == link.name and c.key.predicate == self.path[-1] for c in table.columns)

    def _nodes(
        self, predicate: str, columns: Iterable[tuple[TableEntry, ColumnEntry]]
    ) -> list[str]:
        found = [
            f"SELECT s, o FROM {self._lane(entry.files)}"
            for entry in self.snapshot.manifest.lanes
            if (entry.key.predicate, entry.key.lane) == (predicate, Lane.NODE)
        ]
        for table, column in columns:
            subject, node = (quoted(id_column(name)) for name in (column.view, column.name))
            items = f"{subject} AS s, {node} AS o"
            found.append(f"SELECT {items} FROM {self._table(table)} WHERE {node} IS NOT NULL")
        return found

    def _typed(self) -> str:
        """SQL of the subjects of the class."""
        places = self._nodes(RDF_TYPE, self._columns(RDF_TYPE, Lane.NODE))
        if not places:
            return "SELECT NULL::BIGINT WHERE false"
        return f"SELECT s FROM ({_union(places)}) WHERE o = {self.class_id}"

    def _columns(
        self, predicate: str, lane: Lane, crs: str | None = None
    ) -> Iterator[tuple[TableEntry, ColumnEntry]]:
        for table in self.snapshot.manifest.tables:
            if any(part.graph == self.graph for part in table.parts):
                for column in table.columns:
                    found = (column.key.predicate, column.key.lane) == (predicate, lane)
                    if found and crs in (None, column.key.crs):
                        yield table, column

    def _lane(self, files: Iterable[FileEntry]) -> str:
        graph = "NULL" if self.graph_id is None else str(self.graph_id)
        paths = listed_files(self.snapshot.root, files)
        return f"(FROM read_parquet({paths}) WHERE g IS NOT DISTINCT FROM {graph})"

    def _table(self, table: TableEntry) -> str:
        parts = [part.file for part in table.parts if part.graph == self.graph]
        paths = listed_files(self.snapshot.root, parts)
        living = alive(table, self.snapshot.root)
        return f"(FROM read_parquet({paths}) WHERE {living})"


def _union(queries: Iterable[str]) -> str:
    return " UNION ALL ".join(queries)

"""Fewer, larger files of the same triples: at the end of every write, and for ``compact``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import duckdb

from .dictionary import foldable, merge_terms
from .integrity import check_whole
from .lane_files import fold_lane
from .manifest import FileEntry, LaneEntry, Manifest
from .parts import PART_ROWS, PartWriter
from .tables.fold import fold_parts, needs_folding, small_parts, worn_parts

MANY_FILES: Final = 16
"""Small files that a lane, a graph of a table or the dictionary may have after a write."""


@dataclass(frozen=True, slots=True)
class Folding:
    """Writes files anew.

    Attributes
    ----------
    con : duckdb.DuckDBPyConnection
    writer : PartWriter
    """

    con: duckdb.DuckDBPyConnection
    writer: PartWriter

    def small(self, manifest: Manifest) -> Manifest:
        """Fold what many small writes left, and parts of tables with many deleted rows."""
        for entry in manifest.lanes:
            if len(files := _small(entry.files)) > MANY_FILES:
                manifest = self._lane(manifest, entry, files)
        for table in manifest.tables:
            chosen = {p.file.path: p for p in (*worn_parts(table), *small_parts(table, MANY_FILES))}
            folded = fold_parts(self.con, self.writer, table, [*chosen.values()], manifest.graphs)
            manifest = manifest.with_tables([folded])
        if len(files := _small(manifest.terms)) > MANY_FILES:
            manifest = self._terms(manifest, files)
        return manifest

    def tables(self, manifest: Manifest) -> Manifest:
        """Write tables anew that have deleted rows, or more parts than their rows need."""
        for table in manifest.tables:
            if needs_folding(table):
                folded = fold_parts(self.con, self.writer, table, table.parts, manifest.graphs)
                manifest = manifest.with_tables([folded])
        return manifest

    def rest(self, manifest: Manifest) -> Manifest:
        """Fold lanes and the dictionary if they have more files than their rows need.

        Lanes that an older geoloom wrote without statistics are written anew, with them.
        """
        for entry in manifest.lanes:
            if len(entry.files) > -(-entry.rows // PART_ROWS) or entry.statistics is None:
                manifest = self._lane(manifest, entry, entry.files)
        return self._terms(manifest, manifest.terms) if foldable(manifest.terms) else manifest

    def _lane(self, manifest: Manifest, entry: LaneEntry, files: tuple[FileEntry, ...]) -> Manifest:
        check_whole(self.writer.root, files)
        folded = fold_lane(self.con, self.writer, entry, files)
        return manifest.with_lanes({entry.key: folded})

    def _terms(self, manifest: Manifest, files: tuple[FileEntry, ...]) -> Manifest:
        check_whole(self.writer.root, files)
        kept = tuple(file for file in manifest.terms if file not in files)
        merged = merge_terms(self.con, self.writer, files)
        return replace(manifest, terms=(*kept, *merged))


def _small(files: tuple[FileEntry, ...]) -> tuple[FileEntry, ...]:
    return tuple(file for file in files if file.rows < PART_ROWS // 2)

"""The data of the benchmark and the stores made of it, kept in a folder between runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.fields import TRIPLES_PER_FIELD, Batches, field_batches, write_batches

from .around import around_batches
from .loading import BATCHES, OXIGRAPH, TRIPLES, Load, measure_load

SAMPLE: Final = 20_000
SYSTEMS: Final = {BATCHES: "geoloom", TRIPLES: "geoloom-nt", OXIGRAPH: "oxigraph"}
"""Folder of each system's store."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A folder with a store a system, and how their loads went."""

    folder: Path
    fields: int
    triples: int
    loads: dict[str, Load]

    def store(self, system: str) -> Path:
        """The folder of one system's store."""
        return self.folder / SYSTEMS[system]


def prepare(
    work: Path, fields: int, systems: Iterable[str], *, reload: bool, limit: int | None = None
) -> Prepared:
    """Load the data into the systems, unless an earlier run did.

    Parameters
    ----------
    work : Path
    fields : int
    systems : iterable of str
    reload : bool
        Load all again; the N-Triples are kept.
    limit : int, optional
        Bytes that a load may hold.
    """
    folder = work / f"{fields}-fields"
    folder.mkdir(parents=True, exist_ok=True)
    triples = fields * TRIPLES_PER_FIELD + sum(
        len(batch.subjects) * len(batch.properties)
        for group in around_batches(fields)
        for batch in group
    )
    loads = {
        system: _load(folder, system, fields, reload=reload, limit=limit) for system in systems
    }
    return Prepared(folder, fields, triples, loads)


def _load(folder: Path, system: str, fields: int, *, reload: bool, limit: int | None) -> Load:
    """Load, after a small load that is not measured: it compiles what is compiled but once."""
    store = folder / SYSTEMS[system]
    notes = store.with_suffix(".json")
    if reload or not notes.exists():
        notes.unlink(missing_ok=True)
        for count in (min(SAMPLE, fields), fields):
            shutil.rmtree(store, ignore_errors=True)
            sources = [count] if system == BATCHES else _files(folder, count)
            load = measure_load(system, store, sources, limit)
        notes.write_text(json.dumps(asdict(load)))
    return Load(**json.loads(notes.read_text()))


def _files(folder: Path, fields: int) -> list[Path]:
    def written(name: str, groups: Iterable[Batches]) -> Path:
        path = folder / f"{name}-{fields}.nt"
        if not path.exists():
            part = path.with_suffix(".part")
            write_batches(part, groups)
            part.rename(path)
        return path

    around = written("around", around_batches(fields))
    return [written("fields", field_batches(fields)), around]

"""The data of the benchmark and the stores made of it, kept in a folder between runs."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pyoxigraph

from benchmarks.fields import TRIPLES_PER_FIELD, write_fields
from store import Store

from .around import write_around
from .loading import GEOLOOM, OXIGRAPH, Load, measure_load

SAMPLE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A folder with ``geoloom`` and ``oxigraph`` stores, and how their loads went."""

    folder: Path
    triples: int
    loads: dict[str, Load]

    def store(self, system: str) -> Path:
        """The folder of one system's store."""
        return self.folder / system


def prepare(work: Path, fields: int, *, reload: bool) -> Prepared:
    """Write the data and load it into both, unless an earlier run did.

    Loading takes the fields alone; what stands around them is added after the measurement.

    Parameters
    ----------
    work : Path
    fields : int
    reload : bool
        Load both again; the N-Triples are kept.
    """
    folder = work / f"{fields}-fields"
    folder.mkdir(parents=True, exist_ok=True)
    names = ("fields.nt", "sample.nt", "around.nt", "loads.json")
    data, sample, around, notes = (folder / name for name in names)
    if not sample.exists():
        write_fields(data, fields)
        write_fields(sample, SAMPLE)
        write_around(around, fields)
    if reload or not notes.exists():
        notes.unlink(missing_ok=True)
        loads = {}
        for system in (GEOLOOM, OXIGRAPH):
            loads[system] = _load(folder / system, sample, data)
            _add(system, folder / system, around)
        notes.write_text(json.dumps({name: asdict(load) for name, load in loads.items()}))
    told = json.loads(notes.read_text())
    loads = {name: Load(**load) for name, load in told.items()}
    return Prepared(folder, fields * TRIPLES_PER_FIELD, loads)


def _load(store: Path, sample: Path, data: Path) -> Load:
    """Load, after a small load that is not measured: it compiles what is compiled but once."""
    for source in (sample, data):
        shutil.rmtree(store, ignore_errors=True)
        load = measure_load(store.name, store, [source])
    return load


def _add(system: str, store: Path, source: Path) -> None:
    if system == GEOLOOM:
        Store.open(store).load(source)
        return
    peer = pyoxigraph.Store(str(store))
    peer.bulk_load(path=source, format=pyoxigraph.RdfFormat.N_TRIPLES)
    peer.flush()

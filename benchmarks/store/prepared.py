"""The data of the benchmark and the stores made of it, kept in a folder between runs."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import pyoxigraph

from benchmarks.fields import TRIPLES_PER_FIELD, write_fields
from store import Store

from .around import write_around
from .loading import GEOLOOM, OXIGRAPH, Load, measure_load


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
    data, around, notes = (folder / n for n in ("fields.nt", "around.nt", "loads.json"))
    if not around.exists():
        write_fields(data, fields)
        write_around(around, fields)
    if reload or not notes.exists():
        notes.unlink(missing_ok=True)
        loads = {system: _load(folder / system, data, around) for system in (GEOLOOM, OXIGRAPH)}
        notes.write_text(json.dumps({name: asdict(load) for name, load in loads.items()}))
    told = json.loads(notes.read_text())
    loads = {name: Load(**load) for name, load in told.items()}
    return Prepared(folder, fields * TRIPLES_PER_FIELD, loads)


def _load(store: Path, data: Path, around: Path) -> Load:
    """Load, after a small load that is not measured: it compiles what is compiled but once."""
    system = store.name
    for source in (around, data):
        shutil.rmtree(store, ignore_errors=True)
        load = measure_load(system, store, [source])
    _add(system, store, around)
    return load


def _add(system: str, store: Path, source: Path) -> None:
    if system == GEOLOOM:
        Store.open(store).load(source)
        return
    peer = pyoxigraph.Store(str(store))
    peer.bulk_load(path=source, format=pyoxigraph.RdfFormat.N_TRIPLES)
    peer.flush()

"""``python -m benchmarks geographica``: spatial selections and joins, side by side.

Five parts: ``scalability`` (SC1 to SC3), ``synthetic`` (the 36 queries over a generated world),
``fields`` (a self join), ``giants`` (parcels and coasts of 100,000 vertices) and ``validation``
(fields near samples of the same class). Prints a table
and writes build/bench/geographica.json, or ``geographica-PART.json``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from benchmarks.measure import Row, publish
from benchmarks.store.files import Files
from benchmarks.store.loading import OXIGRAPH, measure_load
from benchmarks.store.report import Target
from ontology import CRS84, crs_iri
from store import Store

from .asking import measure_cases, memory_of
from .cases import Case
from .giants import giant_cases, load_giants
from .layers import (
    FIELDS,
    SAMPLES,
    Fields,
    load_fields,
    load_validation,
    self_join_cases,
    validation_case,
)
from .peer import peer
from .report import Heard, case_rows, memory_target, targets
from .scalability import FILE, scalability_cases
from .suite import geographica, query_texts
from .synthetic import synthetic_cases
from .world import World

AXIS: Final = 512
"""Hexagons an axis of the synthetic world."""
MILLION: Final = 1_000_000
PROJECTED: Final = crs_iri("EPSG:3035")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to measure; see :func:`main`."""

    work: Path
    axis: int
    fields: int
    rounds: int
    limit: float
    with_peer: bool


Found = tuple[list[Row], list[Target]]


def scalability(chosen: Chosen) -> Found:
    """The 10,000 triples."""
    suite = geographica()
    if suite is None:
        return [], []
    source = suite / FILE
    store = _loaded(chosen.work / "scalability", source)
    cases = list(scalability_cases(suite, Files(store.snapshot())))
    return _asked(chosen, store, cases, source)


def synthetic(chosen: Chosen) -> Found:
    """The generated world."""
    suite = geographica()
    if suite is None:
        return [], []
    world, source = World(chosen.axis), chosen.work / f"world-{chosen.axis}.nt"
    if not source.is_file():
        world.write(source)
    store = _loaded(chosen.work / f"world-{chosen.axis}", source)
    texts = query_texts(suite, "synthetic")
    cases = list(synthetic_cases(texts, world, Files(store.snapshot())))
    return _asked(chosen, store, cases, source)


def fields(chosen: Chosen) -> Found:
    """The self join."""
    folder = chosen.work / f"fields-{chosen.fields}"
    store = Store.open(folder) if folder.is_dir() else load_fields(folder, chosen.fields)
    return _asked(chosen, store, list(self_join_cases(store)), None)


def giants(chosen: Chosen) -> Found:
    """Joins with polygons of very many vertices."""
    folder = chosen.work / "giants"
    store = Store.open(folder) if folder.is_dir() else load_giants(folder)
    return _asked(chosen, store, list(giant_cases(store)), None)


def validation(chosen: Chosen) -> Found:
    """Fields near samples of the same class, in metres of a map and of the ellipsoid."""
    count = round(chosen.fields * FIELDS / MILLION)
    generated = Fields(count)
    samples = generated.samples(min(SAMPLES, count))
    rows: list[Row] = []
    met: list[Target] = []
    for crs in (PROJECTED, CRS84):
        folder = chosen.work / f"validation-{count}-{crs.rsplit('/', 1)[-1]}"
        there = folder.is_dir()
        store = Store.open(folder) if there else load_validation(folder, count, samples, crs)
        case = validation_case(store, generated.near(samples, crs), crs)
        own, own_targets = _asked(chosen, store, [case], None)
        rows += own
        met += [*own_targets, memory_target(case.name, memory_of(store.path, case, chosen.work))]
    return rows, met


PARTS: Final[dict[str, Callable[[Chosen], Found]]] = {
    "scalability": scalability,
    "synthetic": synthetic,
    "fields": fields,
    "giants": giants,
    "validation": validation,
}


def _loaded(folder: Path, source: Path) -> Store:
    if folder.is_dir():
        return Store.open(folder)
    made = Store.create(folder)
    made.load(source)
    return made


def _asked(chosen: Chosen, store: Store, cases: Sequence[Case], source: Path | None) -> Found:
    measured, _ = measure_cases(store.path, cases, chosen.work, rounds=chosen.rounds)
    heard = _heard(chosen, store.path, cases, source) if source is not None else {}
    rows = case_rows(measured, heard, chosen.limit)
    return rows, targets(cases, measured, heard, chosen.limit)


def _heard(chosen: Chosen, store: Path, cases: Sequence[Case], source: Path) -> Heard:
    """What Oxigraph answers, once a query, each within the time given."""
    if not chosen.with_peer:
        return {}
    if find_spec("pyoxigraph") is None:
        print("Oxigraph is absent: pip install 'geoloom[benchmarks]'", file=sys.stderr)
        return {}
    folder = store.with_name(f"{store.name}-oxigraph")
    if not folder.is_dir():
        measure_load(OXIGRAPH, folder, [source])
    with peer(folder, chosen.limit) as asked:
        return {case.name: asked.ask(case.peer) for case in cases if case.peer}


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks geographica")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may repeat")
    parser.add_argument("--scale", type=int, default=AXIS, help="hexagons an axis (512)")
    parser.add_argument("--fields", type=int, default=MILLION, help="of the self join")
    parser.add_argument("--work", type=Path, help="folder that keeps data and stores")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for Oxigraph a query")
    parser.add_argument("--no-peer", action="store_true", help="without Oxigraph")
    given = parser.parse_args()
    parts = given.part or list(PARTS)
    rows: list[Row] = []
    met: list[Target] = []
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        chosen = Chosen(
            work, given.scale, given.fields, given.rounds, given.limit, not given.no_peer
        )
        for part in parts:
            own, own_targets = PARTS[part](chosen)
            rows += own
            met += own_targets
    name = "-".join(["geographica", *([] if len(parts) == len(PARTS) else parts)])
    publish(name, rows, tuple(met))


if __name__ == "__main__":
    main()

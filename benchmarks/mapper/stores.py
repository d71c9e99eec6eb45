"""CSV with WKT into the store, beside the peers to N-Triples and DuckDB's COPY to GeoParquet."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from store import Store

from .chosen import Chosen, Found
from .inputs import CSV_NAME, fields_csv
from .report import absent, at_least, at_most, median_cpu, median_wall, rows_of
from .systems import MAPLIB, MORPH, OURS, Run, run_ours, run_peer, version_of

CASE: Final = "CSV into the store"
DUCKDB: Final = "DuckDB COPY to GeoParquet, sorted"
OVER_PEERS: Final = 6.0
OF_DUCKDB: Final = 0.8
PEAK_MIB: Final = 512.0
MOST_FOR_PEERS: Final = 1_000_000
"""Rows; the peers' N-Triples of more take minutes and all the memory there is."""


def stores(chosen: Chosen) -> Found:
    """All systems in turns. What is in the store is counted; the peers' lines are not compared."""
    folder = fields_csv(chosen.work, chosen.rows)
    runs: dict[str, list[Run]] = {OURS: [], DUCKDB: []}
    peers = _peers(chosen)
    for _ in range(chosen.rounds):
        runs[OURS].append(_ours(chosen, folder))
        out = chosen.work / "duckdb.parquet"
        runs[DUCKDB].append(run_ours("by_duckdb", folder / CSV_NAME, out))
        out.unlink()
        for peer, name in peers.items():
            lines = chosen.work / "peer.nt"
            runs.setdefault(name, []).append(run_peer(chosen.peers, peer, folder, lines))
            lines.unlink()
    rows = rows_of(CASE, runs, chosen.rows, 5 * chosen.rows)
    rows += [absent(CASE, peer) for peer in (MORPH, MAPLIB) if peer not in peers]
    ours, copy = median_cpu(runs[OURS]), median_cpu(runs[DUCKDB])
    walls = median_wall(runs[DUCKDB]) / median_wall(runs[OURS])
    peak = max(run.peak_mb for run in runs[OURS]) * 1e6 / 2**20
    targets = [
        at_least(f"{CASE}, rows per CPU second / DuckDB", copy / ours, OF_DUCKDB),
        at_least(f"{CASE}, rows per second / DuckDB", walls, OF_DUCKDB),
        at_most(f"{CASE}, peak memory in MiB", peak, PEAK_MIB),
    ]
    best = min((median_cpu(runs[name]) for name in peers.values()), default=None)
    if best is not None:
        name = f"{CASE}, rows per CPU second / faster peer to N-Triples"
        targets.append(at_least(name, best / ours, OVER_PEERS))
    return rows, targets


def _peers(chosen: Chosen) -> dict[str, str]:
    """The peers that are there, with their versions."""
    if chosen.rows > MOST_FOR_PEERS:
        return {}
    found = {peer: version_of(chosen.peers, peer) for peer in (MORPH, MAPLIB)}
    return {peer: f"{peer} {version}" for peer, version in found.items() if version}


def _ours(chosen: Chosen, folder: Path) -> Run:
    where = chosen.work / "store"
    run = run_ours("to_store", folder / "fields.rml.ttl", where)
    triples = Store.open(where).snapshot().manifest.triples
    if triples != 5 * chosen.rows:
        raise SystemExit(f"the store has {triples} triples of {5 * chosen.rows}")
    shutil.rmtree(where)
    return run

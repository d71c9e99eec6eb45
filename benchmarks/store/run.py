"""``python -m benchmarks store``: loads, disk, queries, growth and clients, side by side.

Prints a table and writes build/bench/store.json (``store-20m.json`` and so on for other scales).
At 20m, 1 M fields are loaded and asked as well, to be compared; all of it runs within 4 GiB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.measure import Row, publish

from .asking import Asked, measure_queries
from .loading import BATCHES, OXIGRAPH, TRIPLES
from .prepared import Prepared, prepare
from .report import (
    Target,
    growth_targets,
    load_rows,
    load_targets,
    query_rows,
    query_targets,
    served_rows,
    served_targets,
)
from .serving import Served, free_port, geoloom_command, measure_server, oxigraph_command
from .systems import OURS, PEER

ROUNDS: Final = 11
FEW_ROUNDS: Final = 5
"""Where queries are asked of two scales."""

PEER_ROUNDS: Final = 3
SECONDS: Final = 60.0
SCALES: Final = {"100k": 100_000, "1m": 1_000_000, "4m": 4_000_000, "20m": 20_000_000}
PARTS: Final = ("queries", "clients")
LIMIT: Final = 4 * 2**30
"""Bytes that a load or the queries may hold."""

_COMPARED: Final = SCALES["1m"]
"""Fields above which growth is measured, and Oxigraph left out."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to measure; see :func:`main`."""

    work: Path
    scale: int
    parts: tuple[str, ...]
    reload: bool
    rounds: int
    peer_rounds: int
    seconds: float


def measure(chosen: Chosen) -> tuple[list[Row], list[Target]]:
    """Rows and targets of what was chosen."""
    small = min(chosen.scale, _COMPARED)
    systems = (BATCHES, TRIPLES, OXIGRAPH) if small == chosen.scale else (BATCHES,)
    prepared = prepare(chosen.work, small, systems, reload=chosen.reload, limit=LIMIT)
    rows, targets = load_rows(prepared), load_targets(prepared)
    if "queries" in chosen.parts:
        asked = _asked(chosen, prepared)
        rows += query_rows(asked, small)
        targets += query_targets(asked)
        if small < chosen.scale:
            grown = prepare(
                chosen.work, chosen.scale, (BATCHES,), reload=chosen.reload, limit=LIMIT
            )
            again = _asked(chosen, grown)
            rows += [*load_rows(grown), *query_rows(again, chosen.scale)]
            targets += [*load_targets(grown), *growth_targets(asked, again)]
    if "clients" in chosen.parts and OXIGRAPH in prepared.loads:
        servers = _served(chosen, prepared, small)
        rows += served_rows(servers)
        targets += served_targets(servers)
    return rows, targets


def _asked(chosen: Chosen, prepared: Prepared) -> Asked:
    peer = prepared.store(OXIGRAPH) if OXIGRAPH in prepared.loads else None
    return measure_queries(
        prepared.store(BATCHES),
        peer,
        rounds=chosen.rounds,
        peer_rounds=chosen.peer_rounds,
        limit=LIMIT,
    )


def _served(chosen: Chosen, prepared: Prepared, fields: int) -> dict[str, Served]:
    """Ask our server, then Oxigraph's if it is installed."""
    port = free_port()
    ours = geoloom_command(prepared.store(BATCHES), port)
    servers = {OURS: measure_server(ours, "/sparql", port, fields, chosen.seconds)}
    port = free_port()
    peer = oxigraph_command(prepared.store(OXIGRAPH), port)
    if peer is None:
        print("Oxigraph's server is absent: pip install 'geoloom[benchmarks]'", file=sys.stderr)
    else:
        servers[PEER] = measure_server(peer, "/query", port, fields, chosen.seconds)
    return servers


def _scale(text: str) -> int:
    return SCALES[text.lower()] if text.lower() in SCALES else int(text)


def _name(chosen: Chosen) -> str:
    """Of the report: one of part of the figures does not replace the whole."""
    scale = next((name for name, count in SCALES.items() if count == chosen.scale), chosen.scale)
    part = "" if chosen.parts == PARTS else f"-{chosen.parts[0]}"
    return "store" + ("" if scale == "1m" else f"-{scale}") + part


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks store")
    parser.add_argument("--scale", type=_scale, default="1m", help="100k, 1m, 20m, or fields")
    parser.add_argument("--work", type=Path, help="folder that keeps data and stores")
    parser.add_argument("--reload", action="store_true", help="load again what --work keeps")
    parser.add_argument("--part", choices=PARTS, help="only queries, or only clients over HTTP")
    parser.add_argument("--rounds", type=int, help=f"{ROUNDS}, or {FEW_ROUNDS} at 20m")
    parser.add_argument("--peer-rounds", type=int, default=PEER_ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long clients ask")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        chosen = Chosen(
            work=given.work or Path(folder),
            scale=given.scale,
            parts=(given.part,) if given.part else PARTS,
            reload=given.reload,
            rounds=given.rounds or (ROUNDS if given.scale <= _COMPARED else FEW_ROUNDS),
            peer_rounds=given.peer_rounds,
            seconds=given.seconds,
        )
        rows, targets = measure(chosen)
    publish(_name(chosen), rows, tuple(targets))


if __name__ == "__main__":
    main()

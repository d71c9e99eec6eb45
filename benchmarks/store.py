"""Queries over generated crop fields against Oxigraph on the same triples.

Run ``python -m benchmarks store [--scale N]`` (N fields, 100,000 by default; 9 triples each):
prints a table and writes build/bench/store.json.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from benchmarks.measure import compare, publish
from geoloom.scenario import generate
from mapper import NTriplesSink, load_mapping, run_mapping
from store import Store

PREFIXES = """PREFIX gl: <https://w3id.org/geoloom/ns#>
PREFIX geo: <http://www.opengis.net/ont/geosparql#>
PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>
"""
WINDOW = "POLYGON((13.8 48.12, 13.85 48.12, 13.85 48.15, 13.8 48.15, 13.8 48.12))"
QUERIES = {
    "star with filter": """SELECT (COUNT(?f) AS ?n) {
        ?f a gl:Observation ; gl:observedClass ?c ; gl:confidence ?p ; geo:hasMetricArea ?a
        FILTER(?p > 0.9 && ?a > 30000) }""",
    "group by class": """SELECT (COUNT(?c) AS ?n) { SELECT ?c (COUNT(?f) AS ?k) {
        ?f gl:observedClass ?c ; geo:hasMetricArea ?a FILTER(?a > 10000) } GROUP BY ?c }""",
    "window": f"""SELECT (COUNT(?f) AS ?n) {{
        ?f geo:hasGeometry/geo:asWKT ?w ; gl:observedClass ?c
        FILTER(geof:sfIntersects(?w, "{WINDOW}"^^geo:wktLiteral)) }}""",
}


def _fill(folder: Path, scale: int) -> tuple[Store, ox.Store]:
    scenario = generate(folder / "data", fields=scale, field_format="gpkg")
    with as_file(files("geoloom.demo") / "mappings" / "fields.rml.ttl") as path:
        mapping = load_mapping(path)
    store = Store.create(folder / "store")
    began = time.perf_counter()
    report = run_mapping(mapping, store.begin(), base_dir=scenario.directory)
    seconds = time.perf_counter() - began
    print(f"mapped {report.triples_written:,} triples into the store in {seconds:.1f} s")
    text = folder / "fields.nt"
    run_mapping(mapping, NTriplesSink(text), base_dir=scenario.directory)
    peer = ox.Store(str(folder / "oxigraph"))
    began = time.perf_counter()
    peer.bulk_load(path=text, format=ox.RdfFormat.N_TRIPLES)
    print(f"Oxigraph loaded them from N-Triples in {time.perf_counter() - began:.1f} s")
    return store, peer


def _ours(store: Store, text: str) -> Callable[[], Any]:
    return lambda: int(next(iter(store.query(text).rows()))["n"].lexical)


def _oxigraph(store: ox.Store, text: str) -> Callable[[], Any]:
    return lambda: int(next(iter(store.query(text)))["n"].value)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=int, default=100_000)
    scale = parser.parse_args().scale
    rows = []
    with tempfile.TemporaryDirectory() as work:
        store, peer = _fill(Path(work), scale)
        for case, query in QUERIES.items():
            text = PREFIXES + query
            rows += compare(
                case, {"geoloom": _ours(store, text), "Oxigraph": _oxigraph(peer, text)}
            )
    publish("store", rows)


if __name__ == "__main__":
    main()

"""Layers of OpenStreetMap with known DE-9IM histograms (JTS and GEOS agree on them)."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interlink import RELATIONS, GeometryColumn, holds, link, read_layer, verified_chunks
from ontology import CRS84
from tests.conformance.suites import require

FOLDER = require("data/interlink-osm")
ORACLE: dict[str, Any] = json.loads((FOLDER / "oracle_counts.json").read_text())

NAMES = {
    "sfIntersects": "intersects",
    "sfTouches": "touches",
    "sfContains": "contains",
    "sfWithin": "within",
    "sfCrosses": "crosses",
    "sfOverlaps": "overlaps",
    "sfEquals": "equals",
}


def layer(file: str) -> GeometryColumn:
    table = pq.read_table(FOLDER / file, columns=["id", "geometry"]).combine_chunks()
    ids = table.column("id").cast(pa.string())
    return GeometryColumn(ids, table.column("geometry").cast(pa.binary()), CRS84, file)


@pytest.mark.parametrize("pair", ["B", "L", "R"])
def test_histogram_of_matrices(pair: str) -> None:
    oracle = ORACLE[pair]
    source = read_layer(layer(oracle["source_data"]), CRS84)
    target = read_layer(layer(oracle["target_data"]), CRS84)
    found: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for chunk in verified_chunks(source, target):
        of_source, of_target = source.dimensions[chunk.source], target.dimensions[chunk.target]
        keys = np.column_stack([chunk.matrices, of_source + ord("0"), of_target + ord("0")])
        values, times = np.unique(keys.astype(np.uint8).view("S11").ravel(), return_counts=True)
        for value, number in zip(values.tolist(), times.tolist(), strict=True):
            found[f"{value[:9].decode()}|dim{value[9:].decode()}"] += number
        for name in NAMES:
            counts[name] += int(holds(RELATIONS[name], chunk.matrices, of_source, of_target).sum())
    assert found == oracle["de9im_histogram"]
    assert found.total() == oracle["mbr_candidates"]
    assert counts == {name: oracle["relations"][old] for name, old in NAMES.items()}


def test_links_written_with_the_grid_filter(sink: Any) -> None:
    oracle = ORACLE["B"]
    source, target = layer(oracle["source_data"]), layer(oracle["target_data"])
    report = link(source, target, list(NAMES), sink=sink, candidate_filter="grid")
    assert report.candidates == report.verified == oracle["mbr_candidates"]
    assert report.links == {name: oracle["relations"][old] for name, old in NAMES.items()}
    assert report.complete
    triples = sink.triples()
    assert len(triples) == len(set(triples)) == sum(report.links.values())

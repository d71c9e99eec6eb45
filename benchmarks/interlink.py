"""Interlinking against plain shapely and GeoPandas, on generated layers and, if there, OSM's.

Run ``python -m benchmarks interlink``: prints a table and writes build/bench/interlink.json.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from benchmarks.measure import Row, compare, publish
from interlink import FilterName, GeometryColumn, find_links
from ontology import CRS84, read_wkb, to_wkb

RELATIONS = ("sfIntersects", "sfTouches", "sfContains", "sfWithin", "sfCrosses", "sfOverlaps")
PAIRS = {
    "B": ("roads.parquet", "buildings.parquet"),
    "L": ("landuse_water.parquet", "roads.parquet"),
    "R": ("roads.parquet", "roads.parquet"),
}

Pair = tuple[GeometryColumn, GeometryColumn]
System = Callable[[GeometryColumn, GeometryColumn], int]


def _column(geometries: Any, name: str) -> GeometryColumn:
    ids = pa.array([f"http://example.org/{name}/{row}" for row in range(len(geometries))])
    return GeometryColumn(ids, to_wkb(np.asarray(geometries, object)), CRS84, name)


def _fields_and_points(count: int = 100_000) -> Pair:
    rng = np.random.default_rng(1)
    corner = rng.uniform([9.5, 46.4], [17, 49], (count, 2))
    fields = shapely.box(*corner.T, *(corner + np.array([0.003, 0.002])).T)
    points = shapely.points(rng.uniform([9.5, 46.4], [17, 49], (count, 2)))
    return _column(fields, "field"), _column(points, "point")


def _osm(file: str) -> GeometryColumn:
    table = pq.read_table(Path(os.environ["GEOLOOM_SUITES"]) / "data" / "interlink-osm" / file)
    table = table.combine_chunks()
    ids, wkb = table.column("id").cast(pa.string()), table.column("geometry").cast(pa.binary())
    return GeometryColumn(ids, wkb, CRS84, file)


def cases() -> Iterator[tuple[str, Pair]]:
    """Yield the named pairs of layers."""
    yield "fields x points", _fields_and_points()
    if os.environ.get("GEOLOOM_SUITES"):
        for name, (source, target) in PAIRS.items():
            yield name, (_osm(source), _osm(target))


def _ours(name: FilterName, relations: tuple[str, ...]) -> System:
    def run(source: GeometryColumn, target: GeometryColumn) -> int:
        tables = find_links(source, target, relations, candidate_filter=name)
        return sum(
            int(np.sum(np.asarray(table.column("relation").to_pylist()) == "sfIntersects"))
            for table in tables
        )

    return run


def _plain_shapely(source: GeometryColumn, target: GeometryColumn) -> int:
    left, right = read_wkb(source.wkb)[0], read_wkb(target.wkb)[0]
    a, b = shapely.STRtree(right).query(left)
    matrices = shapely.relate(left[a], right[b])
    return sum(matrix[:2] != "FF" or matrix[3:5] != "FF" for matrix in matrices)


def _geopandas(source: GeometryColumn, target: GeometryColumn) -> int:
    frames = [
        gpd.GeoDataFrame(geometry=read_wkb(side.wkb)[0], crs=4326) for side in (source, target)
    ]
    return len(frames[0].sjoin(frames[1], predicate="intersects"))


SYSTEMS: dict[str, System] = {
    "geoloom, 6 relations, tree": _ours("tree", RELATIONS),
    "geoloom, 6 relations, grid": _ours("grid", RELATIONS),
    "geoloom, sfIntersects": _ours("tree", ("sfIntersects",)),
    "shapely STRtree + relate": _plain_shapely,
    "geopandas sjoin, intersects": _geopandas,
}


def main() -> None:
    """Run every system on every case; all must find the same number of intersecting pairs."""
    rows: list[Row] = []
    for case, pair in cases():
        rows += compare(case, {name: partial(system, *pair) for name, system in SYSTEMS.items()})
    publish("interlink", rows)


if __name__ == "__main__":
    main()

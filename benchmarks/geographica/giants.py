"""A few coasts of very many vertices and many small parcels: joins with raster-size polygons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from benchmarks.fields import nodes, numbered
from ontology import CRS84, RDF_TYPE, EntityBatch, Lane, Property, TermColumn, to_wkb
from store import LaneTable, Store

from .cases import Case

COASTS: Final = 4
VERTICES: Final = 100_000
PARCELS: Final = 5_000

_SEED: Final = 11
_EX: Final = "https://example.org/"
_WKT: Final = "http://www.opengis.net/ont/geosparql#asWKT"
_KINDS: Final = ("coast", "parcel")
_RELATIONS: Final = {
    "sfIntersects": ("ST_Intersects", shapely.intersects),
    "sfContains": ("ST_Contains", shapely.contains),
    "sfTouches": ("ST_Touches", shapely.touches),
}

Shapes = npt.NDArray[np.object_]


def coasts() -> Shapes:
    """Closed curves with bays of every size, overlapping from west to east."""
    turn = np.arange(VERTICES) * 2 * np.pi / VERTICES
    made = []
    for number in range(COASTS):
        random = np.random.default_rng((_SEED, number))
        reach = np.ones(VERTICES)
        for waves in 2 ** np.arange(1, int(np.log2(VERTICES)) - 2):
            phase = random.uniform(0, 2 * np.pi)
            reach += 0.25 * float(waves) ** -0.9 * np.sin(waves * turn + phase)
        x = reach * np.cos(turn) + 16 + number / 5
        made.append(np.stack([x, reach * np.sin(turn) + 48], 1))
    return np.array([shapely.Polygon(ring) for ring in made], object)


def parcels() -> Shapes:
    """Small boxes all over the coasts."""
    random = np.random.default_rng(_SEED)
    corner = random.uniform((14.5, 46.5), (18.1, 49.5), (PARCELS, 2))
    return np.asarray(shapely.box(*corner.T, *(corner + random.uniform(5e-4, 3e-3)).T), object)


def load_giants(folder: Path) -> Store:
    """A store of both."""
    made = Store.create(folder)
    with made.begin("giants") as sink:
        for kind, shapes in zip(_KINDS, (coasts(), parcels()), strict=True):
            sink.write(_batch(kind, shapes))
    return made


def _batch(kind: str, shapes: Shapes) -> EntityBatch:
    subjects = numbered(f"{_EX}{kind}/", np.arange(len(shapes)))
    shape = Property(_WKT, TermColumn(Lane.GEOMETRY, to_wkb(shapes), crs=CRS84))
    kinds = nodes(RDF_TYPE, pa.array([f"{_EX}{kind}"] * len(shapes)))
    return EntityBatch(subjects, (kinds, shape), theme=kind)


def giant_cases(store: Store) -> Iterator[Case]:
    """Each relation counted, with the count told by shapely."""
    large, small = _sides(store)
    few, many = coasts(), parcels()
    shapely.prepare(few)
    for name, (function, planar) in _RELATIONS.items():
        query = f"""PREFIX geo: <http://www.opengis.net/ont/geosparql#>
            PREFIX geof: <http://www.opengis.net/def/function/geosparql/>
            SELECT (COUNT(*) AS ?n) {{ ?a a <{_EX}coast> ; geo:asWKT ?g .
              ?b a <{_EX}parcel> ; geo:asWKT ?h . FILTER(geof:{name}(?g, ?h)) }}"""
        sql = f"SELECT count(*) FROM {large} a JOIN {small} b ON {function}(a.g, b.g)"
        yield Case(f"giants, {name}", "self join", query, sql, _pairs(few, many, planar))


def _pairs(few: Shapes, many: Shapes, planar: Any) -> int:
    return sum(int(planar(one, many).sum()) for one in few)


def _sides(store: Store) -> list[str]:
    """Files of the coasts and of the parcels: a lane and a table, told by their rows."""
    lanes = [lane for lane in store.snapshot().lanes if lane.predicate == _WKT]
    return [_shapes(lane) for lane in sorted(lanes, key=lambda lane: lane.rows)]


def _shapes(lane: LaneTable) -> str:
    name = "geom" if lane.place is None else lane.place.column.name
    paths = ", ".join(f"'{file.path}'" for file in lane.files)
    return f'(SELECT "{name}"::GEOMETRY AS g FROM read_parquet([{paths}]))'

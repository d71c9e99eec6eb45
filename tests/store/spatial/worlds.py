"""Small worlds of random geometries at many places, in many CRSs, loaded once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely

from ontology import CRS84, format_wkt, transform
from store import Store

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
PREFIXES = "PREFIX : <http://ex/>\n"
EACH = 9


@dataclass(frozen=True)
class World:
    """Where geometries lie (longitude and latitude) and the CRSs they are written in."""

    name: str
    centre: tuple[float, float]
    crs: tuple[str, ...] = (CRS84,)
    metres: float = 2000.0
    predicate: str = "geo:asWKT"


WORLDS = (
    World("equator", (10.0, 0.0)),
    World("vienna", (16.3, 48.2)),
    World("oulu", (25.5, 65.0)),
    World("antarctica", (40.0, -80.0)),
    World("dateline", (180.0, 5.0), predicate=":beyond"),
    World("laea", (16.3, 48.2), (EPSG + "3035",)),
    World("axes", (16.3, 48.2), (EPSG + "4326",)),
    World("mixed", (16.3, 48.2), (CRS84, EPSG + "3035", EPSG + "4326", EPSG + "31287")),
)

ODD = (
    '"POINT EMPTY"^^geo:wktLiteral',
    '"POLYGON EMPTY"^^geo:wktLiteral',
    '"POLYGON ((0 0, 1 1, 1 0"^^geo:wktLiteral',
    '"no geometry"',
)


def shapes_of(world: World, seed: int) -> list[shapely.Geometry]:
    """Random points, lines, boxes, bow ties and collections around a centre, in degrees."""
    random = np.random.default_rng(seed)
    high = world.metres / 111_000
    wide = high / max(np.cos(np.radians(world.centre[1])), 0.1)
    grid = random.integers(-3, 4, (EACH, 4, 2)) / 3
    corners = grid * (wide, high) + world.centre
    shapes = [_shape(kind % 6, points) for kind, points in enumerate(corners)]
    return [_wrapped(shape) for shape in shapes]


def _wrapped(shape: shapely.Geometry) -> shapely.Geometry:
    """What lies east of the antimeridian as a whole begins anew at 180 W."""
    east = shapely.bounds(shape)[0] > 180
    return shapely.transform(shape, lambda xy: xy - (360, 0)) if east else shape


def _shape(kind: int, points: np.ndarray) -> shapely.Geometry:
    match kind:
        case 0:
            return shapely.Point(points[0])
        case 1:
            return shapely.LineString(points[:2])
        case 2:
            return shapely.box(*points[:2].min(axis=0), *points[:2].max(axis=0))
        case 3:
            return shapely.Polygon(points)  # may cross itself
        case 4:
            return shapely.MultiPoint(points)
        case _:
            return shapely.convex_hull(shapely.MultiPoint(points))


def literal(shape: shapely.Geometry, crs: str) -> str:
    """A wktLiteral in a CRS, axes as the CRS has them."""
    moved = shape if crs == CRS84 else transform(np.array([shape]), CRS84, crs)[0]
    text = format_wkt(pa.array([shapely.to_wkb(moved)], pa.binary()), crs)[0].as_py()
    return f'"{text}"^^geo:wktLiteral'


@cache
def texts() -> dict[str, tuple[list[str], list[str]]]:
    """The literals of both kinds of things of each world."""
    found = {}
    for at, world in enumerate(WORLDS):
        sides = []
        for side in (0, 1):
            shapes = shapes_of(world, 10 * at + side)
            own = [literal(s, world.crs[k % len(world.crs)]) for k, s in enumerate(shapes)]
            sides.append([*own, *ODD[side::2]])
        found[world.name] = (sides[0], sides[1])
    return found


def turtle() -> str:
    """All worlds: things of kind A and B with a geometry, a rank, a reach and an owner."""
    lines = ["@prefix : <http://ex/> . @prefix geo: <http://www.opengis.net/ont/geosparql#> ."]
    for world in WORLDS:
        name, sides = world.name, texts()[world.name]
        for kind, own in zip("AB", sides, strict=True):
            for k, text in enumerate(own):
                thing = f":{name}{kind}{k}"
                lines.append(
                    f"{thing} a :{kind} ; :in :{name} ; :rank {k} ; :reach {k * 150} ;"
                    f" :owner :o{k % 3} ; {world.predicate} {text} ."
                )
    return "\n".join(lines)


def make_store(folder: Path, tables: str) -> Store:
    """A store of all worlds."""
    file = folder / "worlds.ttl"
    file.write_text(turtle(), encoding="utf-8")
    store = Store.create(folder / "store", tables=tables)  # type: ignore[arg-type]
    store.load(file)
    return store

"""Geometry functions over Arrow columns of WKB that DuckDB's spatial extension lacks.

A row that cannot be answered (a broken geometry, an unknown CRS) is NULL, never the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

from ontology import (
    CRS84,
    CRSError,
    crs_from,
    geodesic_area,
    geodesic_length,
    geodesic_perimeter,
    is_geographic,
    metres_distance,
    same_crs,
    transform,
)

Shapes = npt.NDArray[np.object_]
Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def _shapes(column: pa.Array | pa.ChunkedArray) -> Shapes:
    plain = np.asarray(column.to_numpy(zero_copy_only=False), dtype=object)
    return np.asarray(shapely.from_wkb(plain, on_invalid="ignore"), dtype=object)


def _names(column: pa.Array | pa.ChunkedArray) -> Shapes:
    return np.array(column.to_pylist(), dtype=object)


def _groups(*columns: Shapes) -> Iterator[tuple[tuple[Any, ...], Mask]]:
    """The different combinations of values, nulls left out, and where each is."""
    for key in sorted(set(zip(*columns, strict=True)), key=str):
        if None not in key:
            yield key, np.logical_and.reduce([c == k for c, k in zip(columns, key, strict=True)])


_IMPOSSIBLE: Final = (shapely.errors.GEOSException, CRSError, pyproj.exceptions.ProjError)


def _attempt(function: Callable[..., Any], *arrays: Any) -> Any:
    """The function of whole arrays; if that fails, row by row with the failing ones missing."""
    try:
        return function(*arrays)
    except _IMPOSSIBLE:
        rows = [_row(function, [a[k : k + 1] for a in arrays]) for k in range(len(arrays[0]))]
        return np.concatenate(rows)


def _row(function: Callable[..., Any], arrays: list[Any]) -> Any:
    try:
        return function(*arrays)
    except _IMPOSSIBLE:
        return np.array([None], dtype=object)


def _numbers(values: Any) -> pa.Array:
    return pa.array(np.asarray(values, np.float64), pa.float64(), from_pandas=True)


def relate(a: pa.Array, b: pa.Array, patterns: pa.Array) -> pa.Array:
    """Whether the DE-9IM matrix of each pair fits the pattern."""
    first, second, names = _shapes(a), _shapes(b), _names(patterns)
    found = np.full(len(first), None, dtype=object)
    present = ~(shapely.is_missing(first) | shapely.is_missing(second))
    for (pattern,), here in _groups(names):
        rows = here & present

        def fits(x: Shapes, y: Shapes, wanted: str = pattern) -> Any:
            return shapely.relate_pattern(x, y, wanted).astype(object)

        found[rows] = _attempt(fits, first[rows], second[rows])
    return pa.array(found, pa.bool_())


def distance(a: pa.Array, crs_a: pa.Array, b: pa.Array, crs_b: pa.Array) -> pa.Array:
    """Metres between each pair, the second carried into the CRS of the first."""
    first, second = _shapes(a), _shapes(b)
    metres = np.full(len(first), np.nan)
    present = ~(shapely.is_missing(first) | shapely.is_missing(second))
    for (one, two), here in _groups(_names(crs_a), _names(crs_b)):
        rows = here & present

        def apart(x: Shapes, y: Shapes, crs: str = one, other: str = two) -> Any:
            moved = y if same_crs(crs, other) else transform(y, other, crs)
            return metres_distance(x, moved, crs).astype(object)

        if rows.any():
            metres[rows] = _attempt(apart, first[rows], second[rows])
    return _numbers(metres)


def _measure(
    planar: Callable[[Shapes], Numbers], geodesic: Callable[[Shapes], Numbers], power: int
) -> Callable[[pa.Array, pa.Array], pa.Array]:
    def measured(wkb: pa.Array, crs: pa.Array) -> pa.Array:
        shapes = _shapes(wkb)
        found = np.full(len(shapes), np.nan)
        for (name,), here in _groups(_names(crs)):
            rows = here & ~shapely.is_missing(shapes)

            def one(part: Shapes, crs_name: str = name) -> Any:
                if is_geographic(crs_name):
                    return geodesic(transform(part, crs_name, CRS84)).astype(object)
                unit = crs_from(crs_name).axis_info[0].unit_conversion_factor
                return (planar(part) * unit**power).astype(object)

            if rows.any():
                found[rows] = _attempt(one, shapes[rows])
        return _numbers(found)

    return measured


def _ring_length(shapes: Shapes) -> Numbers:
    areal = shapely.get_dimensions(shapes) == 2
    return np.where(areal, shapely.length(shapes), 0.0)


def buffer(wkb: pa.Array, crs: pa.Array, metres: pa.Array) -> pa.Array:
    """Buffers by a radius in metres; geographic geometries on a plane around their middle."""
    shapes, radii = _shapes(wkb), np.asarray(metres.to_numpy(zero_copy_only=False), np.float64)
    made = np.full(len(shapes), None, dtype=object)
    for (name,), here in _groups(_names(crs)):
        rows = np.flatnonzero(here & ~shapely.is_missing(shapes) & np.isfinite(radii))
        for row in rows:
            made[row] = _row(_buffered(name, radii[row]), [shapes[row : row + 1]])[0]
    return pa.array(shapely.to_wkb(made, flavor="iso"), pa.binary())


def _buffered(crs: str, radius: float) -> Callable[[Shapes], Shapes]:
    def around(shape: Shapes) -> Shapes:
        if not is_geographic(crs):
            unit = crs_from(crs).axis_info[0].unit_conversion_factor
            return np.asarray(shapely.buffer(shape, radius / unit, quad_segs=32))
        if shapely.is_empty(shape[0]):
            return shape
        west, south, east, north = shapely.bounds(transform(shape, crs, CRS84)[0])
        plane = pyproj.CRS.from_dict(
            {"proj": "aeqd", "lat_0": south / 2 + north / 2, "lon_0": west / 2 + east / 2}
        )
        flat = _carried(shape, crs_from(crs), plane)
        return _carried(shapely.buffer(flat, radius, quad_segs=32), plane, crs_from(crs))

    return around


def _carried(shapes: Shapes, source: pyproj.CRS, target: pyproj.CRS) -> Shapes:
    move = pyproj.Transformer.from_crs(source, target, always_xy=True).transform
    return np.asarray(
        shapely.transform(shapes, lambda rows: np.column_stack(move(rows[:, 0], rows[:, 1])))
    )


def geographic(crs: pa.Array) -> pa.Array:
    """Whether each CRS has degrees for units."""
    names = _names(crs)
    found = np.full(len(names), None, dtype=object)
    for (name,), here in _groups(names):
        found[here] = is_geographic(name)
    return pa.array(found, pa.bool_())


GEOMETRY_COLUMNS: Final[dict[str, tuple[Callable[..., pa.Array], list[str], str]]] = {
    "gl_relate": (relate, ["BLOB", "BLOB", "VARCHAR"], "BOOLEAN"),
    "gl_distance": (distance, ["BLOB", "VARCHAR", "BLOB", "VARCHAR"], "DOUBLE"),
    "gl_area": (_measure(shapely.area, geodesic_area, 2), ["BLOB", "VARCHAR"], "DOUBLE"),
    "gl_length": (_measure(shapely.length, geodesic_length, 1), ["BLOB", "VARCHAR"], "DOUBLE"),
    "gl_perimeter": (_measure(_ring_length, geodesic_perimeter, 1), ["BLOB", "VARCHAR"], "DOUBLE"),
    "gl_buffer": (buffer, ["BLOB", "VARCHAR", "DOUBLE"], "BLOB"),
    "gl_geographic": (geographic, ["VARCHAR"], "BOOLEAN"),
}
"""Name in SQL: the function, types of its arguments and of its result."""

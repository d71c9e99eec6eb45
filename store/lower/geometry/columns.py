"""Geometry functions over Arrow columns of WKB that DuckDB's spatial extension lacks.

A row that cannot be answered (a broken geometry, an unknown CRS) is NULL, never the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyproj
import shapely

from ontology import (
    CRS84,
    CRSError,
    GeometryError,
    crs_from,
    geodesic_area,
    geodesic_distance,
    geodesic_length,
    geodesic_perimeter,
    is_geographic,
    metres_buffer,
    metres_distance,
    on_globe,
    read_wkb,
    same_crs,
    transform,
    without_empty_members,
)

from .rings import begun

Shapes = npt.NDArray[np.object_]
Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def shapes_of(column: pa.Array | pa.ChunkedArray) -> Shapes:
    """Geometries of a column of WKB, None where it is null or none."""
    return read_wkb(_plain(column))[0]


def written(shapes: Any) -> pa.Array:
    """A column of WKB."""
    return pa.array(shapely.to_wkb(shapes, flavor="iso"), pa.binary())


def names_of(column: pa.Array | pa.ChunkedArray) -> Shapes:
    """Texts of a column, None where it is null."""
    return np.array(_plain(column).to_pylist(), dtype=object)


def numbers_of(column: pa.Array | pa.ChunkedArray) -> Numbers:
    """Numbers of a column, NaN where it is null."""
    return np.asarray(_plain(column).to_numpy(zero_copy_only=False), np.float64)


def _plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def groups_of(*columns: Shapes) -> Iterator[tuple[tuple[Any, ...], Mask]]:
    """The different combinations of values, nulls left out, and where each is."""
    for key in sorted(set(zip(*columns, strict=True)), key=str):
        if None not in key:
            yield key, np.logical_and.reduce([c == k for c, k in zip(columns, key, strict=True)])


IMPOSSIBLE: Final = (
    shapely.errors.GEOSException,
    pyproj.exceptions.ProjError,
    CRSError,
    GeometryError,
    ValueError,  # shapely's, where a ring has too few places
)
"""What a geometry may end in that cannot be answered for."""


def attempt(function: Callable[..., Any], *arrays: Any) -> Any:
    """The function of whole arrays; if that fails, row by row with the failing ones missing.

    Numbers that overflow on the way are no warning: what comes of them is asked in the end.
    """
    with np.errstate(all="ignore"):
        try:
            return function(*arrays)
        except IMPOSSIBLE:
            rows = [_row(function, [a[k : k + 1] for a in arrays]) for k in range(len(arrays[0]))]
            return np.concatenate(rows)


def _row(function: Callable[..., Any], arrays: list[Any]) -> Any:
    try:
        return function(*arrays)
    except IMPOSSIBLE:
        return np.array([None], dtype=object)


_COLLECTION: Final = 7


def _numbers(values: Any) -> pa.Array:
    return pa.array(np.asarray(values, np.float64), pa.float64(), from_pandas=True)


def sound(shapes: Shapes) -> Shapes:
    """Collections without their empty parts, over which GEOS ends the process in relations."""
    collections = shapely.get_type_id(shapes) == _COLLECTION
    if not collections.any():
        return shapes
    mended = np.array(shapes, dtype=object)
    mended[collections] = without_empty_members(mended[collections])
    return mended


def without_empty(wkb: pa.Array) -> pa.Array:
    """The same over WKB."""
    return written(sound(shapes_of(wkb)))


def relate(a: pa.Array, b: pa.Array, patterns: pa.Array) -> pa.Array:
    """Whether the DE-9IM matrix of each pair fits the pattern."""
    first, second, names = sound(shapes_of(a)), sound(shapes_of(b)), names_of(patterns)
    found = np.full(len(first), None, dtype=object)
    present = ~(shapely.is_missing(first) | shapely.is_missing(second))
    for (pattern,), here in groups_of(names):
        rows = here & present

        def fits(x: Shapes, y: Shapes, wanted: str = pattern) -> Any:
            return shapely.relate_pattern(x, y, wanted).astype(object)

        found[rows] = attempt(fits, first[rows], second[rows])
    return pa.array(found, pa.bool_())


def distance(a: pa.Array, crs_a: pa.Array, b: pa.Array, crs_b: pa.Array) -> pa.Array:
    """Metres between each pair, the second carried into the CRS of the first."""
    first, second = shapes_of(a), shapes_of(b)
    metres = np.full(len(first), np.nan)
    present = ~(shapely.is_missing(first) | shapely.is_missing(second))
    for (one, two), here in groups_of(names_of(crs_a), names_of(crs_b)):
        rows = here & present

        def apart(x: Shapes, y: Shapes, crs: str = one, other: str = two) -> Any:
            if is_geographic(crs):
                return geodesic_distance(on_globe(x, crs), _placed(y, other)).astype(object)
            moved = y if same_crs(crs, other) else transform(y, other, crs)
            return metres_distance(x, moved, crs).astype(object)

        if rows.any():
            metres[rows] = attempt(apart, first[rows], second[rows])
    return _numbers(metres)


def _placed(shapes: Shapes, crs: str) -> Shapes:
    return on_globe(shapes, crs) if is_geographic(crs) else transform(shapes, crs, CRS84)


def _measure(
    planar: Callable[[Shapes], Numbers], geodesic: Callable[[Shapes], Numbers], power: int
) -> Callable[[pa.Array, pa.Array], pa.Array]:
    def measured(wkb: pa.Array, crs: pa.Array) -> pa.Array:
        shapes = shapes_of(wkb)
        found = np.full(len(shapes), np.nan)
        for (name,), here in groups_of(names_of(crs)):
            rows = here & ~shapely.is_missing(shapes)

            def one(part: Shapes, crs_name: str = name) -> Any:
                if is_geographic(crs_name):
                    return geodesic(on_globe(part, crs_name)).astype(object)
                unit = crs_from(crs_name).axis_info[0].unit_conversion_factor
                return (planar(part) * unit**power).astype(object)

            if rows.any():
                found[rows] = attempt(one, shapes[rows])
        return _numbers(found)

    return measured


def _ring_length(shapes: Shapes) -> Numbers:
    areal = shapely.get_dimensions(shapes) == 2
    return np.where(areal, shapely.length(shapes), 0.0)


def buffer(wkb: pa.Array, crs: pa.Array, metres: pa.Array) -> pa.Array:
    """Buffers by a radius in metres: planar in a projected CRS, else on the ellipsoid."""
    shapes, radii = shapes_of(wkb), numbers_of(metres)
    made = np.full(len(shapes), None, dtype=object)
    for (name,), here in groups_of(names_of(crs)):
        rows = here & ~shapely.is_missing(shapes) & np.isfinite(radii)
        if rows.any():
            made[rows] = attempt(partial(metres_buffer, crs=name), shapes[rows], radii[rows])
    return written(made)


def geographic(crs: pa.Array) -> pa.Array:
    """Whether each CRS has degrees for units."""
    names = names_of(crs)
    found = np.full(len(names), None, dtype=object)
    for (name,), here in groups_of(names):
        found[here] = is_geographic(name)
    return pa.array(found, pa.bool_())


GEOMETRY_COLUMNS: Final[dict[str, tuple[Callable[..., pa.Array], list[str], str]]] = {
    "gl_without_empty": (without_empty, ["BLOB"], "BLOB"),
    "gl_relate": (relate, ["BLOB", "BLOB", "VARCHAR"], "BOOLEAN"),
    "gl_distance": (distance, ["BLOB", "VARCHAR", "BLOB", "VARCHAR"], "DOUBLE"),
    "gl_area": (_measure(shapely.area, geodesic_area, 2), ["BLOB", "VARCHAR"], "DOUBLE"),
    "gl_length": (_measure(shapely.length, geodesic_length, 1), ["BLOB", "VARCHAR"], "DOUBLE"),
    "gl_perimeter": (_measure(_ring_length, geodesic_perimeter, 1), ["BLOB", "VARCHAR"], "DOUBLE"),
    "gl_buffer": (buffer, ["BLOB", "VARCHAR", "DOUBLE"], "BLOB"),
    "gl_begun": (begun, ["BLOB", "BLOB"], "BLOB"),
    "gl_geographic": (geographic, ["VARCHAR"], "BOOLEAN"),
}
"""Name in SQL: the function, types of its arguments and of its result."""

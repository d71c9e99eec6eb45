"""Areas of pixels on the ellipsoid, in square metres.

Where a grid is in degrees and north up, the area between parallels and meridians is exact.
Otherwise a pixel's area is that of the parallelogram its sides span on the ellipsoid, computed on
a lattice of at most :data:`SPACING` metres and interpolated between: better than 1e-6 below 60°
of latitude in all common projections, and than 1e-5 below 80° in Mercator's. Grids in equal-area
projections have one area for all pixels.
"""

from __future__ import annotations

from math import pi
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyproj

from ontology import crs_from

Floats = npt.NDArray[np.float64]

SPACING: Final = 3000.0
_EQUAL: Final = 1e-6
_SAMPLE: Final = 17
_MOST: Final = 512


class PixelAreas:
    """Areas of the pixels of a grid.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns.
    transform : tuple of six floats
        Affine coefficients a, b, c, d, e, f.
    crs : str
        IRI.
    planar : bool
        Areas in the plane of the projection instead (degrees have none).
    """

    def __init__(
        self, shape: tuple[int, int], transform: tuple[float, ...], crs: str, *, planar: bool
    ) -> None:
        self._shape = shape
        self._transform = transform
        a, b, _, d, e, f = transform
        found = crs_from(crs)
        unit = found.axis_info[0].unit_conversion_factor
        self._even: float | None = None
        self._rows: Floats | None = None
        if found.is_geographic and not b and not d:
            edges = np.degrees((f + e * np.arange(shape[0] + 1)) * unit)
            self._rows = _between_parallels(edges, float(np.degrees(abs(a) * unit)), found)
            return
        plane = abs(a * e - b * d) * unit**2
        if planar and not found.is_geographic:
            self._even = plane
            return
        self._to_degrees = _to_geodetic(found)
        self._step = int(np.clip(SPACING / max(plane**0.5, 1e-9), 1, _MOST))
        if found.is_geographic:
            self._step = 1
            return
        rows = np.linspace(0, shape[0] - 1, _SAMPLE)
        sample = self._at(rows, np.linspace(0, shape[1] - 1, _SAMPLE))
        if np.isfinite(sample).any() and np.nanmax(np.abs(sample / plane - 1)) < _EQUAL:
            self._even = plane

    def of(self, row: int, column: int, height: int, width: int) -> Floats:
        """Areas of a window, shape (height, 1) where a row's are equal, else (height, width)."""
        if self._even is not None:
            return np.full((height, 1), self._even)
        if self._rows is not None:
            return self._rows[row : row + height, None]
        rows, down = _lattice(row, height, self._step)
        columns, across = _lattice(column, width, self._step)
        return np.asarray(down @ self._at(rows, columns) @ across.T)

    def _at(self, rows: Floats, columns: Floats) -> Floats:
        """Areas of the pixels (they may lie outside) at the crossings of rows and columns."""
        a, b, c, d, e, f = self._transform
        row, column = (grid + 0.5 for grid in np.meshgrid(rows, columns, indexing="ij"))

        def place(down: float, right: float) -> Floats:
            j, i = column + right, row + down
            return _on_ellipsoid(self._to_degrees, a * j + b * i + c, d * j + e * i + f)

        with np.errstate(invalid="ignore", over="ignore"):
            across = place(0, 0.5) - place(0, -0.5)
            down = place(0.5, 0) - place(-0.5, 0)
            found: Floats = np.linalg.norm(np.cross(across, down), axis=-1)
        return found


def is_torn(shape: tuple[int, int], transform: tuple[float, ...], crs: str) -> bool:
    """Whether a projected grid holds a pole or crosses the antimeridian."""
    found = crs_from(crs)
    if found.is_geographic:
        return False
    a, b, c, d, e, f = transform
    rows, columns = np.meshgrid(*(np.linspace(0, size, _SAMPLE) for size in shape), indexing="ij")
    x, y = a * columns + b * rows + c, d * columns + e * rows + f
    longitude, _ = _to_geodetic(found).transform(x, y)
    with np.errstate(invalid="ignore"):
        steps = [np.abs(np.diff(longitude, axis=axis)) for axis in (0, 1)]
        return any(bool((step > 180).any()) for step in steps)


def _lattice(first: int, count: int, step: int) -> tuple[Floats, Floats]:
    """Nodes around some pixels, and the weights, shape (count, nodes), of each for each pixel."""
    start = first // step
    nodes = np.arange(start, (first + count - 1) // step + 2) * step
    position = (np.arange(first, first + count) - start * step) / step
    before = position.astype(np.int64)
    weights = np.zeros((count, len(nodes)))
    weights[np.arange(count), before] = 1 - (position - before)
    weights[np.arange(count), before + 1] = position - before
    return nodes.astype(np.float64), weights


def _to_geodetic(crs: Any) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(crs, _degrees(crs.geodetic_crs), always_xy=True)


def _degrees(geodetic: Any) -> Any:
    """Longitude and latitude in degrees from Greenwich on the ellipsoid of a CRS."""
    ellipsoid = geodetic.ellipsoid
    return pyproj.CRS.from_dict(
        {
            "proj": "longlat",
            "a": ellipsoid.semi_major_metre,
            "b": ellipsoid.semi_minor_metre,
            "no_defs": True,
        }
    )


def _on_ellipsoid(transformer: pyproj.Transformer, x: Floats, y: Floats) -> Floats:
    """Cartesian coordinates, m, of places on the ellipsoid; not finite outside a projection."""
    longitude, latitude = np.radians(transformer.transform(x, y))
    ellipsoid: Any = transformer.target_crs.ellipsoid  # type: ignore[union-attr]
    major, minor = ellipsoid.semi_major_metre, ellipsoid.semi_minor_metre
    normal = major / np.sqrt(1 - (1 - (minor / major) ** 2) * np.sin(latitude) ** 2)
    return np.stack(
        [
            normal * np.cos(latitude) * np.cos(longitude),
            normal * np.cos(latitude) * np.sin(longitude),
            (minor / major) ** 2 * normal * np.sin(latitude),
        ],
        axis=-1,
    )


def _between_parallels(latitudes: Floats, degrees: float, crs: Any) -> Floats:
    """Areas of the cells between parallels on the ellipsoid of a geographic CRS."""
    major, minor = crs.ellipsoid.semi_major_metre, crs.ellipsoid.semi_minor_metre
    sine = np.sin(np.clip(np.radians(latitudes), -pi / 2, pi / 2))
    square = 1 - (minor / major) ** 2
    if square == 0:
        zone = 2 * sine
    else:
        e = np.sqrt(square)
        zone = sine / (1 - square * sine**2) + np.arctanh(e * sine) / e
    areas: Floats = np.abs(np.diff(zone)) * minor**2 / 2 * np.radians(degrees)
    return areas

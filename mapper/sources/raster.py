"""Class rasters as zones: one row per connected area of one class."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from math import isfinite, pi
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window

from ontology import InputError, MappingError, UnsupportedError, crs_from, to_wkb

from ..cells import Batch, Cells
from ..model import LogicalSource
from ..zones import Floats, ZoneFinder, Zones
from .base import GEOMETRY, Source, Surroundings, chosen_crs, resolve, unreadable

_STRIP_PIXELS: Final = 1 << 20
_GREATEST: Final = np.iinfo(np.int64).max
_PIXELS_APART: Final = 0.01
_COLUMNS: Final[dict[str, pa.DataType]] = {
    "zone": pa.int64(),
    "value": pa.int64(),
    "pixels": pa.int64(),
    "area": pa.float64(),
    "mean_confidence": pa.float64(),
    "min_confidence": pa.float64(),
    GEOMETRY: pa.binary(),
}


def open_raster(source: LogicalSource, around: Surroundings) -> Source:
    """Open a class raster, with its confidence where that lies in a file of its own."""
    confidence = source.option("confidence")
    beside = resolve(source, around, confidence) if confidence else None
    return RasterSource(source, resolve(source, around), beside)


class RasterSource:
    """Zones of one band, with confidence from another band or raster of the same grid.

    Columns: ``zone`` (row * width + column of its first pixel), ``value``, ``pixels``,
    ``area`` (m²), ``mean_confidence`` and ``min_confidence`` (divided by
    ``gl:confidenceScale``), ``geometry``.
    """

    def __init__(self, source: LogicalSource, path: Path, confidence: Path | None) -> None:
        self._source = source
        self._path = path
        self._confidence_path = confidence
        self._band = self._number("band", 1)
        self.rows: int | None = None
        self.remarks: tuple[str, ...] = ()
        with self._open(path) as raster:
            self._check(raster)
        self._scale()

    @property
    def columns(self) -> dict[str, pa.DataType] | None:
        """The zone columns; confidence only if there is one."""
        if self._confidence_band is not None:
            return _COLUMNS
        return {name: kind for name, kind in _COLUMNS.items() if "confidence" not in name}

    @cached_property
    def crs(self) -> str | None:
        """CRS IRI of the mapping or of the raster."""
        with self._open(self._path) as raster:
            found = raster.crs and raster.crs.to_wkt()
            return chosen_crs(found or None, self._source, str(self._path))

    @cached_property
    def _confidence_band(self) -> int | None:
        if self._confidence_path is not None:
            return self._number("confidenceBand", 1)
        given = self._source.option("confidenceBand")
        return None if given is None else self._number("confidenceBand", 1)

    def _number(self, name: str, default: int) -> int:
        text = self._source.option(name)
        try:
            return default if text is None else int(text)
        except ValueError as error:
            raise MappingError(
                f"gl:{name} must be a whole number", where=str(self._path), why=repr(text)
            ) from error

    def _scale(self) -> float:
        text = self._source.option("confidenceScale") or "1"
        try:
            scale = float(text)
        except ValueError:
            scale = 0.0
        if not (scale > 0 and isfinite(scale)):
            raise MappingError(
                "gl:confidenceScale must be a number above 0", where=str(self._path), why=repr(text)
            )
        return scale

    @staticmethod
    def _open(path: Path) -> Any:
        try:
            return rasterio.open(path)
        except (RasterioError, OSError) as error:
            raise unreadable(str(path), error, "check that it is a raster GDAL knows") from error

    def _check(self, raster: Any) -> None:
        if not 1 <= self._band <= raster.count:
            raise MappingError(
                f"The raster has no band {self._band}",
                where=str(self._path),
                remedy=f"gl:band is one of 1 to {raster.count}",
            )
        kind = np.dtype(raster.dtypes[self._band - 1])
        if kind.kind not in "iu":
            raise UnsupportedError(
                "Only rasters of whole numbers have classes",
                where=f"{self._path}, band {self._band}",
                why=f"the band is {kind}",
                remedy="classify the raster first",
            )
        if self._number("connectedness", 4) not in (4, 8):
            raise MappingError("gl:connectedness is 4 or 8", where=str(self._path))

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read strips from the top and give zones as they are complete."""
        done = 0
        for zones in self._zones():
            if len(zones):
                yield self._batch(zones, references, done)
            done += len(zones)

    def _zones(self) -> Iterator[Zones]:
        with self._open(self._path) as raster:
            finder = ZoneFinder(
                raster.width,
                tuple(raster.transform)[:6],
                diagonal=self._number("connectedness", 4) == 8,
                minimum_pixels=self._number("minimumPixels", 1),
            )
            areas = self._pixel_areas(raster)
            confidence = self._open_confidence(raster)
            for window in _strips(raster, self._band):
                rows = slice(window.row_off, window.row_off + window.height)
                values, valid = self._values(raster, window)
                weights = confidence and self._weights(confidence, window)
                yield finder.feed(values, valid, areas[rows], weights if confidence else None)
            yield finder.finish()
            if finder.dropped:
                self.remarks = (
                    f"{self._path}: {finder.dropped} zones under gl:minimumPixels with "
                    f"{finder.dropped_pixels} pixels left out",
                )

    def _values(self, raster: Any, window: Window) -> tuple[Any, Any]:
        try:
            read = raster.read(self._band, window=window)
            valid = raster.read_masks(self._band, window=window) > 0
        except RasterioError as error:
            raise unreadable(
                str(self._path), error, "the file may be cut off; copy it again"
            ) from error
        if read.dtype == np.uint64 and (read > _GREATEST).any():
            raise UnsupportedError(
                "A class is greater than 64 bits with a sign can hold",
                where=f"{self._path}, band {self._band}",
                why=f"{read.max()} is greater than {_GREATEST}",
                remedy="number the classes anew",
            )
        values = read.astype(np.int64)
        given = self._source.option("nodata")
        if given is not None:
            valid = values != self._number("nodata", 0)
        return values, valid

    def _open_confidence(self, raster: Any) -> Any:
        if self._confidence_band is None:
            return None
        other = self._open(self._confidence_path or self._path)
        same = other.shape == raster.shape and _same_corners(raster, other)
        if other.crs and raster.crs:
            same = same and other.crs == raster.crs
        if not same or not 1 <= self._confidence_band <= other.count:
            raise InputError(
                "The confidence raster does not fit the class raster",
                where=f"{other.name}, band {self._confidence_band}",
                why=f"{_grid(other)}, {other.count} bands",
                remedy=f"resample it to {_grid(raster)}",
            )
        return other

    def _weights(self, confidence: Any, window: Window) -> Floats:
        band = self._confidence_band
        read = confidence.read(band, window=window).astype(np.float64)
        known = confidence.read_masks(band, window=window) > 0
        return np.where(known, read, np.nan)

    def _pixel_areas(self, raster: Any) -> npt.NDArray[np.float64]:
        a, b, _, d, e, f = tuple(raster.transform)[:6]
        crs = crs_from(str(self.crs))
        if not crs.is_geographic:
            factor = crs.axis_info[0].unit_conversion_factor
            return np.full(raster.height, abs(a * e - b * d) * factor**2)
        if b or d:
            raise UnsupportedError(
                "Rotated rasters in degrees are not supported",
                where=str(self._path),
                remedy="warp it to a grid that is north up",
            )
        edges = f + e * np.arange(raster.height + 1)
        unit = np.degrees(crs.axis_info[0].unit_conversion_factor)
        return _ellipsoid_areas(edges * unit, abs(a) * unit, crs)

    def _batch(self, zones: Zones, references: Collection[str], done: int) -> Batch:
        scale = self._scale()
        columns: dict[str, Any] = {
            "zone": zones.number,
            "value": zones.value,
            "pixels": zones.pixels,
            "area": zones.area,
            "mean_confidence": zones.mean_confidence / scale,
            "min_confidence": zones.min_confidence / scale,
        }
        cells = {
            ref: Cells(to_wkb(zones.geometry), crs=self.crs)
            if ref == GEOMETRY
            else Cells(pa.array(columns[ref], from_pandas=True))
            for ref in references
        }
        return Batch(cells, np.arange(done + 1, done + len(zones) + 1))


def _same_corners(raster: Any, other: Any) -> bool:
    """Whether the corners of two rasters of one shape are in the same places of the grid."""
    onto = ~raster.transform @ other.transform
    width, height = raster.width, raster.height
    corners = [(0, 0), (width, 0), (0, height), (width, height)]
    moved = np.array([onto @ corner for corner in corners])
    return bool(np.abs(moved - corners).max() < _PIXELS_APART)


def _grid(raster: Any) -> str:
    return f"{raster.shape} pixels at {tuple(raster.transform)[:6]} in {raster.crs or 'no CRS'}"


def _strips(raster: Any, band: int) -> Iterator[Window]:
    block = raster.block_shapes[band - 1][0]
    rows = max(1, _STRIP_PIXELS // raster.width)
    if rows > block:
        rows -= rows % block
    for top in range(0, raster.height, rows):
        yield Window(0, top, raster.width, min(rows, raster.height - top))


def _ellipsoid_areas(latitudes: Floats, degrees: float, crs: Any) -> Floats:
    """Areas of the cells between parallels on the ellipsoid of a geographic CRS, m²."""
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

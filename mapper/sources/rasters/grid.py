"""Opening raster files: subdatasets, bands by name, georeference, windows, masks."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.enums import MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from ontology import InputError, MappingError

from ..base import unreadable

_TILE_PIXELS: Final = 1 << 20
_CACHE_MEGABYTES: Final = 64
_PIXELS_APART: Final = 0.01
_SINCE: Final = re.compile(r"(second|minute|hour|day)s? since (\d{4}-\d\d-\d\d)[T ]?(\S*)")
Booleans = npt.NDArray[np.bool_]


class Raster:
    """A raster file, or one variable of it, opened for reading.

    Attributes
    ----------
    name : str
        For messages.
    shape : tuple of int
        Rows and columns.
    transform : rasterio.Affine
    """

    def __init__(self, path: Path, layer: str | None = None) -> None:
        self.path = path
        self._dataset = _open(path, layer)
        self.name = str(path) if layer is None else f"{path}, layer {layer}"
        self.shape: tuple[int, int] = self._dataset.shape
        self.transform = self._georeference(layer)

    @property
    def crs(self) -> Any:
        """CRS of the file, or None."""
        return self._dataset.crs

    @property
    def count(self) -> int:
        """Number of bands."""
        return int(self._dataset.count)

    def kind(self, band: int) -> Any:
        """Data type of a band."""
        return np.dtype(self._dataset.dtypes[band - 1])

    def unit(self, band: int) -> str | None:
        """Unit of a band's values as the file says it."""
        return self._dataset.units[band - 1] or None

    def scale(self, band: int) -> tuple[float, float]:
        """Scale and offset that make physical values of stored ones."""
        return self._dataset.scales[band - 1], self._dataset.offsets[band - 1]

    def tags(self, band: int) -> dict[str, str]:
        """Metadata of a band."""
        return dict(self._dataset.tags(band))

    def band(self, wanted: str, option: str) -> int:
        """Number of a band given by number, name or time.

        Raises
        ------
        MappingError
            There is no such band.
        """
        if wanted.isdigit() and 1 <= int(wanted) <= self.count:
            return int(wanted)
        names = self._names()
        found = [number for number, name in enumerate(names, 1) if name == wanted]
        if len(found) != 1:
            listed = ", ".join(f"{n} {name}".strip() for n, name in enumerate(names, 1))
            raise MappingError(
                f"The raster has no band {wanted}",
                where=self.name,
                remedy=f"gl:{option} is one of {listed:.300}",
            )
        return found[0]

    def _names(self) -> list[str]:
        names = [name or "" for name in self._dataset.descriptions]
        tags = self._dataset.tags()
        dimensions = tags.get("NETCDF_DIM_EXTRA", "{}").strip("{}").split(",")
        for name in dimensions[:1] if len(dimensions) == 1 else ():
            values = tags.get(f"NETCDF_DIM_{name}_VALUES", "").strip("{}").split(",")
            if len(values) == self.count:
                unit = tags.get(f"{name}#units", "")
                names = [_time(value, unit) for value in values]
        return names

    def read(self, band: int, window: Window) -> tuple[Any, Booleans | None]:
        """Stored values of a window, and which of them are known (None: all).

        Raises
        ------
        InputError
            The file is damaged there.
        """
        try:
            values = self._dataset.read(band, window=window)
            return values, self._known(values, band, window)
        except (RasterioError, OSError) as error:
            raise InputError(
                "Cannot read a part of a raster",
                where=f"{self.name}, band {band}, {told(window)}",
                why=str(error.__cause__ or error),
                remedy="the file may be cut off or damaged; copy it again",
            ) from error

    def _known(self, values: Any, band: int, window: Window) -> Booleans | None:
        flags = self._dataset.mask_flag_enums[band - 1]
        known: Booleans | None = None
        if MaskFlags.nodata in flags:
            known = _differ(values, self._dataset.nodatavals[band - 1])
        elif MaskFlags.all_valid not in flags:
            known = np.asarray(self._dataset.read_masks(band, window=window) > 0)
        if values.dtype.kind == "f":
            number = ~np.isnan(values)
            known = number if known is None else known & number
        return known

    def windows(self, band: int, within: Window | None = None) -> Iterator[Window]:
        """Windows of whole blocks, row by row, each row of one height."""
        area = within or Window(0, 0, *self.shape[::-1])
        rows, columns = self._dataset.block_shapes[band - 1]
        columns = min(columns, area.width)
        if rows * columns > 4 * _TILE_PIXELS:
            rows = 1
        tall = max(rows, min(256, _TILE_PIXELS // columns) // rows * rows)
        wide = max(columns, _TILE_PIXELS // tall // columns * columns)
        if wide >= area.width:
            tall = max(rows, _TILE_PIXELS // area.width // rows * rows)
        bottom, right = area.row_off + area.height, area.col_off + area.width
        for row in range(area.row_off, bottom, tall):
            for column in range(area.col_off, right, wide):
                yield Window(column, row, min(wide, right - column), min(tall, bottom - row))

    def squares(self, side: int) -> Iterator[Window]:
        """The whole raster, or squares of so many pixels if ``side`` is not 0."""
        height, width = self.shape
        tall, wide = (side, side) if side else (height, width)
        for row in range(0, height, tall):
            for column in range(0, width, wide):
                yield Window(column, row, min(wide, width - column), min(tall, height - row))

    def refuse_other_grid(self, other: Raster, role: str) -> None:
        """Raise InputError unless the other raster lies on the same grid."""
        same = other.shape == self.shape and _same_corners(self, other)
        if other.crs and self.crs:
            same = same and other.crs == self.crs
        if not same:
            raise InputError(
                f"The {role} does not fit the class raster",
                where=other.name,
                why=f"{other.grid()}",
                remedy=f"resample it to {self.grid()}",
            )

    def grid(self) -> str:
        """Size, place and CRS, for messages."""
        place = tuple(self.transform)[:6]
        return f"{self.shape} pixels at {place} in {self.crs or 'no CRS'}"

    def close(self) -> None:
        """Let go of the file."""
        self._dataset.close()

    def _georeference(self, layer: str | None) -> Any:
        transform = self._dataset.transform
        if not transform.is_identity:
            return transform
        found = self._axes() if self._dataset.driver == "netCDF" else None
        if found is None:
            raise InputError(
                "The raster does not say where its pixels lie",
                where=self.name,
                why="it has no geotransform (ground control points are not enough)",
                remedy="warp it, or give it a world file",
            )
        return found

    def _axes(self) -> Any:
        """Affine transform of a netCDF file whose axes are variables without attributes."""
        axes = []
        for names in (("x", "lon", "longitude"), ("y", "lat", "latitude")):
            values = next((v for v in map(self._axis, names) if v is not None), None)
            if values is None or len(values) < 2:
                return None
            steps = np.diff(values)
            if np.abs(steps - steps[0]).max() > abs(steps[0]) * _PIXELS_APART:
                return None
            axes.append((float(values[0]), (float(values[-1]) - float(values[0])) / len(steps)))
        (x, across), (y, down) = axes
        return rasterio.Affine(across, 0, x - across / 2, 0, down, y - down / 2)

    def _axis(self, name: str) -> Any:
        try:
            with _silent(), rasterio.open(f'NETCDF:"{self.path}":{name}') as axis:
                return axis.read(1).ravel().astype(np.float64)
        except RasterioError:
            return None


def _differ(values: Any, nodata: float) -> Booleans | None:
    """Where values are not nodata; None if the type has no such value."""
    if values.dtype.kind == "f":
        return np.asarray(values != np.array(nodata, values.dtype))
    limits = np.iinfo(values.dtype)
    if not limits.min <= nodata <= limits.max or nodata != int(nodata):
        return None
    return np.asarray(values != int(nodata))


def cache() -> Any:
    """Surroundings in which GDAL keeps only as much as whole blocks need."""
    return rasterio.Env(GDAL_CACHEMAX=_CACHE_MEGABYTES)


def told(window: Window) -> str:
    """Name of a window for messages."""
    row, column = window.row_off, window.col_off
    return (
        f"rows {row} to {row + window.height - 1}, columns {column} to {column + window.width - 1}"
    )


def _silent() -> Any:
    return warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning)


def _open(path: Path, layer: str | None) -> Any:
    try:
        with _silent():
            dataset = rasterio.open(path)
            found = dataset.subdatasets
            if layer is None and (dataset.count or not found):
                return dataset
            names = {text.rsplit(":", 1)[1].strip('"/'): text for text in found}
            dataset.close()
            if layer is None and len(names) == 1:
                return rasterio.open(next(iter(names.values())))
            if layer not in names:
                return rasterio.open(_variable(path, layer, names, dataset.driver))
            return rasterio.open(names[layer])
    except (RasterioError, OSError) as error:
        raise unreadable(str(path), error, "check that it is a raster GDAL knows") from error


def _variable(path: Path, layer: str | None, names: dict[str, str], driver: str) -> str:
    if layer is not None and not names and driver == "netCDF":
        return f'NETCDF:"{path}":{layer}'
    raise MappingError(
        f"The file has no variable {layer}" if layer else "The file has several variables",
        where=str(path),
        remedy=f"name one with gl:layer: {', '.join(sorted(names))}",
    )


def _time(value: str, unit: str) -> str:
    """ISO text of a value of a time axis; other values as they are."""
    match = _SINCE.match(unit)
    if match is None:
        return value.strip()
    try:
        start = datetime.fromisoformat(f"{match[2]}T{match[3] or '00:00:00'}".removesuffix("Z"))
        moment = start.replace(tzinfo=UTC) + float(value) * timedelta(**{match[1] + "s": 1})
    except (ValueError, OverflowError):
        return value.strip()
    text = moment.isoformat().removesuffix("+00:00")
    return text.removesuffix("T00:00:00")


def _same_corners(raster: Raster, other: Raster) -> bool:
    """Whether the corners of two rasters of one shape are in the same places of the grid."""
    onto = ~raster.transform @ other.transform
    height, width = raster.shape
    corners = [(0, 0), (width, 0), (0, height), (width, height)]
    moved = np.array([onto @ corner for corner in corners])
    return bool(np.abs(moved - corners).max() < _PIXELS_APART)

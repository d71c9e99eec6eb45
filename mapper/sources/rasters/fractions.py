"""Cover shares of blocks of pixels, from fractions by class or from classes themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from rasterio.windows import Window

from ontology import InputError, MappingError, to_wkb

from ...language.model import LogicalSource
from ...terms.cells import Batch, Cells
from ..base import GEOMETRY, Surroundings, chosen_crs, resolve
from .classes import ClassMap, Floats, not_among
from .finding import pixel_areas
from .grid import Raster, cache, told
from .options import Options

_WINDOW_PIXELS: Final = 1 << 20
_BLOCK: Final[dict[str, pa.DataType]] = {
    "block": pa.int64(),
    "value": pa.int64(),
    "pixels": pa.int64(),
    "area": pa.float64(),
    GEOMETRY: pa.binary(),
}
_SHARE: Final[dict[str, pa.DataType]] = {
    "label": pa.string(),
    "share": pa.float64(),
    "class_area": pa.float64(),
}


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of classes in blocks.

    Attributes
    ----------
    classes : ndarray of int64, or of texts, shape (k,)
    area : ndarray of float64, shape (rows of blocks, columns of blocks, k)
        Of each class, m².
    known : ndarray of float64, shape (rows, columns)
        Area of the pixels that are known, m².
    pixels : ndarray of int64, shape (rows, columns)
        Number of those.
    """

    classes: Any
    area: Floats
    known: Floats
    pixels: Any


class FractionSource:
    """Blocks of ``gl:blockSize`` by as many pixels and the classes in them.

    The iterator ``share`` (the default) gives a row for each block and class, ``block`` one for
    each block; blocks without a known pixel are left out. Columns: ``block`` (number in reading
    order), ``value`` (the class; in rows of blocks all their classes), ``pixels`` and ``area``
    (those known, m²), ``geometry``; in rows of shares also ``label``, ``share`` (0 to 1) and
    ``class_area`` (m²).
    """

    def __init__(self, source: LogicalSource, around: Surroundings) -> None:
        self._source = source
        self._around = around
        self._path = resolve(source, around)
        self._options = Options(source, str(self._path))
        self.rows: int | None = None
        self.remarks: tuple[str, ...] = ()
        self._size = self._options.whole("blockSize", 0, least=1)
        self._least = self._options.number("minimumShare", 0.0)
        if source.iterator not in (None, "share", "block"):
            raise MappingError(
                "The rows of cover fractions are shares or blocks",
                where=str(self._path),
                why=f"rml:iterator {source.iterator!r}",
                remedy='use rml:iterator "share" or "block"',
            )
        self._options.choice("area", "geodesic", "planar")
        reader = self._open()
        try:
            crs = reader.raster.crs
            self._file_crs = crs and crs.to_wkt()
        finally:
            reader.close()

    @property
    def _by_block(self) -> bool:
        return self._source.iterator == "block"

    @property
    def columns(self) -> dict[str, pa.DataType] | None:
        """Columns of the rows the iterator gives."""
        named = [code for code, _ in self._options.by_class("classBands")]
        found = _BLOCK if self._by_block else _BLOCK | _SHARE
        return found if _whole(named) else found | {"value": pa.string()}

    @cached_property
    def crs(self) -> str | None:
        """CRS IRI of the mapping or of the raster."""
        return chosen_crs(self._file_crs, self._source, str(self._path))

    def _open(self) -> _Fractions | _Counted:
        if self._options.by_class("classBands"):
            return _Fractions(self._options, self._path)
        return _Counted(self._options, self._path)

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read rows of blocks from the top."""
        done = 0
        with cache():
            reader = self._open()
            try:
                areas = pixel_areas(self._options, reader.raster, str(self.crs))
                for window in self._windows(reader.raster):
                    area = areas.of(window.row_off, window.col_off, window.height, window.width)
                    shares = reader.shares(window, area, self._size)
                    batch = self._batch(shares, window, reader, references, done)
                    done += len(batch)
                    if len(batch):
                        yield batch
            finally:
                reader.close()

    def _windows(self, raster: Raster) -> Iterator[Window]:
        height, width = raster.shape
        size = self._size
        tall = max(size, 256 // size * size)
        wide = max(size, _WINDOW_PIXELS // tall // size * size)
        for row in range(0, height, tall):
            for column in range(0, width, wide):
                yield Window(column, row, min(wide, width - column), min(tall, height - row))

    def _batch(
        self,
        shares: Shares,
        window: Window,
        reader: _Fractions | _Counted,
        references: Collection[str],
        done: int,
    ) -> Batch:
        with np.errstate(invalid="ignore", divide="ignore"):
            share = shares.area / shares.known[..., None]
        row, column, which = np.nonzero((share > 0) & (share >= self._least))
        present = np.flatnonzero(shares.pixels.ravel())
        at = row * shares.pixels.shape[1] + column
        block = present if self._by_block else at
        values = {
            "block": self._numbers(window, shares.pixels.shape, reader.raster).ravel()[block],
            "pixels": shares.pixels.ravel()[block],
            "area": shares.known.ravel()[block],
            "share": share[row, column, which],
            "class_area": shares.area[row, column, which],
        }
        cells = {}
        for ref in references:
            if ref == GEOMETRY:
                outlines = self._outlines(window, shares.pixels.shape, reader.raster, block)
                cells[ref] = Cells(outlines, crs=self.crs, sound=True)
            elif ref == "value":
                rows = np.searchsorted(present, at) if self._by_block else None
                cells[ref] = Cells(pa.array(shares.classes[which]), rows)
            elif ref == "label":
                cells[ref] = Cells(reader.names(shares.classes[which]))
            else:
                cells[ref] = Cells(pa.array(values[ref]))
        return Batch(cells, np.arange(done + 1, done + len(block) + 1))

    def _numbers(self, window: Window, shape: tuple[int, int], raster: Raster) -> Any:
        across = -(-raster.shape[1] // self._size)
        rows = window.row_off // self._size + np.arange(shape[0])
        columns = window.col_off // self._size + np.arange(shape[1])
        return rows[:, None] * across + columns

    def _outlines(
        self, window: Window, shape: tuple[int, int], raster: Raster, block: Any
    ) -> pa.Array:
        """Corners of blocks, cut at the edge of the raster."""
        size = self._size
        row, column = np.divmod(block, shape[1])
        top, left = window.row_off + row * size, window.col_off + column * size
        bottom = np.minimum(top + size, raster.shape[0])
        right = np.minimum(left + size, raster.shape[1])
        a, b, c, d, e, f = tuple(raster.transform)[:6]
        x = np.stack([left, left, right, right, left], axis=-1)
        y = np.stack([top, bottom, bottom, top, top], axis=-1)
        corners = np.stack([a * x + b * y + c, d * x + e * y + f], axis=-1)
        return to_wkb(shapely.orient_polygons(shapely.polygons(corners)))


class _Counted:
    """Shares of the classes of a class raster."""

    def __init__(self, options: Options, path: Path) -> None:
        self._classes = ClassMap(options, path, path.parent.joinpath)
        self.raster = self._classes.raster
        self.names = self._classes.names
        self.close = self._classes.close

    def shares(self, window: Window, areas: Floats, size: int) -> Shares:
        """Areas of each class by block."""
        codes, _ = self._classes.read(window)
        known = codes != np.iinfo(codes.dtype).min
        classes, place = np.unique(codes[known], return_inverse=True)
        rows, columns = np.nonzero(known)
        shape = tuple(-(-length // size) for length in codes.shape)
        block = rows // size * shape[1] + columns // size
        weight = np.broadcast_to(areas, codes.shape)[known]
        bins = shape[0] * shape[1] * max(len(classes), 1)
        key = block * len(classes) + place
        found: Any = np.bincount(key, weight, bins).reshape(*shape, -1)
        pixels = np.bincount(block, minlength=shape[0] * shape[1]).reshape(shape)
        if not len(classes):
            found = found[..., :0]
        return Shares(classes.astype(np.int64), found, found.sum(axis=-1), pixels)


class _Fractions:
    """Shares of bands, or files, that each hold the fraction of one class."""

    def __init__(self, options: Options, path: Path) -> None:
        self._scale = options.number("fractionScale", 100.0, above=0.0)
        self._nodata = options.numbers("nodata")
        self._bands: list[tuple[Raster, int]] = []
        self.classes: list[str] = []
        opened: dict[Path, Raster] = {}
        for code, name in options.by_class("classBands"):
            file = _file(path, name, options)
            if file not in opened:
                opened[file] = Raster(file, options.text("layer"))
                next(iter(opened.values())).refuse_other_grid(opened[file], "fraction raster")
            raster = opened[file]
            band = 1 if _is_file(name) else raster.band(name, "classBands")
            self._bands.append((raster, band))
            self.classes.append(code)
        self._kind = np.int64 if _whole(self.classes) else np.object_
        self._rasters = tuple(opened.values())
        self.raster = self._rasters[0]

    def names(self, values: Any) -> pa.Array:
        """Fractions carry no labels."""
        return pa.nulls(len(values), pa.string())

    def shares(self, window: Window, areas: Floats, size: int) -> Shares:
        """Areas of each class by block, over the pixels that all bands know."""
        stored = [self._read(raster, band, window) for raster, band in self._bands]
        known = np.all([mask for _, mask in stored], axis=0)
        weight = np.where(known, np.broadcast_to(areas, known.shape), 0.0)
        total = _by_block(weight, size)
        found = [_by_block(np.where(known, values, 0) * weight, size) for values, _ in stored]
        pixels = _by_block(known.astype(np.int64), size)
        area = np.stack(found, axis=-1) / self._scale
        return Shares(np.array(self.classes, self._kind), area, total, pixels)

    def _read(self, raster: Raster, band: int, window: Window) -> tuple[Any, Any]:
        values, mask = raster.read(band, window)
        if self._nodata is not None:
            mask = not_among(values, self._nodata)
        if mask is None:
            mask = np.ones(values.shape, bool)
        outside = mask & ((values < 0) | (values > self._scale))
        if outside.any():
            raise InputError(
                "A cover fraction is no share",
                where=f"{raster.name}, band {band}, {told(window)}",
                why=f"{values[outside][0]} is not between 0 and {self._scale:g}",
                remedy="name the value that means nothing with gl:nodata, and 1 with "
                "gl:fractionScale",
            )
        return values, mask

    def close(self) -> None:
        """Let go of the files."""
        for raster in self._rasters:
            raster.close()


def _whole(classes: list[str]) -> bool:
    return all(code.lstrip("-").isdigit() for code in classes)


def _is_file(name: str) -> bool:
    return "*" in name or Path(name).suffix.lower() in (".tif", ".tiff", ".vrt", ".nc")


def _file(path: Path, name: str, options: Options) -> Path:
    """File of a class: the source's own, or one beside it (or in it) by a pattern."""
    if not _is_file(name):
        return path
    folder = path if path.is_dir() else path.parent
    found = sorted(folder.glob(name))
    if len(found) != 1:
        raise InputError(
            "The fractions of a class need one file",
            where=f"{folder}: {name}",
            why=f"{len(found)} files have such a name",
            remedy="keep the files of one tile and year in a folder, or correct gl:classBands",
        )
    return found[0]


def _by_block(values: Any, size: int) -> Any:
    """Sums over blocks."""
    rows, columns = (np.arange(0, length, size) for length in values.shape)
    return np.add.reduceat(np.add.reduceat(values, rows, axis=0), columns, axis=1)

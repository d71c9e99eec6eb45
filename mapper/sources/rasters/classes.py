"""Classes of a raster's pixels, and what is known about each pixel, window by window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rasterio.windows import Window

from ontology import MappingError, UnsupportedError

from .grid import Raster, told
from .labels import labels_of
from .options import Options

Floats = npt.NDArray[np.float64]
Find = Callable[[str], Path]

NARROW: Final = np.int32
WIDE: Final = np.int64
CONFIDENCE: Final = ("mean_confidence", "min_confidence")
VALUE: Final = ("mean_value", "min_value", "max_value")
_EXACT: Final = 2.0**53


class ClassMap:
    """A band of classes, or of numbers cut into classes (``gl:breaks``), with its confidence.

    Parameters
    ----------
    options : Options
    path : Path
    find : callable
        Path of another file the options name.

    Attributes
    ----------
    divisor : float
        Of the confidence (``gl:confidenceScale``).
    """

    def __init__(self, options: Options, path: Path, find: Find) -> None:
        self._options = options
        self.raster = Raster(path, options.text("layer"))
        self.band = self.raster.band(options.text("band") or "1", options.name("band"))
        self.breaks = options.breaks()
        self._check()
        self._nodata = options.numbers("nodata")
        self.divisor = options.number("confidenceScale", 1.0, above=0.0)
        self._beside: Raster | None = None
        self._weights = self._confidence_bands(find)
        self.labels = labels_of(self.raster, self.band)

    @property
    def layers(self) -> int:
        """How many layers :meth:`read` gives."""
        return int(bool(self._weights)) + int(self.breaks is not None)

    @property
    def weighed(self) -> bool:
        """Whether there is confidence; it is the first layer then."""
        return bool(self._weights)

    @property
    def unit(self) -> str | None:
        """Unit of the numbers: what the mapping says, else what the file says."""
        return self._options.text("unit") or self.raster.unit(self.band)

    def read(self, window: Window) -> tuple[Any, Floats]:
        """Classes (the least number of their type is none) and layers of a window."""
        stored, known = self.raster.read(self.band, window)
        if self._nodata is not None:
            known = not_among(stored, self._nodata)
        layers = []
        if self.breaks is not None:
            values = self._physical(stored)
            codes = np.searchsorted(self.breaks, values, side="right").astype(NARROW)
            layers.append(values)
        else:
            codes = self._codes(stored, known, window)
        if known is not None:
            codes[~known] = np.iinfo(codes.dtype).min
        if self._weights:
            layers.insert(0, self._confidence(codes, window))
        if not layers:
            return codes, np.empty((0, *codes.shape))
        return codes, np.stack(layers)

    def names(self, values: Any) -> pa.Array:
        """Labels of classes, null where the file has none."""
        if not self.labels:
            return pa.nulls(len(values), pa.string())
        classes, place = np.unique(values, return_inverse=True)
        texts = pa.array([self.labels.get(int(value)) for value in classes], pa.string())
        return texts.take(pa.array(place))

    def close(self) -> None:
        """Let go of the files."""
        self.raster.close()
        if self._beside is not None:
            self._beside.close()

    def _check(self) -> None:
        kind = self.raster.kind(self.band)
        if kind.kind not in "iuf":
            raise UnsupportedError(
                "Only rasters of real numbers have classes",
                where=f"{self.raster.name}, band {self.band}",
                why=f"the band is {kind}",
                remedy="classify the raster first",
            )

    def _codes(self, stored: Any, known: Any, window: Window) -> Any:
        kind = stored.dtype
        if kind.kind in "iu" and kind.itemsize <= 2:
            return stored.astype(NARROW)
        if kind.kind == "f":
            whole = stored == np.rint(stored)
            self._refuse(~whole | (np.abs(stored) > _EXACT), stored, known, window)
            stored = np.where(whole, stored, 0)
        elif kind == np.uint64:
            self._refuse(stored > np.iinfo(WIDE).max, stored, known, window)
        codes = stored.astype(WIDE)
        self._refuse(codes == np.iinfo(WIDE).min, codes, known, window)
        return codes

    def _refuse(self, bad: Any, stored: Any, known: Any, window: Window) -> None:
        if known is not None:
            bad = bad & known
        if bad.any():
            raise UnsupportedError(
                "A value is no class",
                where=f"{self.raster.name}, band {self.band}, {told(window)}",
                why=f"{stored[bad][0]} is no whole number, or too great a one",
                remedy="cut numbers into classes: gl:breaks; or number the classes anew",
            )

    def _physical(self, stored: Any) -> Floats:
        scale, offset = self.raster.scale(self.band)
        values = stored.astype(np.float64)
        if (scale, offset) != (1.0, 0.0):
            values = values * scale + offset
        return np.asarray(values)

    def _confidence_bands(self, find: Find) -> tuple[tuple[int | None, int], ...]:
        """Pairs of class (None: all) and band of its confidence."""
        options = self._options
        given, layer = options.text("confidence"), options.text("confidenceLayer")
        by_class = options.by_class("probabilities")
        band = options.text("confidenceBand")
        if not (given or layer or by_class or band):
            return ()
        if by_class and band:
            raise MappingError(
                "gl:confidenceBand and gl:probabilities exclude each other", where=options.where
            )
        holder = self.raster
        if given or layer:
            path = find(given) if given else self.raster.path
            holder = self._beside = Raster(path, layer)
            self.raster.refuse_other_grid(holder, "confidence raster")
        if by_class:
            return tuple(
                (_class(code, options), holder.band(name, "probabilities"))
                for code, name in by_class
            )
        if band is None:
            band = str(self.band) if holder.count == self.raster.count else "1"
        return ((None, holder.band(band, options.name("confidenceBand"))),)

    def _confidence(self, codes: Any, window: Window) -> Floats:
        holder = self._beside or self.raster
        found = np.full(codes.shape, np.nan)
        for code, band in self._weights:
            stored, known = holder.read(band, window)
            mine = np.ones(codes.shape, bool) if code is None else codes == code
            if known is not None:
                mine &= known
            found[mine] = stored[mine]
        return found


def not_among(stored: Any, nodata: tuple[float, ...]) -> Any:
    """Where values are a number, and none of these."""
    known = np.ones(stored.shape, bool)
    for value in nodata:
        known &= stored != value
    return known & ~np.isnan(stored) if stored.dtype.kind == "f" else known


def _class(code: str, options: Options) -> int:
    try:
        return int(code)
    except ValueError as error:
        raise options.wrong("probabilities", "names classes by whole numbers", code) from error

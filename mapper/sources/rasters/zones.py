"""Class rasters as zones: one row per connected area of one class."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ...language.model import LogicalSource
from ...terms.cells import Batch, Cells
from ...zones.finder import Zones
from ..base import GEOMETRY, Surroundings, chosen_crs, resolve, resolve_beside
from .classes import CONFIDENCE, VALUE, ClassMap
from .finding import Finding, check_options
from .grid import cache
from .options import Options
from .sieve import Sieve

_COLUMNS: Final[dict[str, pa.DataType]] = {
    "zone": pa.int64(),
    "value": pa.int64(),
    "label": pa.string(),
    "pixels": pa.int64(),
    "area": pa.float64(),
}
_BROKEN: Final[dict[str, pa.DataType]] = {
    "lower": pa.float64(),
    "upper": pa.float64(),
    "unit": pa.string(),
}


class ZoneSource:
    """Zones of one band.

    Columns: ``zone`` (row * width + column of its first pixel), ``value``, ``label`` (as the file
    names the class), ``pixels``, ``area`` (m²), ``mean_confidence`` and ``min_confidence``
    (divided by ``gl:confidenceScale``), ``geometry``; with ``gl:breaks`` also ``lower`` and
    ``upper`` limit, ``unit``, ``mean_value``, ``min_value`` and ``max_value``.
    """

    def __init__(self, source: LogicalSource, around: Surroundings) -> None:
        self._source = source
        self._around = around
        self._path = resolve(source, around)
        self._options = Options(source, str(self._path))
        self.rows: int | None = None
        self.remarks: tuple[str, ...] = ()
        self._check()

    @property
    def columns(self) -> dict[str, pa.DataType] | None:
        """The zone columns; confidence and limits only if there are any."""
        found = dict(_COLUMNS)
        if self._weighed:
            found |= dict.fromkeys(CONFIDENCE, pa.float64())
        if self._options.breaks() is not None:
            found |= _BROKEN | dict.fromkeys(VALUE, pa.float64())
        return found | {GEOMETRY: pa.binary()}

    @cached_property
    def crs(self) -> str | None:
        """CRS IRI of the mapping or of the raster."""
        return chosen_crs(self._file_crs, self._source, str(self._path))

    def _check(self) -> None:
        classes = self._open()
        try:
            self._file_crs = classes.raster.crs and classes.raster.crs.to_wkt()
            self._weighed = classes.weighed
        finally:
            classes.close()
        check_options(self._options)

    def _open(self) -> ClassMap:
        return ClassMap(
            self._options, self._path, lambda name: resolve_beside(self._source, self._around, name)
        )

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read tiles from the top and give zones as they are complete."""
        done = 0
        with cache():
            classes = self._open()
            try:
                for zones in self._zones(classes):
                    if len(zones):
                        yield self._batch(zones, classes, references, done)
                    done += len(zones)
            finally:
                classes.close()

    def _zones(self, classes: ClassMap) -> Iterator[Zones]:
        options = self._options
        finding = Finding(options, classes.raster, str(self.crs), classes.layers)
        if options.choice("smallZones", "drop", "merge") == "drop":
            yield from finding.zones(classes.band, classes.read)
            self.remarks = tuple(finding.remarks())
            return
        least, diagonal = options.whole("minimumPixels", 1), options.whole("connectedness", 4) == 8
        sieve = Sieve(classes, least, diagonal=diagonal)
        yield from finding.zones(classes.band, sieve.read)
        self.remarks = (*sieve.remarks(), *finding.remarks())

    def _batch(
        self, zones: Zones, classes: ClassMap, references: Collection[str], done: int
    ) -> Batch:
        cells = {
            ref: Cells(zones.geometry, crs=self.crs, sound=True)
            if ref == GEOMETRY
            else Cells(_column(ref, zones, classes))
            for ref in references
        }
        return Batch(cells, np.arange(done + 1, done + len(zones) + 1))


def _column(name: str, zones: Zones, classes: ClassMap) -> pa.Array:
    match name:
        case "zone":
            return pa.array(zones.number)
        case "value" | "pixels" | "area":
            return pa.array(getattr(zones, name), from_pandas=True)
        case "label":
            return classes.names(zones.value)
        case "unit":
            return pa.array([classes.unit] * len(zones), pa.string())
        case "lower" | "upper":
            return _limit(name, zones.value, classes.breaks or ())
    kind, layer = name.split("_")
    statistic: Any = {"mean": zones.mean, "min": zones.lowest, "max": zones.highest}[kind]
    if layer == "confidence":
        return pa.array(statistic[0] / classes.divisor, from_pandas=True)
    return pa.array(statistic[-1], from_pandas=True)


def _limit(name: str, values: Any, breaks: tuple[float, ...]) -> pa.Array:
    limits = [np.nan, *breaks] if name == "lower" else [*breaks, np.nan]
    return pa.array(np.array(limits)[values], from_pandas=True)

"""Change between two class rasters of one grid: one row per area that went from class to class."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from rasterio.windows import Window

from ontology import MappingError

from ...language.model import LogicalSource
from ...terms.cells import Batch, Cells
from ...zones.finder import Zones
from ..base import GEOMETRY, Surroundings, chosen_crs, resolve, resolve_beside
from .classes import NARROW, ClassMap, Floats
from .finding import Finding, check_options
from .grid import cache
from .options import Options

_COLUMNS: Final[dict[str, pa.DataType]] = {
    "zone": pa.int64(),
    "before": pa.int64(),
    "after": pa.int64(),
    "before_label": pa.string(),
    "after_label": pa.string(),
    "pixels": pa.int64(),
    "area": pa.float64(),
}
_AFTER: Final = "after"
_NONE: Final = int(np.iinfo(NARROW).min)


class ChangeSource:
    """Zones of pixels with the same two classes, where these differ and both are known.

    Columns: ``zone`` (row * width + column of its first pixel), ``before``, ``after``,
    ``before_label``, ``after_label``, ``pixels``, ``area`` (m²), ``geometry``, and where the epoch
    has confidence ``before_mean_confidence``, ``before_min_confidence``, ``after_mean_confidence``,
    ``after_min_confidence``.
    """

    def __init__(self, source: LogicalSource, around: Surroundings) -> None:
        self._source = source
        self._around = around
        self._path = resolve(source, around)
        self._options = Options(source, str(self._path))
        self._later = Options(source, str(self._path), _AFTER)
        self.rows: int | None = None
        self.remarks: tuple[str, ...] = ()
        check_options(self._options)
        if self._options.choice("smallZones", "drop", "merge") == "merge":
            raise MappingError(
                "Small changes cannot be merged",
                where=str(self._path),
                remedy='leave out gl:smallZones "merge", or map rasters that were sieved before',
            )
        pair = _Pair(self._open(self._options), self._open(self._later))
        try:
            found = pair.before.raster.crs or pair.after.raster.crs
            self._file_crs = found and found.to_wkt()
            self._weighed = pair.weighed
        finally:
            pair.close()

    @property
    def columns(self) -> dict[str, pa.DataType] | None:
        """The columns of change; confidence only of epochs that have it."""
        names = [
            f"{epoch}_{kind}_confidence" for epoch in self._weighed for kind in ("mean", "min")
        ]
        return _COLUMNS | dict.fromkeys(names, pa.float64()) | {GEOMETRY: pa.binary()}

    @cached_property
    def crs(self) -> str | None:
        """CRS IRI of the mapping or of the rasters."""
        return chosen_crs(self._file_crs, self._source, str(self._path))

    def _open(self, options: Options) -> ClassMap:
        return ClassMap(options, self._file(options), self._find)

    def _file(self, options: Options) -> Path:
        named = self._source.option(_AFTER)
        if not options.prefix:
            return self._path
        if named is not None:
            return self._find(named)
        if self._source.option("afterBand") or self._source.option("afterLayer"):
            return self._path
        raise MappingError(
            "Change needs a second raster",
            where=str(self._path),
            remedy="name it with gl:after, or a band of the same with gl:afterBand",
        )

    def _find(self, name: str) -> Path:
        return resolve_beside(self._source, self._around, name)

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read both rasters once and give changed zones as they are complete."""
        done = 0
        with cache():
            pair = _Pair(self._open(self._options), self._open(self._later))
            try:
                finding = Finding(self._options, pair.before.raster, str(self.crs), pair.layers)
                for zones in finding.zones(pair.before.band, pair.read):
                    if len(zones):
                        yield self._batch(zones, pair, references, done)
                    done += len(zones)
                self.remarks = tuple(finding.remarks())
            finally:
                pair.close()

    def _batch(self, zones: Zones, pair: _Pair, references: Collection[str], done: int) -> Batch:
        cells = {
            ref: Cells(zones.geometry, crs=self.crs, sound=True)
            if ref == GEOMETRY
            else Cells(pair.column(ref, zones))
            for ref in references
        }
        return Batch(cells, np.arange(done + 1, done + len(zones) + 1))


class _Pair:
    """Two class maps of one grid, read as one map of pairs of classes."""

    def __init__(self, before: ClassMap, after: ClassMap) -> None:
        self.before, self.after = before, after
        self._codes: dict[tuple[int, int], int] = {}
        before.raster.refuse_other_grid(after.raster, "raster of the second epoch")

    @property
    def weighed(self) -> tuple[str, ...]:
        """Epochs that have confidence, in the order of the layers."""
        epochs = (("before", self.before), (_AFTER, self.after))
        return tuple(name for name, classes in epochs if classes.weighed)

    @property
    def layers(self) -> int:
        """How many layers :meth:`read` gives."""
        return len(self.weighed)

    def read(self, window: Window) -> tuple[Any, Floats]:
        """Codes of pairs where the classes differ."""
        first, own = self.before.read(window)
        second, others = self.after.read(window)
        known = (first != np.iinfo(first.dtype).min) & (second != np.iinfo(second.dtype).min)
        changed = known & (first != second)
        codes = np.full(first.shape, _NONE, NARROW)
        pairs = np.column_stack([first[changed], second[changed]]).astype(np.int64)
        found, place = np.unique(pairs, axis=0, return_inverse=True)
        numbers = [
            self._codes.setdefault((before, after), len(self._codes))
            for before, after in found.tolist()
        ]
        codes[changed] = np.array(numbers, NARROW)[place.ravel()]
        layers = [
            one[:1] for one, kept in ((own, self.before), (others, self.after)) if kept.weighed
        ]
        return codes, np.concatenate(layers) if layers else np.empty((0, *codes.shape))

    def column(self, name: str, zones: Zones) -> pa.Array:
        """One column of the changed zones."""
        if name == "zone":
            return pa.array(zones.number)
        if name in ("pixels", "area"):
            return pa.array(getattr(zones, name), from_pandas=True)
        classes = self.before if name.startswith("before") else self.after
        if name.endswith("_confidence"):
            epoch, kind, _ = name.split("_")
            statistic = zones.mean if kind == "mean" else zones.lowest
            found = statistic[self.weighed.index(epoch)] / classes.divisor
            return pa.array(found, from_pandas=True)
        pairs = np.array(list(self._codes), np.int64).reshape(-1, 2)
        values = pairs[zones.value, int(classes is self.after)]
        return classes.names(values) if name.endswith("_label") else pa.array(values)

    def close(self) -> None:
        """Let go of the files."""
        self.before.close()
        self.after.close()

"""Anything OGR reads: GeoPackage, Shapefile, GeoJSON, FlatGeobuf, GML and more."""

from __future__ import annotations

import fnmatch
import warnings
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from ontology import LANE_DATATYPES, InputError, Lane

from ..language.model import LogicalSource
from ..language.vocabulary import did_you_mean
from ..terms.cells import Batch, Cells, column
from .base import BATCH_ROWS, GEOMETRY, chosen_crs, unreadable
from .compressed import gdal_path

# GDAL's own Arrow reader of FlatGeobuf breaks on null geometries (seen in 3.12.4)
pyogrio.set_gdal_config_options({"OGR_FLATGEOBUF_STREAM_BASE_IMPL": "YES"})

_DATETIME = "datetime64[ms]"
_ZONE = r"(?P<zone>Z|[+-]\d\d:\d\d)$"
_NO_TEXT = pa.scalar(None, pa.string())
_TYPES = {
    "object": pa.string(),
    "datetime64[ms]": pa.timestamp("ms"),
    "datetime64[D]": pa.date32(),
    "str": pa.string(),
}


class VectorSource:
    """One layer of a vector file; ``geometry`` and ``fid`` are columns of every layer."""

    def __init__(self, source: LogicalSource, path: Path) -> None:
        self._path = path
        self._file = gdal_path(source, path)
        self._source = source
        self.remarks: tuple[str, ...] = ()
        self._layer = self._choose_layer()
        try:
            with self._warnings_kept():
                self._info = pyogrio.read_info(self._file, layer=self._layer)
        except (DataSourceError, DataLayerError, OSError) as error:
            raise unreadable(str(path), error, "open it in a GIS to see what is wrong") from error
        fields = zip(self._info["fields"], self._info["dtypes"], strict=True)
        self._kinds = {str(name): str(kind) for name, kind in fields}
        count = self._info["features"]
        self.rows: int | None = count if count >= 0 else None

    @contextmanager
    def _warnings_kept(self) -> Iterator[None]:
        """What OGR warns of (columns it leaves out, say) becomes remarks."""
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            yield
        texts = (f"{self._path.name}: OGR says: {one.message}" for one in told)
        self.remarks = tuple(dict.fromkeys((*self.remarks, *texts)))

    def _choose_layer(self) -> str:
        try:
            with self._warnings_kept():
                layers = [str(name) for name, _ in pyogrio.list_layers(self._file)]
        except (DataSourceError, OSError) as error:
            remedy = "check that it is a vector file OGR knows"
            raise unreadable(str(self._path), error, remedy) from error
        wanted = self._source.option("layer")
        if wanted is None and len(layers) == 1:
            return layers[0]
        if wanted in layers:
            return str(wanted)
        fitting = fnmatch.filter(layers, wanted) if wanted is not None else []
        if len(fitting) == 1:
            return fitting[0]
        what = "A layer must be chosen" if wanted is None else f"There is no layer {wanted!r}"
        raise InputError(
            what,
            where=str(self._path),
            why="its layers are " + ", ".join(layers),
            remedy="add gl:layer to the logical source"
            if wanted is None
            else did_you_mean(wanted, layers),
        )

    @cached_property
    def crs(self) -> str | None:
        """CRS IRI of the mapping or of the layer; None for tables without geometry."""
        if self._info["geometry_type"] is None:
            return None
        return chosen_crs(self._info["crs"], self._source, f"{self._path}, layer {self._layer}")

    @property
    def columns(self) -> dict[str, pa.DataType] | None:
        """Fields of the layer, ``fid`` and ``geometry``."""
        found = {name: _arrow_type(kind) for name, kind in self._kinds.items()}
        found.setdefault("fid", pa.int64())
        if self._info["geometry_type"] is not None:
            found.setdefault(GEOMETRY, pa.binary())
        return found

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read batches of features through Arrow."""
        fields = [str(name) for name in self._info["fields"] if name in references]
        geometry = GEOMETRY in references and GEOMETRY not in fields
        fids = "fid" in references and "fid" not in fields
        arguments: dict[str, Any] = {
            "layer": self._layer,
            "columns": fields,
            "read_geometry": geometry,
            "return_fids": fids or not (fields or geometry),
            "batch_size": BATCH_ROWS,
            "use_pyarrow": True,
        }
        done = 0
        try:
            texts = self._zones_lost(arguments)
            opened = pyogrio.open_arrow(self._file, datetime_as_string=texts, **arguments)
            with ExitStack() as stack:
                with self._warnings_kept():
                    meta, reader = stack.enter_context(opened)
                for record in reader:
                    yield self._batch(record, meta, references, done)
                    done += record.num_rows
        except (DataSourceError, DataLayerError, FieldError, pa.ArrowException) as error:
            remedy = "open the file in a GIS to see what is wrong"
            raise unreadable(str(self._path), error, remedy) from error

    def _zones_lost(self, arguments: dict[str, Any]) -> bool:
        """Whether OGR gives times without zone, as it does also for columns that mix zones."""
        if not any(self._kinds[name] == _DATETIME for name in arguments["columns"]):
            return False
        with self._warnings_kept(), pyogrio.open_arrow(self._file, **arguments) as (_, reader):
            types = [field.type for field in reader.schema]
        return any(pa.types.is_timestamp(kind) and kind.tz is None for kind in types)

    def _batch(self, record: Any, meta: Any, references: Collection[str], done: int) -> Batch:
        names = {
            GEOMETRY: meta["geometry_name"] or "wkb_geometry",
            "fid": meta["fid_column"] or "OGC_FID",
        }
        cells = {}
        for ref in references:
            own = ref in self._info["fields"]
            places = record.schema.get_all_field_indices(ref if own else names[ref])
            values = record.column(places[-1] if own else places[0])  # the id comes first
            crs = self.crs if ref == GEOMETRY and not own else None
            times = own and self._kinds[ref] == _DATETIME and pa.types.is_string(values.type)
            cells[ref] = _times(values) if times else column(values, crs, self._source.nulls)
        return Batch(cells, np.arange(done + 1, done + record.num_rows + 1))


def _arrow_type(kind: str) -> pa.DataType:
    if kind.startswith("list("):
        return pa.list_(_arrow_type(kind[5:-1]))
    return _TYPES.get(kind) or pa.from_numpy_dtype(kind)


def _times(texts: Any) -> Cells:
    """Times from texts, because OGR drops the zones of a column that mixes them."""
    zoned = pc.match_substring_regex(texts, _ZONE)
    if not pc.any(zoned).as_py():
        return Cells(pc.cast(texts, pa.timestamp("us")))
    zones = pc.unique(pc.struct_field(pc.extract_regex(texts, _ZONE), "zone"))
    if pc.all(zoned).as_py() and len(zones.drop_null()) == 1:
        zone = zones.drop_null()[0].as_py()
        return Cells(pc.cast(texts, pa.timestamp("us", "UTC" if zone == "Z" else zone)))
    kinds = pc.if_else(pc.is_valid(texts), LANE_DATATYPES[Lane.DATETIME], _NO_TEXT)
    return Cells(texts, kinds=kinds)

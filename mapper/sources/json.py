"""JSON with a JSONPath iterator; GeoJSON geometries in it are geometry."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ontology import CRS84, GEOJSON_LITERAL, crs_iri

from ..language.model import LogicalSource
from ..terms.cells import Batch
from .documents import Drawing, Geometries, GeometryText, NoValueError, Row
from .json_stream import BadLine, JsonItems
from .jsonpath import compile_path

_GEOMETRIES: Final = frozenset(
    {
        "Point",
        "LineString",
        "Polygon",
        "MultiPoint",
        "MultiLineString",
        "MultiPolygon",
        "GeometryCollection",
    }
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_PLACES: Final = ("coordinates", "geometries")


class JsonSource:
    """A JSON file, or one with a JSON text a line, and the items its iterator finds.

    A reference is a JSONPath from an item. Null is "no value"; objects and arrays are none, but
    for GeoJSON geometries, which are in CRS84 if neither the mapping nor a ``crs`` member of the
    file says otherwise.
    """

    def __init__(self, source: LogicalSource, path: Path) -> None:
        self._items = JsonItems(source, path)
        self._nulls = frozenset(source.nulls)
        self._crs = crs_iri(source.option("crs") or self._items.crs or CRS84)
        self.columns: dict[str, pa.DataType] | None = None
        self.crs: str | None = None
        self.rows: int | None = self._items.count
        self.remarks: tuple[str, ...] = ()
        self.absent: tuple[str, ...] = ()

    def check(self, references: Mapping[str, str]) -> None:
        """Check the path of each reference, given with its place in the mapping.

        Raises
        ------
        MappingError
            One is no JSONPath.
        """
        for reference, where in references.items():
            compile_path(reference, where)

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Items in batches."""
        finders = {ref: compile_path(ref, "") for ref in references}
        with_null = {ref: compile_path(ref, "", nulls=True) for ref in references}
        drawing = Drawing(tuple(finders), Geometries(GEOJSON_LITERAL, self._crs))

        def draw(item: Any) -> Row:
            if isinstance(item, BadLine):
                raise NoValueError(item.reason)
            if drawing.unseen:
                drawing.unseen -= {ref for ref in drawing.unseen if with_null[ref](item)}
            return [self._values(ref, find(item)) for ref, find in finders.items()]

        yield from drawing.batches(self._items, draw)
        self.absent = drawing.absent

    def _values(self, reference: str, found: list[Any]) -> list[Any]:
        return [
            value
            for one in found
            if not (isinstance(value := _value(reference, one), str) and value in self._nulls)
        ]


def _value(reference: str, value: Any) -> Any:
    if isinstance(value, str):
        if not value.isascii() and _SURROGATE.search(value):
            raise NoValueError(f"{reference} has half of a surrogate pair in it, which is no text")
    elif isinstance(value, dict) and _is_geometry(value):
        return GeometryText(json.dumps(value))
    elif isinstance(value, dict | list):
        raise NoValueError(f"{reference} leads to an array or object, not to a value")
    return value


def _is_geometry(value: dict[str, Any]) -> bool:
    kind = value.get("type")
    return isinstance(kind, str) and kind in _GEOMETRIES and not value.keys().isdisjoint(_PLACES)

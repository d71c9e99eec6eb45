"""STAC saved to disk: items, item collections, collections, answers of an API, folders of these."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from ontology import CRS84, GEOJSON_LITERAL, InputError, MappingError

from ..language.model import LogicalSource
from ..language.vocabulary import did_you_mean
from ..terms.cells import Batch
from .base import Source
from .compressed import plain_name
from .documents import Drawing, Geometries, NoValueError, Row
from .json_stream import BadLine, JsonItems
from .stac_fields import Field, collection_field, item_field
from .stac_parquet import StacParquet, absent_fields

_JSON: Final = (".json", ".geojson", ".ndjson", ".jsonl")
_PARQUET: Final = (".parquet", ".geoparquet")
_FEATURES: Final = "$.features[*]"


def open_stac(source: LogicalSource, path: Path) -> Source:
    """Open a STAC source: JSON, or a GeoParquet file of items.

    Raises
    ------
    InputError
        A folder without files of JSON.
    MappingError
        The iterator is not ``items``, ``assets`` or ``collections``.
    """
    if plain_name(path).endswith(_PARQUET):
        return StacParquet(source, path)
    return StacSource(source, path)


class StacSource:
    """Records of a STAC file, or of all JSON files of a folder and its subfolders.

    ``rml:iterator`` says what a row is: one of the ``items`` (default), of their ``assets``, or of
    the ``collections``. Geometry is in CRS84. Most fields are optional in STAC: one that no record
    has is a remark.
    """

    def __init__(self, source: LogicalSource, path: Path) -> None:
        self._source = source
        self._path = path
        records, self._field = _chosen(source.iterator or "items", str(path))
        self._records = records
        self._files = _files(path)
        self._nulls = frozenset(source.nulls)
        self.columns: dict[str, pa.DataType] | None = None
        self.crs: str | None = CRS84
        self.rows: int | None = None
        self.remarks: tuple[str, ...] = ()
        self.absent: tuple[str, ...] = ()

    def check(self, references: Mapping[str, str]) -> None:
        """Check the name of each field, given with its place in the mapping.

        Raises
        ------
        MappingError
            One is no name of a field.
        """
        for reference, where in references.items():
            self._field(reference, where)

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Records in batches, file after file in the order of their names."""
        fields = {ref: self._field(ref, str(self._path)) for ref in references}
        drawing = Drawing(tuple(fields), Geometries(GEOJSON_LITERAL, CRS84))

        def draw(record: Any) -> Row:
            if isinstance(record, BadLine):
                raise NoValueError(record.reason)
            return [self._values(field(record)) for field in fields.values()]

        yield from drawing.batches(self._read(), draw)
        self.remarks += absent_fields(self._path, drawing.absent)

    def _values(self, found: list[Any]) -> list[Any]:
        return [v for v in found if not (isinstance(v, str) and v in self._nulls)]

    def _read(self) -> Iterator[Any]:
        without: list[str] = []
        for file in self._files:
            found = 0
            for record in _documents(self._source, file):
                for one in [record] if isinstance(record, BadLine) else self._records(record):
                    found += 1
                    yield one
            if not found:
                without.append(file.name)
        if without:
            kind = self._source.iterator or "items"
            shown = ", ".join(without[:3]) + (", …" if len(without) > 3 else "")
            self.remarks += (f"{self._path}: {len(without)} files without STAC {kind}: {shown}",)


def _files(path: Path) -> tuple[Path, ...]:
    if not path.is_dir():
        return (path,)
    found = sorted(f for f in path.rglob("*") if f.is_file() and plain_name(f).endswith(_JSON))
    if not found:
        raise InputError(
            "A folder has no file of STAC",
            where=str(path),
            why="no file in it or below ends in " + ", ".join(_JSON),
            remedy="name a file, or the folder its files are in",
        )
    return tuple(found)


def _documents(source: LogicalSource, file: Path) -> Iterator[Any]:
    """What a file holds, item by item where it is an item collection."""
    plain = replace(source, iterator="$")
    if not plain_name(file).endswith((".ndjson", ".jsonl")):
        features = JsonItems(replace(source, iterator=_FEATURES), file)
        if features.count is None:
            yield from features
            return
    yield from JsonItems(plain, file)


def _members(value: Any) -> Iterator[Mapping[str, Any]]:
    """Objects of a file: itself, those of a list, the members of what an API answers."""
    if isinstance(value, list):
        for member in value:
            yield from _members(member)
    elif isinstance(value, dict):
        listed = value.get("features") or value.get("collections")
        if isinstance(listed, list) and value.get("type") in ("FeatureCollection", None):
            yield from _members(listed)
        else:
            yield value


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    for record in _members(value):
        if record.get("type") == "Feature" and ("stac_version" in record or "assets" in record):
            yield record


def _assets(value: Any) -> Iterator[Mapping[str, Any]]:
    for item in _items(value):
        for key, asset in (item.get("assets") or {}).items():
            yield {**item, "asset": {**asset, "key": key}}


def _collections(value: Any) -> Iterator[Mapping[str, Any]]:
    for record in _members(value):
        if record.get("type", "Collection") == "Collection" and "extent" in record:
            yield record


_KINDS: Final[
    dict[str, tuple[Callable[[Any], Iterator[Mapping[str, Any]]], Callable[[str, str], Field]]]
] = {
    "items": (_items, item_field),
    "assets": (_assets, item_field),
    "collections": (_collections, collection_field),
}


def _chosen(
    iterator: str, where: str
) -> tuple[Callable[[Any], Iterator[Mapping[str, Any]]], Callable[[str, str], Field]]:
    if iterator not in _KINDS:
        raise MappingError(
            f"The rows of a STAC source cannot be {iterator!r}",
            where=f"{where}: rml:iterator",
            remedy=did_you_mean(iterator, _KINDS),
        )
    return _KINDS[iterator]

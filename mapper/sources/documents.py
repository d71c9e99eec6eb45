"""Items of documents (JSON, XML) to batches: values are drawn item by item, kept in columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import WKT_LITERAL, format_wkt, parse_geometries

from ..terms.cells import Batch, Cells
from .base import BATCH_ROWS
from .values import cells_of, flat, without

_BATCH_SIGNS: Final = 32 << 20
"""Signs of text after which a batch ends."""
_OTHER_SIGNS: Final = 32

Row = list[list[Any]]
"""Values of each reference."""
T = TypeVar("T")


class NoValueError(Exception):
    """An item, or what a reference leads to in it, is no value."""


class GeometryText(str):
    """Text of one geometry, to be told from other texts."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Geometries:
    """How the geometries of a document are written.

    Attributes
    ----------
    datatype : str
        Of the literals :class:`GeometryText` holds (``geo:gmlLiteral``, ``geo:geoJSONLiteral``).
    crs : str, optional
        CRS IRI of all of them, easting or longitude first, whatever they say.
    """

    datatype: str
    crs: str | None = None


class Drawing:
    """Draws the values of references from items.

    Parameters
    ----------
    references : sequence of str
    geometries : Geometries

    Attributes
    ----------
    count : int
        Items so far.
    unseen : set of str
        References that have led nowhere so far. Those with a value are taken out here; who draws
        takes out those that lead to "no value".
    """

    def __init__(self, references: Sequence[str], geometries: Geometries) -> None:
        self._references = references
        self._geometries = geometries
        self.unseen = set(references)
        self.count = 0

    @property
    def absent(self) -> tuple[str, ...]:
        """References that lead nowhere in any item; none where there was no item."""
        return tuple(sorted(self.unseen)) if self.count else ()

    def batches(self, items: Iterable[T], draw: Callable[[T], Row]) -> Iterator[Batch]:
        """Batches of the items; those for which ``draw`` raises NoValueError are rejected."""
        rows: list[Row] = []
        rejected: dict[int, str] = {}
        signs = 0
        for item in items:
            try:
                row = draw(item)
            except NoValueError as error:
                row = [[] for _ in self._references]
                rejected[len(rows)] = str(error)
            rows.append(row)
            signs += sum(_signs(value) for values in row for value in values)
            if len(rows) == BATCH_ROWS or signs > _BATCH_SIGNS:
                yield self._batch(rows, rejected)
                rows, rejected, signs = [], {}, 0
        if rows:
            yield self._batch(rows, rejected)

    def _batch(self, rows: list[Row], rejected: dict[int, str]) -> Batch:
        cells: dict[str, Cells] = {}
        for k, name in enumerate(self._references):
            lists = [row[k] for row in rows]
            if any(lists):
                self.unseen.discard(name)
            if any(isinstance(value, GeometryText) for values in lists for value in values):
                cells[name], reasons = _geometry_cells(lists, self._geometries)
                rejected = {row: f"{name}: {why}" for row, why in reasons.items()} | rejected
            else:
                cells[name] = cells_of(lists)
        numbers = np.arange(self.count + 1, self.count + len(rows) + 1)
        self.count += len(rows)
        return without(Batch(cells, numbers), rejected)


def _signs(value: Any) -> int:
    return len(value) if isinstance(value, str) else _OTHER_SIGNS


def _geometry_cells(lists: list[list[Any]], kind: Geometries) -> tuple[Cells, dict[int, str]]:
    """Geometries of a column, and why rows have none; WKB of one CRS, or WKT of several."""
    values, rows = flat(lists)
    owner = np.arange(len(lists)) if rows is None else rows
    reasons = {
        int(owner[k]): f"{value!r:.60} stands where other rows have a geometry"
        for k, value in enumerate(values)
        if value is not None and not isinstance(value, GeometryText)
    }
    texts = pa.array([v if isinstance(v, GeometryText) else None for v in values], pa.string())
    parsed = parse_geometries(texts, kind.datatype)
    reasons |= {
        int(owner[p.row]): f"a geometry cannot be read: {p.reason}" for p in parsed.problems
    }
    names = pc.unique(parsed.crs).drop_null().to_pylist()
    if kind.crs is not None or len(names) <= 1:
        return Cells(parsed.wkb, rows, kind.crs or (names[0] if names else None)), reasons
    plain, none = parsed.crs.dictionary_decode(), pa.scalar(None, pa.binary())
    written = [
        format_wkt(pc.if_else(pc.equal(plain, name), parsed.wkb, none), name) for name in names
    ]
    kinds = pc.if_else(parsed.wkb.is_valid(), WKT_LITERAL, pa.scalar(None, pa.string()))
    return Cells(pc.coalesce(*written), rows, kinds=kinds), reasons

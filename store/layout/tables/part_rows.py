"""The rows of one part of an entity table: work rows with all that is derived from them."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ontology import Boxes, read_boxes, read_wkb

from ...catalog import box_column
from ..geometry_parts import outward
from ..manifest import Box, ColumnEntry, TableEntry
from ..part_files import geo_metadata
from ..wkb_boxes import around, largest
from .columns import work_schema
from .partition import geometry_columns

_SIDES: Final = ("xmin", "ymin", "xmax", "ymax")


class PartRows(NamedTuple):
    """Rows as a part's file has them; the box of each geometry column, and its largest WKB."""

    rows: pa.Table
    boxes: dict[str, Box]
    largest: dict[str, int]


def part_rows(table: TableEntry, work: pa.Table) -> PartRows:
    """Add the boxes and the GeoParquet description to work rows."""
    columns = {name: work.column(name) for name in work_schema(table).names}
    described: dict[str, tuple[str, Boxes]] = {}
    around_all: dict[str, Box] = {}
    sizes: dict[str, int] = {}
    for column in geometry_columns(table):
        wkb = work.column(column.name).combine_chunks()
        held = np.asarray(pc.is_valid(wkb))
        boxes = read_boxes(wkb.drop_null() if wkb.null_count else wkb)
        columns[column.name] = _rewritten(wkb, np.flatnonzero(held)[boxes.odd])
        described[column.name] = (column.key.crs, boxes)
        sides = outward(boxes.bounds)
        columns |= _side_columns(column.name, sides, held)
        if box := around(sides):
            around_all[column.name] = box
        if size := largest(wkb):
            sizes[column.name] = size
    rows = pa.table({name: columns[name] for name in file_columns(table)})
    if described:
        rows = rows.replace_schema_metadata({b"geo": geo_metadata(described)})
    return PartRows(rows, around_all, sizes)


def file_columns(table: TableEntry) -> tuple[str, ...]:
    """Names of the columns of a table's files: those of work rows, then the boxes."""
    boxes = (_sides(column) for column in geometry_columns(table))
    return (*work_schema(table).names, *(name for names in boxes for name in names))


def _sides(column: ColumnEntry) -> tuple[str, ...]:
    return tuple(box_column(column.name, side) for side in _SIDES)


def _side_columns(
    name: str, sides: npt.NDArray[np.float32], held: npt.NDArray[np.bool_]
) -> dict[str, pa.Array]:
    every = np.full((len(held), 4), np.nan, np.float32)
    every[held] = sides
    found = {}
    for number, side in enumerate(_SIDES):
        ordinates = np.ascontiguousarray(every[:, number])
        found[box_column(name, side)] = pa.array(ordinates, mask=np.isnan(ordinates))
    return found


def _rewritten(wkb: pa.Array, odd: npt.NDArray[np.int64]) -> pa.Array:
    """Geometries with some of them spelt anew, as little-endian ISO WKB, which GeoParquet wants."""
    if not len(odd):
        return wkb
    shapes, _ = read_wkb(wkb.take(pa.array(odd)))
    mask = np.zeros(len(wkb), bool)
    mask[odd] = True
    written = pa.array(shapely.to_wkb(shapes, flavor="iso", byte_order=1), pa.binary())
    return pc.replace_with_mask(wkb, pa.array(mask), written)

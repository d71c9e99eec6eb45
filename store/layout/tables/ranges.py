"""What the values of each column are like in one part."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from ontology import Lane

from ...catalog import SUBJECT, ColumnRange, id_column
from ..manifest import ColumnEntry, TableEntry

_LONGEST: Final = 64
_MICROSECONDS: Final = 1_000_000
_DAY_S: Final = 86_400


def column_ranges(table: TableEntry, rows: pa.Table) -> dict[str, ColumnRange]:
    """The range of the main subjects' ids and of every column, for rows of a part."""
    found = {column.name: _range(column, rows) for column in table.columns}
    return {SUBJECT: ColumnRange(0, *_ends(rows.column(id_column(SUBJECT)))), **found}


def _range(column: ColumnEntry, rows: pa.Table) -> ColumnRange:
    values, lane = rows.column(column.name), column.key.lane
    nulls = values.null_count
    if lane is Lane.GEOMETRY or nulls == len(values):
        return ColumnRange(nulls)
    if lane is Lane.NODE:
        return ColumnRange(nulls, *_ends(rows.column(id_column(column.name))))
    if lane is Lane.BOOLEAN:
        values = values.cast(pa.uint8())
    elif lane is Lane.DATE:
        values = values.cast(pa.int32())
    elif lane is Lane.DATETIME:
        values = values.cast(pa.int64())
    least, greatest = _ends(values)
    match lane:
        case Lane.STRING | Lane.LANG:
            if max(len(least), len(greatest)) > _LONGEST:
                least = greatest = None
        case Lane.DATE:
            least, greatest = least * _DAY_S, greatest * _DAY_S
        case Lane.DATETIME:
            least, greatest = _outward(
                Fraction(least, _MICROSECONDS), Fraction(greatest, _MICROSECONDS)
            )
        case Lane.DECIMAL:
            least, greatest = _outward(least, greatest)
    return ColumnRange(nulls, least, greatest)


def _ends(values: pa.ChunkedArray) -> tuple[Any, Any]:
    ends = pc.min_max(values)
    return ends["min"].as_py(), ends["max"].as_py()


def _outward(least: Decimal | Fraction, greatest: Decimal | Fraction) -> tuple[float, float]:
    """Doubles that are not above the least and not below the greatest value."""
    low, high = float(least), float(greatest)
    if low > least:
        low = math.nextafter(low, -math.inf)
    if high < greatest:
        high = math.nextafter(high, math.inf)
    return low, high

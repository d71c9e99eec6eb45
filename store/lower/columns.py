"""Columns of written literals as facet columns, over Arrow."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import (
    GEOMETRY_DATATYPES,
    LANE_CODES,
    LANE_DATATYPES,
    Lane,
    TermColumn,
    parse_geometries,
)

from ..layout.lexical_sql import NUMBER_SQL, TIME_SQL, UNTIL_SQL
from ..layout.literals import LiteralColumns
from ..layout.preparation import storable
from ..values import Facet
from .shapes import OWN_FACET

Columns = dict[Facet, pa.Array]

FACET_ARROW: Final[dict[Facet, pa.DataType]] = {
    "tag": pa.uint8(),
    "id": pa.int64(),
    "blank": pa.bool_(),
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(38, 12),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "time": pa.timestamp("us"),
    "until": pa.timestamp("us"),
    "zone": pa.int16(),
    "lang": pa.string(),
    "datatype": pa.string(),
    "geometry": pa.binary(),
    "crs": pa.string(),
    "xmin": pa.float32(),
    "ymin": pa.float32(),
    "xmax": pa.float32(),
    "ymax": pa.float32(),
}
"""Arrow type of each facet; a geometry is WKB."""

_OFFSET: Final = r"(?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d)$"
_local = threading.local()


def literal_columns(texts: pa.Array, datatype: str) -> list[tuple[Lane, Columns]]:
    """Facets of literals of one datatype, by lane; a row is not null in one of them at most."""
    read = LiteralColumns().columns(texts, datatype, None)
    found = ((part.lane, facets(part)) for column in read for part in _held(column, texts))
    return [(lane, columns) for lane, columns in found if _any(columns["tag"])]


def _held(column: TermColumn, texts: pa.Array) -> Iterator[TermColumn]:
    """The column without what its lane does not hold (-0.0, infinities, M): that is OTHER."""
    if column.lane is Lane.GEOMETRY:
        yield from storable(column)
        return
    if column.lane not in (Lane.DOUBLE, Lane.FLOAT):
        yield column
        return
    values = column.values.to_numpy(zero_copy_only=False)
    odd = pa.array(np.isinf(values) | ((values == 0) & np.signbit(values)))
    yield replace(
        column, values=pc.if_else(odd, pa.scalar(None, column.values.type), column.values)
    )
    rest = pc.if_else(odd, texts, pa.scalar(None, pa.string()))
    yield TermColumn(Lane.OTHER, rest, datatype=LANE_DATATYPES[column.lane])


def _any(values: pa.Array) -> bool:
    return bool(values.null_count < len(values))


def facets(column: TermColumn) -> Columns:
    """The facets of a column of one lane."""
    lane, present = column.lane, pc.is_valid(column.values)
    made: Columns = {"tag": _where(present, pa.scalar(LANE_CODES[lane], pa.uint8()))}
    own = OWN_FACET[lane]
    made[own] = column.values.cast(FACET_ARROW[own])
    if column.lexical is not None:
        made["text"] = column.lexical
    if lane is Lane.DATETIME and column.zoned:
        made["zone"] = _zones(present, column.lexical)
    if lane is Lane.GEOMETRY:
        made["crs"] = _where(present, pa.scalar(column.crs, pa.string()))
        if column.datatype is not None:
            made["datatype"] = _where(present, pa.scalar(column.datatype, pa.string()))
    if lane is Lane.OTHER:
        made["datatype"] = _where(present, pa.scalar(column.datatype, pa.string()))
        made |= _odd_values(column.values, made["datatype"])
        made |= _odd_shapes(column)
    return made


def _odd_shapes(column: TermColumn) -> Columns:
    """Geometries of lane OTHER that can be read."""
    if column.datatype not in GEOMETRY_DATATYPES:
        return {}
    parsed = parse_geometries(column.values, column.datatype)
    return {"geometry": parsed.wkb, "crs": parsed.crs.cast(pa.string())} if _any(parsed.wkb) else {}


def _where(present: pa.Array, value: pa.Scalar) -> pa.Array:
    return pc.if_else(present, value, pa.scalar(None, value.type))


def _zones(present: pa.Array, lexical: pa.Array | None) -> pa.Array:
    utc = _where(present, pa.scalar(0, pa.int16()))
    if lexical is None:
        return utc
    parts = pc.extract_regex(lexical, _OFFSET)
    hours, minutes = (
        pc.struct_field(parts, name).cast(pa.int16()) for name in ("hours", "minutes")
    )
    size = pc.add(pc.multiply(hours, pa.scalar(60, pa.int16())), minutes)
    signed = pc.if_else(pc.equal(pc.struct_field(parts, "sign"), "-"), pc.negate(size), size)
    return pc.coalesce(signed, utc)


def _odd_values(texts: pa.Array, datatypes: pa.Array) -> Columns:
    """Numbers, times and periods of lane OTHER, where there are any."""
    if not hasattr(_local, "connection"):
        _local.connection = duckdb.connect(config={"threads": 1})
    given = _local.connection.from_arrow(pa.table({"o": texts, "datatype": datatypes}))
    query = f"SELECT {NUMBER_SQL} AS double, {TIME_SQL} AS time, {UNTIL_SQL} AS until FROM given"
    table = given.query("given", query).to_arrow_table()
    named: tuple[Facet, ...] = ("double", "time", "until")
    read = {facet: table.column(facet).combine_chunks() for facet in named}
    return {
        facet: values.cast(FACET_ARROW[facet]) for facet, values in read.items() if _any(values)
    }

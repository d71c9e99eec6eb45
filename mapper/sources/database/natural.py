"""Columns of a database as cells: the natural mapping of SQL values (R2RML, section 10.2)."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ontology import XSD_STRING

from ...terms.cells import Cells, column

_XSD: Final = XSD_STRING.removesuffix("string")
DECIMAL: Final = _XSD + "decimal"
DOUBLE: Final = _XSD + "double"
HEX: Final = _XSD + "hexBinary"
DATE: Final = _XSD + "date"
TIME: Final = _XSD + "time"
DATETIME: Final = _XSD + "dateTime"
BOOLEAN: Final = _XSD + "boolean"
INTEGER: Final = _XSD + "integer"

ANY: Final = "any"
"""What a column is compared as whose values bring their own types."""
UNSURE: Final = "unlike"
"""Begins what a column is compared as whose own equal values may have different texts."""

_TEXT: Final = pa.string()
_DAYS: Final = (-719_162, 2_932_896)
"""First day of year 1 and last of year 9999, from 1970."""
_DAY_US: Final = 86_400_000_000
_BEYOND: Final = "beyond the years 1 to 9999"
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a result, as it is known before reading.

    Attributes
    ----------
    name : str
        As the database gives it.
    kind : pa.DataType
        Of the cells.
    datatype : str, optional
        Datatype IRI of the texts, where Arrow has no type that says it.
    read : str
        SQL that makes the column from ``{0}``, its quoted name.
    geometry : bool
        WKB.
    crs : str, optional
        CRS IRI of a geometry column, where all of it has one.
    declared : str
        The database's type where texts of equal values may differ (``numeric(10,2)``, ``char(5)``).
    """

    name: str
    kind: pa.DataType
    datatype: str | None = None
    read: str = "{0}"
    geometry: bool = False
    crs: str | None = None
    declared: str = ""

    @property
    def compared(self) -> str:
        """What its values are compared as: equal texts are equal values only within one of these.

        Texts, numbers and times of one type compare as their texts do.
        """
        whole = pa.types.is_integer(self.kind)
        return self.declared or self.datatype or ("integer" if whole else str(self.kind))


def natural(values: pa.Array, field: Field, nulls: tuple[str, ...] = ()) -> Cells:
    """Cells of an Arrow column that a database's driver gave.

    ``REAL`` becomes a double of the same shortest decimal, bytes upper-case hexadecimals.
    """
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    kind = values.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return typed(hexadecimal(values), HEX)
    if kind == pa.float32():
        return Cells(pc.cast(pc.cast(values, _TEXT), pa.float64()))
    if pa.types.is_decimal(kind) and kind.scale == 0:
        return typed(pc.cast(values, _TEXT), INTEGER)
    if field.datatype is not None:
        return typed(pc.cast(values, _TEXT), field.datatype)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind) or kind == pa.time64("us"):
        return _temporal(values)
    return column(values, nulls=nulls)


def typed(texts: pa.Array, datatype: str) -> Cells:
    """Texts that are all of one datatype."""
    return Cells(texts, kinds=pa.repeat(datatype, len(texts)))


def canonical(cells: Cells) -> Cells:
    """Doubles as R2RML writes them: ``30`` is ``3.0E1``; other cells as they are."""
    if not pa.types.is_floating(cells.values.type):
        return cells
    texts = _asked(cells.values, _SCIENTIFIC)
    return Cells(texts, cells.rows, kinds=pa.repeat(DOUBLE, len(texts)))


_SCIENTIFIC: Final = """
WITH texts AS (SELECT v, split_part(abs(v)::VARCHAR, 'e', 1) AS number,
                      split_part(abs(v)::VARCHAR, 'e', 2) AS power FROM given),
parts AS (SELECT v, power, split_part(number, '.', 1) AS whole,
                 split_part(number, '.', 2) AS rest FROM texts),
digits AS (SELECT v, rtrim(ltrim(whole || rest, '0'), '0') AS digit,
  CASE WHEN power <> '' THEN power::INT WHEN whole <> '0' THEN length(whole) - 1
       ELSE length(ltrim(rest, '0')) - length(rest) - 1 END AS power FROM parts)
SELECT CASE WHEN isnan(v) THEN 'NaN' WHEN isinf(v) THEN CASE WHEN v > 0 THEN 'INF' ELSE '-INF' END
  ELSE CASE WHEN signbit(v) THEN '-' ELSE '' END ||
    CASE WHEN v = 0 THEN '0.0E0'
         ELSE digit[1] || '.' || coalesce(nullif(digit[2:], ''), '0') || 'E' || power END
  END AS x FROM digits
"""


def hexadecimal(values: pa.Array) -> pa.Array:
    """Bytes as upper-case hexadecimals."""
    return _asked(values, "SELECT hex(v) AS x FROM given")


def decimal_texts(values: pa.Array) -> pa.Array:
    """Numbers as ``xsd:decimal`` writes them: the shortest, without exponent."""
    texts = pc.cast(values, _TEXT)
    if not pc.any(pc.match_substring(texts, "e")).as_py():
        return texts
    plain = [None if t is None else format(Decimal(t), "f") for t in texts.to_pylist()]
    return pa.array(plain, _TEXT)


def _temporal(values: pa.Array) -> Cells:
    """Times; what no xsd text can hold (infinity) is given as a text that marks its row as bad."""
    kind = values.type
    if pa.types.is_date(kind):
        numbers, bounds, datatype = values.view(pa.int32()), _DAYS, DATE
    elif pa.types.is_timestamp(kind):
        unit = {"s": 86_400, "ms": 86_400_000, "us": _DAY_US, "ns": _DAY_US * 1000}[kind.unit]
        bounds = (_DAYS[0] * unit, (_DAYS[1] + 1) * unit - 1)
        numbers, datatype = values.view(pa.int64()), DATETIME
    else:
        return typed(_times(values), TIME)
    odd = pc.or_(pc.less(numbers, bounds[0]), pc.greater(numbers, bounds[1])).fill_null(False)
    if not pc.any(odd).as_py():
        return Cells(values)
    sound = pc.cast(pc.if_else(odd, pa.scalar(None, kind), values), _TEXT)
    if datatype == DATETIME:
        sound = pc.replace_substring(sound, " ", "T")
    return typed(pc.if_else(odd, pa.scalar(_BEYOND), sound), datatype)


def _times(values: pa.Array) -> pa.Array:
    """Times of day without trailing zeros; midnight at the end of a day is 24:00:00."""
    late = pc.equal(values.view(pa.int64()), _DAY_US)
    texts = pc.cast(pc.if_else(late, pa.scalar(None, values.type), values), _TEXT)
    texts = pc.replace_substring_regex(texts, r"(\.\d*?)0+$", r"\1")
    texts = pc.replace_substring_regex(texts, r"\.$", "")
    return pc.if_else(late, pa.scalar("24:00:00"), texts)


def _asked(values: pa.Array, query: str) -> pa.Array:
    """Texts that a query makes of the column ``v`` of ``given``."""
    if not hasattr(_local, "connection"):
        _local.connection = duckdb.connect(config={"threads": 1})
    relation = _local.connection.from_arrow(pa.table({"v": values}))
    found = relation.query("given", query).to_arrow_table().column("x").combine_chunks()
    return pc.cast(found, _TEXT)

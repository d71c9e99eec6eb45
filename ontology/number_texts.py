"""Reading columns of ordinary numbers without SQL; what is out of the ordinary is left."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from .columns import ARROW_TYPES, TermColumn
from .compiled import compiled
from .decimals import LONGER as DECIMAL_LONGER
from .decimals import SHORTEST as DECIMAL_SHORTEST
from .decimals import UNKNOWN as DECIMAL_UNKNOWN
from .decimals import read_decimal
from .lanes import Lane
from .lexical import lexical_forms
from .spans import spans_of

_LEFT: Final = -1
_SCALES: Final = {Lane.INTEGER: 0, Lane.DECIMAL: 12}
_DIGITS: Final = 18
_GREATEST: Final = 9 * 10**17  # times ten stays within 64 bits
_WHOLE: Final = 1e15

NUMBER_LANES: Final = frozenset({Lane.DOUBLE, *_SCALES})
"""The lanes :func:`read_numbers` knows."""


def read_numbers(texts: pa.Array, lane: Lane) -> tuple[pa.Array, pa.Array]:
    """Read lexical forms of an INTEGER, DECIMAL or DOUBLE column.

    Returns
    -------
    values : pa.Array
        Of the lane's type; null where the text is null or left to a slower reader.
    canonical : pa.Array of bool
        Whether the text is the canonical form; null where that was not found out.
    """
    data, offsets = spans_of(texts)
    rows = len(texts)
    states = np.empty(rows, np.int8)
    values: npt.NDArray[Any]
    if lane is Lane.DOUBLE:
        values = np.empty(rows, np.float64)
        _read_doubles(data, offsets, values, states)
    else:
        values = np.empty(rows, np.int64)
        _read_scaled(data, offsets, _SCALES[lane], values, states)
    if texts.null_count:  # a null may have bytes
        states[np.asarray(pc.is_null(texts))] = _LEFT
    canonical = pa.array(
        states == DECIMAL_SHORTEST, mask=(states == _LEFT) | (states == DECIMAL_UNKNOWN)
    )
    return _column(values, states == _LEFT, lane), canonical


def _column(values: npt.NDArray[Any], left: npt.NDArray[np.bool_], lane: Lane) -> pa.Array:
    if lane is not Lane.DECIMAL:
        return pa.array(values, ARROW_TYPES[lane], mask=left)
    wide = np.column_stack([values, values >> 63])  # 128 bits, the low half first
    valid = pa.array(~left).buffers()[1]
    return pa.Array.from_buffers(ARROW_TYPES[lane], len(values), [valid, pa.py_buffer(wide)])


def keeping_forms(column: TermColumn, texts: pa.Array) -> TermColumn:
    """Keep the written form where it is not the canonical one."""
    odd = pc.fill_null(pc.not_equal(lexical_forms(column), texts), False)
    if not pc.any(odd).as_py():
        return column
    return replace(column, lexical=pc.if_else(odd, texts, pa.scalar(None, pa.string())))


def keeping_odd(column: TermColumn, texts: pa.Array, canonical: pa.Array) -> TermColumn:
    """The same where some texts are known to be canonical or not (null: not known)."""
    held = pc.is_valid(column.values)
    odd = pc.and_(held, pc.invert(pc.fill_null(canonical, True)))
    unknown = np.flatnonzero(np.asarray(pc.and_(held, pc.is_null(canonical))))
    if len(unknown):
        rows = pa.array(unknown)
        some = keeping_forms(replace(column, values=column.values.take(rows)), texts.take(rows))
        if some.lexical is not None:
            written = np.zeros(len(texts), bool)
            written[unknown] = np.asarray(pc.is_valid(some.lexical))
            odd = pc.or_(odd, pa.array(written))
    if not pc.any(odd).as_py():
        return column
    return replace(column, lexical=pc.if_else(odd, texts, pa.scalar(None, pa.string())))


@njit
def _double_form(data: Any, at: int, end: int, value: float, form: int) -> Any:  # pragma: no cover
    """The form of a double, whose canonical text has a point always."""
    point = at
    while point < end and data[point] != 0x2E:
        point += 1
    if point == end:
        return DECIMAL_LONGER
    if end - point == 2 and data[end - 1] == 0x30:
        first = at + (data[at] == 0x2D)
        if point - first > 1 and data[first] == 0x30:
            return DECIMAL_LONGER
        return DECIMAL_SHORTEST if abs(value) < _WHOLE else DECIMAL_UNKNOWN
    return form


@compiled
def _read_doubles(data: Any, offsets: Any, values: Any, states: Any) -> Any:  # pragma: no cover
    for row in range(len(values)):
        start = offsets[row]
        end = offsets[row + 1]
        at, value, form = read_decimal(data, start, end)
        values[row] = value
        states[row] = _LEFT if at != end else _double_form(data, start, end, value, form)


@compiled
def _read_scaled(
    data: Any, offsets: Any, scale: int, values: Any, states: Any
) -> Any:  # pragma: no cover - compiled
    for row in range(len(values)):
        values[row], states[row] = _scaled(data, offsets[row], offsets[row + 1], scale)


@njit
def _scaled(data: Any, at: int, end: int, scale: int) -> Any:  # pragma: no cover - compiled
    """``-?digits[.digits]`` times ``10**scale``, and its form."""
    negative = at < end and data[at] == 0x2D
    start = at + negative
    if end - start > _DIGITS + 1:
        return 0, _LEFT
    value = np.int64(0)
    point = end
    for k in range(start, end):
        if data[k] == 0x2E and point == end and scale:
            point = k
        elif 0x30 <= data[k] <= 0x39 and value < _GREATEST // 10:
            value = value * 10 + (data[k] - 0x30)
        else:
            return 0, _LEFT
    places = max(end - point - 1, 0)
    if point == start or places > scale or (point < end and places == 0):
        return 0, _LEFT
    for _ in range(scale - places):
        if value >= _GREATEST:
            return 0, _LEFT
        value *= 10
    if value == 0 and negative:
        return 0, _LEFT
    padded = point - start > 1 and data[start] == 0x30
    trailing = places > 0 and data[end - 1] == 0x30
    form = DECIMAL_LONGER if padded or trailing else DECIMAL_SHORTEST
    return (-value if negative else value), form

"""Built-in functions on texts and numbers, in the ``gl:`` namespace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..language.vocabulary import GL
from ..terms.cells import Cells
from ..terms.faults import positions
from ..terms.literals import text_of
from .arguments import numbers, single
from .registry import Call, register


def _upper(value: pa.Array) -> pa.Array:
    return pc.utf8_upper(text_of(value))


def _lower(value: pa.Array) -> pa.Array:
    return pc.utf8_lower(text_of(value))


def _trim(value: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(text_of(value))


def _split(call: Call, value: Cells, separator: Cells) -> pa.Array:
    """Several values a row."""
    return pc.split_pattern(text_of(value.values), single(separator, "separator", call))


def _first(call: Call, value: Cells, separator: Cells) -> pa.Array:
    """What stands before the separator, without blanks around; all of it where there is none."""
    parts = pc.split_pattern(text_of(value.values), single(separator, "separator", call))
    return pc.utf8_trim_whitespace(pc.list_element(parts, 0))


def _replace(call: Call, value: Cells, find: Cells, replacement: Cells) -> pa.Array:
    new = single(replacement, "replacement", call)
    return pc.replace_substring(text_of(value.values), single(find, "find", call), new)


def _hash(name: str) -> Callable[[pa.Array], pa.Array]:
    """Hexadecimal digits of a hash of the text's UTF-8."""

    def apply(value: pa.Array) -> pa.Array:
        return sql(text_of(value), f"{name}(v)", pa.string())

    return apply


def _multiply(call: Call, value: Cells, factor: Cells) -> pa.Array:
    """Product as a double; texts must be numbers."""
    return pc.multiply(_double(value, call), _double(factor, call))


def _double(cells: Cells, call: Call) -> pa.Array:
    if not pa.types.is_string(cells.values.type):
        return pc.cast(cells.values, pa.float64())
    numbers = sql(cells.values, "TRY_CAST(v AS DOUBLE)", pa.float64())
    strange = pc.or_(pc.is_null(numbers), pc.match_substring(cells.values, "_"))
    bad = positions(pc.and_(pc.is_valid(cells.values), strange))
    call.fault(bad, lambda k: f"{call.where}: {cells.values[int(bad[k])].as_py()!r} is no number")
    return numbers


def _equal(first: pa.Array, second: pa.Array) -> pa.Array:
    return pc.equal(text_of(first), text_of(second))


def _at_least(call: Call, value: Cells, limit: Cells) -> pa.Array:
    return pc.greater_equal(_double(value, call), _double(limit, call))


def _boolean(
    call: Call, value: Cells, true: Cells | None = None, false: Cells | None = None
) -> pa.Array:
    """Truth values of words, letter case aside; other words make their rows bad."""
    words = pc.utf8_lower(pc.utf8_trim_whitespace(text_of(value.values)))
    yes = pc.is_in(words, value_set=_words(true, "true", ("true", "1"), call))
    no = pc.is_in(words, value_set=_words(false, "false", ("false", "0"), call))
    strange = positions(pc.and_(pc.is_valid(words), pc.invert(pc.or_(yes, no))))
    call.fault(
        strange,
        lambda k: f"{call.where}: {value.values[int(strange[k])].as_py()!r} is no truth value",
    )
    return pc.if_else(pc.or_(yes, no), yes, pa.scalar(None, pa.bool_()))


def _words(given: Cells | None, name: str, otherwise: tuple[str, ...], call: Call) -> pa.Array:
    words = otherwise if given is None else single(given, name, call).lower().split("|")
    return pa.array(words, pa.string())


def _integer(call: Call, value: Cells) -> pa.Array:
    """Whole numbers, also of doubles and texts such as 12.0; others make their rows bad."""
    doubles = numbers(call, value, "value")
    sound = (doubles == np.round(doubles)) & (np.abs(doubles) < 2.0**53)
    bad = np.flatnonzero(~sound & ~np.isnan(doubles))
    call.fault(bad, lambda k: f"{call.where}: {doubles[bad[k]]!r} is no whole number")
    whole = np.where(sound, doubles, 0).astype(np.int64)
    return pa.array(whole, mask=~sound)


def sql(texts: pa.Array, expression: str, kind: pa.DataType) -> pa.Array:
    """Values of a DuckDB expression over the texts ``v``."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.from_arrow(pa.table({"v": texts})).project(f"{expression} AS x")
        values: Any = found.to_arrow_table().column("x").combine_chunks()
    return pc.cast(values, kind)


for _name, _function, _native in (
    ("upper", _upper, False),
    ("lower", _lower, False),
    ("trim", _trim, False),
    ("split", _split, True),
    ("first", _first, True),
    ("replace", _replace, True),
    ("md5", _hash("md5"), False),
    ("sha1", _hash("sha1"), False),
    ("sha256", _hash("sha256"), False),
    ("multiply", _multiply, True),
    ("boolean", _boolean, True),
    ("integer", _integer, True),
    ("equal", _equal, False),
    ("atLeast", _at_least, True),
):
    register(GL + _name, _function, native=_native)

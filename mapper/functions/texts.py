"""Built-in functions on texts, codes, numbers and times, in the ``gl:`` namespace."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import MappingError, UnknownCodeError, code_list

from ..cells import Cells
from ..faults import positions
from ..literals import text_of
from ..vocabulary import GL
from .registry import Call, register

_LONG_FORMS: Final = (
    ("%F", "%Y-%m-%d"),
    ("%T", "%H:%M:%S"),
    ("%R", "%H:%M"),
    ("%D", "%m/%d/%y"),
    ("%e", "%d"),
)
_NO_TEXT = pa.scalar(None, pa.string())


def single(cells: Cells, name: str, call: Call) -> str:
    """Value of an argument that must be the same in all rows."""
    values = pc.unique(text_of(cells.values)).drop_null()
    if len(values) != 1:
        raise MappingError(
            f"The parameter {name} must have one value for all rows",
            where=call.where,
            why=f"it has {len(values)}",
            remedy="give it with rml:inputValue",
        )
    return str(values[0].as_py())


def _concept(call: Call, scheme: Cells, code: Cells, notation: Cells | None = None) -> pa.Array:
    """Concept IRI of a class code; an unknown code marks its row as bad."""
    kind = "code" if notation is None else single(notation, "notation", call)
    name = single(scheme, "scheme", call)
    known = code_list(name)
    codes = code.values
    if pa.types.is_floating(codes.type):
        codes = _whole(codes)
    found = known.lookup(codes, kind)  # type: ignore[arg-type]
    if found.unknown:
        coded = codes.dictionary_encode()
        strange = [
            bool(known.lookup(coded.dictionary.slice(k, 1), kind).unknown)  # type: ignore[arg-type]
            for k in range(len(coded.dictionary))
        ]
        index = pc.fill_null(coded.indices, 0).to_numpy(zero_copy_only=False)
        present = codes.is_valid().to_numpy(zero_copy_only=False)
        bad = np.flatnonzero(np.array(strange)[index] & present)
        call.fault(
            bad,
            lambda k: f"{call.where}: code {codes[int(bad[k])].as_py()!r} is not in {name}",
            UnknownCodeError,
        )
    return found.iris


def _whole(values: pa.Array) -> pa.Array:
    whole = pc.equal(values, pc.round(values))
    return pc.if_else(whole, pc.cast(pc.round(values), pa.string()), pc.cast(values, pa.string()))


def _upper(value: pa.Array) -> pa.Array:
    return pc.utf8_upper(text_of(value))


def _lower(value: pa.Array) -> pa.Array:
    return pc.utf8_lower(text_of(value))


def _trim(value: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(text_of(value))


def _split(call: Call, value: Cells, separator: Cells) -> pa.Array:
    """Several values a row."""
    return pc.split_pattern(text_of(value.values), single(separator, "separator", call))


def _replace(call: Call, value: Cells, find: Cells, replacement: Cells) -> pa.Array:
    new = single(replacement, "replacement", call)
    return pc.replace_substring(text_of(value.values), single(find, "find", call), new)


def _sha256(value: pa.Array) -> pa.Array:
    return _sql(text_of(value), "sha256(v)", pa.string())


def _multiply(call: Call, value: Cells, factor: Cells) -> pa.Array:
    """Product as a double; texts must be numbers."""
    return pc.multiply(_double(value, call), _double(factor, call))


def _double(cells: Cells, call: Call) -> pa.Array:
    if not pa.types.is_string(cells.values.type):
        return pc.cast(cells.values, pa.float64())
    numbers = _sql(cells.values, "TRY_CAST(v AS DOUBLE)", pa.float64())
    strange = pc.or_(pc.is_null(numbers), pc.match_substring(cells.values, "_"))
    bad = positions(pc.and_(pc.is_valid(cells.values), strange))
    call.fault(bad, lambda k: f"{call.where}: {cells.values[int(bad[k])].as_py()!r} is no number")
    return numbers


def _equal(first: pa.Array, second: pa.Array) -> pa.Array:
    return pc.equal(text_of(first), text_of(second))


def _at_least(call: Call, value: Cells, limit: Cells) -> pa.Array:
    return pc.greater_equal(_double(value, call), _double(limit, call))


def _date(call: Call, value: Cells, format: Cells | None = None) -> pa.Array:
    """Date of a text in ISO form, or in a strptime format."""
    moments = _moments(call, value, format, "TIMESTAMP")
    if format is None:  # the day where the time was taken, not that of UTC
        days = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(text_of(value.values)), 0, 10)
        sound = pc.if_else(pc.is_valid(moments), days, _NO_TEXT)
        return _sql(sound, "TRY_CAST(v AS DATE)", pa.date32())
    return pc.cast(moments, pa.date32(), safe=False)


def _date_time(call: Call, value: Cells, format: Cells | None = None) -> pa.Array:
    """Time of a text in ISO form (a blank instead of T is fine), or in a strptime format."""
    zoned = pc.any(
        pc.match_substring_regex(text_of(value.values), r":\d\d.*(Z|[+-]\d\d(:?\d\d)?)$")
    )
    return _moments(call, value, format, "TIMESTAMPTZ" if zoned.as_py() else "TIMESTAMP")


def _utc(call: Call, value: Cells) -> pa.Array:
    """Times without zone that are known to be UTC."""
    times = value.values
    if pa.types.is_string(times.type):
        times = _moments(call, value, None, "TIMESTAMPTZ")
    return pc.assume_timezone(pc.cast(times, pa.timestamp("us")), "UTC")


def _moments(call: Call, value: Cells, style: Cells | None, kind: str) -> pa.Array:
    texts = text_of(value.values)
    if style is None:
        zone = "UTC" if kind == "TIMESTAMPTZ" else None
        moments = _sql(texts, f"TRY_CAST(v AS {kind})", pa.timestamp("us", zone))
    else:
        text = single(style, "format", call)
        moments = pc.strptime(texts, text, "us", error_is_null=True)
        moments = _without_overflow(texts, moments, text)
        if "%z" in text:
            moments = pc.assume_timezone(moments, "UTC") if moments.type.tz is None else moments
    bad = positions(pc.and_(pc.is_valid(texts), pc.is_null(moments)))
    call.fault(bad, lambda k: f"{call.where}: {texts[int(bad[k])].as_py()!r} is no date or time")
    return moments


def _without_overflow(texts: pa.Array, moments: pa.Array, style: str) -> pa.Array:
    """Null where strptime carried a day over (31 February) or took a year of two digits for %Y."""
    for short, long in _LONG_FORMS:
        style = style.replace(short, long)
    suspect = pc.or_(pc.less_equal(pc.day(moments), 4), pc.less(pc.year(moments), 1000))
    wrong = [t for t in pc.unique(texts.filter(suspect)).to_pylist() if not _parses(t, style)]
    found = pc.is_in(texts, value_set=pa.array(wrong, pa.string()))
    return pc.if_else(found, pa.scalar(None, moments.type), moments)


def _parses(text: str, style: str) -> bool:
    try:
        datetime.strptime(text, style)
    except ValueError as error:
        return "directive" in str(error)
    return True


def _sql(texts: pa.Array, expression: str, kind: pa.DataType) -> pa.Array:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.from_arrow(pa.table({"v": texts})).project(f"{expression} AS x")
        values: Any = found.to_arrow_table().column("x").combine_chunks()
    return pc.cast(values, kind)


for _name, _function, _native in (
    ("concept", _concept, True),
    ("upper", _upper, False),
    ("lower", _lower, False),
    ("trim", _trim, False),
    ("split", _split, True),
    ("replace", _replace, True),
    ("sha256", _sha256, False),
    ("multiply", _multiply, True),
    ("equal", _equal, False),
    ("atLeast", _at_least, True),
    ("date", _date, True),
    ("dateTime", _date_time, True),
    ("utc", _utc, True),
):
    register(GL + _name, _function, native=_native)

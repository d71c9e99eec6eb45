"""Literals: columns of values to columns of terms, lane by lane, keeping lexical forms.

One column of a source can make several term columns: what a lane cannot hold (integers over
64 bits, NaN, times with nanoseconds) goes to the lane OTHER with its text.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import (
    ARROW_TYPES,
    LANE_DATATYPES,
    NUMBER_LANES,
    XSD_STRING,
    Lane,
    TermColumn,
    UnsupportedError,
    keeping_odd,
    lexical_forms,
    read_numbers,
)

from .cells import Cells
from .faults import Faults, positions

_XSD: Final = XSD_STRING.removesuffix("string")
_NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_DAY: Final = r"\d{4}-\d\d-\d\d"
_ZONE: Final = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"
_YEAR: Final = r"-?(?:[1-9]\d*)?\d{4}"
_FOURTH: Final = r"(?:[02468][048]|[13579][26])"
_LEAP_YEAR: Final = rf"-?(?:[1-9]\d*)?(?:{_FOURTH}00|\d\d(?:0[48]|[2468][048]|[13579][26]))"
_DAY_OF_YEAR: Final = (
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)"
    r"|(?:0[13578]|1[02])-31)"
)
_REAL_DAY: Final = rf"(?:{_YEAR}-{_DAY_OF_YEAR}|{_LEAP_YEAR}-02-29)"
_TIME: Final = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_REAL: Final = rf"{_NUMBER}(?:[eE][+-]?\d+)?|[+-]?INF|NaN"


@dataclass(frozen=True, slots=True)
class _Form:
    """A datatype's lane, its legal texts, the texts the lane can hold, and DuckDB's type."""

    lane: Lane
    legal: str
    fits: str
    sql: str
    zoned: bool = False
    checked: bool = True  # a text that fits but has no value is wrong, not just too big


_FORMS: Final[dict[str, tuple[_Form, ...]]] = {
    "boolean": (_Form(Lane.BOOLEAN, "true|false|1|0", "true|false|1|0", "BOOLEAN"),),
    "integer": (_Form(Lane.INTEGER, r"[+-]?\d+", r"[+-]?\d+", "BIGINT", checked=False),),
    "decimal": (
        _Form(Lane.DECIMAL, _NUMBER, r"[+-]?0*\d{0,26}(?:\.\d{0,12}0*)?", "DECIMAL(38,12)"),
    ),
    "double": (_Form(Lane.DOUBLE, _REAL, rf"{_NUMBER}(?:[eE][+-]?\d+)?", "DOUBLE", checked=False),),
    "float": (_Form(Lane.FLOAT, _REAL, rf"{_NUMBER}(?:[eE][+-]?\d+)?", "FLOAT", checked=False),),
    "date": (_Form(Lane.DATE, rf"{_REAL_DAY}{_ZONE}?", _DAY, "DATE"),),
    "dateTime": tuple(
        _Form(
            Lane.DATETIME,
            rf"{_REAL_DAY}T{_TIME}{_ZONE}?",
            rf"{_DAY}T\d\d:\d\d:\d\d(?:\.\d{{1,6}})?{zone}",
            sql,
            zoned=bool(zone),
        )
        for zone, sql in (("", "TIMESTAMP"), (_ZONE, "TIMESTAMPTZ"))
    ),
}
_WHOLE: Final[dict[str, tuple[int | None, int | None]]] = {
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
"""Integer datatypes with their least and greatest value."""
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_DAY_OF_MONTH: Final = r"(?:0[1-9]|[12]\d|3[01])"
_OTHERS: Final = {
    "gYear": rf"{_YEAR}{_ZONE}?",
    "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}?",
    "gMonth": rf"--{_MONTH}{_ZONE}?",
    "gDay": rf"---{_DAY_OF_MONTH}{_ZONE}?",
    "gMonthDay": rf"--(?:{_DAY_OF_YEAR}|02-29){_ZONE}?",
    "time": rf"{_TIME}{_ZONE}?",
    "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
}
"""Legal texts of datatypes without a lane."""
_FEW: Final = 64
"""Fewer numbers are read by SQL, so that nothing small waits for a compiler."""
_local = threading.local()


def literals(cells: Cells, datatype: str | None, faults: Faults, where: str) -> list[TermColumn]:
    """Literals of a datatype, or of the natural one of the values (RML-Core, "Natural mapping").

    A text that is not of the datatype marks its row as bad.
    """
    if cells.kinds is not None and datatype is None:
        return _by_kind(cells, faults, where)
    if datatype is None and pa.types.is_uint64(cells.values.type):
        datatype = LANE_DATATYPES[Lane.INTEGER]
    if datatype is None and pa.types.is_decimal(cells.values.type):
        datatype = LANE_DATATYPES[Lane.DECIMAL]
    natural = _natural(cells.values) if datatype is None else _cast(cells, datatype, faults, where)
    if natural is not None:
        return natural
    texts = text_of(cells.values)
    name = str(datatype).removeprefix(_XSD) if str(datatype).startswith(_XSD) else ""
    if name == "string":
        return [TermColumn(Lane.STRING, texts)]
    if name == "decimal" and pa.types.is_floating(cells.values.type):
        texts = _without_exponent(texts)
    if name in _FORMS:
        return _parsed(cells, texts, _FORMS[name], faults, where)
    if name in _WHOLE:
        _refuse(cells, texts, r"[+-]?\d+", name, faults, where)
        _refuse_range(cells, texts, name, faults, where)
    elif name in _OTHERS:
        _refuse(cells, texts, _OTHERS[name], name, faults, where)
    return [TermColumn(Lane.OTHER, texts, datatype=str(datatype))]


def text_of(values: pa.Array) -> pa.Array:
    """Texts of a column, as templates and ``xsd:string`` want them."""
    if pa.types.is_string(values.type):
        return values
    if pa.types.is_binary(values.type):
        raise UnsupportedError("Bytes have no text", remedy="use a function that makes one")
    natural = _natural(values)
    if natural is None:
        return _without_exponent(pc.cast(values, pa.string()))
    if pa.types.is_floating(values.type):
        return pc.cast(values, pa.string())
    return lexical_forms(natural[0])


def _without_exponent(texts: pa.Array) -> pa.Array:
    """Numbers as xsd:decimal writes them: ``1E-7`` is ``0.0000001``."""
    with_exponent = _matches(texts, r"[^eE]*\d[eE][+-]?\d+")
    if not pc.any(with_exponent).as_py():
        return texts
    plain = [format(Decimal(t), "f") for t in texts.filter(with_exponent).to_pylist()]
    return pc.replace_with_mask(texts, with_exponent.fill_null(False), pa.array(plain, pa.string()))


def _by_kind(cells: Cells, faults: Faults, where: str) -> list[TermColumn]:
    found: list[TermColumn] = []
    for kind in pc.unique(cells.kinds).drop_null().to_pylist():
        mine = pc.if_else(pc.equal(cells.kinds, kind), cells.values, pa.scalar(None, pa.string()))
        found += literals(Cells(mine, cells.rows), kind, faults, where)
    return found


def _natural(values: pa.Array) -> list[TermColumn] | None:
    kind = values.type
    types = pa.types
    if types.is_null(kind):
        return [TermColumn(Lane.STRING, pc.cast(values, pa.string()))]
    if types.is_string(kind):
        return [TermColumn(Lane.STRING, values)]
    if types.is_boolean(kind):
        return [TermColumn(Lane.BOOLEAN, values)]
    if types.is_integer(kind) and kind != pa.uint64():
        return [TermColumn(Lane.INTEGER, pc.cast(values, pa.int64()))]
    if types.is_floating(kind):
        lane = Lane.DOUBLE if kind == pa.float64() else Lane.FLOAT
        return _reals(pc.cast(values, ARROW_TYPES[lane]), lane)
    if types.is_date(kind):
        return [TermColumn(Lane.DATE, pc.cast(values, pa.date32()))]
    if types.is_timestamp(kind):
        zoned = kind.tz is not None
        return [TermColumn(Lane.DATETIME, _microseconds(values), zoned=zoned)]
    if types.is_time(kind):
        return [TermColumn(Lane.OTHER, pc.cast(values, pa.string()), datatype=_XSD + "time")]
    if kind == pa.uint64() or types.is_decimal(kind):
        return None
    raise UnsupportedError(
        f"Columns of type {kind} have no RDF form", remedy="give rml:datatype or leave it out"
    )


def _microseconds(values: pa.Array) -> pa.Array:
    try:
        return pc.cast(pc.cast(values, pa.timestamp("us", values.type.tz)), pa.timestamp("us"))
    except pa.ArrowInvalid as error:
        raise UnsupportedError(
            "Times with nanoseconds are not supported",
            why=str(error),
            remedy="round the column to microseconds",
        ) from error


def _reals(values: pa.Array, lane: Lane) -> list[TermColumn]:
    """Numbers in their lane; NaN, infinities and minus zero, which have no place there, apart."""
    array = values.to_numpy(zero_copy_only=False)
    odd = (~np.isfinite(array) | ((array == 0) & np.signbit(array))) & values.is_valid().to_numpy(
        zero_copy_only=False
    )
    if not odd.any():
        return [TermColumn(lane, values)]
    mask = pa.array(odd)
    texts = lexical_forms(TermColumn(lane, values))
    none = pa.scalar(None, values.type)
    return [
        TermColumn(lane, pc.if_else(mask, none, values)),
        TermColumn(
            Lane.OTHER,
            pc.if_else(mask, texts, pa.scalar(None, pa.string())),
            datatype=LANE_DATATYPES[lane],
        ),
    ]


def _cast(cells: Cells, datatype: str, faults: Faults, where: str) -> list[TermColumn] | None:
    """Direct conversions between typed columns; None where the text decides."""
    kind = cells.values.type
    if pa.types.is_string(kind):
        return None
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if datatype in (LANE_DATATYPES[Lane.DOUBLE], LANE_DATATYPES[Lane.FLOAT]) and numeric:
        lane = Lane.DOUBLE if datatype == LANE_DATATYPES[Lane.DOUBLE] else Lane.FLOAT
        return _reals(pc.cast(cells.values, ARROW_TYPES[lane], safe=False), lane)
    if datatype == LANE_DATATYPES[Lane.INTEGER] and pa.types.is_floating(kind):
        array = cells.values.to_numpy(zero_copy_only=False)
        with np.errstate(invalid="ignore"):
            whole = (np.rint(array) == array) & (np.abs(array) < 2.0**63)
        bad = positions(pc.and_(cells.values.is_valid(), pa.array(~whole)))
        _fault(cells, cells.values, bad, "integer", faults, where)
        kept = pc.if_else(pa.array(whole), cells.values, pa.scalar(None, kind))
        return [TermColumn(Lane.INTEGER, pc.cast(kept, pa.int64()))]
    if datatype == LANE_DATATYPES[Lane.DATE] and pa.types.is_timestamp(kind):
        return [TermColumn(Lane.DATE, pc.cast(cells.values, pa.date32(), safe=False))]
    if datatype == LANE_DATATYPES[Lane.DATETIME] and pa.types.is_date(kind):
        return [TermColumn(Lane.DATETIME, pc.cast(cells.values, pa.timestamp("us")))]
    natural = _natural(cells.values)
    same = natural is not None and LANE_DATATYPES.get(natural[0].lane) == datatype
    return natural if same else None


def _parsed(
    cells: Cells, texts: pa.Array, forms: tuple[_Form, ...], faults: Faults, where: str
) -> list[TermColumn]:
    lane = forms[0].lane
    if lane not in NUMBER_LANES or len(texts) < _FEW:
        return _slowly(cells, texts, forms, faults, where)
    values, canonical = read_numbers(texts, lane)
    plain = keeping_odd(TermColumn(lane, values), texts, canonical)
    left = np.flatnonzero(np.asarray(pc.and_(pc.is_null(values), pc.is_valid(texts))))
    if not len(left):
        return [plain]
    some = Cells(texts.take(pa.array(left)), cells.row_numbers()[left])
    found = _slowly(some, some.values, forms, faults, where)
    places = np.full(len(texts), -1)
    places[left] = np.arange(len(left))
    index = pa.array(places, mask=places < 0)
    rest = [_spread(column, index) for column in found]
    return [_together(plain, rest[0]), *rest[1:]]


def _spread(column: TermColumn, index: pa.Array) -> TermColumn:
    lexical = None if column.lexical is None else column.lexical.take(index)
    return replace(column, values=column.values.take(index), lexical=lexical)


def _together(one: TermColumn, other: TermColumn) -> TermColumn:
    """Two columns of a lane, of which no row has values in both."""
    forms = [column.lexical for column in (one, other) if column.lexical is not None]
    return replace(
        one,
        values=pc.coalesce(one.values, other.values),
        lexical=pc.coalesce(*forms) if forms else None,
    )


def _slowly(
    cells: Cells, texts: pa.Array, forms: tuple[_Form, ...], faults: Faults, where: str
) -> list[TermColumn]:
    first = forms[0]
    name = LANE_DATATYPES[first.lane].removeprefix(_XSD)
    _refuse(cells, texts, first.legal, name, faults, where)
    rest = texts
    found: list[TermColumn] = []
    for form in forms:
        values = _values(texts, form)
        missing = pc.and_(_matches(texts, form.fits), pc.is_null(values))
        if form.checked:
            _fault(cells, texts, positions(missing), name, faults, where)
        column = TermColumn(form.lane, values, zoned=form.zoned)
        canonical = lexical_forms(column)
        odd = pc.and_(pc.is_valid(values), pc.not_equal(texts, canonical))
        kept = pc.if_else(odd, texts, pa.scalar(None, pa.string()))
        lexical = kept if kept.null_count < len(kept) else None
        if values.null_count < len(values) or form is first:
            found.append(TermColumn(form.lane, values, lexical, zoned=form.zoned))
        rest = pc.if_else(pc.is_valid(values), pa.scalar(None, pa.string()), rest)
    rest = pc.if_else(_matches(texts, first.legal), rest, pa.scalar(None, pa.string()))
    if rest.null_count < len(rest):
        found.append(TermColumn(Lane.OTHER, rest, datatype=LANE_DATATYPES[first.lane]))
    return found


def _values(texts: pa.Array, form: _Form) -> pa.Array:
    """Values of the texts that fit, null elsewhere; exactly those the store would compute."""
    if not hasattr(_local, "connection"):
        _local.connection = duckdb.connect(config={"threads": 1})
    relation = _local.connection.from_arrow(pa.table({"v": texts}))
    value = f"TRY_CAST(v AS {form.sql})"
    if form.lane in (Lane.DOUBLE, Lane.FLOAT):
        value = f"CASE WHEN isfinite({value}) AND NOT ({value} = 0 AND v[1] = '-') THEN {value} END"
    fits = f"^(?:{form.fits})$"
    column = relation.project(f"CASE WHEN regexp_matches(v, '{fits}') THEN {value} END AS x")
    values = column.to_arrow_table().column("x").combine_chunks()
    if form.zoned:
        values = pc.cast(values, pa.timestamp("us"))
    return pc.cast(values, ARROW_TYPES[form.lane])


def _matches(texts: pa.Array, pattern: str) -> pa.Array:
    return pc.match_substring_regex(texts, rf"\A(?:{pattern})\z")


def _refuse(
    cells: Cells, texts: pa.Array, legal: str, name: str, faults: Faults, where: str
) -> None:
    bad = positions(pc.invert(_matches(texts, legal)))
    _fault(cells, texts, bad, name, faults, where)


def _refuse_range(cells: Cells, texts: pa.Array, name: str, faults: Faults, where: str) -> None:
    least, greatest = _WHOLE[name]
    whole = positions(_matches(texts, r"[+-]?\d+"))
    numbers = np.array([int(text) for text in texts.take(pa.array(whole)).to_pylist()], object)
    out = np.zeros(len(whole), bool)
    if least is not None:
        out |= (numbers < least).astype(bool)
    if greatest is not None:
        out |= (numbers > greatest).astype(bool)
    _fault(cells, texts, whole[out], name, faults, where)


def _fault(cells: Cells, shown: pa.Array, bad: Any, name: str, faults: Faults, where: str) -> None:
    faults.add(
        cells.row_numbers()[bad],
        lambda k: f"{where}: {shown[int(bad[k])].as_py()!r} is not an xsd:{name}",
    )

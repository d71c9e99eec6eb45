"""Lexical forms: how values are written, and which lane a written literal belongs to.

A value is written canonically unless it brings its own form. Numbers are the shortest text that
reads back the same (DuckDB's and Python's rule, so ``3000.0``, ``1e+16``, ``1e-07``), decimals have
no trailing zeros, times are ISO 8601 with a fraction only where there is one and ``Z`` when zoned;
not-a-number and the infinities are ``NaN``, ``INF``, ``-INF`` (XML Schema 1.1 part 2).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from .columns import ARROW_TYPES, TermColumn
from .geometry import format_wkt, parse_wkt
from .lanes import LANE_DATATYPES, Lane
from .namespaces import CRS84

_REAL = (
    "CASE WHEN isnan(v) THEN 'NaN' WHEN isinf(v) THEN CASE WHEN v > 0 THEN 'INF' ELSE '-INF' END"
    " ELSE v::VARCHAR END"
)
_PRINT: Final = {
    Lane.BOOLEAN: "v::VARCHAR",
    Lane.INTEGER: "v::VARCHAR",
    Lane.DECIMAL: "rtrim(rtrim(v::VARCHAR, '0'), '.')",
    Lane.DOUBLE: _REAL,
    Lane.FLOAT: _REAL,
    Lane.DATE: "v::VARCHAR",
    Lane.DATETIME: "replace(v::VARCHAR, ' ', 'T')",
}

_DECIMAL_FORM: Final = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_DATE_FORM: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ZONE: Final = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_CLOCK_FORM: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
_LOCAL: Final = "left(t, strlen(t) - strlen(z))"
_MOMENT: Final = (
    f"TRY_CAST(replace({_LOCAL}, 'T', ' ') AS TIMESTAMP) - to_minutes(CASE"
    " WHEN z IN ('', 'Z') THEN 0 WHEN z[1] = '-' THEN -(z[2:3]::INT * 60 + z[5:6]::INT)"
    " ELSE z[2:3]::INT * 60 + z[5:6]::INT END)"
)


def _real_reading(type_name: str) -> str:
    return (
        rf"CASE WHEN regexp_full_match(t, '{_DECIMAL_FORM}([eE][+-]?[0-9]+)?')"
        f" AND isfinite(TRY_CAST(t AS {type_name}))"
        f" AND NOT (t[1] = '-' AND TRY_CAST(t AS {type_name}) = 0)"
        f" THEN TRY_CAST(t AS {type_name}) END"
    )


_READ: Final = {
    Lane.BOOLEAN: "CASE WHEN t IN ('true', '1') THEN true WHEN t IN ('false', '0') THEN false END",
    Lane.INTEGER: "CASE WHEN regexp_full_match(t, '[+-]?[0-9]+') THEN TRY_CAST(t AS BIGINT) END",
    Lane.DECIMAL: rf"CASE WHEN regexp_full_match(t, '{_DECIMAL_FORM}')"
    r" AND length(rtrim(regexp_extract(t, '\.([0-9]*)$', 1), '0')) <= 12"
    " THEN TRY_CAST(t AS DECIMAL(38, 12)) END",
    Lane.DOUBLE: _real_reading("DOUBLE"),
    Lane.FLOAT: _real_reading("FLOAT"),
    Lane.DATE: f"CASE WHEN regexp_full_match(t, '{_DATE_FORM}') AND left(t, 4) <> '0000'"
    " THEN TRY_CAST(t AS DATE) END",
    Lane.DATETIME: f"CASE WHEN regexp_full_match(t, '{_DATE_FORM}T{_CLOCK_FORM}{_ZONE}?')"
    f" AND left(t, 4) <> '0000' THEN {_MOMENT} END",
}
_LANE_OF: Final = {iri: lane for lane, iri in LANE_DATATYPES.items() if lane is not Lane.LANG}
_local = threading.local()


def lexical_forms(column: TermColumn) -> pa.Array:
    """Lexical forms of a column of literals, one a row.

    Parameters
    ----------
    column : TermColumn
        Of any lane; for NODE the texts themselves are returned.

    Returns
    -------
    pa.Array of strings, shape (n,)
        ``column.lexical`` where that is given, else the canonical form; null stays null.

    Examples
    --------
    >>> lexical_forms(TermColumn(Lane.DOUBLE, pa.array([3000.0, 0.1]))).to_pylist()
    ['3000.0', '0.1']
    """
    canonical = _canonical(column)
    if column.lexical is None:
        return canonical
    return pc.coalesce(pc.cast(column.lexical, pa.string()), canonical)


def _canonical(column: TermColumn) -> pa.Array:
    if column.lane is Lane.GEOMETRY:
        return format_wkt(column.values, column.crs or CRS84)
    if column.lane not in _PRINT:
        return column.values
    table = _run(f"SELECT {_PRINT[column.lane]} AS lex FROM given", v=column.values)
    printed = _column(table, "lex", pa.string())
    if column.lane is Lane.DATETIME and column.zoned:
        printed = pc.binary_join_element_wise(printed, "Z", "")
    return printed


def read_literals(texts: pa.Array, datatype: str) -> tuple[TermColumn, ...]:
    """Put literals of one datatype into the lanes they belong to.

    Parameters
    ----------
    texts : pa.Array of strings, shape (n,)
        Lexical forms; null in, null out.
    datatype : str
        Datatype IRI; language-tagged strings are not for this function.

    Returns
    -------
    tuple of TermColumn, each of shape (n,)
        Every text that is not null is a value of exactly one of them. What no typed lane can
        hold (odd datatypes, ill-typed forms, NaN, out of range) is in one of lane OTHER.

    Examples
    --------
    >>> integers, rest = read_literals(pa.array(["007", "x"]), LANE_DATATYPES[Lane.INTEGER])
    >>> integers.values.to_pylist(), integers.lexical.to_pylist(), rest.values.to_pylist()
    ([7, None], ['007', None], [None, 'x'])
    """
    lane = _LANE_OF.get(datatype)
    if lane is Lane.STRING:
        return (TermColumn(Lane.STRING, texts),)
    typed = tuple(_typed(texts, lane)) if lane is not None else ()
    rest = texts
    for column in typed:
        rest = pc.if_else(pc.is_valid(column.values), pa.scalar(None, pa.string()), rest)
    if rest.null_count == len(rest) and typed:
        return typed
    return (*typed, TermColumn(Lane.OTHER, rest, datatype=datatype))


def _typed(texts: pa.Array, lane: Lane) -> Iterator[TermColumn]:
    if lane is Lane.GEOMETRY:
        yield from _geometries(texts)
        return
    if lane is Lane.DATETIME:
        yield from _times(texts)
        return
    inner = f"SELECT t, {_READ[lane]} AS v FROM given"
    table = _run(
        f"SELECT v, CASE WHEN ({_PRINT[lane]}) <> t THEN t END AS lex FROM ({inner})", t=texts
    )
    values = _column(table, "v", ARROW_TYPES[lane])
    if values.null_count < len(values):
        yield TermColumn(lane, values, lexical=_lexical(table))


def _times(texts: pa.Array) -> Iterator[TermColumn]:
    split = f"SELECT t, regexp_extract(t, 'T.*?({_ZONE}?)$', 1) AS z FROM given"
    inner = f"SELECT t, z, {_READ[Lane.DATETIME]} AS v FROM ({split})"
    for zoned in (False, True):
        suffix, test = (" || 'Z'", "z <> ''") if zoned else ("", "z = ''")
        printed = f"({_PRINT[Lane.DATETIME]}{suffix})"
        table = _run(
            f"SELECT CASE WHEN {test} THEN v END AS v,"
            f" CASE WHEN {test} AND {printed} <> t THEN t END AS lex FROM ({inner})",
            t=texts,
        )
        values = _column(table, "v", ARROW_TYPES[Lane.DATETIME])
        if values.null_count < len(values):
            yield TermColumn(Lane.DATETIME, values, lexical=_lexical(table), zoned=zoned)


def _geometries(texts: pa.Array) -> Iterator[TermColumn]:
    parsed = parse_wkt(texts)
    names = pc.cast(parsed.crs, pa.string())
    for crs in pc.unique(pc.drop_null(names)).to_pylist():
        here = pc.fill_null(pc.equal(names, crs), False)
        wkb = pc.if_else(here, parsed.wkb, pa.scalar(None, pa.binary()))
        differs = pc.not_equal(format_wkt(wkb, crs), texts)
        lexical = pc.if_else(differs, texts, pa.scalar(None, pa.string()))
        yield TermColumn(Lane.GEOMETRY, wkb, lexical=_kept(lexical), crs=crs)


def _lexical(table: pa.Table) -> pa.Array | None:
    return _kept(_column(table, "lex", pa.string()))


def _kept(lexical: pa.Array) -> pa.Array | None:
    return lexical if lexical.null_count < len(lexical) else None


def _column(table: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    return pc.cast(table.column(name).combine_chunks(), kind)


def _run(query: str, **columns: pa.Array) -> pa.Table:
    """Run SQL over Arrow columns, which are the relation ``given``; order is kept."""
    if not hasattr(_local, "connection"):
        _local.connection = duckdb.connect(config={"threads": 1})
    relation = _local.connection.from_arrow(pa.table(columns))
    return relation.query("given", query).to_arrow_table()

"""Guesses of what the values of a column are: numbers, dates, years, truth values."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from ..describe import KEPT, Column

NULLISH: Final = ("NA", "N/A", "n/a", "#N/A", "NULL", "null", "NaN", "nan", "None", "-", "--")
"""Texts that mean "no value" where all else in a column is of one datatype."""

_NUMBERS: Final = (
    ("xsd:integer", r"^[+-]?\d{1,18}$"),
    ("xsd:double", r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"),
)
_TIMES: Final = (
    ("xsd:date", r"^\d{4}-\d\d-\d\d$", None),
    ("xsd:dateTime", r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$", None),
    ("xsd:dateTime", r"^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d(:?\d\d)?))?$", ""),
    ("xsd:date", r"^(0[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])\.(19|20)\d\d$", "%d.%m.%Y"),
    ("xsd:date", r"^(0[1-9]|[12]\d|3[01])/(0[1-9]|1[0-2])/(19|20)\d\d$", "%d/%m/%Y"),
    ("xsd:date", r"^(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])/(19|20)\d\d$", "%m/%d/%Y"),
    ("xsd:date", r"^(19|20)\d\d/(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])$", "%Y/%m/%d"),
)
_DAY_NUMBER: Final = r"^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"
_WKT: Final = r"(?i)^\s*(<[^>]*>\s*)?(MULTI)?(POINT|LINESTRING|POLYGON)\s*(Z|M|ZM)?\s*\("
_TRUTH: Final = (
    ("true", "false"),
    ("j", "n"),
    ("ja", "nein"),
    ("ja", "nee"),
    ("ja", "nej"),
    ("y", "n"),
    ("yes", "no"),
    ("t", "f"),
    ("oui", "non"),
    ("si", "no"),
    ("sí", "no"),
    ("sim", "não"),
    ("s", "n"),
    ("k", "e"),
    ("da", "ne"),
    ("taip", "ne"),
    ("tak", "nie"),
)
_YEAR: Final = re.compile(
    r"(^|_)(year|yr|vuosi|aar|år|ar|ano|año|anno|annee|année|rok|god|godina|leto|metai|gads|aasta"
    r"|campanya|campaign|campagne|period_code)(_|$)|jahr|jaar|arslager",
    re.IGNORECASE,
)
_DATE: Final = re.compile(r"dat|day|tag|dia|pvm|jour|fecha|guelt|valid", re.IGNORECASE)
_FLAG: Final = re.compile(
    r"(^|_)(is|has|ist|hat|kz|flag|bool)(_|$)|_(jn|yn|flag|ok)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Form:
    """How a column's values become literals.

    Attributes
    ----------
    range : str
        Datatype, as a prefixed name.
    datatype : str, optional
        For ``rml:datatype``; None keeps what the source or function gives.
    function : str, optional
        Local name of the ``gl:`` function that reads the values.
    arguments : tuple of (str, str)
        Its constant arguments beside ``value``.
    note : str, optional
        Why this is a guess.
    nulls : tuple of str
        Texts of the column that mean "no value".
    """

    range: str
    datatype: str | None = None
    function: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    note: str | None = None
    nulls: tuple[str, ...] = ()


def form_of(column: Column) -> Form:
    """Guess from the kind of a column, its name, and all its distinct values."""
    if column.kind.startswith(("int", "uint")):
        return _of_integers(column)
    if column.kind in ("double", "float", "halffloat"):
        return _of_doubles(column)
    if column.kind != "string" or len(column.values) == 0:
        return Form(_native(column.kind))
    found = _of_texts(column)
    if column.complete or found.range == "xsd:string":
        return found
    seen = f"as the first {KEPT:,} different values are"
    return replace(found, note=f"{found.note}, {seen}" if found.note else seen)


def native_form(column: Column) -> Form:
    """What the values are as the source gives them."""
    numbers = {"i": "xsd:integer", "u": "xsd:integer", "f": "xsd:double"}
    kind = "f" if column.kind == "double" else column.kind[:1]
    return Form(numbers.get(kind) or _native(column.kind))


def is_wkt(column: Column) -> bool:
    """Whether all values are WKT."""
    return column.kind == "string" and _all(column.values, _WKT)


def _native(kind: str) -> str:
    if kind.startswith("timestamp"):
        return "xsd:dateTime"
    if kind.startswith("decimal"):
        return "xsd:decimal"
    return {"bool": "xsd:boolean", "date32[day]": "xsd:date"}.get(kind, "xsd:string")


def _of_integers(column: Column) -> Form:
    values = pc.cast(column.values, pa.string())
    if _YEAR.search(column.name) and _all(values, r"^(19|20)\d\d$"):
        return Form("xsd:gYear", "xsd:gYear", note="years")
    if _FLAG.search(column.name) and _all(values, "^[01]$"):
        return Form("xsd:boolean", "xsd:boolean", note="1 is true, 0 is false")
    if _DATE.search(column.name) and _all(values, _DAY_NUMBER):
        return Form("xsd:date", None, "date", (("format", "%Y%m%d"),), "days as numbers")
    return Form("xsd:integer")


def _of_doubles(column: Column) -> Form:
    values = column.values
    whole = pc.and_(pc.equal(values, pc.round(values)), pc.less(pc.abs(values), 2.0**53))
    if len(values) > 1 and column.complete and pc.all(whole).as_py():
        note = "whole numbers, though the file keeps doubles"
        if _YEAR.search(column.name) and _between(values, 1900, 2100):
            return Form("xsd:gYear", "xsd:gYear", "integer", note="years, kept as doubles")
        return Form("xsd:integer", None, "integer", note=note)
    return Form("xsd:double")


def _of_texts(column: Column) -> Form:
    values = column.values
    for yes, no in _TRUTH:
        if _is_truth(column, yes, no):
            if (yes, no) == ("true", "false") and _all(values, "^(true|false)$"):
                return Form("xsd:boolean", "xsd:boolean")
            arguments = (("true", yes), ("false", no))
            return Form("xsd:boolean", None, "boolean", arguments, f"{yes} is true, {no} is false")
    nullish = tuple(v for v in values.to_pylist() if v in NULLISH) if len(values) > 1 else ()
    kept = values.filter(pc.invert(pc.is_in(values, value_set=pa.array(nullish, pa.string()))))
    found = _of_kept(column, kept) if len(kept) else None
    if found is None:
        return Form("xsd:string")
    if not nullish:
        return found
    texts = ", ".join(map(repr, nullish))
    note = f"{texts} mean no value" if found.note is None else f"{found.note}; {texts} no value"
    return Form(found.range, found.datatype, found.function, found.arguments, note, nullish)


def _of_kept(column: Column, values: pa.Array) -> Form | None:
    if _DATE.search(column.name) and _all(values, _DAY_NUMBER):
        return Form("xsd:date", None, "date", (("format", "%Y%m%d"),), "days as numbers")
    if _YEAR.search(column.name) and _all(values, r"^(19|20)\d\d$"):
        return Form("xsd:gYear", "xsd:gYear", note="years")
    for datatype, pattern in _NUMBERS:
        if _all(values, pattern):
            zeros = pc.any(pc.match_substring_regex(values, r"^[+-]?0\d")).as_py()
            return (
                Form("xsd:string", note="leading zeros, so these are codes")
                if zeros
                else Form(datatype, datatype)
            )
    for datatype, pattern, style in _TIMES:
        if _all(values, pattern):
            if style is None:
                return Form(datatype, datatype)
            name = datatype.removeprefix("xsd:")
            if not style:
                return Form(datatype, None, name)
            note = f"dates written {style}"
            return Form(datatype, None, name, (("format", style),), note)
    return None


def _is_truth(column: Column, yes: str, no: str) -> bool:
    lower = set(pc.utf8_lower(column.values).to_pylist())
    return lower == {yes, no} or (lower <= {yes, no} and bool(_FLAG.search(column.name)))


def _all(values: pa.Array, pattern: str) -> bool:
    return len(values) > 0 and bool(pc.all(pc.match_substring_regex(values, pattern)).as_py())


def _between(values: pa.Array, low: float, high: float) -> bool:
    inside = pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
    return bool(pc.all(inside).as_py())

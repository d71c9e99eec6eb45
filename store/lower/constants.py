"""Constant terms as :class:`store.values.Value`, in the lane a load would put them in."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from ontology import IRI, LANE_DATATYPES, WKT_LITERAL, BlankNode, Lane, Literal, Term, term_id
from store.values import FACET_TYPES, Facet, Value, tag

from . import sql
from .geometry.literals import geometry_constant
from .shapes import XSD
from .sql import Sql

INTEGERS: Final = frozenset(
    XSD + name
    for name in (
        "integer", "long", "int", "short", "byte", "unsignedLong", "unsignedInt",
        "unsignedShort", "unsignedByte", "nonNegativeInteger", "positiveInteger",
        "nonPositiveInteger", "negativeInteger",
    )
)  # fmt: skip
"""xsd:integer and what XML Schema derives from it."""

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z")
_REAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\Z")
_SPECIAL: Final = {"INF": math.inf, "+INF": math.inf, "-INF": -math.inf, "NaN": math.nan}
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?\Z"
)


def constant(term: Term) -> Value:
    """Return the value of a constant term.

    Parameters
    ----------
    term : Term

    Returns
    -------
    Value
        Of one lane, never unbound; ``text`` only where the term is not written canonically
        (nodes, strings and odd datatypes always carry theirs).
    """
    match term:
        case IRI(value):
            return _node(term.n3, value, blank=False)
        case BlankNode():
            return _node(term.n3, term.n3, blank=True)
        case _:
            return _literal(term)


def _node(n3: str, text: str, *, blank: bool) -> Value:
    return _make(
        Lane.NODE,
        id=_typed("id", sql.number(term_id(n3))),
        blank=sql.boolean(blank),
        text=sql.string(text),
    )


def _make(lane: Lane, **facets: Sql | None) -> Value:
    found: dict[Facet, Sql] = {"tag": tag(lane)}
    found |= {name: node for name, node in facets.items() if node is not None}  # type: ignore[misc]
    return Value(frozenset({lane}), found, maybe_unbound=False)


def _typed(facet: Facet, node: Sql) -> Sql:
    return sql.cast(node, FACET_TYPES[facet])


def _literal(term: Literal) -> Value:
    if term.lang is not None:
        return _make(Lane.LANG, text=sql.string(term.lexical), lang=sql.string(term.lang))
    if term.datatype == WKT_LITERAL:
        return geometry_constant(term.lexical) or _other(term)
    reader = _READERS.get(term.datatype)
    made = reader(term.lexical) if reader else None
    return made or _other(term)


def _spelt(lexical: str, canonical: str) -> Sql | None:
    return None if lexical == canonical else sql.string(lexical)


def _string(lexical: str) -> Value:
    return _make(Lane.STRING, text=sql.string(lexical))


def _boolean(lexical: str) -> Value | None:
    if lexical not in ("true", "false", "1", "0"):
        return None
    truth = lexical in ("true", "1")
    spelt = _spelt(lexical, "true" if truth else "false")
    return _make(Lane.BOOLEAN, boolean=sql.boolean(truth), text=spelt)


def _integer(lexical: str) -> Value | None:
    if not _INTEGER.match(lexical) or not -(2**63) <= (number := int(lexical)) < 2**63:
        return None
    node = _typed("integer", sql.number(number))
    return _make(Lane.INTEGER, integer=node, text=_spelt(lexical, str(number)))


def _decimal(lexical: str) -> Value | None:
    if not _DECIMAL.match(lexical):
        return None
    number = Decimal(lexical)
    written = format(number, "f")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    whole, _, fraction = written.lstrip("-").partition(".")
    if len(whole.lstrip("0")) > 26 or len(fraction) > 12 or written == "-0":
        return None
    return _make(
        Lane.DECIMAL,
        decimal=_typed("decimal", sql.number(written)),
        text=_spelt(lexical, _decimal_text(number)),
    )


def _decimal_text(number: Decimal) -> str:
    written = format(number, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def _double(lexical: str) -> Value | None:
    if not _REAL.match(lexical):
        return None
    number = float(lexical)
    if not math.isfinite(number) or (number == 0 and lexical.startswith("-")):
        return None
    return _make(
        Lane.DOUBLE,
        double=_typed("double", sql.number(repr(number))),
        text=_spelt(lexical, repr(number)),
    )


def _float(lexical: str) -> Value | None:
    if not _REAL.match(lexical):
        return None
    number = np.float32(lexical)
    if not np.isfinite(number) or (number == 0 and lexical.startswith("-")):
        return None
    return _make(
        Lane.FLOAT,
        double=_typed("double", sql.number(repr(float(number)))),
        text=_spelt(lexical, _float_text(number)),
    )


def _float_text(number: np.float32) -> str:
    if number == 0 or 1e-4 <= abs(number) < 1e16:
        return np.format_float_positional(number, unique=True, trim="0")
    return np.format_float_scientific(number, unique=True, trim="-", exp_digits=2)


def read_time(lexical: str) -> tuple[datetime, int | None] | None:
    """Time (UTC if it has a zone) and minutes east of UTC of an xsd:date or xsd:dateTime."""
    found = _TIME.match(lexical)
    if not found:
        return None
    *parts, fraction, zone = found.groups()
    try:
        local = datetime(*(int(p or 0) for p in parts))  # type: ignore[arg-type]
        local += timedelta(microseconds=int((fraction or "0")[:6].ljust(6, "0")))
        minutes = _minutes(zone)
        return local - timedelta(minutes=minutes or 0), minutes
    except (ValueError, OverflowError):
        return None


def _minutes(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    size = int(zone[1:3]) * 60 + int(zone[4:6])
    if size > 14 * 60:
        raise ValueError(zone)
    return -size if zone[0] == "-" else size


def _moment(moment: datetime) -> Sql:
    return _typed("time", sql.string(moment.isoformat(sep=" ")))


def _date(lexical: str) -> Value | None:
    found = read_time(lexical) if "T" not in lexical else None
    if found is None or found[1] is not None:
        return None
    return _make(Lane.DATE, time=_moment(found[0]))


def _datetime(lexical: str) -> Value | None:
    found = read_time(lexical) if "T" in lexical else None
    if found is None or len(lexical.partition(".")[2].rstrip("Z")[:7].split("+")[0]) > 6:
        return None
    moment, zone = found
    return _make(
        Lane.DATETIME,
        time=_moment(moment),
        zone=None if zone is None else _typed("zone", sql.number(zone)),
        text=_spelt(lexical, _time_text(moment, zone)),
    )


def _time_text(moment: datetime, zone: int | None) -> str:
    local = moment + timedelta(minutes=zone or 0)
    written = local.isoformat()
    if local.microsecond:
        written = written.rstrip("0")
    if zone is None:
        return written
    sign = "-" if zone < 0 else "+"
    hours, minutes = divmod(abs(zone), 60)
    return written + ("Z" if zone == 0 else f"{sign}{hours:02}:{minutes:02}")


def _other(term: Literal) -> Value:
    return _make(
        Lane.OTHER,
        text=sql.string(term.lexical),
        datatype=sql.string(term.datatype),
        double=_other_number(term),
        time=_other_time(term),
    )


def _other_number(term: Literal) -> Sql | None:
    if term.datatype in INTEGERS:
        fits = _INTEGER.match(term.lexical)
        return _typed("double", sql.number(int(term.lexical))) if fits else None
    if term.datatype == LANE_DATATYPES[Lane.DECIMAL] and _DECIMAL.match(term.lexical):
        return _typed("double", sql.number(repr(float(term.lexical))))
    if term.datatype not in (LANE_DATATYPES[Lane.DOUBLE], LANE_DATATYPES[Lane.FLOAT]):
        return None
    if term.lexical in _SPECIAL:
        return _typed("double", sql.string(str(_SPECIAL[term.lexical])))
    return _typed("double", sql.string(term.lexical)) if _REAL.match(term.lexical) else None


def _other_time(term: Literal) -> Sql | None:
    if term.datatype not in (LANE_DATATYPES[Lane.DATE], LANE_DATATYPES[Lane.DATETIME]):
        return None
    found = read_time(term.lexical)
    dated = term.datatype == LANE_DATATYPES[Lane.DATE]
    return _moment(found[0]) if found and dated == ("T" not in term.lexical) else None


_READERS = {
    LANE_DATATYPES[Lane.STRING]: _string,
    LANE_DATATYPES[Lane.BOOLEAN]: _boolean,
    LANE_DATATYPES[Lane.INTEGER]: _integer,
    LANE_DATATYPES[Lane.DECIMAL]: _decimal,
    LANE_DATATYPES[Lane.DOUBLE]: _double,
    LANE_DATATYPES[Lane.FLOAT]: _float,
    LANE_DATATYPES[Lane.DATE]: _date,
    LANE_DATATYPES[Lane.DATETIME]: _datetime,
}

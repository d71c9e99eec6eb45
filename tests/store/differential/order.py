"""SPARQL 1.1 section 15.1: which of two rows must come first, where the standard says so."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyoxigraph as ox

from .terms import PREFIXES

XSD = PREFIXES["xsd"]
_NUMBERS = {XSD + name for name in ("integer", "decimal", "double", "float")}
_ZONED = re.compile(r"(Z|[+-]\d\d:\d\d)$")


def _rank(term: Any) -> int:
    """Unbound, blank nodes, IRIs, literals."""
    if term is None:
        return 0
    if isinstance(term, ox.BlankNode) or str(term).startswith("<x:node"):
        return 1
    return 2 if isinstance(term, ox.NamedNode) else 3


def _value(term: Any) -> tuple[str, Any] | None:
    """Something the operator < compares, with what it compares with; None for others."""
    if isinstance(term, ox.NamedNode):
        return "iri", term.value.encode()
    kind = term.datatype.value
    if kind in _NUMBERS:
        try:
            number = float(term.value)
        except ValueError:
            return None
        return None if math.isnan(number) else ("number", number)
    if kind == XSD + "string":
        return "string", term.value.encode()
    if kind == XSD + "boolean" and term.value in ("true", "false"):
        return "boolean", term.value == "true"
    return _time(term.value) if kind == XSD + "dateTime" else None


def _time(text: str) -> tuple[str, Any] | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    zoned = _ZONED.search(text) is not None
    return ("time", moment.astimezone(UTC)) if zoned else ("local time", moment)


def compare(left: Any, right: Any) -> int | None:
    """-1, 0 or 1 where the order is defined, else None."""
    ranks = _rank(left), _rank(right)
    if ranks[0] != ranks[1]:
        return -1 if ranks[0] < ranks[1] else 1
    if left == right:
        return 0
    if ranks[0] < 2:
        return None
    values = _value(left), _value(right)
    if values[0] is None or values[1] is None or values[0][0] != values[1][0]:
        return None
    a, b = values[0][1], values[1][1]
    return 0 if a == b else -1 if a < b else 1


def out_of_order(rows: Sequence[dict[str, Any]], keys: Sequence[tuple[str, bool]]) -> str | None:
    """A later row that must come before an earlier one, or None."""
    for at, first in enumerate(rows):
        for second in rows[at + 1 :]:
            if _before(second, first, keys):
                return f"{first} before {second}"
    return None


def _before(one: dict[str, Any], other: dict[str, Any], keys: Sequence[tuple[str, bool]]) -> bool:
    for name, descending in keys:
        sign = compare(one.get(name), other.get(name))
        if sign is None:
            return False
        if sign:
            return (sign > 0) is descending
    return False

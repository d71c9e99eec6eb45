"""Boxes of two geometries are looked at before the geometries themselves.

Where they lie apart, so do the geometries; these are neither read nor related.
"""

from __future__ import annotations

from typing import Final

from ...values import Facet, Value
from .. import sql
from ..sql import Sql
from .reference import one_crs

_APART: Final[tuple[tuple[Facet, Facet], ...]] = (("xmin", "xmax"), ("ymin", "ymax"))


def boxes_first(first: Value, second: Value, exact: Sql, *, apart: bool) -> Sql:
    """What ``exact`` says, but ``apart`` where the boxes have no common point.

    Boxes are those of stored geometries and constants, and comparable in one CRS; elsewhere, and
    where there is none because a geometry is empty, only the exact test is made.
    """
    sides = [side for pair in _APART for side in pair]
    if one_crs(first, second) is None or not all(v.has(s) for v in (first, second) for s in sides):
        return exact
    beyond = [
        sql.binary(">", one.get(low), other.get(high))
        for low, high in _APART
        for one, other in ((first, second), (second, first))
    ]
    return sql.case([(sql.any_of(beyond), sql.boolean(apart))], exact)

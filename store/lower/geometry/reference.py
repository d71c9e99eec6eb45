"""Geometries of values and their CRSs: argument extraction, alignment, results.

Coordinates are easting or longitude first. The second argument of a function is carried into the
CRS of the first, and only if they differ (GeoSPARQL 1.1, section 8.7).
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from ontology import Lane, UnsupportedError, crs_from, is_geographic, same_crs, unit

from ...values import Facet, Value, tag
from .. import sql
from ..binding import let, named
from ..shapes import XSD
from ..sql import Sql
from .literals import proj_code, proj_code_at_run_time

ANY_URI: Final = XSD + "anyURI"


def shape(value: Value) -> Sql:
    """The geometry, NULL in rows that are none.

    Where the rings of an overlay begin matters only to what is written (:func:`drawn`).
    """
    node = drawn(value)
    made = _argument(_argument(_argument(node, "ST_GeomFromWKB"), "gl_begun"), "ST_AsWKB")
    return node if made is None else made


def drawn(value: Value) -> Sql:
    """The geometry as it is written."""
    return value.get("geometry")


def _argument(node: Sql | None, function: str) -> Sql | None:
    """First argument of a call of this function; None if it is no such call."""
    if isinstance(node, exp.Anonymous) and node.name == function:
        first: Sql = node.expressions[0]
        return first
    return None


def wkb(node: Sql) -> Sql:
    """WKB of a geometry, for functions written in Python."""
    return sql.func("ST_AsWKB", node)


def from_wkb(node: Sql) -> Sql:
    """A geometry that a function written in Python made."""
    return sql.func("ST_GeomFromWKB", node)


def geometry(node: Sql, model: Value, *, datatype: str | None = None) -> Value:
    """A geometry in the CRS and serialisation of the model; its text is written where decoded.

    ``datatype`` is a serialisation to take instead; "" is WKT.
    """
    facets: dict[Facet, Sql] = {
        "tag": sql.when(sql.not_null(node), tag(Lane.GEOMETRY)),
        "geometry": node,
        "crs": model.get("crs"),
    }
    if datatype:
        facets["datatype"] = sql.string(datatype)
    elif datatype is None and model.has("datatype"):
        facets["datatype"] = sql.when(sql.not_null(node), model.get("datatype"))
    return Value(frozenset({Lane.GEOMETRY}), facets, crs=model.crs)


def one_crs(*values: Value) -> str | None:
    """The CRS all values have, whatever the row; None if that is known only at run time."""
    names = [name for value in values for name in sorted(value.crs)]
    if not names or any(not value.crs for value in values):
        return None
    return names[0] if all(same_crs(names[0], name) for name in names[1:]) else None


def aligned(first: Value, second: Value) -> Sql:
    """The second geometry in the CRS of the first, as joins by an index take it."""
    if one_crs(first, second) is not None:
        return shape(second)
    if len(first.crs) == len(second.crs) == 1:
        (target,), (source,) = first.crs, second.crs
        return transformed(shape(second), sql.string(proj_code(source)), target)
    moved = sql.guarded(sql.func("ST_Transform", shape(second), *map(_code, (second, first))))
    same = sql.binary("=", first.get("crs"), second.get("crs"))
    return sql.case([(same, shape(second))], moved)


def carried(first: Value, second: Value) -> Sql:
    """The second geometry in the CRS of the first; NULL where it has no place there."""
    if one_crs(first, second) is not None:
        return shape(second)
    return finite(aligned(first, second))


def finite(moved: Sql) -> Sql:
    """A geometry that PROJ made; NULL where coordinates are infinite, which is its way to fail."""
    here = named("moved")
    ends = [sql.func("isfinite", sql.func(name, here)) for name in ("ST_XMax", "ST_YMax")]
    known = sql.first_of([sql.every(ends), sql.boolean(True)])
    return let({"moved": moved}, sql.when(known, here))


def _code(value: Value) -> Sql:
    return proj_code_at_run_time(value.get("crs"))


def transformed(node: Sql, source: Sql, target: str) -> Sql:
    """A geometry carried into a CRS; NULL where that is not possible."""
    return sql.guarded(sql.func("ST_Transform", node, source, sql.string(proj_code(target))))


def source_code(value: Value) -> Sql:
    """PROJ's name of the value's CRS."""
    if len(value.crs) == 1:
        return sql.string(proj_code(next(iter(value.crs))))
    return _code(value)


def metres_per_unit(crs: str) -> float | None:
    """Metres one unit of a projected CRS is; None for a geographic one."""
    if is_geographic(crs):
        return None
    return float(crs_from(crs).axis_info[0].unit_conversion_factor)


def iri_constant(value: Value) -> str | None:
    """The IRI that a constant node, xsd:anyURI or string stands for; None if it is no constant."""
    node = value.get("text")
    if value.only_lane not in (Lane.NODE, Lane.STRING, Lane.OTHER) or not node.is_string:
        return None
    datatype = value.get("datatype")
    if value.only_lane is Lane.OTHER and not (datatype.is_string and datatype.this == ANY_URI):
        return None
    return str(node.this)


def unit_of(value: Value, *kinds: str) -> tuple[str, float]:
    """Kind and factor of a constant unit of measure.

    Raises
    ------
    UnsupportedError
        The unit is not constant, not known, or measures something else.
    """
    name = iri_constant(value)
    if name is None:
        raise UnsupportedError(
            "The unit of measure must be a constant IRI here",
            remedy="write for example uom:metre as the last argument",
        )
    found = unit(name)
    if found.kind not in kinds:
        raise UnsupportedError(
            f"This is not a unit of {' or '.join(kinds)}",
            where=f"<{name}>",
            remedy="use one of uom:metre, uom:kilometre, uom:degree, uom:radian",
        )
    return found.kind, found.factor

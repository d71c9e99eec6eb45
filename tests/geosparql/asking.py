"""Asking a store for the value of many calls at once, and comparing values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa
import shapely

from ontology import GeoloomError, Literal, northing_first, parse_geometries
from store import Store
from tests.geosparql.case import CRS84, GEO, Case, Shape

PROLOGUE: Final = (
    "PREFIX geo: <http://www.opengis.net/ont/geosparql#>\n"
    "PREFIX geof: <http://www.opengis.net/def/function/geosparql/>\n"
    "PREFIX uom: <http://www.opengis.net/def/uom/OGC/1.0/>\n"
)
BATCH: Final = 40
_WKT: Final = re.compile(r"\s*(?:<([^>]*)>)?\s*(.*)", re.DOTALL)

Value = Literal | str | None
"""A literal, an error's message after ``refused:``, or None for unbound."""


def values(store: Store, cases: Sequence[Case]) -> Iterator[Value]:
    """The value of each case's call, over constants."""
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        try:
            yield from _asked(store, batch)
        except GeoloomError:
            yield from (_alone(store, case) for case in batch)


def _alone(store: Store, case: Case) -> Value:
    try:
        return _asked(store, [case])[0]
    except GeoloomError as error:
        return f"refused: {error}"


def _asked(store: Store, cases: Sequence[Case]) -> list[Value]:
    """Calls as columns of one row; aggregates over their rows, in subqueries."""
    groups = []
    for number, case in enumerate(cases):
        rows = " ".join(case.rows)
        over = f"VALUES ?g {{ {rows} }}" if rows else ""
        groups.append(f"{{ SELECT ({case.expression} AS ?c{number}) WHERE {{ {over} }} }}")
    result = store.query(PROLOGUE + "SELECT * WHERE {\n" + "\n".join(groups) + "\n}")
    (row,) = result.rows()
    found: list[Value] = []
    for number in range(len(cases)):
        term = row.get(f"c{number}")
        assert term is None or isinstance(term, Literal), term
        found.append(term)
    return found


def wrong(case: Case, value: Value) -> str | None:
    """What is wrong with a value, or None."""
    if isinstance(value, str):
        return value
    expected = case.expected
    if expected is None or value is None:
        return None if value is expected else f"{value} instead of {expected}"
    if isinstance(expected, Shape):
        return _shape_wrong(expected, value)
    if isinstance(expected, bool):
        same = value == Literal(str(expected).lower(), XSD + "boolean")
    elif isinstance(expected, str):
        same = value.lexical == expected
    else:
        same = _number_same(value, expected, case.within)
    return None if same else f"{value} instead of {expected!r}"


XSD: Final = "http://www.w3.org/2001/XMLSchema#"


def _number_same(value: Literal, expected: float, within: float) -> bool:
    kinds = {XSD + "integer"} if isinstance(expected, int) else {XSD + "double", XSD + "decimal"}
    close = math.isclose(float(value.lexical), expected, rel_tol=within, abs_tol=1e-12)
    return value.datatype in kinds and close


def read(value: Literal) -> tuple[shapely.Geometry, str]:
    """Geometry, easting first, and CRS of a literal; WKT and GeoJSON by shapely alone."""
    match value.datatype.removeprefix(GEO):
        case "wktLiteral":
            found = _WKT.fullmatch(value.lexical)
            assert found is not None
            crs, shape = found[1] or CRS84, shapely.from_wkt(found[2])
            if northing_first(crs):
                shape = shapely.transform(shape, _swapped, include_z=bool(shape.has_z))
            return shape, crs
        case "geoJSONLiteral":
            return shapely.from_geojson(value.lexical), CRS84
        case _:
            parsed = parse_geometries(pa.array([value.lexical]), value.datatype)
            assert not parsed.problems, parsed.problems
            return shapely.from_wkb(parsed.wkb[0].as_py()), str(parsed.crs[0])


def _swapped(rows):  # type: ignore[no-untyped-def]
    rows = rows.copy()
    rows[:, [0, 1]] = rows[:, [1, 0]]
    return rows


def _shape_wrong(expected: Shape, value: Literal) -> str | None:
    if value.datatype != GEO + expected.datatype:
        return f"{value} instead of a {expected.datatype}"
    shape, crs = read(value)
    if crs != expected.crs:
        return f"CRS {crs} instead of {expected.crs}"
    wanted = shapely.from_wkt(expected.text)
    if shape.is_empty or wanted.is_empty:
        same = shape.is_empty and wanted.is_empty
    elif expected.within:
        apart = shapely.hausdorff_distance(shape, wanted)
        same = apart <= expected.within
        if wanted.area:
            same &= math.isclose(shape.area, wanted.area, rel_tol=1e-3)
    else:
        same = shapely.equals(shape, wanted) and shape.has_z == wanted.has_z
    return None if same else f"{value.lexical[:300]} instead of {expected.text[:300]}"

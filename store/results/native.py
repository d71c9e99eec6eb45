"""Answers as Arrow: natively typed where a column has one type."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ontology import LANE_DATATYPES, Lane, UsageError, crs_from, same_crs, transform

from .terms import (
    KIND_BLANK,
    KIND_LITERAL,
    field,
    geometries,
    is_geometry,
    joined,
    kind_is,
    plain_terms,
)

_NATIVE: Final = {
    LANE_DATATYPES[Lane.INTEGER]: pa.int64(),
    LANE_DATATYPES[Lane.DECIMAL]: pa.decimal128(38, 12),
    LANE_DATATYPES[Lane.DOUBLE]: pa.float64(),
    LANE_DATATYPES[Lane.FLOAT]: pa.float32(),
    LANE_DATATYPES[Lane.BOOLEAN]: pa.bool_(),
    LANE_DATATYPES[Lane.DATE]: pa.date32(),
}
_ZONED: Final = r"(Z|[+-]\d\d:\d\d)$"


def arrow_table(variables: Sequence[str], table: pa.Table, *, wkb: bool = True) -> pa.Table:
    """One column a variable: numbers, truth values and times typed, geometry as WKB, else text."""
    columns = [table.column(name).combine_chunks() for name in variables]
    arrays, fields = [], []
    for name, column in zip(variables, columns, strict=True):
        array, metadata = _native(column, wkb=wkb)
        arrays.append(array)
        fields.append(pa.field(name, array.type, metadata=metadata))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _native(column: pa.StructArray, *, wkb: bool) -> tuple[pa.Array, dict[str, str] | None]:
    if wkb and is_geometry(column):
        shapes, crs = geometries(column)
        names = pc.unique(pc.drop_null(crs)).to_pylist()
        if len(names) == 1:
            described = {"crs": crs_from(names[0]).to_json_dict()}
            return shapes, {
                "ARROW:extension:name": "geoarrow.wkb",
                "ARROW:extension:metadata": json.dumps(described),
            }
    terms = plain_terms(column)
    typed = _typed(terms)
    return (text_column(terms) if typed is None else typed), None


def _typed(terms: pa.StructArray) -> pa.Array | None:
    bound = len(terms) - terms.null_count
    literals = pc.sum(kind_is(terms, KIND_LITERAL)).as_py() or 0
    names = pc.unique(pc.drop_null(field(terms, "datatype"))).to_pylist()
    if not bound or literals != bound or len(names) != 1:
        return None
    values = field(terms, "value")
    try:
        if names[0] == LANE_DATATYPES[Lane.DATETIME]:
            return _times(values)
        native = _NATIVE.get(names[0])
        return None if native is None else values.cast(native)
    except pa.ArrowInvalid:
        return None


def _times(values: pa.Array) -> pa.Array | None:
    zoned = pc.drop_null(pc.match_substring_regex(values, _ZONED))
    if pc.all(zoned).as_py():
        return values.cast(pa.timestamp("us", "UTC"))
    return None if pc.any(zoned).as_py() else values.cast(pa.timestamp("us"))


def text_column(terms: pa.StructArray) -> pa.Array:
    """Lexical forms and IRIs; blank nodes as ``_:label``."""
    value = field(terms, "value")
    return pc.if_else(kind_is(terms, KIND_BLANK), joined("_:", value), value)


def geometry_variable(variables: Sequence[str], table: pa.Table, wanted: str | None) -> str:
    """The variable that holds the geometry.

    Raises
    ------
    UsageError
        The variable is not in the answer, or no variable holds geometries.
    """
    if wanted is not None:
        name = wanted.lstrip("?$")
        if name in variables:
            return name
        raise UsageError(
            f"?{name} is not in the answer",
            remedy="use one of " + ", ".join(f"?{v}" for v in variables),
        )
    for name in variables:
        if is_geometry(table.column(name).combine_chunks()):
            return name
    raise UsageError(
        "No variable of the answer holds geometries",
        why="none is a column of geometry literals alone",
        remedy="select the object of geo:asWKT, or name the variable",
    )


def shapes_in(column: pa.StructArray, crs: str) -> np.ndarray:
    """Geometries of a column in one CRS (x = easting or longitude); None where there is none."""
    wkb, names = geometries(column)
    shapes = np.asarray(shapely.from_wkb(wkb.to_numpy(zero_copy_only=False)), dtype=object)
    codes = np.array(names.to_pylist(), dtype=object)
    for name in {found for found in codes if found is not None}:
        here = codes == name
        if not same_crs(name, crs):
            shapes[here] = transform(shapes[here], name, crs)
    return shapes

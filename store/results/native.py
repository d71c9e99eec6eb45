"""Answers as Arrow, pandas and GeoPandas: natively typed where a column has one type."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import geopandas
import numpy as np
import pandas as pd
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


def data_frame(variables: Sequence[str], table: pa.Table) -> pd.DataFrame:
    """A pandas DataFrame; geometries as WKT literals."""
    plain = arrow_table(variables, table, wkb=False)
    floats = pa.float64()
    for at, name in enumerate(plain.column_names):
        if pa.types.is_decimal(plain.schema.field(at).type):
            plain = plain.set_column(at, name, plain.column(at).cast(floats))
    return plain.to_pandas()


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
        why="none is a column of geo:wktLiteral alone",
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


def geo_data_frame(
    variables: Sequence[str], table: pa.Table, geometry: str | None, crs: str | None
) -> geopandas.GeoDataFrame:
    """A GeoDataFrame in one CRS; ``None`` keeps the data's own, if it is one."""
    name = geometry_variable(variables, table, geometry)
    column = table.column(name).combine_chunks()
    wanted = crs or _only_crs(column)
    rest = [variable for variable in variables if variable != name]
    frame = data_frame(rest, table.select(rest)) if rest else pd.DataFrame(index=range(len(column)))
    shapes = shapes_in(column, wanted)
    made = geopandas.GeoDataFrame(frame, geometry=shapes, crs=crs_from(wanted))
    return made.rename_geometry(name)[[*variables]]


def _only_crs(column: pa.StructArray) -> str:
    names = pc.unique(pc.drop_null(geometries(column)[1])).to_pylist()
    if len(names) == 1:
        return str(names[0])
    raise UsageError(
        "The geometries are in several coordinate reference systems",
        where=", ".join(names),
        remedy="say which one is wanted, for example crs='EPSG:4326'",
    )

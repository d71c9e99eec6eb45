"""Answers as pandas and GeoPandas data frames."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ontology import UsageError, crs_from

from .native import arrow_table, geometry_variable, shapes_in
from .terms import geometries


def data_frame(variables: Sequence[str], table: pa.Table) -> pd.DataFrame:
    """A pandas DataFrame; geometries as WKT literals."""
    plain = arrow_table(variables, table, wkb=False)
    floats = pa.float64()
    for at, name in enumerate(plain.column_names):
        if pa.types.is_decimal(plain.schema.field(at).type):
            plain = plain.set_column(at, name, plain.column(at).cast(floats))
    return plain.to_pandas()


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

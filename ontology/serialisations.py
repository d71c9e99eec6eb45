"""Geometry literals of every serialisation, a column at a time (GeoSPARQL 1.1, section 8.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from .coordinates import Geometries, swap
from .crs import crs_iri, northing_first, transform
from .dggs import read_dggs, write_dggs
from .errors import UnsupportedError
from .geojson import read_geojson, write_geojson
from .geometry import (
    ParsedGeometries,
    format_wkt,
    one_array,
    parse_wkt,
    problems_of,
    readable,
    to_wkb,
)
from .gml_reader import read_gml
from .gml_writer import write_gml
from .kml import read_kml, write_kml
from .namespaces import CRS84, GEO, WKT_LITERAL
from .readings import Reader, refuse_impossible, texts_of

GML_LITERAL: Final = GEO + "gmlLiteral"
GEOJSON_LITERAL: Final = GEO + "geoJSONLiteral"
KML_LITERAL: Final = GEO + "kmlLiteral"
DGGS_LITERAL: Final = GEO + "dggsLiteral"

_READERS: Final[dict[str, Reader]] = {
    GML_LITERAL: read_gml,
    GEOJSON_LITERAL: read_geojson,
    KML_LITERAL: read_kml,
    DGGS_LITERAL: read_dggs,
}
_IN_CRS84: Final[dict[str, Callable[[Geometries], list[str | None]]]] = {
    GEOJSON_LITERAL: write_geojson,
    KML_LITERAL: write_kml,
    DGGS_LITERAL: write_dggs,
}
GEOMETRY_DATATYPES: Final = (WKT_LITERAL, *_READERS)
"""Datatypes of geometry literals; ``geo:wktLiteral`` first."""

T = TypeVar("T")


def parse_geometries(texts: pa.Array, datatype: str) -> ParsedGeometries:
    """Read a column of geometry literals of one datatype.

    Parameters
    ----------
    texts : pa.Array of string, shape (n,)
        Null in, null out. An empty text is the empty geometry collection.
    datatype : str
        One of :data:`GEOMETRY_DATATYPES`.

    Returns
    -------
    ParsedGeometries
        Texts that cannot be read are null there and named in ``problems``. ``canonical`` is
        null but for WKT.

    Raises
    ------
    UnsupportedError
        The datatype is of no geometry literal.
    """
    if datatype == WKT_LITERAL:
        return parse_wkt(texts)
    reader = _known(_READERS, datatype)
    values, reasons = texts_of(one_array(texts, pa.string(), pa.large_string()))
    empty = [row for row, value in enumerate(values) if value is not None and not value.strip()]
    for row in empty:
        values[row] = None
    reading = reader(values)
    reasons |= reading.reasons
    geometries = reading.geometries
    refuse_impossible(geometries, reasons, mixed=True)
    geometries[empty] = shapely.GeometryCollection()
    names = np.array([CRS84] * len(geometries) if reading.crs is None else reading.crs, object)
    names[empty] = CRS84
    wkb = to_wkb(geometries)
    crs = pa.array(names, pa.string(), mask=np.asarray(pc.is_null(wkb)))
    return ParsedGeometries(
        wkb, crs.dictionary_encode(), problems_of(texts, reasons), pa.nulls(len(wkb), pa.bool_())
    )


def format_geometries(wkb: pa.Array, crs: str, datatype: str) -> pa.Array:
    """Write the canonical literals of a WKB column that has one CRS.

    Parameters
    ----------
    wkb : pa.Array of binary, shape (n,)
        Easting or longitude first; null in, null out.
    crs : str
        CRS IRI of all rows.
    datatype : str
        One of :data:`GEOMETRY_DATATYPES`. GeoJSON, KML and DGGS are carried to CRS84.

    Returns
    -------
    pa.Array of string, shape (n,)
        Null where the serialisation cannot hold the geometry, or CRS84 has no place for it.

    Raises
    ------
    CRSError
        The CRS is unknown, or there is no way from it to CRS84.
    GeometryError
        A row is no WKB.
    UnsupportedError
        The datatype is of no geometry literal.
    """
    if datatype == WKT_LITERAL:
        return format_wkt(wkb, crs)
    if datatype == GML_LITERAL:
        iri, geometries = crs_iri(crs), readable(wkb)
        geometries = swap(geometries) if northing_first(iri) else geometries
        return pa.array(write_gml(geometries, iri), pa.string())
    write = _known(_IN_CRS84, datatype)
    geometries = transform(readable(wkb), crs_iri(crs), CRS84, outside="none")
    return pa.array(write(geometries), pa.string())


def format_dggs(wkb: pa.Array, crs: str, grid: str) -> pa.Array:
    """Write a WKB column as cells of a grid.

    Parameters
    ----------
    wkb : pa.Array of binary, shape (n,)
        Easting or longitude first; null in, null out.
    crs : str
        CRS IRI of all rows.
    grid : str
        IRI of the grid, ``https://h3geo.org/res/N``; without ``res/N`` each geometry has the
        resolution that :func:`format_geometries` writes.

    Raises
    ------
    UnsupportedError
        The grid is none of H3.
    """
    geometries = transform(readable(wkb), crs_iri(crs), CRS84, outside="none")
    return pa.array(write_dggs(geometries, grid), pa.string())


def _known(table: dict[str, T], datatype: str) -> T:
    found = table.get(datatype)
    if found is None:
        raise UnsupportedError(
            "This is no datatype of geometry literals",
            where=datatype,
            remedy="one of " + ", ".join(GEOMETRY_DATATYPES),
        )
    return found

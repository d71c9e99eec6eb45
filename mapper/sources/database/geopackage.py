"""Geometry of GeoPackages read as the SQLite databases they are (OGC 12-128, clause 2.1.3)."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ontology import CRSError, InputError, crs_iri

from ...terms.cells import Rows
from .system import NO_GEOMETRY

GEOMETRIES: Final = frozenset(
    {
        "GEOMETRY",
        "POINT",
        "LINESTRING",
        "POLYGON",
        "MULTIPOINT",
        "MULTILINESTRING",
        "MULTIPOLYGON",
        "GEOMETRYCOLLECTION",
        "CIRCULARSTRING",
        "COMPOUNDCURVE",
        "CURVEPOLYGON",
        "MULTICURVE",
        "MULTISURFACE",
        "CURVE",
        "SURFACE",
    }
)
"""Types that geometry columns are declared with."""
_HEAD: Final = 8
_ENVELOPES: Final = np.array([0, 32, 48, 48, 64, -1, -1, -1])
"""Bytes of the envelope behind the head, by its indicator."""


def is_geopackage(connection: sqlite3.Connection) -> bool:
    """Tell whether a database has the tables of a GeoPackage."""
    query = "SELECT 1 FROM sqlite_schema WHERE name = 'gpkg_spatial_ref_sys'"
    return connection.execute(query).fetchone() is not None


def reference_system(connection: sqlite3.Connection, number: int) -> str | None:
    """CRS IRI of an SRS of the GeoPackage; None for the undefined ones."""
    query = (
        "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys "
        "WHERE srs_id = ? AND srs_id > 0"
    )
    found = connection.execute(query, (number,)).fetchone()
    try:
        return None if found is None else crs_iri(f"{found[0]}:{found[1]}")
    except CRSError:
        return None


def unpacked(values: pa.Array, where: str) -> tuple[pa.Array, Rows]:
    """WKB of geometries, and the number of each one's SRS.

    Parameters
    ----------
    values : pa.Array of binary, shape (n,)
        Not a slice of another array.
    where : str
        Place of the column, for the error.

    Raises
    ------
    InputError
        A value is no GeoPackage geometry.
    """
    present = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
    numbers = np.full(len(values), NO_GEOMETRY, np.int64)
    if not len(present):
        return values, numbers
    offsets = np.frombuffer(values.buffers()[1], np.int32)[: len(values) + 1]
    content = np.frombuffer(values.buffers()[2], np.uint8)[: offsets[-1]]
    starts, sizes = offsets[present], np.diff(offsets)[present]
    head = content[np.minimum(starts[:, None] + np.arange(_HEAD), len(content) - 1)]
    skipped = _HEAD + _ENVELOPES[(head[:, 3] >> 1) & 7]
    if ((sizes <= skipped) | (head[:, 0] != 71) | (head[:, 1] != 80) | (skipped < _HEAD)).any():
        raise InputError(
            "A geometry is not as GeoPackages have it",
            where=where,
            remedy="read the file with gl:Vector, or leave the column out",
        )
    order = np.where((head[:, 3] & 1) == 1, 0, 1)
    both = np.stack([head[:, 4:8].copy().view("<i4")[:, 0], head[:, 4:8].copy().view(">i4")[:, 0]])
    numbers[present] = both[order, np.arange(len(present))]
    return _without(values, offsets, content, present, skipped), numbers


def _without(values: pa.Array, offsets: Any, content: Any, present: Rows, skipped: Any) -> pa.Array:
    """Values without their first bytes: ``skipped`` of those at ``present``."""
    sizes = np.diff(offsets).astype(np.int64)
    sizes[present] -= skipped
    edges = np.zeros(len(content) + 1, np.int8)
    np.add.at(edges, offsets[present], 1)
    np.add.at(edges, offsets[present] + skipped, -1)
    kept = content[np.cumsum(edges)[:-1] == 0][: int(sizes.sum())]
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    mask = pa.array(values.is_valid()).buffers()[1]
    buffers = [mask, pa.py_buffer(ends), pa.py_buffer(kept)]
    return pa.Array.from_buffers(pa.binary(), len(values), buffers)

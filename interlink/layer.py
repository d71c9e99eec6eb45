"""The two sides of a linking run: a column of geometries with the IRIs they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from ontology import GeometryError, crs_iri, read_wkb, transform, without_empty_members

Geometries = npt.NDArray[np.object_]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GeometryColumn:
    """Geometries to link.

    Attributes
    ----------
    ids : pa.Array of string, shape (n,)
        What a link names: IRIs without ``<>``, or ``_:label``.
    wkb : pa.Array of binary, shape (n,)
        Easting or longitude first; a null row takes no part.
    crs : str
        CRS of all rows.
    name : str
        What reports call this side.

    Raises
    ------
    GeometryError
        ``ids`` and ``wkb`` differ in length, or a row with a geometry has no id.
    CRSError
        The CRS is unknown.
    """

    ids: pa.Array
    wkb: pa.Array
    crs: str
    name: str

    def __post_init__(self) -> None:
        for field in ("ids", "wkb"):
            column = getattr(self, field)
            if isinstance(column, pa.ChunkedArray):
                object.__setattr__(self, field, column.combine_chunks())
        if len(self.ids) != len(self.wkb):
            raise GeometryError(
                "A geometry column needs one id for each geometry",
                where=self.name,
                why=f"{len(self.ids)} ids for {len(self.wkb)} geometries",
            )
        if self.ids.null_count and (self.ids.is_null().to_numpy(False) & _present(self)).any():
            raise GeometryError(
                "A geometry has no id",
                where=self.name,
                remedy="give every feature an IRI before linking",
            )
        object.__setattr__(self, "crs", crs_iri(self.crs))

    def __len__(self) -> int:
        return len(self.ids)


def _present(column: GeometryColumn) -> Any:
    return column.wkb.is_valid().to_numpy(zero_copy_only=False)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Ids of geometries that could not take part, or only with a warning, by reason.

    Attributes
    ----------
    unreadable : tuple of str
        Bytes that are no WKB.
    empty : tuple of str
        Empty geometries: they meet nothing.
    infinite : tuple of str
        A coordinate is NaN or infinite, or the geometry has no place in the common CRS.
    invalid : tuple of str
        Invalid geometries (crossing rings and the like). They are linked all the same, by
        what GEOS makes of them.
    """

    unreadable: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    infinite: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()

    def __len__(self) -> int:
        return sum(map(len, (self.unreadable, self.empty, self.infinite, self.invalid)))


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A geometry column read and sorted out, ready to be filtered and verified.

    Attributes
    ----------
    ids : pa.Array of string, shape (n,)
    geometries : ndarray of shapely geometries, shape (n,)
        Present, finite and not empty, two-dimensional in effect.
    boxes : ndarray of float64, shape (n, 4)
        xmin, ymin, xmax, ymax.
    dimensions : ndarray of int8, shape (n,)
    vertices : ndarray of int64, shape (n,)
    rejected : Rejected
    """

    ids: pa.Array
    geometries: Geometries
    boxes: npt.NDArray[np.float64]
    dimensions: npt.NDArray[np.int8]
    vertices: Rows
    rejected: Rejected


def read_layer(column: GeometryColumn, crs: str) -> Layer:
    """Read a column, carry it to a CRS and set aside what cannot be linked."""
    geometries, unreadable = read_wkb(column.wkb)
    missing = shapely.is_missing(geometries)
    empty = shapely.is_empty(geometries) & ~missing
    geometries[empty] = None
    moved = transform(geometries, column.crs, crs, outside="none")
    finite = np.isfinite(shapely.bounds(moved)).all(axis=1)
    infinite = ~missing & ~empty & (~finite | _has_nan(moved))
    rows = np.flatnonzero(finite & ~infinite)
    usable = without_empty_members(moved[rows])
    invalid = rows[~shapely.is_valid(usable)]
    return Layer(
        ids=column.ids.take(pa.array(rows)),
        geometries=usable,
        boxes=shapely.bounds(usable),
        dimensions=shapely.get_dimensions(usable).astype(np.int8),
        vertices=shapely.get_num_coordinates(usable).astype(np.int64),
        rejected=Rejected(
            unreadable=_names(column, unreadable),
            empty=_names(column, np.flatnonzero(empty)),
            infinite=_names(column, np.flatnonzero(infinite)),
            invalid=_names(column, invalid),
        ),
    )


def _has_nan(geometries: Geometries) -> Any:
    rows, owner = shapely.get_coordinates(geometries, return_index=True)
    broken = np.zeros(len(geometries), bool)
    broken[owner[~np.isfinite(rows).all(axis=1)]] = True
    return broken


def _names(column: GeometryColumn, rows: Any) -> tuple[str, ...]:
    return tuple(column.ids.take(pa.array(rows, pa.int64())).to_pylist())

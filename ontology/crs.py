"""Coordinate reference systems: names, axis order, transformation. Never opens a network.

A CRS is named by its OGC IRI. Inside geoloom coordinates are always easting or longitude
first; the axis order of the CRS matters only in WKT literals (GeoSPARQL 1.1, section 8.5.1).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
import pyproj
import pyproj.network
import shapely
from pyproj.exceptions import CRSError as ProjCRSError
from pyproj.exceptions import ProjError

from .coordinates import Coordinates, Geometries, move
from .errors import CRSError, GeometryError

pyproj.network.set_network_enabled(active=False)  # type: ignore[attr-defined]  # re-export

_FORMS: Final = (
    re.compile(r"https?://www\.opengis\.net/def/crs/(\w+)/([\w.]+)/([\w.-]+)"),
    re.compile(r"urn:(?:x-)?ogc:def:crs:(\w+):([\w.]*):([\w.-]+)", re.IGNORECASE),
    re.compile(r"([A-Za-z]\w*):()([\w.-]+)"),
)
_REMEDY: Final = (
    "name it like EPSG:3035, CRS84 or http://www.opengis.net/def/crs/EPSG/0/3035; "
    "a code must be one that pyproj knows"
)
_AUTHORITY_CONFIDENCE: Final = 70


@lru_cache(maxsize=1024)
def crs_from(text_or_crs: str | pyproj.CRS) -> pyproj.CRS:
    """Return the CRS a name stands for.

    Parameters
    ----------
    text_or_crs : str or pyproj.CRS
        OGC IRI, OGC URN, ``AUTHORITY:CODE``, ``CRS84``, WKT or PROJJSON of a CRS.

    Raises
    ------
    CRSError
        The name is of none of these forms, pyproj does not know the code, or it is vertical.

    Examples
    --------
    >>> crs_from("http://www.opengis.net/def/crs/EPSG/0/3035").name
    'ETRS89-extended / LAEA Europe'
    """
    if isinstance(text_or_crs, pyproj.CRS):
        return text_or_crs
    text = text_or_crs.strip()
    wanted = _authority_code(text) or (text if text[:1].isalpha() and "[" in text else None)
    if wanted is None and text.startswith("{"):
        wanted = text
    if wanted is None:
        raise CRSError(
            "This is not the name of a coordinate reference system",
            where=repr(_short(text)),
            remedy=_REMEDY,
        )
    try:
        found = pyproj.CRS.from_user_input(wanted)
    except ProjCRSError as error:
        raise CRSError(
            "This coordinate reference system is not known",
            where=repr(_short(text)),
            why=str(error),
            remedy=_REMEDY,
        ) from error
    if found.is_vertical and not found.is_compound:
        raise CRSError(
            "A vertical coordinate reference system has no positions",
            where=repr(_short(text)),
            why=f"{found.name} is of heights or depths alone",
            remedy=_REMEDY,
        )
    return found


def _authority_code(text: str) -> str | None:
    if text.upper() == "CRS84":
        return "OGC:CRS84"
    for form in _FORMS:
        found = form.fullmatch(text)
        if found:
            authority, version, code = found.groups()
            if authority.upper() == "IAU" and version not in ("", "0"):
                authority = f"IAU_{version}"
            return f"{authority}:{code}"
    return None


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."


@lru_cache(maxsize=1024)
def crs_iri(crs: str | pyproj.CRS) -> str:
    """Return the canonical OGC IRI of a CRS.

    Raises
    ------
    CRSError
        The CRS is custom: no authority has a code for it.

    Examples
    --------
    >>> crs_iri("EPSG:4326")
    'http://www.opengis.net/def/crs/EPSG/0/4326'
    >>> crs_iri("urn:ogc:def:crs:OGC:1.3:CRS84")
    'http://www.opengis.net/def/crs/OGC/1.3/CRS84'
    """
    known = crs_from(crs)
    found = known.to_authority(min_confidence=_AUTHORITY_CONFIDENCE)
    if found is None:
        raise CRSError(
            "This coordinate reference system has no code of an authority",
            where=known.name,
            why="a geometry literal names its CRS by an IRI",
            remedy="reproject the data to a CRS with an EPSG code, for example EPSG:4326",
        )
    authority, code = found
    if authority.startswith("IAU_"):
        return f"http://www.opengis.net/def/crs/IAU/{authority[4:]}/{code}"
    version = "1.3" if authority == "OGC" else "0"
    return f"http://www.opengis.net/def/crs/{authority}/{version}/{code}"


@lru_cache(maxsize=1024)
def northing_first(crs: str | pyproj.CRS) -> bool:
    """Return whether the CRS itself puts northing or latitude before easting or longitude.

    Polar systems whose axes both point north (or south) are told apart by the axes' names,
    as PROJ does.

    Examples
    --------
    >>> northing_first("EPSG:4326"), northing_first("EPSG:3857"), northing_first("CRS84")
    (True, False, False)
    """
    axes = crs_from(crs).axis_info[:2]
    if len(axes) < 2:
        return False
    directions = tuple(axis.direction.lower() for axis in axes)
    if directions in {("north", "north"), ("south", "south")}:
        return tuple(axis.name.lower() for axis in axes) == ("northing", "easting")
    return directions == ("north", "east")


@lru_cache(maxsize=1024)
def is_geographic(crs: str | pyproj.CRS) -> bool:
    """Return whether coordinates are longitude and latitude."""
    return bool(crs_from(crs).is_geographic)


@lru_cache(maxsize=1024)
def same_crs(first: str | pyproj.CRS, second: str | pyproj.CRS) -> bool:
    """Return whether coordinates in x, y order mean the same place in both.

    EPSG:4326 and CRS84 differ only in axis order, so they are the same here.
    """
    return bool(crs_from(first).equals(crs_from(second), ignore_axis_order=True))


@lru_cache(maxsize=256)
def transformer(source: str, target: str) -> pyproj.Transformer:
    """What carries x, y from one CRS to another.

    Raises
    ------
    CRSError
        There is no way from one to the other.
    """
    try:
        return pyproj.Transformer.from_crs(crs_from(source), crs_from(target), always_xy=True)
    except ProjError as error:
        raise CRSError(
            "Coordinates cannot be carried from one CRS to the other",
            where=f"from {source} to {target}",
            why=str(error),
            remedy="use data in a CRS of the Earth",
        ) from error


def transform(
    geometries: Geometries,
    source: str,
    target: str,
    *,
    outside: Literal["raise", "none"] = "raise",
) -> Geometries:
    """Carry geometries from one CRS to another.

    Parameters
    ----------
    geometries : ndarray of shapely geometries, shape (n,)
        In ``source``, easting or longitude first. None stays None.
    source, target : str
        CRS IRIs or other names :func:`crs_from` takes.
    outside : {"raise", "none"}
        What becomes of a geometry that has no finite place in the target CRS.

    Returns
    -------
    ndarray of shapely geometries, shape (n,)
        In ``target``, easting or longitude first; Z and M are kept unchanged.

    Raises
    ------
    GeometryError
        A geometry has no place in the target CRS and ``outside`` is "raise".
    CRSError
        A CRS is unknown, or there is no way from one to the other.
    """
    if same_crs(source, target):
        return geometries
    way = transformer(source, target)

    def project(rows: Coordinates) -> Coordinates:
        x, y = way.transform(rows[:, 0], rows[:, 1])
        return np.column_stack([x, y])

    moved = move(geometries, project)
    lost = ~np.isfinite(shapely.bounds(moved)).all(axis=1) & ~_missing(geometries)
    if lost.any():
        if outside == "raise":
            _raise_outside(geometries, int(np.flatnonzero(lost)[0]), source, target)
        moved[lost] = None
    return moved


def _missing(geometries: Geometries) -> Any:
    return shapely.is_missing(geometries) | shapely.is_empty(geometries)


def _raise_outside(geometries: Geometries, row: int, source: str, target: str) -> None:
    raise GeometryError(
        "A geometry has no place in the target CRS",
        where=f"row {row}: {_short(str(geometries[row]))}",
        why=f"its coordinates in {source} become infinite in {target}",
        remedy="check that the data really are in the CRS they claim",
    )

"""Geometry literals: WKT texts to WKB columns and back (GeoSPARQL 1.1, section 8.5.1).

WKB inside geoloom is always easting or longitude first. A literal without a CRS IRI is in
CRS84; with one, its coordinates follow the axis order of that CRS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from .coordinates import Geometries, swap
from .crs import crs_iri, northing_first
from .errors import CRSError, GeometryError
from .namespaces import CRS84
from .readings import refuse_impossible, texts_of
from .wkt_exact import exact_texts
from .wkt_guard import REMEDY, guard_wkt, refusals, too_deep_wkb
from .wkt_printer import print_plain
from .wkt_reader import SHORTEST, UNKNOWN, UNREAD, WktRows, read_rows, split_rows

__all__ = [
    "GeometryLiteral",
    "GeometryProblem",
    "ParsedGeometries",
    "format_wkt",
    "guard_wkt",
    "parse_wkt",
    "read_wkb",
    "to_wkb",
]

_PREFIXED: Final = r"(?s)^\s*<(?P<crs>[^<>]*)>\s*(?P<wkt>.*)$"
_EXCERPT: Final = 80
FEW: Final = 64
"""Fewer texts are left to GEOS, so that nothing small waits for a compiler."""


@dataclass(frozen=True, slots=True)
class GeometryProblem:
    """A literal that could not be read: its row, the start of its text, the reason."""

    row: int
    text_excerpt: str
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedGeometries:
    """What :func:`parse_wkt` read.

    Attributes
    ----------
    wkb : pa.Array of binary, shape (n,)
        ISO WKB, easting or longitude first; null where the text was null or a problem.
    crs : pa.Array of dictionary<string>, shape (n,)
        Canonical CRS IRI, null where ``wkb`` is.
    problems : tuple of GeometryProblem
        In row order; a row has at most one.
    canonical : pa.Array of bool, shape (n,)
        Whether the text is what :func:`format_wkt` writes; null where that was not found out.
    """

    wkb: pa.Array
    crs: pa.Array
    problems: tuple[GeometryProblem, ...]
    canonical: pa.Array


@dataclass(frozen=True, slots=True)
class GeometryLiteral:
    """One geometry with its CRS.

    Attributes
    ----------
    crs : str
        Canonical CRS IRI.
    geometry : shapely geometry
        Easting or longitude first, whatever the CRS says.

    Examples
    --------
    >>> here = "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT (48.3 14.3)"
    >>> GeometryLiteral.from_text(here).geometry.x
    14.3
    >>> GeometryLiteral.from_text(here).to_text() == here
    True
    """

    crs: str
    geometry: Any

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a wktLiteral.

        Raises
        ------
        GeometryError
            The text is no WKT, or is refused by the guards; also for an unknown CRS.
        """
        parsed = parse_wkt(pa.array([text], pa.string()))
        for problem in parsed.problems:
            raise GeometryError(
                "This geometry literal cannot be read",
                where=repr(problem.text_excerpt),
                why=problem.reason,
                remedy=REMEDY,
            )
        return cls(parsed.crs[0].as_py(), shapely.from_wkb(parsed.wkb[0].as_py()))

    def to_text(self) -> str:
        """Write the canonical wktLiteral."""
        text: str = format_wkt(to_wkb(np.array([self.geometry], object)), self.crs)[0].as_py()
        return text


def read_wkb(wkb: pa.Array) -> tuple[Geometries, npt.NDArray[np.int64]]:
    """Read a WKB column.

    Returns
    -------
    geometries : ndarray of shapely geometries, shape (n,)
        None where the row is null or unreadable.
    unreadable : ndarray of int64
        Rows whose bytes are no WKB of a Simple Features geometry.
    """
    wkb = one_array(wkb, pa.binary(), pa.large_binary())
    values = np.array(wkb.to_numpy(zero_copy_only=False), dtype=np.object_)
    present = np.asarray(wkb.is_valid().to_numpy(zero_copy_only=False), bool)
    values[too_deep_wkb(wkb)] = None
    with np.errstate(invalid="ignore"):  # infinite coordinates are the caller's to refuse
        try:
            geometries = shapely.from_wkb(values, on_invalid="ignore")
        except NotImplementedError:  # a curve somewhere: GEOS reads it, shapely cannot hold it
            geometries = np.array([_one_from_wkb(value) for value in values], dtype=np.object_)
    geometries = np.asarray(geometries, dtype=np.object_)
    return geometries, np.flatnonzero(present & shapely.is_missing(geometries))


def _one_from_wkb(value: bytes | None) -> Any:
    try:
        return shapely.from_wkb(value, on_invalid="ignore")
    except NotImplementedError:
        return None


def to_wkb(geometries: Geometries) -> pa.Array:
    """Write geometries as a column of ISO WKB; None becomes null."""
    return pa.array(shapely.to_wkb(geometries, flavor="iso"), pa.binary())


def parse_wkt(texts: pa.Array) -> ParsedGeometries:
    """Read a column of wktLiterals.

    Parameters
    ----------
    texts : pa.Array of string, shape (n,)
        ``[<CRS IRI>] WKT``; null in, null out. Empty geometries, Z and M are kept. An empty
        text is the empty geometry collection.

    Returns
    -------
    ParsedGeometries
        Texts that cannot be read are null there and named in ``problems``.
    """
    texts = one_array(texts, pa.string(), pa.large_string())
    if len(texts) < FEW:
        wkb, names, reasons = _read_any(texts)
        unknown = pa.nulls(len(texts), pa.bool_())
        problems = problems_of(texts, reasons)
        return ParsedGeometries(wkb, names.dictionary_encode(), problems, unknown)
    rows = split_rows(texts)
    plain, iris = _read_plain(rows)
    left = np.flatnonzero(np.asarray(pc.is_null(plain.wkb)))
    if not len(left):
        return plain
    parts = texts.take(pa.array(left))
    wkb, names, reasons = _read_any(parts)
    mask = pa.array(np.isin(np.arange(len(texts)), left, assume_unique=True))
    crs = pc.replace_with_mask(iris, mask, names)
    reasons = {int(left[row]): reason for row, reason in reasons.items()}
    return ParsedGeometries(
        pc.replace_with_mask(plain.wkb, mask, wkb),
        crs.dictionary_encode(),
        problems_of(texts, reasons),
        plain.canonical,
    )


def _read_plain(rows: WktRows) -> tuple[ParsedGeometries, pa.Array]:
    """Read the rows that need no GEOS; the others are null. Also the CRS of each as a string."""
    iris: list[str | None] = []
    swapped: list[bool] = []
    canonical: list[bool] = []
    for name in rows.prefixes:
        try:
            iri: str | None = crs_iri(name)
            swapped.append(northing_first(name))
            canonical.append(name == iri != CRS84)
        except CRSError:
            iri = None
            swapped.append(False)
            canonical.append(False)
        iris.append(iri)
    iris, swapped, canonical = [*iris, CRS84], [*swapped, False], [*canonical, True]  # no prefix
    codes = np.where(rows.prefix < 0, len(iris) - 1, rows.prefix)
    known = np.array([iri is not None for iri in iris])
    wkb, forms = read_rows(rows, (rows.prefix > -2) & known[codes], np.array(swapped)[codes])
    names = pa.array(iris, pa.string()).take(pa.array(codes, mask=forms == UNREAD))
    same = (forms == SHORTEST) & np.array(canonical)[codes] & rows.spaced
    written = pa.array(same, mask=(forms == UNREAD) | (forms == UNKNOWN))
    return ParsedGeometries(wkb, names.dictionary_encode(), (), written), names


def _read_any(texts: pa.Array) -> tuple[pa.Array, pa.Array, dict[int, str]]:
    """WKB, CRS and, by row, why a text cannot be read; GEOS reads it."""
    values, reasons = texts_of(texts)
    empty = [row for row, value in enumerate(values) if value is not None and not value.strip()]
    if reasons:
        texts = pa.array(values, texts.type)
    wkt, names = _split(texts)
    for rows, reason in refusals(wkt):
        reasons.update(dict.fromkeys(rows.tolist(), reason))
    iris, northing = _resolve(names, reasons)
    geometries = _read(wkt, empty, reasons)
    turn = northing & ~shapely.is_missing(geometries)
    geometries[turn] = swap(geometries[turn])
    wkb = to_wkb(geometries)
    return wkb, pc.if_else(pc.is_valid(wkb), iris, pa.scalar(None, pa.string())), reasons


def one_array(column: pa.Array | pa.ChunkedArray, *kinds: pa.DataType) -> pa.Array:
    """One array of one of the kinds; views and dictionaries are written out."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return column if column.type in kinds else pc.cast(column, kinds[0])


def _split(texts: pa.Array) -> tuple[pa.Array, pa.Array | None]:
    if not pc.any(pc.match_substring(texts, "<")).as_py():
        return texts, None
    parts = pc.extract_regex(texts, _PREFIXED)
    names = pc.struct_field(parts, "crs")
    wkt = pc.if_else(pc.is_valid(parts), pc.struct_field(parts, "wkt"), texts)
    return wkt, names


def _resolve(names: pa.Array | None, reasons: dict[int, str]) -> tuple[pa.Array, Any]:
    """Canonical IRIs and whether each row must be swapped; unknown CRSs go to ``reasons``."""
    if names is None:
        return pa.scalar(CRS84), np.False_
    coded = names.dictionary_encode()
    codes = pc.fill_null(coded.indices, len(coded.dictionary)).to_numpy(zero_copy_only=False)
    iris: list[str] = []
    swapped: list[bool] = []
    for code, name in enumerate(coded.dictionary.to_pylist()):
        try:
            iris.append(crs_iri(name))
            swapped.append(northing_first(name))
        except CRSError as error:
            rows = np.flatnonzero(codes == code).tolist()
            reasons.update(dict.fromkeys(rows, str(error)))
            iris.append(CRS84)
            swapped.append(False)
    iris.append(CRS84)
    swapped.append(False)
    return pa.array(iris, pa.string()).take(pa.array(codes)), np.array(swapped)[codes]


def _read(wkt: pa.Array, empty: list[int], reasons: dict[int, str]) -> Geometries:
    values = np.array(wkt.to_numpy(zero_copy_only=False), dtype=np.object_)
    values[[*reasons, *empty]] = None
    with np.errstate(over="ignore"):
        geometries = np.asarray(shapely.from_wkt(values, on_invalid="ignore"), dtype=np.object_)
    present = np.array([value is not None for value in values], dtype=bool)
    for row in np.flatnonzero(present & shapely.is_missing(geometries)):
        reasons[int(row)] = _why_unreadable(values[row])
    refuse_impossible(geometries, reasons)
    geometries[empty] = shapely.GeometryCollection()
    return geometries


def _why_unreadable(wkt: str) -> str:
    try:
        shapely.from_wkt(wkt)
    except shapely.errors.GEOSException as error:
        return str(error).strip()
    return "it is no WKT"


def problems_of(texts: pa.Array, reasons: dict[int, str]) -> tuple[GeometryProblem, ...]:
    """Name the rows that could not be read, in row order."""
    return tuple(
        GeometryProblem(row, _excerpt(texts[row]), reasons[row]) for row in sorted(reasons)
    )


def _excerpt(text: pa.Scalar) -> str:
    whole: bytes = text.cast(pa.large_binary()).as_py() or b""
    return whole[: 4 * _EXCERPT].decode(errors="replace")[:_EXCERPT]


def format_wkt(wkb: pa.Array, crs: str) -> pa.Array:
    """Write the canonical wktLiterals of a WKB column.

    No IRI for CRS84, ``<iri> `` before the WKT otherwise; coordinates in the CRS's own axis
    order, each the shortest decimal that reads back as the same 64-bit number.

    Parameters
    ----------
    wkb : pa.Array of binary, shape (n,)
        Easting or longitude first; null in, null out.
    crs : str
        CRS IRI of all rows.

    Returns
    -------
    pa.Array of string, shape (n,)

    Raises
    ------
    CRSError
        The CRS is unknown.
    GeometryError
        A row is no WKB.
    """
    iri = crs_iri(crs)
    wkb, swapped = one_array(wkb, pa.binary()), northing_first(iri)
    if len(wkb) < FEW:
        column, left = pa.nulls(len(wkb), pa.string()), np.arange(len(wkb))
    else:
        column, left = print_plain(wkb, swapped)
    if len(left):
        column = _with_texts_of_geos(column, wkb, left, swapped)
    if iri == CRS84:
        return column
    return pc.binary_join_element_wise(f"<{iri}>", column, " ")


def _with_texts_of_geos(
    column: pa.Array, wkb: pa.Array, rows: npt.NDArray[np.int64], swapped: bool
) -> pa.Array:
    """The column with the texts of these rows as well."""
    geometries, unreadable = read_wkb(wkb.take(pa.array(rows)))
    _refuse_unreadable(rows[unreadable])
    texts = pa.array(exact_texts(swap(geometries) if swapped else geometries), pa.string())
    if len(rows) == len(wkb):
        return texts
    mask = np.zeros(len(wkb), np.bool_)
    mask[rows] = True
    return pc.replace_with_mask(column, pa.array(mask), texts)


def readable(wkb: pa.Array) -> Geometries:
    """Read a WKB column that must be readable throughout.

    Raises
    ------
    GeometryError
        A row is no WKB.
    """
    geometries, unreadable = read_wkb(wkb)
    _refuse_unreadable(unreadable)
    return geometries


def _refuse_unreadable(rows: npt.NDArray[np.int64]) -> None:
    if len(rows):
        raise GeometryError(
            "A geometry column holds bytes that are no WKB",
            where=f"row {rows[0]}" + f" and {len(rows) - 1} more" * (len(rows) > 1),
            remedy="check the source with a GIS, then map it again",
        )

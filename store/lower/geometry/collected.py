"""Many geometries made into one: Arrow functions over lists of WKB, a list a group.

Groups are worked on together, and large ones in pieces, so that a million geometries never lie in
GEOS at once. A group in which GEOS fails is NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from ontology import same_crs, transform

from .columns import (
    IMPOSSIBLE,
    Numbers,
    Shapes,
    attempt,
    groups_of,
    names_of,
    numbers_of,
    shapes_of,
    written,
)
from .shaping import circles

Owners = npt.NDArray[np.int64]
Fold = Callable[[Shapes, Owners, int], Shapes]
"""Geometries, the group each belongs to (ascending) and the number of groups, to one a group."""

_PIECE: Final = 4096
_BATCH: Final = 16 * _PIECE


def _plain(lists: pa.Array | pa.ChunkedArray) -> pa.Array:
    return lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists


def _owners(lists: pa.Array) -> Owners:
    sizes = np.asarray(lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    return np.repeat(np.arange(len(lists)), sizes)


def _batches(owners: Owners) -> Iterator[slice]:
    """Rows to work on together: whole groups as long as they are not larger than a batch."""
    start = 0
    while start < len(owners):
        end = min(start + _BATCH, len(owners))
        if end < len(owners):
            first = int(np.searchsorted(owners, owners[end]))
            end = first if first > start else end
        yield slice(start, end)
        start = end


def _tidied(owners: Owners) -> tuple[Owners, Owners]:
    """Groups numbered from 0, large ones in pieces; and the group that each number stands for."""
    first = np.searchsorted(owners, owners)
    piece = (np.arange(len(owners)) - first) // _PIECE
    starts = np.concatenate([[True], (np.diff(owners) != 0) | (np.diff(piece) != 0)])
    return np.cumsum(starts) - 1, owners[starts]


def associative(fold: Fold) -> Callable[[pa.Array], pa.Array]:
    """A function of lists that may be taken in pieces."""

    def collected(lists: pa.Array) -> pa.Array:
        lists = _plain(lists)
        return written(_reduced(fold, lists))

    return collected


def _reduced(fold: Fold, lists: pa.Array) -> Shapes:
    flat, owners = lists.flatten(), _owners(lists)
    shapes, left = _round(fold, owners, lambda rows: shapes_of(flat[rows]))
    while len(left) > len(np.unique(left)):
        shapes, left = _round(fold, left, shapes.__getitem__)
    made = np.full(len(lists), None, dtype=object)
    made[left] = shapes
    return made


def _round(fold: Fold, owners: Owners, read: Callable[[slice], Shapes]) -> tuple[Shapes, Owners]:
    made: list[Shapes] = []
    groups: list[Owners] = []
    for rows in _batches(owners):
        numbers, standing = _tidied(owners[rows])
        made.append(_folded(fold, read(rows), numbers, len(standing)))
        groups.append(standing)
    if not made:
        return np.empty(0, dtype=object), np.empty(0, dtype=np.int64)
    return np.concatenate(made), np.concatenate(groups)


@np.errstate(all="ignore")
def _folded(fold: Fold, shapes: Shapes, owners: Owners, count: int) -> Shapes:
    """Fold all groups; those with a missing member are missing, so are those that fail."""
    broken = np.unique(owners[shapely.is_missing(shapes)])
    try:
        made = fold(shapes, owners, count)
    except IMPOSSIBLE:
        made = np.full(count, None, dtype=object)
        for group in range(count):
            made[group] = _alone(fold, shapes[owners == group])
    made[broken] = None
    return made


def _alone(fold: Fold, shapes: Shapes) -> Any:
    try:
        return fold(shapes, np.zeros(len(shapes), np.int64), 1)[0]
    except IMPOSSIBLE:
        return None


def _collections(shapes: Shapes, owners: Owners, count: int) -> Shapes:
    made = np.full(count, None, dtype=object)
    shapely.geometrycollections(shapes, indices=owners, out=made)
    return made


def _matrix(shapes: Shapes, owners: Owners, count: int) -> Shapes:
    """A row a group, as wide as the largest; the rest is missing."""
    place = np.arange(len(owners)) - np.searchsorted(owners, owners)
    made = np.full((count, int(place.max()) + 1), None, dtype=object)
    made[owners, place] = shapes
    return made


def _by_size(whole: Callable[[Shapes], Shapes]) -> Fold:
    """A fold of a matrix of groups, groups of about the same size together."""

    def fold(shapes: Shapes, owners: Owners, count: int) -> Shapes:
        sizes = np.bincount(owners, minlength=count)
        made = np.full(count, None, dtype=object)
        ranks = np.ceil(np.log2(sizes)).astype(int)
        for rank in np.unique(ranks):
            groups = np.flatnonzero(ranks == rank)
            here = np.isin(owners, groups)
            numbers = np.searchsorted(groups, owners[here])
            made[groups] = whole(_matrix(shapes[here], numbers, len(groups)))
        return made

    return fold


_UNION: Final = _by_size(lambda rows: np.asarray(shapely.union_all(rows, axis=1), dtype=object))
_INTERSECTION: Final = _by_size(
    lambda rows: np.asarray(shapely.intersection_all(rows, axis=1), dtype=object)
)


def _hull(shapes: Shapes, owners: Owners, count: int) -> Shapes:
    return np.asarray(shapely.convex_hull(_collections(shapes, owners, count)), dtype=object)


def circle(lists: pa.Array, crs: pa.Array) -> pa.Array:
    """The smallest circle around the members of each list, which are in one CRS."""
    return written(circles(_reduced(_hull, _plain(lists)), names_of(crs)))


def concave_hull(lists: pa.Array, ratio: pa.Array) -> pa.Array:
    """Concave hulls of all places of the members; the ratio goes from 0 (tight) to 1 (convex)."""
    lists, ratios = _plain(lists), numbers_of(ratio)
    made = np.full(len(lists), None, dtype=object)
    for group, values in enumerate(lists):
        share = ratios[group]
        if values.is_valid and 0 <= share <= 1:
            made[group] = _concave(shapes_of(values.values), share)
    return written(made)


def _concave(shapes: Shapes, ratio: float) -> Any:
    if shapely.is_missing(shapes).any():
        return None
    places = shapely.multipoints(np.unique(shapely.get_coordinates(shapes), axis=0))
    try:
        return shapely.concave_hull(places, ratio=ratio)
    except IMPOSSIBLE:
        return None


def joined_lines(lists: pa.Array) -> pa.Array:
    """The lines of each list put together where they meet; NULL where a member is no line."""
    lists = _plain(lists)
    made = np.full(len(lists), None, dtype=object)
    for group, values in enumerate(lists):
        if values.is_valid:
            parts = shapely.get_parts(shapes_of(values.values))
            if (shapely.get_type_id(parts) == 1).all():
                made[group] = attempt(
                    lambda rows: np.asarray(shapely.line_merge(rows), dtype=object),
                    np.array([shapely.multilinestrings(parts)], dtype=object),
                )[0]
    return written(made)


@np.errstate(all="ignore")
def centroid(lists: pa.Array) -> pa.Array:
    """The centroid of the members of each list together, weighted as in a collection of them."""
    lists = _plain(lists)
    flat, owners, count = lists.flatten(), _owners(lists), len(lists)
    sums = np.zeros((3, 3, count))  # dimension; x, y and weight; group
    broken = np.zeros(count, bool)
    for start in range(0, len(flat), _BATCH):
        shapes, groups = shapes_of(flat[start : start + _BATCH]), owners[start : start + _BATCH]
        broken[groups[shapely.is_missing(shapes)]] = True
        present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        _weigh(shapes[present], groups[present], sums)
    highest = np.where(sums[2, 2] > 0, 2, np.where(sums[1, 2] > 0, 1, 0))
    x, y, weight = (sums[highest, axis, np.arange(count)] for axis in range(3))
    made = np.asarray(shapely.from_wkt(np.full(count, "POINT EMPTY")), dtype=object)
    full = weight > 0
    middles = np.column_stack([x, y]) / weight[:, None]
    made[full] = shapely.points(middles[full])
    broken |= full & ~np.isfinite(middles).all(axis=1)
    made[broken | np.asarray(lists.is_null())] = None
    return written(made)


def _weigh(shapes: Shapes, groups: Owners, sums: Numbers) -> None:
    """Add centroids by weight: area, else length, else the number of places."""
    areas, lengths = shapely.area(shapes), shapely.length(shapes)
    weights = np.where(areas > 0, areas, np.where(lengths > 0, lengths, 0))
    dimensions = np.where(areas > 0, 2, np.where(lengths > 0, 1, 0))
    weights = np.where(dimensions == 0, shapely.get_num_coordinates(shapes), weights)
    middles = shapely.get_coordinates(shapely.centroid(shapes))
    for dimension in range(3):
        here = dimensions == dimension
        for axis, values in enumerate((*middles.T, np.ones(len(shapes)))):
            parts = (values * weights)[here]
            sums[dimension, axis] += np.bincount(groups[here], parts, minlength=sums.shape[2])


def in_first_crs(lists: pa.Array) -> pa.Array:
    """Lists of WKB and CRS as lists of WKB in the CRS of the first member of each."""
    lists = _plain(lists)
    flat, owners = lists.flatten(), _owners(lists)
    shapes, names = shapes_of(flat.field("wkb")), names_of(flat.field("crs"))
    targets = names[np.searchsorted(owners, owners)] if len(owners) else names
    for pair, rows in groups_of(names, targets):
        if not same_crs(*pair):
            shapes[rows] = attempt(_carry(*pair), shapes[rows])
    moved = written(shapes)
    sizes = np.bincount(owners, minlength=len(lists))
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]), pa.int32())
    return pa.ListArray.from_arrays(offsets, moved)


def _carry(source: str, target: str) -> Callable[[Shapes], Shapes]:
    return lambda part: transform(part, source, target, outside="none")


COLLECTED_COLUMNS: Final[dict[str, tuple[Callable[..., pa.Array], list[str], str]]] = {
    "gl_all_union": (associative(_UNION), ["BLOB[]"], "BLOB"),
    "gl_all_intersection": (associative(_INTERSECTION), ["BLOB[]"], "BLOB"),
    "gl_all_hull": (associative(_hull), ["BLOB[]"], "BLOB"),
    "gl_all_concave": (concave_hull, ["BLOB[]", "DOUBLE"], "BLOB"),
    "gl_all_circle": (circle, ["BLOB[]", "VARCHAR"], "BLOB"),
    "gl_all_centroid": (centroid, ["BLOB[]"], "BLOB"),
    "gl_all_lines": (joined_lines, ["BLOB[]"], "BLOB"),
    "gl_all_in_first_crs": (in_first_crs, ["STRUCT(wkb BLOB, crs VARCHAR)[]"], "BLOB[]"),
}
"""Name in SQL: the function, types of its arguments and of its result."""

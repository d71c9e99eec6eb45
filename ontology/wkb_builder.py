"""Building ISO WKB from coordinates, part by part; what cannot be is refused with a reason."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum
from typing import Final, NamedTuple

from .coordinates import Coordinates
from .readings import RING_POINTS, SHORT_RING, Unreadable

_Z: Final = 1000
_WITH_Z: Final = 3


class Kind(IntEnum):
    """Types of geometry by their WKB code."""

    POINT = 1
    LINE = 2
    POLYGON = 3
    MULTIPOINT = 4
    MULTILINE = 5
    MULTIPOLYGON = 6
    COLLECTION = 7


class Built(NamedTuple):
    """A geometry on its way: its type, its WKB, the WKB of its members, whether it has Z."""

    kind: Kind
    wkb: bytes
    members: tuple[Built, ...] = ()
    has_z: bool = False


_MULTI_OF: Final = {
    Kind.POINT: Kind.MULTIPOINT,
    Kind.LINE: Kind.MULTILINE,
    Kind.POLYGON: Kind.MULTIPOLYGON,
}
_NAN: Final = struct.pack("<d", float("nan"))


def point(rows: Coordinates) -> Built:
    """Build a point from one row of coordinates, or an empty one from none."""
    if len(rows) > 1:
        raise Unreadable(f"a point has {len(rows)} positions")
    has_z = _has_z(rows)
    place = _packed(rows) or _NAN * rows.shape[1]
    return Built(Kind.POINT, _header(Kind.POINT, has_z) + place, has_z=has_z)


def line(rows: Coordinates) -> Built:
    """Build a line string from no rows or at least two."""
    if len(rows) == 1:
        raise Unreadable("a line has only one position")
    return Built(
        Kind.LINE,
        _header(Kind.LINE, _has_z(rows)) + _count(len(rows)) + _packed(rows),
        has_z=_has_z(rows),
    )


def polygon(rings: Sequence[Coordinates]) -> Built:
    """Build a polygon from its rings, the outer one first."""
    for ring in rings:
        _check_ring(ring)
    has_z = bool(rings) and _has_z(rings[0])
    if rings and not len(rings[0]):
        rings = _empty_or_refuse(rings)
    if any(_has_z(ring) != has_z for ring in rings):
        raise Unreadable("its rings differ in dimension")
    parts = [_count(len(ring)) + _packed(ring) for ring in rings]
    wkb = b"".join([_header(Kind.POLYGON, has_z), _count(len(parts)), *parts])
    return Built(Kind.POLYGON, wkb, has_z=has_z)


def _check_ring(ring: Coordinates) -> None:
    if len(ring) and len(ring) < RING_POINTS:
        raise Unreadable(SHORT_RING)
    if len(ring) and (ring[0, :2] != ring[-1, :2]).any():
        raise Unreadable("a ring is not closed: its last position is not its first")


def _empty_or_refuse(rings: Sequence[Coordinates]) -> Sequence[Coordinates]:
    if any(len(ring) for ring in rings):
        raise Unreadable("a polygon has holes but no outer ring")
    return ()


def gathered(kind: Kind, members: Sequence[Built]) -> Built:
    """Build a collection of a type from its members."""
    has_z = any(member.has_z for member in members)
    head = _header(kind, has_z) + _count(len(members))
    wkb = head + b"".join(member.wkb for member in members)
    return Built(kind, wkb, tuple(members), has_z)


def multi(kind: Kind, members: Sequence[Built]) -> Built:
    """Build a multi-geometry of simple ``kind``; members may be multi-geometries of it."""
    flat: list[Built] = []
    for member in members:
        if member.kind is kind:
            flat.append(member)
        elif member.kind is _MULTI_OF[kind]:
            flat += member.members
        else:
            raise Unreadable(f"a {member.kind.name.lower()} cannot be a member of it")
    return gathered(_MULTI_OF[kind], flat)


def narrowed(members: Sequence[Built]) -> Built:
    """Gather members as a multi-geometry if all are of one simple type, else as a collection."""
    kinds = {member.kind for member in members}
    only = kinds.pop() if len(kinds) == 1 else None
    return gathered(_MULTI_OF.get(only, Kind.COLLECTION) if only else Kind.COLLECTION, members)


def _has_z(rows: Coordinates) -> bool:
    return bool(rows.shape[1] == _WITH_Z)


def _packed(rows: Coordinates) -> bytes:
    return rows.astype("<f8", copy=False).tobytes()


def _header(kind: Kind, has_z: bool) -> bytes:
    return struct.pack("<BI", 1, kind + _Z * has_z)


def _count(number: int) -> bytes:
    return struct.pack("<I", number)

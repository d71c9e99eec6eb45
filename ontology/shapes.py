"""Geometries taken apart into runs of positions, for writers of any serialisation."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from .coordinates import Geometries
from .wkb_builder import Kind
from .wkt_exact import exact_texts

_TAG: Final = re.compile(r"[A-Z]+ (?:Z )?")
_EMPTY: Final = "EMPTY"
_SIMPLE: Final = {
    "POINT": Kind.POINT,
    "LINESTRING": Kind.LINE,
    "LINEARRING": Kind.LINE,
    "POLYGON": Kind.POLYGON,
    "MULTIPOINT": Kind.MULTIPOINT,
    "MULTILINESTRING": Kind.MULTILINE,
    "MULTIPOLYGON": Kind.MULTIPOLYGON,
    "GEOMETRYCOLLECTION": Kind.COLLECTION,
}
_MEMBER: Final = {
    Kind.MULTIPOINT: Kind.POINT,
    Kind.MULTILINE: Kind.LINE,
    Kind.MULTIPOLYGON: Kind.POLYGON,
}


class Shape(NamedTuple):
    """A geometry without M.

    Attributes
    ----------
    kind : Kind
    has_z : bool
    runs : tuple of str
        Positions as ``x y, x y``: one run of a point or line, one a ring of a polygon; none
        where it is empty.
    members : tuple of Shape
        Of collections.
    """

    kind: Kind
    has_z: bool
    runs: tuple[str, ...] = ()
    members: tuple[Shape, ...] = ()


def shapes(geometries: Geometries) -> list[Shape | None]:
    """Take geometries apart; None for None, measured ones and mixed dimensions."""
    values = np.array(geometries, object)
    values[shapely.has_m(values)] = None
    texts = exact_texts(values)
    with_z = shapely.has_z(values).tolist()
    return [
        None if text is None else _shape(value, text, z)
        for value, text, z in zip(values, texts, with_z, strict=True)
    ]


def _shape(value: Any, text: str, has_z: bool) -> Shape | None:
    tag = _TAG.match(text)
    kind = _SIMPLE[text[: text.index(" ")]]
    body = text[tag.end() :] if tag else text
    if body == _EMPTY:
        return Shape(kind, has_z)
    if kind in (Kind.POINT, Kind.LINE):
        return Shape(kind, has_z, (body[1:-1],))
    if kind is Kind.POLYGON:
        return Shape(kind, has_z, _runs(body[2:-2]))
    if kind is Kind.COLLECTION or _EMPTY in body:
        found = [shape for shape in shapes(shapely.get_parts(value)) if shape]
        if any(shape.has_z != has_z for shape in found if shape.runs or shape.members):
            return None
        return Shape(kind, has_z, members=tuple(found))
    return Shape(kind, has_z, members=_members(_MEMBER[kind], body, has_z))


def _members(kind: Kind, body: str, has_z: bool) -> tuple[Shape, ...]:
    if kind is Kind.POLYGON:
        return tuple(Shape(kind, has_z, _runs(part)) for part in body[3:-3].split(")), (("))
    return tuple(Shape(kind, has_z, (run,)) for run in _runs(body[2:-2]))


def _runs(text: str) -> tuple[str, ...]:
    return tuple(text.split("), ("))

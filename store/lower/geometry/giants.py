"""Geometries of very many vertices, kept prepared beside DuckDB and asked about many small ones.

DuckDB relates each pair anew, over all vertices of both, and hands a function written in Python
a copy of a geometry a row. A giant is therefore read and indexed once, under a key made of its
bytes, and only that key and the small geometry go along with the pairs. Keys tell the same giant
in every query; answers are those of GEOS over the whole geometry, nothing is rounded.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

import numpy as np
import pyarrow as pa
import shapely
from sqlglot import exp

from ontology import MemoryLimitError

from .. import sql
from ..sql import Sql
from .columns import IMPOSSIBLE, Shapes, attempt, groups_of, names_of, shapes_of, sound
from .reference import wkb

GIANT: Final = 1_000
"""Vertices from which a geometry is a giant: DuckDB takes 10 µs a pair for as many."""

GIANT_BYTES: Final = GIANT * 16
"""Bytes from which a geometry may be one, as WKB."""

HELD: Final = 5_000_000
"""Vertices kept; one takes about 90 bytes."""

IDLE_S: Final = 600.0
"""Seconds after which a giant nobody asked about gives way to another."""

_AREAS: Final = (3, 6)  # type ids of polygons and multipolygons
_INVERSE: Final = {"ST_Contains": "ST_Within", "ST_Within": "ST_Contains"}
_RELATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "ST_Equals": shapely.equals,
    "ST_Disjoint": shapely.disjoint,
    "ST_Intersects": shapely.intersects,
    "ST_Touches": shapely.touches,
    "ST_Crosses": shapely.crosses,
    "ST_Within": shapely.within,
    "ST_Contains": shapely.contains,
    "ST_Overlaps": shapely.overlaps,
}


@dataclass(slots=True)
class _Giant:
    """A prepared geometry; GEOS completes its index at the first questions, so one asks alone."""

    shape: Any
    vertices: int
    asked: float
    lock: Lock = field(default_factory=Lock)


class Giants:
    """Prepared geometries by the digest of their WKB.

    Parameters
    ----------
    held : int
        Vertices of all of them together; what does not fit is not taken.
    idle : float
        Seconds after which one may be dropped for another.
    """

    def __init__(self, held: int = HELD, idle: float = IDLE_S) -> None:
        self._held, self._idle = held, idle
        self._kept: dict[str, _Giant] = {}
        self._lock = Lock()

    def take(self, code: bytes) -> str | None:
        """Key of a geometry; None of one that is no valid area, or for which there is no room."""
        key = hashlib.blake2b(code, digest_size=16).hexdigest()
        if self.find(key) is not None:
            return key
        try:
            shape = shapely.from_wkb(code)
        except IMPOSSIBLE:
            return None
        if shapely.get_type_id(shape) not in _AREAS or not shapely.is_valid(shape):
            return None
        vertices = int(shapely.get_num_coordinates(shape))
        with self._lock:
            if not self._room(vertices):
                return None
            shapely.prepare(shape)
            self._kept[key] = _Giant(shape, vertices, time.monotonic())
        return key

    def find(self, key: str) -> _Giant | None:
        """The giant of a key, if it is still kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                found.asked = time.monotonic()
            return found

    def _room(self, vertices: int) -> bool:
        now = time.monotonic()
        for key in sorted(self._kept, key=lambda name: self._kept[name].asked):
            if self._size() + vertices <= self._held or now - self._kept[key].asked < self._idle:
                break
            del self._kept[key]
        return self._size() + vertices <= self._held

    def _size(self) -> int:
        return sum(giant.vertices for giant in self._kept.values())


GIANTS: Final = Giants()


def taken(codes: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Keys of a column of WKB, null where a geometry is not kept."""
    return pa.array([None if c is None else GIANTS.take(c) for c in codes.to_pylist()], pa.string())


def on_giant(keys: pa.Array, others: pa.Array, relations: pa.Array) -> pa.Array:
    """Whether giants have a relation to other geometries; null where a giant is not kept."""
    return _asked(keys, others, relations, strict=False)


def on_joined_giant(keys: pa.Array, others: pa.Array, relations: pa.Array) -> pa.Array:
    """The same for giants of a join.

    Raises
    ------
    MemoryLimitError
        A giant is kept no more.
    """
    return _asked(keys, others, relations, strict=True)


def _asked(keys: pa.Array, others: pa.Array, relations: pa.Array, *, strict: bool) -> pa.Array:
    shapes = sound(shapes_of(others))
    found = np.full(len(shapes), None, dtype=object)
    for (key, relation), here in groups_of(names_of(keys), names_of(relations)):
        giant = GIANTS.find(key)
        if giant is None and strict:
            raise MemoryLimitError(
                "A large geometry was dropped while a join still needed it",
                remedy="ask again, or ask fewer queries over large geometries at a time",
            )
        rows = here & ~shapely.is_missing(shapes)
        if giant is not None and rows.any():
            with giant.lock:
                found[rows] = attempt(_relation(giant.shape, relation), shapes[rows])
    return pa.array(found, pa.bool_())


def _relation(giant: Any, relation: str) -> Callable[[Shapes], Any]:
    def related(others: Shapes) -> Any:
        if relation in _RELATIONS:
            return _RELATIONS[relation](giant, others).astype(object)
        return shapely.relate_pattern(giant, others, relation).astype(object)

    return related


def inverse(relation: str) -> str:
    """The relation, or DE-9IM pattern, with its two geometries in the other order."""
    if relation in _RELATIONS:
        return _INVERSE.get(relation, relation)
    return "".join(relation[k] for k in (0, 3, 6, 1, 4, 7, 2, 5, 8))


def small(node: Sql) -> Sql:
    """Whether a geometry is no giant."""
    return sql.binary("<", sql.func("ST_NPoints", node), sql.number(GIANT))


def constant_first(first: Sql, second: Sql, relation: str, whole: Sql) -> Sql:
    """What ``whole`` says of two geometries, found through the giant if one is constant."""
    for giant, other, asked in ((first, second, relation), (second, first, inverse(relation))):
        key = _constant_key(giant)
        if key is not None:
            lesser = sql.when(small(other), wkb(other))
            told = sql.func("gl_on_giant", sql.string(key), lesser, sql.string(asked))
            return sql.first_of([told, whole])
    return whole


def _constant_key(node: Sql) -> str | None:
    if not isinstance(node, exp.Anonymous) or node.name != "ST_GeomFromHEXWKB":
        return None
    text = str(node.expressions[0].this)
    if len(text) < GIANT * 32:
        return None
    return GIANTS.take(bytes.fromhex(text))


GIANT_COLUMNS: Final[dict[str, tuple[Callable[..., pa.Array], list[str], str]]] = {
    "gl_giant": (taken, ["BLOB"], "VARCHAR"),
    "gl_on_giant": (on_giant, ["VARCHAR", "BLOB", "VARCHAR"], "BOOLEAN"),
    "gl_on_joined_giant": (on_joined_giant, ["VARCHAR", "BLOB", "VARCHAR"], "BOOLEAN"),
}
"""Name in SQL: the function, types of its arguments and of its result."""

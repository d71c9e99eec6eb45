"""Fields of STAC items, assets and collections by flat names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from ontology import MappingError

from .documents import GeometryText, NoValueError

Field = Callable[[Mapping[str, Any]], list[Any]]
"""Gives all values of a field of one record."""

_OF_ITEMS: Final = frozenset(
    {"id", "type", "collection", "stac_version", "stac_extensions", "assets", "asset"}
)
_SIDES: Final = ("west", "south", "east", "north")


def item_field(name: str, where: str) -> Field:
    """Field of an item, or of one of its assets (``asset.href``).

    ``id``, ``collection``, ``geometry``, ``bbox.west`` and so on, ``links.REL``, ``assets.KEY.…``
    are the item's; other names are properties. A dot goes into an object, ``*`` into all members;
    lists give several values. ``assets`` are their keys; ``acquired`` is ``datetime`` or, without,
    ``start_datetime``; ``start`` and ``end`` are the period, or ``datetime`` twice; ``asset.url``
    is the link where it is absolute.

    Raises
    ------
    MappingError
        The name has an empty part, or is no side of the box.
    """
    parts = _parts(name, where)
    special = _OF_AN_ITEM.get(name) or _of_box(parts, where, _box) or _of_links(parts)
    if special is not None:
        return special
    if parts[0] in _OF_ITEMS:
        return lambda item: list(_reach(item, parts, name))
    return lambda item: list(_reach(item.get("properties") or {}, parts, name))


def collection_field(name: str, where: str) -> Field:
    """Field of a collection: its members by name; ``start``, ``end``, ``geometry`` of its extent.

    Raises
    ------
    MappingError
        As :func:`item_field`.
    """
    parts = _parts(name, where)
    special = _OF_A_COLLECTION.get(name) or _of_box(parts, where, _extent) or _of_links(parts)
    return special or (lambda record: list(_reach(record, parts, name)))


def _parts(name: str, where: str) -> tuple[str, ...]:
    parts = tuple(name.split("."))
    if not all(parts):
        raise MappingError(
            "This is no name of a STAC field",
            where=f"{where}: {name!r}",
            remedy="write it like id, eo:cloud_cover, assets.B04.href or links.self",
        )
    return parts


def _reach(value: Any, parts: tuple[str, ...], name: str) -> Iterator[Any]:
    if isinstance(value, list):
        for member in value:
            yield from _reach(member, parts, name)
    elif not parts:
        if isinstance(value, dict):
            raise NoValueError(f"{name} leads to an object, not to a value")
        if value is not None:
            yield value
    elif isinstance(value, dict):
        if parts[0] == "*":
            for member in value.values():
                yield from _reach(member, parts[1:], name)
        elif parts[0] in value:
            yield from _reach(value[parts[0]], parts[1:], name)


def _first(*names: str) -> Field:
    """First property of these that has a value."""

    def found(item: Mapping[str, Any]) -> list[Any]:
        properties = item.get("properties") or {}
        return next(([properties[n]] for n in names if properties.get(n) is not None), [])

    return found


def _geometry(item: Mapping[str, Any]) -> list[Any]:
    geometry = item.get("geometry")
    return [] if geometry is None else [GeometryText(json.dumps(geometry))]


def _box(item: Mapping[str, Any]) -> list[float]:
    return _flat_box(item.get("bbox"))


def _extent(record: Mapping[str, Any]) -> list[float]:
    boxes = ((record.get("extent") or {}).get("spatial") or {}).get("bbox") or [None]
    return _flat_box(boxes[0])


def _flat_box(box: Any) -> list[float]:
    """West, south, east, north of a box that may have heights; nothing where there is none."""
    if not isinstance(box, list) or len(box) not in (4, 6):
        return []
    half = len(box) // 2
    return [*box[:2], *box[half : half + 2]]


def _rectangle(record: Mapping[str, Any]) -> list[Any]:
    box = _extent(record)
    if not box:
        return []
    west, south, east, north = box
    spans = [(west, east)] if west <= east else [(west, 180), (-180, east)]
    rings = [[[[w, south], [e, south], [e, north], [w, north], [w, south]]] for w, e in spans]
    shape = (
        {"type": "Polygon", "coordinates": rings[0]}
        if len(rings) == 1
        else {"type": "MultiPolygon", "coordinates": rings}
    )
    return [GeometryText(json.dumps(shape))]


def _interval(side: int) -> Field:
    def found(record: Mapping[str, Any]) -> list[Any]:
        spans = ((record.get("extent") or {}).get("temporal") or {}).get("interval") or [[]]
        return [span for span in spans[0][side : side + 1] if span is not None]

    return found


def _of_box(
    parts: tuple[str, ...], where: str, box: Callable[[Mapping[str, Any]], list[float]]
) -> Field | None:
    if parts[0] != "bbox":
        return None
    if len(parts) != 2 or parts[1] not in _SIDES:
        raise MappingError(
            "A side of the box must be named",
            where=f"{where}: {'.'.join(parts)!r}",
            remedy="write bbox.west, bbox.south, bbox.east or bbox.north",
        )
    side = _SIDES.index(parts[1])
    return lambda item: box(item)[side : side + 1]


def _of_links(parts: tuple[str, ...]) -> Field | None:
    if parts[0] != "links" or len(parts) != 2:
        return None
    return lambda item: _links(item, parts[1])


def _links(item: Mapping[str, Any], relation: str) -> list[Any]:
    links = item.get("links") or []
    return [link["href"] for link in links if link.get("rel") == relation and "href" in link]


def _url(item: Mapping[str, Any]) -> list[Any]:
    href = (item.get("asset") or {}).get("href")
    if href is None:
        return []
    found = urljoin(next(iter(_links(item, "self")), ""), href)
    return [found] if urlsplit(found).scheme else []


_OF_AN_ITEM: Final[dict[str, Field]] = {
    "acquired": _first("datetime", "start_datetime"),
    "start": _first("start_datetime", "datetime"),
    "end": _first("end_datetime", "datetime"),
    "geometry": _geometry,
    "assets": lambda item: list(item.get("assets") or {}),
    "asset.url": _url,
}
_OF_A_COLLECTION: Final[dict[str, Field]] = {
    "start": _interval(0),
    "end": _interval(1),
    "geometry": _rectangle,
}

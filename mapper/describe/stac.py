"""STAC files: items or collections, and the fields they have."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ..language.model import LogicalSource
from ..language.vocabulary import STAC

_SIGN: Final = b'"stac_version"'
_HEAD: Final = 1 << 16
_MOST_FIELDS: Final = 200
_OF_ITEMS: Final = ("id", "collection")
_OF_COLLECTIONS: Final = ("id", "title", "description", "license", "start", "end")


def stac_source(file: Path) -> tuple[LogicalSource, tuple[str, ...]] | None:
    """The logical source of a STAC file and its fields; None for other JSON."""
    with file.open("rb") as stream:
        if _SIGN not in stream.read(_HEAD):
            return None
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError:
        return None  # told by the reader of JSON
    if not isinstance(content, dict) or content.get("type") == "Catalog":
        return None
    if content.get("type") == "Collection" or "collections" in content:
        return _source(file, "collections"), _OF_COLLECTIONS
    items = content.get("features", [content])
    found = Counter(name for item in items for name in _properties(item))
    return _source(file, "items"), (*_OF_ITEMS, *islice(found, _MOST_FIELDS))


def _source(file: Path, records: str) -> LogicalSource:
    return LogicalSource(file.name, "base", STAC, records)


def _properties(item: Any) -> Iterator[str]:
    """Names of properties with one value or a list of values."""
    for name, value in (item.get("properties") or {}).items():
        plain = not any(isinstance(one, dict | list) for one in _members(value))
        if "." not in name and name and not isinstance(value, dict) and plain:
            yield name


def _members(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

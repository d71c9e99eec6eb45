"""Names of tables and columns, for people who open the files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from ontology import Lane

from .column_keys import Cell

GEOMETRY: Final = "geometry"
"""The first geometry column of a table."""

_LOCAL: Final = re.compile(r"[^/#:]+(?=[/#:]*$)")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_]+")
_RESERVED: Final = re.compile(r"^(?=_|iri|[0-9])", re.IGNORECASE)
_LONGEST: Final = 40

_VIRTUAL: Final = frozenset({"file_row_number", "filename", "file_index", "rowid"})
"""Columns that DuckDB adds to every file; look-ups read the first."""


def local_name(iri: str) -> str:
    """The end of an IRI in letters, digits and ``_``; it begins with a letter, not with ``iri``."""
    found = _LOCAL.search(iri)
    safe = _UNSAFE.sub("_", found.group() if found else "").strip("_")[:_LONGEST]
    return _RESERVED.sub("p_", safe or "column", count=1)


def column_names(cells: Iterable[Cell]) -> tuple[str, ...]:
    """A name for each column, distinct even where case does not count.

    In another view than the main one the name of the column that leads there comes first, if the
    name alone is taken.
    """
    taken: set[str] = set(_VIRTUAL)
    names: list[str] = []
    geometries = 0
    for cell in cells:
        name = local_name(cell.key.predicate)
        if cell.key.lang:
            name = f"{name}_{_UNSAFE.sub('_', cell.key.lang)}"
        if cell.key.lane is Lane.GEOMETRY:
            geometries += 1
            name = GEOMETRY if geometries == 1 else name
        elif name.casefold() == GEOMETRY:
            name += "_node" if cell.key.lane is Lane.NODE else "_value"
        if cell.view is not None and name.casefold() in taken:
            name = f"{names[cell.view]}_{name}"
        names.append(_distinct(name, taken))
    return tuple(names)


def _distinct(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(found.casefold())
    return found


def table_name(theme: str, shape: object) -> str:
    """Name of a table's folder: readable, and different for every shape."""
    digest = hashlib.sha256(repr(shape).encode()).hexdigest()[:10]
    return f"{local_name(theme)}-{digest}"

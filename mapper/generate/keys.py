"""Guesses of what tells the rows of a layer apart, and of links between layers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..describe import Column, SourceDescription
from ..language.vocabulary import DATABASES, RASTER_ZONES, VECTOR
from ..sources import Surroundings, open_source

_NAMED: Final = re.compile(
    r"(^|_)(id|fid|gid|oid|uid|uuid|key|code|iso|ident|kennung|tunnus|nr|nummer)$|id$|_id_|^id_",
    re.IGNORECASE,
)
_TECHNICAL: Final = frozenset({"objectid", "ogc_fid", "gid", "gml_id", "oid"})
"""Numbers of a data base or file rather than of the thing."""

_CANDIDATES: Final = 8
_LINK_VALUES: Final = 3


@dataclass(frozen=True, slots=True)
class Key:
    """Columns whose values tell rows apart, and why they are taken; none are none."""

    columns: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """Columns that hold the key of another layer (by its place in the list)."""

    columns: tuple[str, ...]
    layer: int
    why: str


def key_of(description: SourceDescription, folder: Path) -> Key:
    """Guess the key of a layer: what a database says, else one column, else two or three."""
    if description.primary_key:
        return Key(description.primary_key, "the table's primary key")
    reach = "in all rows" if description.complete else f"in the first {_seen(description):,} rows"
    formulation = description.source.formulation
    if formulation == RASTER_ZONES:
        return Key(("zone",), "the number of its first pixel")
    single = [c.name for c in description.columns if c.unique and _may_be_key(c)]
    named = [name for name in single if _NAMED.search(name) and name != "fid"]
    named.sort(key=lambda name: name.lower() in _TECHNICAL)
    if named:
        return Key((named[0],), f"guess: {named[0]} is unique {reach}")
    if formulation == VECTOR:
        together = _compound(description, folder)
        if together and any(_NAMED.search(name) for name in together):
            names = " and ".join(together)
            return Key(together, f"guess: {names} together are unique {reach}")
        return Key(("fid",), "guess: OGR's number of the feature; in some formats just its place")
    if single:
        return Key((single[0],), f"guess: {single[0]} is unique {reach}")
    together = _compound(description, folder)
    if together:
        return Key(together, f"guess: {' and '.join(together)} together are unique {reach}")
    return Key((), f"no column or pair of columns is unique {reach}: subjects are blank nodes")


def _seen(description: SourceDescription) -> int:
    return max((column.rows for column in description.columns), default=0)


def _may_be_key(column: Column) -> bool:
    if column.kind == "string" and pc.any(pc.equal(column.values, "")).as_py():
        return False
    return column.kind.startswith(("int", "uint")) or column.kind == "string"


def _compound(description: SourceDescription, folder: Path) -> tuple[str, ...] | None:
    """Two or three columns that are unique together, those named like keys first."""
    if not description.complete or description.source.formulation in DATABASES:
        return None
    found = [
        c
        for c in description.columns
        if _may_be_key(c) and not c.nulls and not c.several and len(c.values) > 1
    ]
    if description.source.formulation == VECTOR:
        found = [c for c in found if c.name != "fid"]
    found.sort(key=lambda c: not _NAMED.search(c.name))
    names = [c.name for c in found[:_CANDIDATES]]
    if not names or (description.source.formulation == VECTOR and not _NAMED.search(names[0])):
        return None
    sizes = {c.name: len(c.values) for c in found}
    codes = _codes(description, folder, names)
    rows = len(next(iter(codes.values()), np.zeros(0)))
    for many in (2, 3):
        for group in combinations(names, many):
            if np.prod([float(sizes[name]) for name in group]) < rows:
                continue
            if _unique([codes[name] for name in group]):
                return group
    return None


def _codes(description: SourceDescription, folder: Path, names: list[str]) -> dict[str, np.ndarray]:
    source = open_source(description.source, Surroundings(folder, folder))
    parts: dict[str, list[pa.Array]] = {name: [] for name in names}
    for batch in source.batches(names):
        for name in names:
            parts[name].append(batch.columns[name].values)
    coded = {
        name: pa.chunked_array(chunks).combine_chunks().dictionary_encode()
        for name, chunks in parts.items()
        if chunks
    }
    return {name: column.indices.to_numpy(zero_copy_only=False) for name, column in coded.items()}


def _unique(columns: Sequence[np.ndarray]) -> bool:
    rows = np.column_stack(columns)
    return len(np.unique(rows, axis=0)) == len(rows) > 1


def links_of(descriptions: Sequence[SourceDescription], keys: Sequence[Key]) -> list[list[Link]]:
    """Links between the layers of a file: what a database says, else by names and values."""
    return [
        [*_declared(one, descriptions)] or [*_evident(place, descriptions, keys)]
        for place, one in enumerate(descriptions)
    ]


def _declared(
    description: SourceDescription, descriptions: Sequence[SourceDescription]
) -> Iterator[Link]:
    tables = [one.source.iterator for one in descriptions]
    for columns, table, targets in description.foreign_keys:
        if table in tables and targets == descriptions[tables.index(table)].primary_key:
            yield Link(columns, tables.index(table), "a foreign key of the table")


def _evident(
    place: int, descriptions: Sequence[SourceDescription], keys: Sequence[Key]
) -> Iterator[Link]:
    mine = descriptions[place]
    for column in mine.columns:
        if (column.name,) == keys[place].columns or not _may_be_key(column):
            continue
        for other, key in enumerate(keys):
            if other == place or len(key.columns) != 1 or key.columns[0] == "fid":
                continue
            target = descriptions[other].column(key.columns[0])
            if _points(column, target):
                yield Link((column.name,), other, f"all its values are in {target.name} there")
                break


def _points(column: Column, target: Column) -> bool:
    """A column of the same name or with a stem of it, all of whose values are in a key."""
    if column.kind != target.kind or not target.complete or not len(column.values):
        return False
    same = column.name.lower() == target.name.lower()
    if not same and (column.kind != "string" or len(column.values) < _LINK_VALUES):
        return False
    return bool(pc.all(pc.is_in(column.values, value_set=target.values)).as_py())

"""Code lists from the facts tables in ``data/`` (one CSV a list, origins in SOURCE.md)."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from typing import Final

from ..errors import UnknownCodeError
from .model import CodeList, Concept


@dataclass(frozen=True, slots=True)
class _Sheet:
    title: str
    source: str
    licence: str
    missing: frozenset[str] = frozenset()
    width: int = 0
    national: bool = False


_CC_BY = "https://creativecommons.org/licenses/by/4.0/"
_SHEETS: Final[dict[str, _Sheet]] = {
    "lucas2018-lc1": _Sheet(
        "LUCAS 2018 land cover (LC1)",
        "Eurostat, LUCAS 2018, technical reference document C3",
        _CC_BY,
        missing=frozenset({"-1", "8"}),
    ),
    "hcat3": _Sheet(
        "Hierarchical Crop and Agriculture Taxonomy, version 3",
        "EuroCrops (github.com/maja601/EuroCrops, hcat_core/HCAT3.csv)",
        _CC_BY,
        national=True,
    ),
    "worldcover": _Sheet(
        "ESA WorldCover land cover",
        "ESA WorldCover product user manual",
        _CC_BY,
        missing=frozenset({"0"}),
    ),
    "usda-cdl": _Sheet(
        "USDA Cropland Data Layer", "USDA NASS, Cropland Data Layer", "public domain"
    ),
    "corine": _Sheet(
        "CORINE Land Cover",
        "Copernicus Land Monitoring Service",
        _CC_BY,
        missing=frozenset({"48", "999"}),
    ),
    "sigrid3-stage": _Sheet(
        "SIGRID-3 stage of development of sea ice",
        "JCOMM Technical Report 23 (WMO/TD 1214, revision 3), table of stages",
        "WMO document; facts",
        width=2,
    ),
    "cgls-lc100": _Sheet(
        "Copernicus Global Land Cover, 100 m",
        "Copernicus Global Land Service, CGLS-LC100 collection 3",
        _CC_BY,
        missing=frozenset({"0", "255"}),
    ),
    "worldcereal-croptype": _Sheet(
        "WorldCereal crop types",
        "ESA WorldCereal, classification pipeline version 2",
        _CC_BY,
        missing=frozenset({"254", "255", "65535"}),
    ),
    "worldcereal-cropland": _Sheet(
        "WorldCereal cropland",
        "ESA WorldCereal, classification pipeline version 2",
        _CC_BY,
        missing=frozenset({"254", "255", "65535"}),
    ),
}

CODE_LISTS: Final[tuple[str, ...]] = tuple(_SHEETS)
"""Names of the code lists geoloom carries."""


def rows(table: str) -> Iterator[dict[str, str]]:
    """Read a facts table of this package."""
    text = files(__package__).joinpath("data", table + ".csv").read_text(encoding="utf-8")
    return iter(csv.DictReader(text.splitlines()))


class _National(Mapping[str, Mapping[str, str]]):
    """Codes of nations for the concepts of a list, read when they are asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _tables(self) -> dict[str, dict[str, str]]:
        tables: dict[str, dict[str, str]] = {}
        for row in rows(self._name + "-national"):
            tables.setdefault(row["notation"], {})[row["code"]] = row["hcat"]
        return tables

    def __getitem__(self, notation: str) -> Mapping[str, str]:
        return self._tables[notation]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


@cache
def code_list(name: str) -> CodeList:
    """Return a code list by its name.

    Parameters
    ----------
    name : str
        One of :data:`CODE_LISTS`.

    Raises
    ------
    UnknownCodeError
        If there is no list of that name.

    Examples
    --------
    >>> code_list("lucas2018-lc1").narrower("B1")[:2]
    ('B11', 'B12')
    """
    sheet = _SHEETS.get(name)
    if sheet is None:
        near = get_close_matches(name, CODE_LISTS, n=1)
        raise UnknownCodeError(
            f"There is no code list {name!r}",
            why="geoloom has " + ", ".join(CODE_LISTS),
            remedy=f"did you mean {near[0]}?" if near else "use one of these names",
        )
    concepts = tuple(
        Concept(
            name,
            row["code"],
            row["label"],
            row["parent"] or None,
            tuple(filter(None, row.get("alt", "").split("|"))),
            row.get("color") or None,
            int(row["grid"]) if row.get("grid") else None,
        )
        for row in rows(name)
    )
    return CodeList(
        name,
        sheet.title,
        sheet.source,
        sheet.licence,
        concepts,
        sheet.missing,
        sheet.width,
        _National(name) if sheet.national else {},
    )


def code_lists() -> tuple[CodeList, ...]:
    """Return all code lists."""
    return tuple(code_list(name) for name in CODE_LISTS)

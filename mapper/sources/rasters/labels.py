"""Names of classes that come with a raster.

They are looked for in the metadata GDAL keeps beside or inside a file (``.aux.xml``, ``.vrt``:
category names, raster attribute tables), in ESRI's ``.vat.dbf``, and in the CF attributes
``flag_values`` and ``flag_meanings`` of netCDF variables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import pyogrio
from pyogrio.errors import DataSourceError

from ontology import InputError

from .grid import Raster

_NAMES: Final = ("class_name", "class", "label", "name", "category", "description", "legend")
_VALUES: Final = ("value", "code", "class_id")
_NAME_USAGE: Final = "2"
_VALUE_USAGES: Final = ("5", "3")


def labels_of(raster: Raster, band: int) -> dict[int, str]:
    """Names of a band's classes by value; empty if there are none."""
    found = _flags(raster.tags(band))
    path = raster.path
    for document in (path.with_name(path.name + ".aux.xml"), path):
        if not found and document.suffix.lower() in (".xml", ".vrt") and document.exists():
            found = _document(document, band)
    table = path.with_name(path.name + ".vat.dbf")
    if not found and band == 1 and table.exists():
        found = _table(table)
    return found


def _flags(tags: dict[str, str]) -> dict[int, str]:
    meanings = tags.get("flag_meanings", "").split()
    values = tags.get("flag_values", "").strip("{}").replace(",", " ").split()
    if not meanings or len(meanings) != len(values):
        return {}
    numbers = [value.rstrip("bBsSuUlL") for value in values]
    return {int(n): text for n, text in zip(numbers, meanings, strict=True) if _whole(n)}


def _document(path: Path, band: int) -> dict[int, str]:
    try:
        root = ElementTree.fromstring(path.read_bytes())
    except ElementTree.ParseError as error:
        raise InputError(
            "Cannot read the metadata of a raster",
            where=str(path),
            why=str(error),
            remedy="correct or remove it",
        ) from error
    for number, node in enumerate(
        [*root.iter("PAMRasterBand"), *root.iter("VRTRasterBand")], start=1
    ):
        if node.get("band", str(number)) == str(band):
            names = [part.text or "" for part in node.findall("CategoryNames/Category")]
            table = node.find("GDALRasterAttributeTable")
            if names:
                return {value: name for value, name in enumerate(names) if name}
            return {} if table is None else _attributes(table)
    return {}


def _attributes(table: Any) -> dict[int, str]:
    """Value and name columns of a raster attribute table, by their usage, else by their names."""
    fields = {
        int(field.get("index", place)): (
            field.findtext("Name", "").strip().lower(),
            field.findtext("Usage", "0").strip(),
        )
        for place, field in enumerate(table.findall("FieldDefn"))
    }
    name = _column(fields, (_NAME_USAGE,), _NAMES)
    value = _column(fields, _VALUE_USAGES, _VALUES)
    if name is None:
        return {}
    found = {}
    for place, row in enumerate(table.findall("Row")):
        cells = [cell.text or "" for cell in row.findall("F")]
        number = cells[value] if value is not None else str(place)
        if _whole(number) and cells[name]:
            found[int(float(number))] = cells[name]
    return found


def _column(fields: dict[int, tuple[str, str]], usages: Any, names: Any) -> int | None:
    for usage in usages:
        for index, (_, own) in fields.items():
            if own == usage:
                return index
    for name in names:
        for index, (own, _) in fields.items():
            if own == name:
                return index
    return None


def _table(path: Path) -> dict[int, str]:
    try:
        _, _, _, columns = pyogrio.raw.read(path, read_geometry=False)
        names = [name.lower() for name in pyogrio.read_info(path)["fields"]]
    except (DataSourceError, OSError) as error:
        raise InputError(
            "Cannot read the attribute table of a raster", where=str(path), why=str(error)
        ) from error
    table = dict(zip(names, columns, strict=True))
    value = next((table[name] for name in _VALUES if name in table), None)
    label = next((table[name] for name in _NAMES if name in table), None)
    if value is None or label is None:
        return {}
    return {int(v): str(text) for v, text in zip(value, label, strict=True) if text}


def _whole(text: str) -> bool:
    try:
        return float(text).is_integer()
    except ValueError:
        return False

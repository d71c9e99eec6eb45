"""Which data sets a zip archive holds."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

from ontology import InputError

_FOLDERS: Final = frozenset({".gdb"})
_FILES: Final = frozenset(
    {
        ".shp",
        ".gpkg",
        ".gml",
        ".geojson",
        ".json",
        ".fgb",
        ".kml",
        ".tab",
        ".mif",
        ".xml",
        ".parquet",
        ".geoparquet",
        ".csv",
        ".tsv",
        ".tif",
        ".tiff",
    }
)
_BESIDE: Final = frozenset({".shp.xml", ".aux.xml", ".gml.xml", ".gpkg.xml"})


def data_sets(path: Path) -> tuple[str, ...]:
    """Members of a zip archive that are data, sorted: files, and folders such as ``x.gdb``.

    Raises
    ------
    InputError
        It is no zip archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(
            "Cannot read an archive",
            where=str(path),
            why=str(error),
            remedy="copy it again, or unpack it",
        ) from error
    return tuple(sorted({found for name in names if (found := _data_set(name)) is not None}))


def _data_set(name: str) -> str | None:
    member = PurePosixPath(name)
    if "__MACOSX" in member.parts or member.name.startswith("."):
        return None
    for folder in member.parents:
        if folder.suffix.lower() in _FOLDERS:
            return str(folder)
    lower = member.name.lower()
    if any(lower.endswith(suffix) for suffix in _BESIDE):
        return None
    return name if member.suffix.lower() in _FILES else None

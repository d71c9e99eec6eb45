"""geoloom: Earth-observation classifications in, linked geodata and answers out.

Examples
--------
>>> import geoloom
>>> store = geoloom.create("/tmp/doctest-store", exist_ok=True)  # doctest: +SKIP
>>> store.query("ASK {}").boolean  # doctest: +SKIP
True
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ontology import GeoloomError
from store import Result, Store

try:
    __version__ = version("geoloom")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

__all__ = ["GeoloomError", "Result", "Store", "create", "open"]


def open(path: str | Path) -> Store:
    """Open an existing store folder.

    Raises
    ------
    StoreError
        If the folder is not a store, is damaged, or was written by a newer version.
    """
    return Store.open(Path(path))


def create(path: str | Path, *, exist_ok: bool = False) -> Store:
    """Create a store folder, or open the one that is there when ``exist_ok``."""
    folder = Path(path)
    if exist_ok and (folder / "CURRENT").exists():
        return Store.open(folder)
    return Store.create(folder)

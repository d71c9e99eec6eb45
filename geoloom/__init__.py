"""geoloom: Earth-observation classifications in, linked geodata and answers out.

Examples
--------
>>> import geoloom
>>> store = geoloom.create("/tmp/doctest-store", exist_ok=True)  # doctest: +SKIP
>>> store.query("ASK {}").boolean  # doctest: +SKIP
True
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ontology import GeoloomError

if TYPE_CHECKING:
    from store import Inference, Result, Store, TablesPolicy

try:
    __version__ = version("geoloom")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

__all__ = ["GeoloomError", "Inference", "Result", "Store", "create", "open"]


def __getattr__(name: str) -> Any:
    """Import the store when it is first asked for: the command's ``--help`` does without."""
    if name in ("Inference", "Result", "Store"):
        return getattr(importlib.import_module("store"), name)
    raise AttributeError(f"module 'geoloom' has no attribute {name!r}")


def open(path: str | Path) -> Store:
    """Open an existing store folder.

    Raises
    ------
    StoreError
        If the folder is not a store, is damaged, or was written by a newer version.
    """
    opened: Store = _store().open(Path(path))
    return opened


def create(
    path: str | Path, *, exist_ok: bool = False, tables: TablesPolicy | None = None
) -> Store:
    """Create a store folder, or open the one that is there when ``exist_ok``.

    ``tables`` says when entities are kept as rows of tables: where it pays (``"auto"``, the
    default), wherever they can be (``"always"``) or ``"never"``; the answers are the same. A store
    that is there must have been made with it.
    """
    folder = Path(path)
    if exist_ok and (folder / "CURRENT").exists():
        found: Store = _store().open(folder, tables=tables)
        return found
    made: Store = _store().create(folder, tables=tables or "auto")
    return made


def _store() -> type[Store]:
    found: type[Store] = __getattr__("Store")
    return found

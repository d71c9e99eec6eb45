"""DuckDB connections: spatial loaded, nothing outside the store reachable, settings locked."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Final

import duckdb

from ontology import StoreError

MEMORY_LIMIT: Final = os.environ.get("GEOLOOM_MEMORY") or "2GB"
"""What DuckDB may hold for a query, as it writes it; the environment may say another one."""

THREADS: Final = os.cpu_count() or 1

_FLUSHED: Final = "16MB"
"""Freed memory from which on DuckDB gives it back; by default it keeps up to 512 MB."""

_FLUSHED_ROWS: Final = 65_536
"""Rows of files by key that wait to be written; by default half a million a thread."""

_SPILL: Final = "geoloom-spill-"
_FRESH_S: Final = 3600
_FILE_IN_MESSAGE: Final = re.compile(r"""["']([^"']+\.parquet)["']""")


def connect(
    *,
    folder: Path | None = None,
    memory_limit: str = MEMORY_LIMIT,
    threads: int = THREADS,
    temp: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that can reach one store folder and nothing else.

    Insertion order is kept, so a sorted table is written sorted. Without the ICU extension
    DuckDB knows no time zone but UTC, which is the one wanted.

    Parameters
    ----------
    folder : Path, optional
        The store; without it no file can be read.
    memory_limit : str
        As DuckDB writes it, for example ``"2GB"``. GEOS is not counted.
    threads : int
    temp : Path, optional
        Where DuckDB spills; by default a folder of its own under the system's. Two databases
        that share one end both processes.

    Returns
    -------
    duckdb.DuckDBPyConnection
        About 0.2 s to open; ``cursor()`` of an open one is free and shares all settings, since
        they are set globally.

    Raises
    ------
    StoreError
        If the spatial extension cannot be loaded.
    """
    spill = temp or _spill_folder()
    con = duckdb.connect(
        config={
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": str(spill),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    _load_spatial(con)
    con.execute("SET GLOBAL geometry_always_xy = true")
    con.execute("SET GLOBAL parquet_metadata_cache = true")
    for name in ("allocator_flush_threshold", "allocator_bulk_deallocation_flush_threshold"):
        con.execute(f"SET GLOBAL {name} = '{_FLUSHED}'")
    con.execute(f"SET GLOBAL partitioned_write_flush_threshold = {_FLUSHED_ROWS}")
    reachable = [str(path.resolve()) for path in (folder, spill) if path is not None]
    con.execute("SET allowed_directories = ?", [reachable])
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def _spill_folder() -> Path:
    """Name a folder that no other database uses; DuckDB makes it when it needs it."""
    _sweep()
    return Path(tempfile.gettempdir()) / f"{_SPILL}{os.getpid()}-{token_hex(4)}"


@cache
def _sweep() -> None:
    """Remove what processes that were killed have left, once a process.

    Fresh folders stay: their owner may live where this process cannot see it, in a container.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{_SPILL}*-*"):
        owner = folder.name.removeprefix(_SPILL).partition("-")[0]
        with suppress(OSError):
            old = time.time() - folder.stat().st_mtime > _FRESH_S
            if old and owner.isdecimal() and not _lives(int(owner)):
                shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def discard_spill(process: int) -> None:
    """Remove what a process has spilt to disk; for one that ends without closing its database."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_SPILL}{process}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _load_spatial(con: duckdb.DuckDBPyConnection) -> None:
    packaged = _packaged_extension()
    try:
        if packaged is not None:
            con.load_extension(str(packaged))
        else:
            con.install_extension("spatial")
            con.load_extension("spatial")
    except duckdb.Error as error:
        raise StoreError(
            "DuckDB's spatial extension cannot be loaded",
            where=str(packaged or "DuckDB's own extension folder"),
            why=str(error).splitlines()[0],
            remedy=f"pip install duckdb-extension-spatial=={duckdb.__version__}",
        ) from error


def _packaged_extension() -> Path | None:
    """Find the extension that fits this DuckDB in the ``duckdb-extension-spatial`` package."""
    spec = importlib.util.find_spec("duckdb_extension_spatial")
    for root in (spec.submodule_search_locations or []) if spec else []:
        name = f"extensions/v{duckdb.__version__}/spatial.duckdb_extension"
        if (found := Path(root) / name).is_file():
            return found
    return None


def _outside(file: str) -> StoreError:
    return StoreError(
        "A file of the store lies outside the store's folder",
        where=file,
        why="one of the folders on its path, or the file, is a symbolic link",
        remedy="move the file into the store; link to the store's folder as a whole instead",
    )


@contextmanager
def naming_damage() -> Iterator[None]:
    """Turn DuckDB's complaint about a missing or torn store file into a StoreError naming it."""
    try:
        yield
    except duckdb.Error as error:
        found = _FILE_IN_MESSAGE.search(str(error))
        if found is None:
            raise
        if "disabled by configuration" in str(error):
            raise _outside(found.group(1)) from error
        raise StoreError(
            "A file of the store is missing or damaged",
            where=found.group(1),
            why=str(error).splitlines()[0],
            remedy="run `geoloom verify` and restore the file from a copy, or load again",
        ) from error

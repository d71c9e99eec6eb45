"""Logical sources: files, tables and rasters read in batches of Arrow columns."""

from .base import BATCH_ROWS, Joinable, PathSource, Source, Surroundings, resolve
from .opening import open_source
from .unchanged import Unchanged, source_files

__all__ = [
    "BATCH_ROWS",
    "Joinable",
    "PathSource",
    "Source",
    "Surroundings",
    "Unchanged",
    "open_source",
    "resolve",
    "source_files",
]

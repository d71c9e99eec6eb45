"""Logical sources: files, tables and rasters read in batches of Arrow columns."""

from .base import BATCH_ROWS, Source, Surroundings, resolve
from .opening import open_source

__all__ = ["BATCH_ROWS", "Source", "Surroundings", "open_source", "resolve"]

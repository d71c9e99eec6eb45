"""Logical sources: files read in batches of Arrow columns."""

from .base import BATCH_ROWS, Source, resolve
from .opening import open_source

__all__ = ["BATCH_ROWS", "Source", "open_source", "resolve"]

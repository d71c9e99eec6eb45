"""Processes that answer queries: what one of them does cannot harm the others."""

from .memory import parse_size
from .pool import PoolStatus, WorkerPool

__all__ = ["PoolStatus", "WorkerPool", "parse_size"]

"""Processes that answer queries: what one of them does cannot harm the others."""

from .memory import engine_share, held_bytes, parse_size
from .pool import PoolStatus, WorkerPool

__all__ = ["PoolStatus", "WorkerPool", "engine_share", "held_bytes", "parse_size"]

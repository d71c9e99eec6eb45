"""Processes that answer queries: what one of them does cannot harm the others."""

from .pool import PoolStatus, WorkerPool

__all__ = ["PoolStatus", "WorkerPool"]

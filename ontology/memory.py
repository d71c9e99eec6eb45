"""How this process holds memory that comes and goes in large pieces."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache
from typing import Final

import pyarrow as pa

_MOST_ARENAS: Final = -8
"""``M_ARENA_MAX`` of glibc."""


@cache
def reuse_memory() -> None:
    """Let threads share what they free, for work that goes batch by batch."""
    with suppress(AttributeError, OSError):  # a C library without it
        ctypes.CDLL(None).mallopt(_MOST_ARENAS, 2)


def give_back() -> None:
    """Give freed memory back to the system, before what needs much anew."""
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)

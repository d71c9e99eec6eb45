"""How this process holds memory that comes and goes in large pieces."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from functools import cache
from typing import Final

import pyarrow as pa

_MOST_ARENAS: Final = -8
"""``M_ARENA_MAX`` of glibc."""


@cache
def reuse_memory() -> None:
    """Let Arrow, numpy and Arrow's threads share what is freed, for work that goes batch by batch.

    Arrow's own allocator gives pages back and asks for them anew, which takes a fifth of the time
    of a load. One that the environment names (``ARROW_DEFAULT_MEMORY_POOL``) stays.
    """
    if "ARROW_DEFAULT_MEMORY_POOL" not in os.environ:
        pa.set_memory_pool(pa.system_memory_pool())
    with suppress(AttributeError, OSError):  # a C library without it
        ctypes.CDLL(None).mallopt(_MOST_ARENAS, 2)


def give_back() -> None:
    """Give freed memory back to the system, before what needs much anew."""
    pa.default_memory_pool().release_unused()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)

"""What a process holds, how much it may hold, and giving back what it no longer needs."""

from __future__ import annotations

import ctypes
import gc
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyarrow as pa

from ontology import UsageError

MIB: Final = 1 << 20
MOST_BYTES: Final = 3 << 30
"""What the work of one process may hold unless another size is said."""

LEAST_BYTES: Final = 64 * MIB
_ENGINE_SHARE: Final = 2 / 3
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])i?B?", re.IGNORECASE)
_POWERS: Final = {"K": 10, "M": 20, "G": 30, "T": 40}


def parse_size(text: str) -> int:
    """Read a size such as ``512MB`` or ``2 GiB``; the units are powers of 1024.

    Raises
    ------
    UsageError
        If it is none, or below 64 MB.

    Examples
    --------
    >>> parse_size("1.5GB")
    1610612736
    """
    found = _SIZE.fullmatch(text.strip())
    size = int(float(found[1]) * (1 << _POWERS[found[2].upper()])) if found else 0
    if size < LEAST_BYTES:
        raise UsageError(
            f"{text!r} is not a size of memory",
            why="a number with MB or GB is needed, 64MB at least",
            remedy="write it like 512MB or 2GB",
        )
    return size


def usual_size(workers: int) -> int:
    """Bytes the work of one of several processes may hold by default."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(LEAST_BYTES, min(MOST_BYTES, int(0.75 * whole / workers)))


def engine_share(size: int) -> str:
    """DuckDB's part of it, as DuckDB writes it; answers and GEOS need the rest."""
    return f"{int(size * _ENGINE_SHARE) // MIB}MiB"


def held_bytes(process: int | None = None) -> int:
    """Memory of a process that no other shares, in bytes; 0 where the system does not say.

    A limit by ``setrlimit`` would not do: DuckDB's ``TRY`` takes the failed allocation for an
    error in the data, and the answer would be wrong instead of refused.
    """
    try:
        fields = Path(f"/proc/{process or 'self'}/statm").read_text().split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGE_SIZE")


def give_back() -> None:
    """Return to the system what was freed but kept for later."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def prefer_as_victim() -> None:
    """Let the system end this process first, if it runs out of memory."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")

"""Kernels compiled by numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a kernel that runs without the GIL.

    The machine code is kept on disk; where no folder for it can be written (an installation
    that only root may write, used without a home), it is made anew by every process.
    """
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:
        return njit(nogil=True)(function)

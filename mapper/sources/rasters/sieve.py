"""Small zones given to their neighbours before zones are made (a minimum mapping unit)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from rasterio.windows import Window

from ...zones.sieve import merge_small
from .classes import ClassMap, Floats


class Sieve:
    """Gives the pixels of small zones to the class they share the longest border with.

    A zone is small if it has fewer pixels than ``least``; neighbours count only if they are not
    small, and of equal borders that of the lower class wins. A small zone with none but small
    neighbours stays as it is. A zone that small lies within ``least`` pixels of any of its own,
    so a window with twice that margin says all, and the result does not depend on the windows.

    Attributes
    ----------
    merged_pixels : int
    """

    def __init__(self, classes: ClassMap, least: int, *, diagonal: bool) -> None:
        self._classes = classes
        self._least = least
        self._diagonal = diagonal
        self.merged_pixels = 0

    def read(self, window: Window) -> tuple[Any, Floats]:
        """Classes and layers of a window; merged pixels have no known confidence."""
        classes = self._classes
        height, width = classes.raster.shape
        margin = 2 * self._least
        top, left = max(0, window.row_off - margin), max(0, window.col_off - margin)
        bottom = min(height, window.row_off + window.height + margin)
        right = min(width, window.col_off + window.width + margin)
        wider = Window(left, top, right - left, bottom - top)
        codes, layers = classes.read(wider)
        rows = slice(window.row_off - top, window.row_off - top + window.height)
        columns = slice(window.col_off - left, window.col_off - left + window.width)
        merged = merge_small(codes, self._least, self._diagonal, np.iinfo(codes.dtype).min)
        values = np.ascontiguousarray(merged[rows, columns])
        own = np.ascontiguousarray(layers[:, rows, columns])
        changed = values != codes[rows, columns]
        self.merged_pixels += int(changed.sum())
        if classes.weighed:
            own[0][changed] = np.nan
        return values, own

    def remarks(self) -> Iterator[str]:
        """How much was merged."""
        if self.merged_pixels:
            yield (
                f"{self._classes.raster.name}: {self.merged_pixels} pixels of zones under "
                f"{self._least} pixels given to the neighbours they share most border with"
            )

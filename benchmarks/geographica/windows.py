"""A constant window in hand-written SQL."""

from __future__ import annotations

import numpy as np
import shapely

from benchmarks.store.files import Rows


def box_test(rows: Rows, predicate: str, wkt: str, alias: str = "f") -> str:
    """Box columns against the window's box, as FLOATs rounded outward: else nothing is skipped."""
    west, south, east, north = shapely.from_wkt(wkt).bounds
    low = [f"{float(np.nextafter(np.float32(x), -np.inf))}::FLOAT" for x in (west, south)]
    high = [f"{float(np.nextafter(np.float32(x), np.inf))}::FLOAT" for x in (east, north)]
    xmin, ymin, xmax, ymax = (f"{alias}.{name}" for name in rows.box(predicate))
    return (
        f"{xmin} <= {high[0]} AND {xmax} >= {low[0]} AND {ymin} <= {high[1]} AND {ymax} >= {low[1]}"
    )

"""WKT in which every number is the shortest decimal that reads back as the same one."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely

from .coordinates import Geometries, numbers_of, replace_numbers, written

_EXACT_FROM: Final = 1.0  # below, GEOS may cut the last digit: it prints 16 decimals at most


def exact_texts(geometries: Geometries) -> Geometries:
    """Write geometries as WKT, shape (n,); None stays None."""
    texts = np.array(written(geometries), dtype=np.object_)
    for row in _inexact(geometries, texts):
        texts[row] = _exact_text(geometries[row], texts[row])
    return texts


def _inexact(geometries: Geometries, texts: Geometries) -> Any:
    """Rows whose text would not read back exactly: only numbers near zero can."""
    rows, owner = shapely.get_coordinates(
        geometries, include_z=True, include_m=True, return_index=True
    )
    small = (np.abs(rows) < _EXACT_FROM) & (rows != np.rint(rows))
    suspects = np.unique(owner[small.any(axis=1)])
    back = shapely.from_wkt(texts[suspects])
    ours = shapely.to_wkb(geometries[suspects], flavor="iso")
    return suspects[ours != shapely.to_wkb(back, flavor="iso")]


def _exact_text(geometry: Any, text: str) -> str:
    def exact(printed: str, value: float) -> str:
        return printed if float(printed) == value else repr(value)

    return replace_numbers(text, numbers_of(geometry).tolist(), exact)

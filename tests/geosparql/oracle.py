"""What GEOS says of pairs through Shapely, by the standard's patterns; and inverse relations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import shapely

PATTERNS: Final = {
    "ehDisjoint": "FF*FF****", "ehOverlap": "T*T***T**",
    "ehCovers": "T*TFT*FF*", "ehCoveredBy": "TFF*TFT**", "ehInside": "TFF*FFT**",
    "ehContains": "T*TFF*FF*", "rcc8eq": "TFFFTFFFT", "rcc8dc": "FFTFFTTTT",
    "rcc8ec": "FFTFTTTTT", "rcc8po": "TTTTTTTTT", "rcc8tppi": "TTTFTTFFT",
    "rcc8tpp": "TFFTTFTTT", "rcc8ntpp": "TFFTFFTTT", "rcc8ntppi": "TTTFFTFFT",
}  # fmt: skip
NAMED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "sfEquals": shapely.equals, "ehEquals": shapely.equals, "sfDisjoint": shapely.disjoint,
    "sfIntersects": shapely.intersects, "sfTouches": shapely.touches,
    "sfCrosses": shapely.crosses, "sfWithin": shapely.within, "sfContains": shapely.contains,
    "sfOverlaps": shapely.overlaps, "ehMeet": shapely.touches,
}  # fmt: skip
RELATIONS: Final = (*NAMED, *PATTERNS)

_INVERSE: Final = {
    "sfWithin": "sfContains", "ehCovers": "ehCoveredBy", "ehInside": "ehContains",
    "rcc8tpp": "rcc8tppi", "rcc8ntpp": "rcc8ntppi",
}  # fmt: skip
INVERSE: Final = {
    **{name: name for name in RELATIONS},
    **_INVERSE,
    **{two: one for one, two in _INVERSE.items()},
}
"""A relation holds of a pair iff its inverse holds of the pair the other way round."""


def holds(name: str, one: Any, two: Any) -> Any:
    """Whether a relation holds of each pair; RCC8 is of areas only."""
    if name in NAMED:
        return NAMED[name](one, two)
    found = shapely.relate_pattern(one, two, PATTERNS[name])
    if name.startswith("rcc8"):
        areas = np.minimum(shapely.get_dimensions(one), shapely.get_dimensions(two)) == 2
        return found & areas
    return found

"""Questions with known answers that show whether a source really has a function.

A service description is not believed: sources advertise functions they do not have, and an
unknown function makes a filter drop every row without an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ontology import WKT_LITERAL

_GEOF: Final = "http://www.opengis.net/def/function/geosparql/"
_METRE: Final = "<http://www.opengis.net/def/uom/OGC/1.0/metre>"
_SQUARE: Final = "POLYGON((15 65, 16 65, 16 66, 15 66, 15 65))"
_INSIDE: Final = "POINT(15.5 65.5)"
_CORNER: Final = "POINT(15 65)"
_FAR: Final = "POINT(25 65.5)"
_HALF: Final = "POLYGON((15.5 65, 16.5 65, 16.5 66, 15.5 66, 15.5 65))"
_TURNED: Final = "POLYGON((16 66, 15 66, 15 65, 16 65, 16 66))"
_ACROSS: Final = "LINESTRING(14 65.5, 17 65.5)"

# one degree of longitude at 65 N on WGS84, metres, 0.1 % either way
_DEGREE_AT_65: Final = (47_129.0, 47_223.0)


def _wkt(text: str) -> str:
    return f'"{text}"^^<{WKT_LITERAL}>'


def _pair(name: str, holds: tuple[str, str], fails: tuple[str, str]) -> str:
    call = f"<{_GEOF}{name}>"
    yes, no = (f"{call}({_wkt(a)}, {_wkt(b)})" for a, b in (holds, fails))
    return f"ASK {{ FILTER({yes} && !{no}) }}"


def _distance() -> str:
    low, high = _DEGREE_AT_65
    call = f"<{_GEOF}distance>({_wkt('POINT(15 65)')}, {_wkt('POINT(16 65)')}, {_METRE})"
    return f"ASK {{ FILTER({call} > {low} && {call} < {high}) }}"


PROBES: Final[Mapping[str, str]] = MappingProxyType(
    {
        _GEOF + "distance": _distance(),
        _GEOF + "sfIntersects": _pair("sfIntersects", (_SQUARE, _CORNER), (_SQUARE, _FAR)),
        _GEOF + "sfDisjoint": _pair("sfDisjoint", (_SQUARE, _FAR), (_SQUARE, _CORNER)),
        _GEOF + "sfContains": _pair("sfContains", (_SQUARE, _INSIDE), (_SQUARE, _CORNER)),
        _GEOF + "sfWithin": _pair("sfWithin", (_INSIDE, _SQUARE), (_CORNER, _SQUARE)),
        _GEOF + "sfTouches": _pair("sfTouches", (_CORNER, _SQUARE), (_INSIDE, _SQUARE)),
        _GEOF + "sfOverlaps": _pair("sfOverlaps", (_HALF, _SQUARE), (_TURNED, _SQUARE)),
        _GEOF + "sfEquals": _pair("sfEquals", (_TURNED, _SQUARE), (_HALF, _SQUARE)),
        _GEOF + "sfCrosses": _pair("sfCrosses", (_ACROSS, _SQUARE), (_INSIDE, _SQUARE)),
    }
)
"""Function IRI to an ASK query that is true only where the function works, also at 65° N."""

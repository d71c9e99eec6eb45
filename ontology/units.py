"""Units of measure: the factor to metres, radians or square metres of a unit's IRI."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Final, Literal

from .errors import UnsupportedError
from .namespaces import UOM

Kind = Literal["length", "angle", "area"]

_EPSG: Final = "http://www.opengis.net/def/uom/EPSG/0/"
_QUDT: Final = "http://qudt.org/vocab/unit/"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: what it measures and how many metres, radians or square metres it is."""

    kind: Kind
    factor: float


_LENGTHS: Final[dict[str, tuple[float, tuple[str, ...]]]] = {
    # factor, (OGC names ..., EPSG code, QUDT name)
    "metre": (1.0, ("metre", "meter", "9001", "M")),
    "kilometre": (1000.0, ("kilometre", "kilometer", "9036", "KiloM")),
    "centimetre": (0.01, ("centimetre", "centimeter", "1033", "CentiM")),
    "millimetre": (0.001, ("millimetre", "millimeter", "1025", "MilliM")),
    "mile": (1609.344, ("mile", "statuteMile", "9093", "MI")),
    "nautical mile": (1852.0, ("nauticalMile", "9030", "MI_N")),
    "foot": (0.3048, ("foot", "9002", "FT")),
    "US survey foot": (1200 / 3937, ("surveyFootUS", "9003", "FT_US")),
    "yard": (0.9144, ("yard", "9096", "YD")),
    "inch": (0.0254, ("inch", "IN")),
}
_ANGLES: Final[dict[str, tuple[float, tuple[str, ...]]]] = {
    "radian": (1.0, ("radian", "9101", "RAD")),
    "degree": (pi / 180, ("degree", "9102", "9122", "DEG")),
    "minute of arc": (pi / 10800, ("arcMinute", "9103", "ARCMIN")),
    "second of arc": (pi / 648000, ("arcSecond", "9104", "ARCSEC")),
    "grad": (pi / 200, ("grad", "gon", "9105", "GON")),
}
_AREAS: Final[dict[str, tuple[float, tuple[str, ...]]]] = {
    "square metre": (1.0, ("squareMetre", "squareMeter", "M2")),
    "square kilometre": (1e6, ("squareKilometre", "squareKilometer", "KiloM2")),
    "hectare": (1e4, ("hectare", "HA")),
    "square foot": (0.3048**2, ("squareFoot", "FT2")),
    "square mile": (1609.344**2, ("squareMile", "MI2")),
    "acre": (4046.8564224, ("acre", "AC")),
}


def _table() -> dict[str, Unit]:
    kinds: tuple[tuple[Kind, dict[str, tuple[float, tuple[str, ...]]]], ...] = (
        ("length", _LENGTHS),
        ("angle", _ANGLES),
        ("area", _AREAS),
    )
    units: dict[str, Unit] = {}
    for kind, table in kinds:
        for factor, names in table.values():
            for name in names:
                places = (_EPSG,) if name.isdigit() else (UOM, _QUDT)
                units.update(dict.fromkeys((place + name for place in places), Unit(kind, factor)))
    return units


UNITS: Final = _table()
"""Every known unit by IRI: OGC ``uom:``, EPSG codes and QUDT names."""


def unit(uom_iri: str) -> Unit:
    """Return the unit an IRI names.

    Raises
    ------
    UnsupportedError
        The unit is not known.
    """
    found = UNITS.get(uom_iri)
    if found is None:
        raise UnsupportedError(
            "This unit of measure is not known",
            where=f"<{uom_iri}>",
            remedy=f"use one of <{UOM}metre>, <{UOM}kilometre>, <{UOM}degree>, <{UOM}radian>",
        )
    return found


def unit_factor(uom_iri: str) -> float:
    """Return how many metres (lengths), radians (angles) or square metres (areas) a unit is.

    Examples
    --------
    >>> unit_factor("http://www.opengis.net/def/uom/OGC/1.0/kilometre")
    1000.0
    """
    return unit(uom_iri).factor

from __future__ import annotations

from math import pi

import pytest

from ontology import UOM, UnsupportedError, unit, unit_factor

EPSG = "http://www.opengis.net/def/uom/EPSG/0/"


@pytest.mark.parametrize(
    ("iri", "kind", "factor"),
    [
        (UOM + "metre", "length", 1.0),
        (UOM + "meter", "length", 1.0),
        (UOM + "kilometre", "length", 1000.0),
        (UOM + "mile", "length", 1609.344),
        (UOM + "foot", "length", 0.3048),
        (UOM + "nauticalMile", "length", 1852.0),
        (UOM + "degree", "angle", pi / 180),
        (UOM + "radian", "angle", 1.0),
        (UOM + "squareMetre", "area", 1.0),
        (UOM + "hectare", "area", 10_000.0),
        (EPSG + "9001", "length", 1.0),
        (EPSG + "9102", "angle", pi / 180),
        ("http://qudt.org/vocab/unit/KiloM", "length", 1000.0),
    ],
)
def test_units(iri: str, kind: str, factor: float) -> None:
    assert (unit(iri).kind, unit(iri).factor) == (kind, pytest.approx(factor))
    assert unit_factor(iri) == pytest.approx(factor)


@pytest.mark.parametrize("iri", ["", "metre", UOM, UOM + "parsec"])
def test_an_unknown_unit_is_named_with_known_ones(iri: str) -> None:
    with pytest.raises(UnsupportedError, match=r"uom/OGC/1\.0/metre"):
        unit_factor(iri)

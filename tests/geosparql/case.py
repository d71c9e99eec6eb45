"""One case of the suite: a call, what it must give, and where that comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

GEO: Final = "http://www.opengis.net/ont/geosparql#"
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"

Kind = Literal["positive", "negative", "crs", "error"]
Expected = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Shape:
    """An expected geometry: WKT with easting first, its CRS and datatype; equal up to rings.

    ``within`` is how far (in units of the CRS) the outlines may lie apart; the areas then agree
    to a part in a thousand.
    """

    text: str
    crs: str = CRS84
    datatype: str = "wktLiteral"
    within: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """``geof:NAME(args)`` and its value; None is an error (unbound)."""

    name: str
    kind: Kind
    args: tuple[str, ...]
    expected: Expected | Shape
    source: str
    within: float = 1e-9
    rows: tuple[str, ...] = field(default=())

    @property
    def expression(self) -> str:
        """The call as SPARQL; aggregates are asked over ``rows`` as ``?g``."""
        return f"geof:{self.name}({', '.join(self.args)})"


def literal(text: str, datatype: str) -> str:
    """A literal of the GeoSPARQL namespace as SPARQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"^^geo:{datatype}'


def wkt(text: str, crs: str = "") -> str:
    """A WKT literal as SPARQL; ``crs`` is an EPSG code, and coordinates are in its axis order."""
    return literal(f"<{EPSG}{crs}> {text}" if crs else text, "wktLiteral")


def gml(inner: str, crs: str = CRS84) -> str:
    """A GML literal: ``inner`` is the element without srsName, prefix ``gml``."""
    name, _, rest = inner.partition(">")
    head = f'{name} xmlns:gml="http://www.opengis.net/ont/gml" srsName="{crs}"'
    return literal(f"{head}>{rest}", "gmlLiteral")

"""The table of functions shown in docs/functions.md, made from the registry."""

from __future__ import annotations

from ontology import LANE_DATATYPES, PREFIXES

from .periods import PERIOD_FUNCTIONS, PERIOD_SPECIAL
from .registry import LOWERED, MANY, REFUSED, SPECIAL, Function, shown
from .spatial_aggregates import SPATIAL_AGGREGATES


def function_listing() -> str:
    """Markdown: every operator, function and cast with its arguments, and what is refused."""
    known = {**SPECIAL, **LOWERED}
    geo = {op for op in known if op.startswith(PREFIXES["geof"])}
    time = {*PERIOD_SPECIAL, *PERIOD_FUNCTIONS}
    strabon = {op for op in known if op.startswith(PREFIXES["strdf"])} - time
    casts = {op for op in known if op in LANE_DATATYPES.values()}
    named = geo | casts | time | strabon
    operators = {op for op in known if not op[0].isupper()} - named
    sections = (
        ("Operators", operators),
        ("Built-in functions", set(known) - operators - named),
        ("Casts", casts),
        ("GeoSPARQL functions", geo),
        ("Strabon's spatial functions", strabon),
        ("Periods of time", time),
    )
    lines = ["# Functions", "", _INTRODUCTION, ""]
    for title, names in sections:
        lines += [f"## {title}", "", "| name | arguments |", "|---|---|"]
        lines += [f"| `{_safe(op)}` | {_arguments(known[op])} |" for op in sorted(names, key=shown)]
        lines.append("")
    lines += ["## Spatial aggregates", "", _AGGREGATES, "", "| name | makes |", "|---|---|"]
    lines += [
        f"| `{shown(op)}` | {_MADE[SPATIAL_AGGREGATES[op]]} |"
        for op in sorted(SPATIAL_AGGREGATES, key=shown)
    ]
    lines.append("")
    lines += ["## Refused", "", "| name | why |", "|---|---|"]
    lines += [f"| `{shown(op)}` | {REFUSED[op]} |" for op in sorted(REFUSED)]
    return "\n".join(lines) + "\n"


_INTRODUCTION = """\
Made from the registry (`store/lower/registry.py`); a test holds them together. What is in no table
is refused by name. An argument of the wrong kind is an error in SPARQL's sense: FILTER drops the
row, BIND leaves the variable unbound.

Distances, areas, lengths, buffers and bounding circles are geodesic on geographic coordinates and
planar in a projected CRS; `uom:degree` asks for the planar figure in degrees. A buffer or circle
that reaches over the antimeridian is split there. The second geometry is carried into the CRS of
the first; the result has the CRS and the serialisation of the first. `geof:minX` and its like are
easting or longitude. Units (IRIs, xsd:anyURI or strings), the pattern of `geof:relate` and the CRS
of `geof:transform` may differ from row to row, and are then an error value where they are not
known; a constant one that is not known is refused. `geof:geometryN` counts from 1.
`geof:concaveHull` takes a share from 0 (tight) to 1 (convex), 0.5 if there is none. A bounding
circle is drawn around the circle, so that it holds the geometry. `geof:asGML` takes a profile,
`geof:asDGGS` a grid: `geo:dggsLiteral` or `https://h3geo.org/res/N`.

**Empty geometries** have no distance, no `geof:minX` … and an empty collection no dimension:
errors. Two of them are equal, and disjoint. **Collections** take part in relations and overlays
as the union of their parts; they have no `geof:boundary`. **Z** is kept by hulls, boundaries,
parts and overlays (interpolated where needed) and dropped by buffers, envelopes, circles and
centroids; **M** is kept by `geof:geometryN`, `geof:transform` and the serialisations. **Invalid
polygons** (rings that cross themselves) are mended for buffers; other functions take them as they
are, and where GEOS then fails that row is an error, never the query; whether one contains another
may depend on how the query runs, as GEOS answers otherwise once it has indexed one. The
patterns of the 24 relations are in `interlink/relations.py`; equality is that of point sets in all
three families, and those of RCC8 hold between areas only.

Regular expressions are XPath's with all flags (`s`, `m`, `i`, `x`, `q`), run in RE2:
back-references, class subtraction and Unicode blocks are refused (in a pattern that is computed
for each row they are an error value). A date or time with a zone and one without are compared where
they lie over 14 hours apart, else the comparison is an error. Decimals have 26 digits before and 12
after the point: where SUM or AVG of decimals, DISTINCT or not, leaves that range (4·10²⁵ is sure to
fit) it is an error value. An integer or decimal in the data that these do not hold keeps its text,
but is compared and computed as a double, so neighbours may count as equal; a sum of 64-bit integers
that leaves 64 bits is an error. IN takes any number of IRIs, and up to 1000 other choices."""


_AGGREGATES = """\
They stand where COUNT may, with or without DISTINCT. As with SUM, an unbound member or one that is
no geometry makes the result an error; so does an empty group. Members in several CRSs are carried
into that of the first one met. The second argument of `geof:aggConcaveHull` is a constant share."""

_MADE = {
    "boundingBox": "the box around all",
    "boundingCircle": "the smallest circle around all",
    "centroid": "the centroid of all: of areas, else of lines, else of points",
    "concatLines": "lines put together where they meet; an error with other geometries",
    "concaveHull": "the concave hull of all places",
    "convexHull": "the convex hull of all",
    "intersection": "what all have in common",
    "union": "the union of all; `geof:union` and `strdf:union` with one argument",
}


def _safe(op: str) -> str:
    return shown(op).replace("|", "\\|")


def _arguments(function: Function) -> str:
    if function.most >= MANY:
        return f"{function.least} or more"
    if function.least == function.most:
        return str(function.least)
    return f"{function.least} to {function.most}"

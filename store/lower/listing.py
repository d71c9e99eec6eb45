"""The table of functions shown in docs/functions.md, made from the registry."""

from __future__ import annotations

from ontology import LANE_DATATYPES, PREFIXES

from .periods import PERIOD_FUNCTIONS, PERIOD_SPECIAL
from .registry import LOWERED, MANY, REFUSED, SPECIAL, Function, shown


def function_listing() -> str:
    """Markdown: every operator, function and cast with its arguments, and what is refused."""
    known = {**SPECIAL, **LOWERED}
    geo = {op for op in known if op.startswith(PREFIXES["geof"])}
    time = {*PERIOD_SPECIAL, *PERIOD_FUNCTIONS}
    casts = {op for op in known if op in LANE_DATATYPES.values()}
    operators = {op for op in known if not op[0].isupper()} - geo - casts - time
    sections = (
        ("Operators", operators),
        ("Built-in functions", set(known) - operators - geo - casts - time),
        ("Casts", casts),
        ("GeoSPARQL functions", geo),
        ("Periods of time", time),
    )
    lines = ["# Functions", "", _INTRODUCTION, ""]
    for title, names in sections:
        lines += [f"## {title}", "", "| name | arguments |", "|---|---|"]
        lines += [f"| `{_safe(op)}` | {_arguments(known[op])} |" for op in sorted(names, key=shown)]
        lines.append("")
    lines += ["## Refused", "", "| name | why |", "|---|---|"]
    lines += [f"| `{shown(op)}` | {REFUSED[op]} |" for op in sorted(REFUSED)]
    return "\n".join(lines) + "\n"


_INTRODUCTION = """\
Made from the registry (`store/lower/registry.py`); a test holds them together. What is in no table
is refused by name. An argument of the wrong kind is an error in SPARQL's sense: FILTER drops the
row, BIND leaves the variable unbound.

Distances, areas, lengths and buffers are geodesic on geographic coordinates and planar in a
projected CRS; `uom:degree` asks for the planar figure in degrees. The second geometry is carried
into the CRS of the first. `geof:minX` and its like are easting or longitude. Units, the pattern of
`geof:relate` and the CRS of `geof:transform` must be constants.

Regular expressions are XPath's with all flags (`s`, `m`, `i`, `x`, `q`), run in RE2:
back-references, class subtraction and Unicode blocks are refused (in a pattern that is computed
for each row they are an error value). A date or time with a zone and one without are compared where
they lie over 14 hours apart, else the comparison is an error. Decimals have 26 digits before and 12
after the point: where SUM or AVG of decimals, DISTINCT or not, leaves that range (4·10²⁵ is sure to
fit) it is an error value. An integer or decimal in the data that these do not hold keeps its text,
but is compared and computed as a double, so neighbours may count as equal; a sum of 64-bit integers
that leaves 64 bits is an error. IN takes any number of IRIs, and up to 1000 other choices."""


def _safe(op: str) -> str:
    return shown(op).replace("|", "\\|")


def _arguments(function: Function) -> str:
    if function.most >= MANY:
        return f"{function.least} or more"
    if function.least == function.most:
        return str(function.least)
    return f"{function.least} to {function.most}"

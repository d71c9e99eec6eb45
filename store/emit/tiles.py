"""Spatial joins that would not fit in memory: a hash join on the cells of a grid, which spills.

DuckDB keeps the smaller side of its spatial join in memory, with all columns. Here each geometry
goes to every cell its box meets, and a pair is joined in one cell only: the one that holds the
south-western corner of what their boxes share.
"""

from __future__ import annotations

from typing import Final

import sqlglot
from sqlglot import exp

from ..engine.connection import MEMORY_LIMIT
from ..lower import sql
from .relation import Sql, column, named, select, source

JOINED, TILED = "joined", "tiled"
"""How a spatial join runs: by DuckDB's operator in memory, or on the cells of a grid."""

ROWS_PER_GIB: Final = 3_000_000
"""Rows of the smaller side that a spatial join holds in a GiB of memory."""

_UNITS: Final = {"KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
_SIDES: Final = {"x0": "ST_XMin", "y0": "ST_YMin", "x1": "ST_XMax", "y1": "ST_YMax"}
_GRID: Final = """
WITH boxes AS (SELECT "#x0" AS x0, "#y0" AS y0, "#x1" AS x1, "#y1" AS y1 FROM one
    UNION ALL SELECT "#x0", "#y0", "#x1", "#y1" FROM other)
SELECT min(x0) AS west, min(y0) AS south,
    greatest(2 * avg(x1 - x0), (max(x1) - min(x0)) / 1000, 1e-9) AS width,
    greatest(2 * avg(y1 - y0), (max(y1) - min(y0)) / 1000, 1e-9) AS height
FROM boxes WHERE abs(x0) < 1e29
"""
_CELLS: Final = """
SELECT *, ("#i0" + "#k" // "#rows") * 4096 + "#j0" + "#k" % "#rows" AS "#cell" FROM (
    SELECT *, "#j1" - "#j0" + 1 AS "#rows",
        unnest(range(("#i1" - "#i0" + 1) * ("#j1" - "#j0" + 1))) AS "#k" FROM (
        SELECT "#side".*,
            CAST(least(1010, greatest(-1, floor(("#x0" - west) / width))) AS BIGINT) AS "#i0",
            CAST(least(1010, greatest(-1, floor(("#x1" - west) / width))) AS BIGINT) AS "#i1",
            CAST(least(1010, greatest(-1, floor(("#y0" - south) / height))) AS BIGINT) AS "#j0",
            CAST(least(1010, greatest(-1, floor(("#y1" - south) / height))) AS BIGINT) AS "#j1",
            west AS "#west", south AS "#south", width AS "#width", height AS "#height"
        FROM side AS "#side" CROSS JOIN grid))
"""
_MEETING: Final = """
greatest(one."#x0", other."#x0") <= least(one."#x1", other."#x1")
AND greatest(one."#y0", other."#y0") <= least(one."#y1", other."#y1")
AND one."#cell" = CAST(least(1010, greatest(-1,
        floor((greatest(one."#x0", other."#x0") - one."#west") / one."#width"))) AS BIGINT) * 4096
    + CAST(least(1010, greatest(-1,
        floor((greatest(one."#y0", other."#y0") - one."#south") / one."#height"))) AS BIGINT)
"""


def too_large(rows: float, memory_limit: str = MEMORY_LIMIT) -> bool:
    """Whether a spatial join of which the smaller side has so many rows may not fit in memory."""
    text = memory_limit.strip().upper().replace("IB", "B")
    size = float(text[:-2]) * _UNITS[text[-2:]] if text[-2:] in _UNITS else float(2**31)
    return rows > ROWS_PER_GIB * size / 2**30


def tiled(
    one: tuple[exp.Query, str], other: tuple[exp.Query, str], predicate: Sql, names: tuple[str, str]
) -> tuple[list[tuple[str, exp.Query]], exp.Subquery, exp.Join, Sql]:
    """What takes the place of a spatial join of two queries under their aliases.

    Parameters
    ----------
    one, other : query and alias
    predicate : Sql
        ``f(a, b)`` or ``f(a, b, distance)``, true only where boxes of ``a`` and ``b`` meet.
    names : str, str
        Names not yet used, for two common table expressions.

    Returns
    -------
    common table expressions, FROM, JOIN, and what must hold of each pair besides the predicate
    """
    first, second, *reach = predicate.expressions
    if _reads(second, one[1]):
        first, second = second, first
    boxed = [
        _boxed(*side, node, more) for side, node, more in ((one, first, reach), (other, second, []))
    ]
    grid, sides = names[0], names[1]
    tables = {f"{sides}.1": boxed[0], f"{sides}.2": boxed[1]}
    held = dict(zip(("one", "other"), tables, strict=True))
    made = [*tables.items(), (grid, _filled(_GRID, held))]
    cells = [_filled(_CELLS, {"side": name, "grid": grid}) for name in tables]
    on = sql.binary("=", column("#cell", one[1]), column("#cell", other[1]))
    join = exp.Join(this=source(cells[1], other[1]), kind="INNER", on=on)
    meeting = sqlglot.parse_one(_MEETING, dialect="duckdb")
    assert isinstance(meeting, exp.Expression)
    aliases = {"one": one[1], "other": other[1]}
    for node in list(meeting.find_all(exp.Column)):
        node.replace(column(node.name, aliases[node.table]))
    return made, source(cells[0], one[1]), join, meeting


def _reads(node: Sql, alias: str) -> bool:
    return any(found.table == alias for found in node.find_all(exp.Column))


def _boxed(query: exp.Query, alias: str, node: Sql, reach: list[Sql]) -> exp.Select:
    """The rows of a query with the box of a geometry made of them."""
    items: list[Sql] = [exp.Column(this=exp.Star(), table=exp.to_identifier(alias, quoted=True))]
    for side, function in _SIDES.items():
        end = sql.func(function, node)
        for more in reach:
            end = sql.binary("-" if side.endswith("0") else "+", end, sql.own(more))
        items.append(named(end, f"#{side}"))
    return select(items, source(query, alias))


def _filled(template: str, tables: dict[str, str]) -> exp.Query:
    made = sqlglot.parse_one(template, dialect="duckdb")
    assert isinstance(made, exp.Query)
    for found in list(made.find_all(exp.Table)):
        if found.name in tables:
            found.set("this", exp.to_identifier(tables[found.name], quoted=True))
    return made

"""The engine and the ontology print the same bytes."""

# ruff: noqa: E501 -- tables of cases read better in long lines
from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from sqlglot import exp

from ontology import ARROW_TYPES, Lane, TermColumn, lexical_forms
from store.lower.columns import FACET_ARROW, facets
from store.lower.printing import lexical
from store.lower.shapes import OWN_FACET
from store.values import Value

DOUBLES = [
    0.0,
    1.0,
    3000.0,
    0.1,
    1e15,
    1e16,
    1e17,
    1e-4,
    1e-5,
    5e-324,
    1.7976931348623157e308,
    -2.5,
    123456789.123,
]
COLUMNS = [
    TermColumn(Lane.DOUBLE, pa.array([*DOUBLES, float("inf"), float("-inf"), float("nan"), None])),
    TermColumn(Lane.FLOAT, pa.array(np.array([0.1, 1e10, 16777216, 3.4e38, 1e-10], np.float32))),
    TermColumn(Lane.INTEGER, pa.array([0, -1, 2**63 - 1, -(2**63)])),
    TermColumn(Lane.BOOLEAN, pa.array([True, False, None])),
    TermColumn(
        Lane.DECIMAL,
        pa.array([Decimal("0"), Decimal("1.5"), Decimal("-100"), Decimal("0.000000000001")], ARROW_TYPES[Lane.DECIMAL]),
    ),
    TermColumn(Lane.DATE, pa.array([dt.date(1, 1, 1), dt.date(2018, 6, 1), dt.date(9999, 12, 31)])),
    *(
        TermColumn(
            Lane.DATETIME,
            pa.array([dt.datetime(2018, 6, 1), dt.datetime(2018, 6, 1, 1, 2, 3, 500000), dt.datetime(1, 1, 1, 0, 0, 0, 1)], pa.timestamp("us")),
            zoned=zoned,
        )
        for zoned in (False, True)
    ),
    TermColumn(
        Lane.GEOMETRY,
        pa.array([shapely.Point(10, 52.1).wkb, shapely.Point(1e-9, 2).wkb, None]),
        crs="http://www.opengis.net/def/crs/EPSG/0/4326",
    ),
]  # fmt: skip


@pytest.mark.standard("XML Schema 1.1 part 2 §3.3")
@pytest.mark.parametrize("column", COLUMNS, ids=lambda c: f"{c.lane}{'Z' if c.zoned else ''}")
def test_the_same_bytes(column: TermColumn, engine: Any) -> None:
    found = facets(column)
    engine.register("printed", pa.table({str(k): v.cast(FACET_ARROW[k]) for k, v in found.items()}))
    read = {name: exp.column(exp.to_identifier(name, quoted=True)) for name in found}
    if "geometry" in read:
        read["geometry"] = exp.Anonymous(this="ST_GeomFromWKB", expressions=[read["geometry"]])
    assert OWN_FACET[column.lane] in found
    text = lexical(Value(frozenset({column.lane}), read)).sql("duckdb")
    ours = [row[0] for row in engine.execute(f"SELECT {text} FROM printed").fetchall()]
    assert ours == lexical_forms(column).to_pylist()

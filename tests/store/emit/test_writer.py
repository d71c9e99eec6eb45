from __future__ import annotations

import pytest
from sqlglot import exp, parse_one

from store.emit.writer import written

STATEMENTS = (
    'SELECT "a"."b ""c" AS "x.y", "d", e FROM "r1" AS "r1"',
    "SELECT CAST(NULL AS UTINYINT), CAST(1 AS DECIMAL(38, 12)), CAST(g AS GEOMETRY)",
    "SELECT CAST([1] AS INT[]), CAST({'a': 1} AS STRUCT(a INT)), TRY_CAST(x AS DOUBLE)",
    "SELECT CAST(t AS TIMESTAMP), CAST(t AS TIMESTAMPTZ), CAST(t AS TIME), CAST(d AS DATE)",
    "WITH RECURSIVE r AS MATERIALIZED (SELECT 1 AS n) SELECT DISTINCT ON (n) * FROM r",
    "SELECT LIST_TRANSFORM([1], LAMBDA v : v + 1), CASE WHEN a THEN 'it''s' ELSE NULL END",
)


@pytest.mark.parametrize("text", STATEMENTS)
def test_the_same_text_as_sqlglot_writes(text: str) -> None:
    tree = parse_one(text, dialect="duckdb")
    assert written(tree.copy()) == tree.sql(dialect="duckdb")


def test_names_are_quoted() -> None:
    name = exp.Identifier(this='a"; DROP TABLE t; --', quoted=True)
    assert written(exp.Column(this=name)) == '"a""; DROP TABLE t; --"'

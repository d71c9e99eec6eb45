"""Which conditions reach a scan, and which row groups they rule out."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from store.explaining.pruning import Condition, needed_groups
from store.explaining.scans import scans_of

READ = "(SELECT r.o AS x, CAST(r.o AS DOUBLE) AS d FROM read_parquet(['/a.parquet']) AS r)"
BELOW = Condition("o", "<", (3,))


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT r.o FROM read_parquet(['/a.parquet']) AS r WHERE r.o < 3", (BELOW,)),
        ("SELECT r.o FROM read_parquet(['/a.parquet']) AS r WHERE 3 > r.o", (BELOW,)),
        (f"SELECT q.x FROM {READ} AS q WHERE q.x < 3", (BELOW,)),
        (f"SELECT * FROM (SELECT * FROM {READ} AS q) AS p WHERE p.x < 3", (BELOW,)),
        (f"SELECT q.x FROM {READ} AS q WHERE q.d < 3", (Condition("o", "<", (3,), "DOUBLE"),)),
        (f"SELECT q.x FROM {READ} AS q WHERE q.x < 3 OR q.x > 9", ()),
        (f"SELECT q.x FROM {READ} AS q WHERE q.x + 1 < 3", ()),
        (f"SELECT p.x FROM (SELECT q.x FROM {READ} AS q LIMIT 5) AS p WHERE p.x < 3", ()),
        (f"SELECT 1 FROM range(3) AS t LEFT JOIN {READ} AS q ON true WHERE q.x < 3", ()),
        (f"SELECT 1 FROM {READ} AS q INNER JOIN range(3) AS t ON true WHERE q.x < 3", (BELOW,)),
        (f"WITH c AS MATERIALIZED {READ} SELECT c.x FROM c WHERE c.x < 3", ()),
        (f"SELECT 1 WHERE EXISTS (SELECT 1 FROM {READ} AS q WHERE q.x < 3)", (BELOW,)),
        (f"SELECT EXISTS(SELECT 1 FROM {READ} AS q WHERE q.x < 3) AS answer", (BELOW,)),
        (
            f"SELECT u.x FROM (SELECT q.x FROM {READ} AS q UNION ALL SELECT 7) AS u WHERE u.x < 3",
            (BELOW,),
        ),
    ],
)
def test_conditions_are_followed_to_the_scan(sql: str, found: tuple[Condition, ...] | None) -> None:
    (scan,) = scans_of(sql)
    assert scan.files == (Path("/a.parquet"),)
    assert scan.conditions == found


def test_conditions_of_every_kind() -> None:
    (scan,) = scans_of(
        "SELECT r.o FROM read_parquet(['/a', '/b']) AS r WHERE r.g IS NULL AND r.s IN (1, -2)"
        " AND r.o >= CAST('2018-01-01 00:00:00' AS TIMESTAMP) AND r.o = 'text' AND r.o <= -1.5"
    )
    assert [(one.column, one.op) for one in scan.conditions] == [
        ("g", "null"),
        ("s", "in"),
        ("o", ">="),
        ("o", "="),
        ("o", "<="),
    ]
    assert scan.conditions[1].values == (1, -2)
    assert scan.columns == {"g", "s", "o"}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("parts") / "a.parquet"
    duckdb.sql(
        "COPY (SELECT i AS o, i::FLOAT AS f, 't' || i AS t, NULL::BIGINT AS g,"
        " TIMESTAMP '2018-01-01' + INTERVAL (i) HOUR AS w FROM range(10240) AS r(i))"
        f" TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)"
    )
    return path


@pytest.mark.parametrize(
    ("condition", "needed"),
    [
        (Condition("o", "<", (2048,)), 1),
        (Condition("o", "<=", (2048,)), 2),
        (Condition("o", "=", (5000,)), 1),
        (Condition("o", "in", (0, 10239)), 2),
        (Condition("o", ">", (10239,)), 0),
        (Condition("o", "<", (2048,), "BIGINT"), 1),
        (Condition("f", "<", (2048.0,), "DOUBLE"), 5),
        (Condition("f", "<", (2048.0,)), 1),
        (Condition("g", "null"), 5),
        (Condition("o", "null"), 0),
        (Condition("o", "<", ("text",)), 5),
        (Condition("none", "=", (1,)), 5),
    ],
)
def test_row_groups_that_may_hold_rows(parts: Path, condition: Condition, needed: int) -> None:
    found = needed_groups(parts, [condition], frozenset({"o"}))
    assert (found.needed, found.held) == (needed, 5)
    assert found.rows == needed * 2048
    assert (found.bytes > 0) == (needed > 0)

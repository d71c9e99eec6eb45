"""How many rows there are."""

from __future__ import annotations

import duckdb


def count(con: duckdb.DuckDBPyConnection, source: str) -> int:
    """Rows of a table or of a parenthesised query (SQL); conditions may follow."""
    row = con.execute(f"SELECT count(*) FROM {source}").fetchone()
    return int(row[0]) if row else 0

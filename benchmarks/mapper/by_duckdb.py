"""DuckDB: the same CSV to GeoParquet in Hilbert order. Arguments: CSV OUT.

What it leaves out: IRIs and their ids, the check that subjects are unique, whether numbers and
geometries are written canonically, validity, statistics for a planner, indexes, checksums, fsync.
"""

from __future__ import annotations

import sys
from pathlib import Path

from store.engine.connection import connect

from .clock import Clock

COPY = """COPY (
    SELECT id, crop, name, area, ST_GeomFromText(wkt) AS geometry
    FROM read_csv('{csv}', header = true, columns = {{'id': 'VARCHAR', 'crop': 'VARCHAR',
        'name': 'VARCHAR', 'area': 'DOUBLE', 'wkt': 'VARCHAR'}})
    ORDER BY ST_Hilbert(geometry, ST_Extent(ST_MakeEnvelope(9, 46, 17, 49)))
) TO '{out}' (FORMAT parquet, COMPRESSION zstd)"""


def main() -> None:
    """Copy, and tell the time."""
    csv, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    clock = Clock()
    con = connect(folder=Path(csv.anchor))
    con.execute(COPY.format(csv=csv, out=out))
    clock.tell()


if __name__ == "__main__":
    main()

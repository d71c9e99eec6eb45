"""A disk that fills up while a mapping is loaded: the store stays as it was, the error says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from store import Store

LOAD = """
import resource, signal, sys
import numpy as np, pyarrow as pa, shapely
from ontology import CRS84, EntityBatch, GeoloomError, Lane, Property, TermColumn
from store import Store
from store.layout import spool
store, limit, spool.BUDGET_BYTES = Store.open(sys.argv[1]), int(sys.argv[2]), 1 << 20
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
random = np.random.default_rng(1)
try:
    with store.begin() as sink:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        for first in range(0, 60_000, 10_000):
            rows = range(first, first + 10_000)
            points = shapely.points(random.random((10_000, 2)))
            geometry = TermColumn(Lane.GEOMETRY, pa.array(shapely.to_wkb(points)), crs=CRS84)
            text = TermColumn(Lane.STRING, pa.array([random.bytes(40).hex() for _ in rows]))
            subjects = pa.array([f"http://example.com/{row}" for row in rows])
            both = (Property("http://e/g", geometry), Property("http://e/t", text))
            sink.write(EntityBatch(subjects, both, theme="fields"))
except GeoloomError as error:
    print(type(error).__name__, error)
else:
    print("loaded")
"""


@pytest.mark.parametrize("limit", [200, 20_000, 600_000, 2_000_000])
def test_a_file_that_cannot_grow_leaves_the_store_as_it_was(tmp_path: Path, limit: int) -> None:
    store = Store.create(tmp_path / "store")
    store.update("INSERT DATA { <http://e/s> <http://e/p> 1 }")
    before = store.snapshot().number
    done = subprocess.run(
        [sys.executable, "-c", LOAD, store.path, str(limit)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("StoreError"), done.stdout
    assert str(store.path) in done.stdout
    assert "disk is full" in done.stdout
    assert "bytes are free on the disk mounted at /" in done.stdout
    assert Store.open(store.path).snapshot().number == before
    assert Store.open(store.path).query("SELECT * { ?s ?p ?o }").rows() is not None
    assert not list(store.path.glob("tmp-*"))
    assert [p for p in store.path.rglob("*.parquet") if "tables" in p.parts] == []
    assert Store.open(store.path).verify().ok

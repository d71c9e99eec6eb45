from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest
import shapely

from ontology import (
    CRS84,
    CRSError,
    EntityBatch,
    InputError,
    Lane,
    Property,
    Sink,
    StoreError,
    TermColumn,
    to_wkb,
)
from store import Store
from store.engine.connection import connect
from store.layout.spool import Spool, StagingFolder
from store.layout.transaction import Transaction

Quads = Callable[[Store], set[ox.Quad]]
XSD = "http://www.w3.org/2001/XMLSchema#"
EPSG_3035 = "http://www.opengis.net/def/crs/EPSG/0/3035"


def _batch(subjects: list[str | None], column: TermColumn, graph: str | None = None) -> EntityBatch:
    return EntityBatch(pa.array(subjects, pa.string()), (Property("http://p", column),), graph)


def _written(store: Store, *batches: EntityBatch) -> int:
    with store.begin("test") as sink:
        for batch in batches:
            sink.write(batch)
        return sink.commit().written


def test_it_is_a_sink(store: Store) -> None:
    with store.begin("fields") as sink:
        assert isinstance(sink, Sink)


def test_report_counts_offered_and_new(store: Store) -> None:
    column = TermColumn(Lane.INTEGER, pa.array([1, 1, None, 2], pa.int64()))
    with store.begin("fields") as sink:
        sink.write(_batch(["http://a", "http://a", "http://b", None], column))
        sink.remark("one row had no area")
        report = sink.commit()
    assert (report.offered, report.written) == (2, 1)
    assert report.remarks == ("one row had no area",)
    assert store.history()[0].label == "write fields"


def test_nothing_is_seen_before_commit_and_nothing_after_an_error(store: Store) -> None:
    column = TermColumn(Lane.INTEGER, pa.array([1], pa.int64()))

    def fail() -> None:
        with store.begin() as sink:
            sink.write(_batch(["http://a"], column))
            assert store.snapshot().manifest.triples == 0
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert store.snapshot().number == 0
    assert {path.name for path in store.path.iterdir()} == {"CURRENT", "LOCK", "manifests"}


def test_a_sink_can_commit_again(store: Store) -> None:
    with store.begin() as sink:
        for value in (1, 2):
            sink.write(
                _batch(["http://a"], TermColumn(Lane.INTEGER, pa.array([value], pa.int64())))
            )
            assert sink.commit().written == 1
            assert store.snapshot().number == value
    assert store.snapshot().number == 2


def test_leaving_the_block_commits(store: Store) -> None:
    with store.begin() as sink:
        sink.write(_batch(["http://a"], TermColumn(Lane.STRING, pa.array(["x"]))))
    assert store.snapshot().manifest.triples == 1


def test_notes_and_prefixes_stay_with_the_snapshot(store: Store) -> None:
    with store.begin() as sink:
        sink.note("links", {"complete": ["a", "b"]})
        sink.remember({"x": "http://x/"})
    with store.begin() as sink:
        sink.note("source", "map.tif")
        sink.remember({"x": "http://other/", "y": "http://y/"})
    snapshot = Store.open(store.path).snapshot()
    assert snapshot.notes == {"links": {"complete": ["a", "b"]}, "source": "map.tif"}
    assert snapshot.prefixes == {"x": "http://x/", "y": "http://y/"}


@pytest.mark.parametrize("lane", [Lane.DOUBLE, Lane.FLOAT])
def test_numbers_no_real_lane_can_hold_go_to_other(
    store: Store, quads_of: Quads, lane: Lane
) -> None:
    kind = pa.float64() if lane is Lane.DOUBLE else pa.float32()
    values = pa.array([1.5, np.nan, np.inf, -np.inf, -0.0, 0.0, None], kind)
    subjects = [f"http://s{k}" for k in range(7)]
    assert _written(store, _batch(subjects, TermColumn(lane, values))) == 6
    forms = {quad.object.value for quad in quads_of(store)}
    assert forms == {"1.5", "NaN", "INF", "-INF", "-0.0", "0.0"}
    lanes = {table.lane: table.rows for table in store.snapshot().lanes}
    assert lanes == {lane: 2, Lane.OTHER: 4}


def test_geometry_with_m_is_kept_as_text(store: Store, quads_of: Quads) -> None:
    shapes = shapely.from_wkt(["POINT M (1 2 3)", "POINT (1 2)", "POINT ZM (1 2 3 4)"])
    column = TermColumn(Lane.GEOMETRY, to_wkb(shapes), crs=CRS84)
    assert _written(store, _batch(["http://a", "http://b", "http://c"], column)) == 3
    assert {table.lane: table.rows for table in store.snapshot().lanes} == {
        Lane.GEOMETRY: 1,
        Lane.OTHER: 2,
    }
    assert "POINT ZM (1 2 3 4)" in {quad.object.value for quad in quads_of(store)}


def test_both_byte_orders_are_one_geometry(store: Store) -> None:
    shape = shapely.Point(1, 2)
    wkb = pa.array([shapely.to_wkb(shape, byte_order=order) for order in (0, 1)], pa.binary())
    column = TermColumn(Lane.GEOMETRY, wkb, crs=CRS84)
    assert _written(store, _batch(["http://a", "http://a"], column)) == 1


def test_written_offset_and_instant_are_both_kept(store: Store, quads_of: Quads) -> None:
    column = TermColumn(
        Lane.DATETIME,
        pa.array([1_500_000_000_000_000] * 2, pa.timestamp("us")),
        lexical=pa.array(["2017-07-14T04:40:00+02:00", None]),
        zoned=True,
    )
    assert _written(store, _batch(["http://a", "http://a"], column)) == 2
    forms = {quad.object.value for quad in quads_of(store)}
    assert forms == {"2017-07-14T04:40:00+02:00", "2017-07-14T02:40:00Z"}
    rows = pq.read_table(store.snapshot().lanes[0].files[0].path)
    assert sorted(rows["zone"].to_pylist()) == [0, 120]
    assert len(set(rows["o"].to_pylist())) == 1


@pytest.mark.parametrize("text", ["no scheme", "http://a b", "http://a>", "relative", ""])
@pytest.mark.parametrize("place", ["subject", "object"])
def test_what_is_no_iri_is_refused(store: Store, text: str, place: str) -> None:
    subject, obj = (text, "http://o") if place == "subject" else ("http://s", text)
    with pytest.raises(InputError, match="neither an absolute IRI nor a blank node"):
        _written(store, _batch([subject], TermColumn(Lane.NODE, pa.array([obj]))))
    assert store.snapshot().number == 0


def test_a_crs_the_store_cannot_name_is_refused(store: Store) -> None:
    column = TermColumn(Lane.GEOMETRY, to_wkb([shapely.Point(1, 2)]), crs="http://my/crs")
    with pytest.raises(CRSError, match="EPSG"):
        _written(store, _batch(["http://a"], column))
    assert store.snapshot().number == 0


def _weak(nodes: pa.Array) -> npt.NDArray[np.int64]:
    return np.array([len(text or "") for text in nodes.to_pylist()], np.int64)


def test_two_terms_with_one_id_are_named(store: Store) -> None:
    def attempt(*subjects: str) -> None:
        con = connect(folder=store.path)
        with Transaction(store.path, con, hasher=_weak) as transaction:
            staged = transaction.staging()
            column = TermColumn(Lane.STRING, pa.array(["x"] * len(subjects)))
            staged.add(_batch(list(subjects), column))
            transaction.apply(inserts=staged)
            transaction.publish("test")

    with pytest.raises(StoreError, match="http://a/1 and http://b/2"):
        attempt("http://a/1", "http://b/2")
    assert store.snapshot().number == 0
    attempt("http://a/1")
    assert store.snapshot().number == 1
    with pytest.raises(StoreError, match="the same id") as caught:
        attempt("http://b/2", "http://longer/")
    assert "http://a/1" in str(caught.value)
    assert store.snapshot().number == 1


def test_rows_beyond_the_budget_are_spilled_and_come_back(tmp_path: Path) -> None:
    folder = StagingFolder(tmp_path)
    spool: Spool[str] = Spool(folder, budget=1000)
    for start in range(0, 1000, 100):
        for key in ("a", "b"):
            spool.add(key, pa.table({"v": pa.array(range(start, start + 100), pa.int64())}))
    assert len(list(tmp_path.glob("tmp-*/*.arrows"))) > 5
    con = connect(folder=tmp_path)
    con.execute("CREATE TABLE rows (v BIGINT)")
    for key in spool.keys:
        spool.load_into(con, "rows", key)
    assert con.execute("SELECT count(*), count(DISTINCT v), sum(v) FROM rows").fetchone() == (
        2000,
        1000,
        999_000,
    )
    folder.remove()
    assert not list(tmp_path.glob("tmp-*"))

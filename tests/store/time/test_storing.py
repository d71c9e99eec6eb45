"""Periods in files: what loading says of them, older files, and what is not read for a time."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ontology import Lane
from store import Store, explain
from store.layout.manifest import LaneEntry, current_number, manifest_path
from tests.store.time.moments import PERIOD, PREFIXES, at, period

LINES = [
    f"<http://ex/a> <http://ex/valid> {period(0, 5).n3} .",
    f"<http://ex/b> <http://ex/valid> {period(3, None).n3} .",
    f'<http://ex/c> <http://ex/valid> "[2018-06-02, 2018-06-01)"^^<{PERIOD}> .',
    '<http://ex/d> <http://ex/valid> "2018-06-01Z"^^<http://www.w3.org/2001/XMLSchema#date> .',
    '<http://ex/e> <http://ex/valid> "odd"^^<http://ex/kind> .',
]
OVERLAPPING = (
    f"{PREFIXES} SELECT ?a ?b {{ ?a :valid ?p . ?b :valid ?q FILTER(glf:intersects(?p, ?q)) }}"
)
EXPECTED = {"aa", "ab", "ad", "ba", "bb", "da", "dd"}


def _pairs(store: Store, query: str = OVERLAPPING) -> set[str]:
    rows = store.query(query).rows()
    return {"".join(row[name].value[10:] for name in "ab") for row in rows}  # type: ignore[union-attr]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "data.nt").write_text("\n".join(LINES), encoding="utf-8")
    made = Store.create(tmp_path / "store", tables="never")
    report = made.load(tmp_path / "data.nt")
    (remark,) = report.remarks
    assert "1 period (strdf:period) kept as text only" in remark
    assert "'[2018-06-02, 2018-06-01)' is not [start, end)" in remark
    return made


def test_bad_periods_are_kept(store: Store, tmp_path: Path) -> None:
    store.dump(tmp_path / "out.nq")
    dumped = (tmp_path / "out.nq").read_text(encoding="utf-8")
    assert sorted(dumped.splitlines()) == sorted(LINES)


def test_other_files_have_both_ends(store: Store) -> None:
    (lane,) = (one for one in store.snapshot().lanes if one.lane is Lane.OTHER)
    table = pq.read_table(lane.files[0].path, columns=["o", "time", "until"])
    ends = [table[name].cast(pa.int64()).to_pylist() for name in ("time", "until")]
    held = dict(zip(table["o"].to_pylist(), zip(*ends, strict=True), strict=True))
    assert held[period(0, 5).text] == (at(0), at(5))
    assert held[period(3, None).text] == (at(3), 2**63 - 1)
    assert held["2018-06-01Z"] == (at(0), at(0) + 1)
    assert held["[2018-06-02, 2018-06-01)"] == held["odd"] == (None, None)
    assert _pairs(store) == EXPECTED


def _without_until(store: Store) -> None:
    """Make the store one from before there were periods."""
    root = store.path
    for entry in store.snapshot().manifest.lanes:
        for file in entry.files if entry.key.lane is Lane.OTHER else ():
            table = pq.read_table(root / file.path)
            times = [None if "[" in text else time for text, time in zip(
                table["o"].to_pylist(), table["time"].to_pylist(), strict=True)]  # fmt: skip
            old = table.drop_columns(["until", "time"])
            column = table.schema.field("time")
            pq.write_table(old.append_column(column, [times]), root / file.path)
    path = manifest_path(root, current_number(root))
    document = json.loads(path.read_text())
    document.pop("digest")
    for lane in document["lanes"]:
        lane.pop("has_until")
        for file in lane["files"]:
            file["changed_ns"] = (root / file["path"]).stat().st_mtime_ns
            file["bytes"] = (root / file["path"]).stat().st_size
    path.write_text(json.dumps(document))


def test_older_stores_are_read(store: Store) -> None:
    _without_until(store)
    old = Store.open(store.path)
    assert _pairs(old) == EXPECTED
    old.update(f"PREFIX : <http://ex/> INSERT DATA {{ :f :valid {period(6, 7).n3} }}")
    assert not _other(old).has_until
    assert _pairs(old) == EXPECTED | {"bf", "fb", "ff"}
    old.update("PREFIX : <http://ex/> DELETE WHERE { :b :valid ?p }")
    assert _pairs(old) == {"aa", "ad", "da", "dd", "ff"}
    old.compact()
    assert _other(old).has_until
    assert _pairs(old) == {"aa", "ad", "da", "dd", "ff"}


def _other(store: Store) -> LaneEntry:
    lanes = store.snapshot().manifest.lanes
    return next(entry for entry in lanes if entry.key.lane is Lane.OTHER)


def test_new_files_of_a_lane_keep_its_ends(store: Store) -> None:
    store.update(f"PREFIX : <http://ex/> INSERT DATA {{ :f :valid {period(6, 7).n3} }}")
    assert _other(store).has_until
    assert _pairs(store) == EXPECTED | {"bf", "fb", "ff"}


YEARS = 4


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Things of four years in a table whose parts are split by time."""
    folder = tmp_path_factory.mktemp("years")
    draw = random.Random(7)
    xsd = "http://www.w3.org/2001/XMLSchema#dateTime"
    lines = []
    for k in range(2000):
        start = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(hours=draw.randrange(YEARS * 365 * 24))
        for name, moment in (("from", start), ("to", start + timedelta(hours=3))):
            text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            lines.append(f'<http://ex/t{k}> <http://ex/{name}> "{text}"^^<{xsd}> .')
        lines.append(f"<http://ex/t{k}> <http://ex/class> <http://ex/c{k % 3}> .")
    (folder / "data.nt").write_text("\n".join(lines), encoding="utf-8")
    made = Store.create(folder / "store", tables="always")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("store.layout.parts.PART_ROWS", 200)
        patch.setattr("store.layout.tables.partition.PART_ROWS", 200)
        made.load(folder / "data.nt")
    return made


WITHIN = ('"2016-06-01T00:00:00Z"^^xsd:dateTime', '"2016-06-20T00:00:00Z"^^xsd:dateTime')
ASKED = (
    f"glf:during(?f, ?t, {WITHIN[0]}, {WITHIN[1]})",
    f"strdf:after(glf:period(?f, ?t), {WITHIN[0]}) && strdf:before(?t, {WITHIN[1]})",
    f'strdf:during(?f, "[2016-06-01, 2016-06-20)"^^<{PERIOD}>)',
    f'glf:contains("[2016-06-01, 2016-06-20)"^^<{PERIOD}>, ?t)',
    f"?f > {WITHIN[0]} && ?t < {WITHIN[1]}",
)


@pytest.mark.parametrize("condition", ASKED)
def test_parts_of_other_times_are_not_read(years: Store, condition: str) -> None:
    query = f"{PREFIXES} SELECT ?a {{ ?a :from ?f ; :to ?t FILTER({condition}) }}"
    assert len(years.query(query)) == len(years.query(query, optimise=False)) > 20
    tables = explain(years.snapshot(), query).tables
    assert tables.parts_held >= YEARS
    assert tables.parts_read < tables.parts_held / 2


def test_an_open_end_reads_on(years: Store) -> None:
    later = f'"[2016-01-01Z, UC)"^^<{PERIOD}>'
    query = f"{PREFIXES} SELECT ?a {{ ?a :from ?f FILTER(glf:before(?f, {later})) }}"
    found = explain(years.snapshot(), query).tables
    assert 0 < found.parts_read < found.parts_held
    assert len(years.query(query)) == len(years.query(query, optimise=False)) > 200

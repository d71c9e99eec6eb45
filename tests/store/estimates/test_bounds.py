"""What must hold of every estimate, however poor, and of the statistics behind them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ontology import CRS84, Lane
from store import Store, parse_query
from store.algebra import Plan, Window, child_plans
from store.catalog import LaneFile, LaneStatistics, LaneTable
from store.estimates import Estimator
from store.estimates.lanes import box_in, share_between, share_equal, share_in_graphs
from store.layout.manifest import write_manifest
from store.passes import optimise

PREFIX = "PREFIX : <http://ex/> "
QUERIES = (
    "SELECT * { ?s :p ?n FILTER(?n > 3 && ?n <= 7) }",
    "SELECT * { ?s :p ?n FILTER(?n > 7 && ?n < 3) }",
    "SELECT * { ?s :p ?n FILTER(?n = 5 || ?n IN (1, 2, 99)) }",
    "SELECT * { ?s :p ?n FILTER(!(?n != 5) && isNumeric(?n)) }",
    "SELECT * { ?s ?p ?o . ?o ?q ?z OPTIONAL { ?z :p ?n FILTER(?n > 1) } }",
    "SELECT * { { ?s :p ?n } UNION { ?s :q ?n } MINUS { ?s :q :o1 } }",
    "SELECT * { ?s :p ?n FILTER NOT EXISTS { ?s :q ?o } FILTER EXISTS { ?s :q :o2 } }",
    "SELECT (COUNT(*) AS ?c) { ?s :p ?n }",
    "SELECT ?o (SUM(?n) AS ?c) { ?s :q ?o ; :p ?n } GROUP BY ?o HAVING (SUM(?n) > 1)",
    "SELECT DISTINCT ?o { ?s :q ?o } ORDER BY ?o LIMIT 3 OFFSET 1",
    "SELECT * { ?s :q+ ?o } LIMIT 5",
    "SELECT * { :s1 :q* ?o . ?a :q? :o1 }",
    "SELECT * { VALUES ?o { :o1 :o2 :none } ?s :q ?o BIND(STR(?o) AS ?t) }",
    "SELECT * { GRAPH ?g { ?s :p ?n } }",
    "SELECT * FROM :g1 { ?s :p ?n }",
    "SELECT * { :nobody :p 1 . ?s :unheard ?o }",
    "SELECT * { } ",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    lines = [f":s{k} :p {k % 10} ; :q :o{k % 4} ." for k in range(200)]
    lines += [f":g1 {{ :s{k} :p {k % 10} }}" for k in range(50)]
    folder = tmp_path_factory.mktemp("bounds")
    path: Path = folder / "a.trig"
    path.write_text("@prefix : <http://ex/> .\n" + "\n".join(lines), encoding="utf-8")
    made = Store.create(folder / "store")
    made.load([path])
    return made


def nodes(plan: Plan) -> list[Plan]:
    return [plan, *(node for child in child_plans(plan) for node in nodes(child))]


@pytest.mark.parametrize("text", QUERIES)
def test_every_node_is_within_bounds(store: Store, text: str) -> None:
    query = parse_query(PREFIX + text)
    plan, _ = optimise(query.plan, store.snapshot())
    estimator = Estimator(store.snapshot(), query.default_graphs, query.named_graphs)
    for node in nodes(plan):
        found = estimator.of(node)
        assert 0 <= found.rows < 1e12
        assert all(0 <= count <= found.rows + 1e-6 for count in found.distinct.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?s :p ?n }", 200),
        ("SELECT * { ?s :q :o1 }", 50),
        ("SELECT * { ?s :q :none }", 0),
        ("SELECT * { ?s :p ?n FILTER(?n >= 8) }", 40),
        ("SELECT * { ?s :p ?n FILTER(?n = 5.0) }", 20),
        ("SELECT * { ?s :p ?n FILTER(?n < 0) }", 0),
        ("SELECT * { ?s :p ?n ; :q :o1 FILTER(?n >= 5) }", 25),
        ("SELECT * { VALUES ?o { :o1 :o2 :none } ?s :q ?o }", 100),
        ("SELECT ?o (COUNT(*) AS ?c) { ?s :q ?o } GROUP BY ?o", 4),
        ("SELECT DISTINCT ?o { ?s :q ?o }", 4),
        ("SELECT * { ?s :p ?n } LIMIT 3", 3),
        ("SELECT * { ?s :p ?n } OFFSET 198", 2),
        ("SELECT (COUNT(*) AS ?c) { ?s :none ?n }", 1),
        ("SELECT * { GRAPH :g1 { ?s :p ?n } }", 50),
        ("SELECT * FROM :g1 { ?s :p ?n }", 50),
    ],
)
def test_what_statistics_tell_exactly(store: Store, text: str, expected: int) -> None:
    query = parse_query(PREFIX + text)
    estimator = Estimator(store.snapshot(), query.default_graphs, query.named_graphs)
    assert estimator.of(query.plan).rows == pytest.approx(expected, rel=0.05, abs=0.5)


def lane(statistics: LaneStatistics | None, rows: int = 100, objects: int = 20) -> LaneTable:
    files = (LaneFile(Path("x.parquet"), rows),)
    return LaneTable(
        "p", Lane.INTEGER, files, rows, distinct_objects=objects, statistics=statistics
    )


def test_shares_of_a_lane() -> None:
    measured = lane(LaneStatistics(100, common=((7.0, 40),), bounds=(0, 2, 7, 7, 10)))
    assert share_equal(measured, 7.0) == 0.4
    assert share_equal(measured, 3.0) == pytest.approx(0.6 / 19)
    assert share_between(measured, None, None) == 1
    assert share_between(measured, None, 7, with_high=False) == pytest.approx(0.5)
    assert share_between(measured, None, 7) == pytest.approx(0.9)
    assert share_between(measured, 11, None) == 0
    assert share_between(measured, 5, 4) == 0
    assert 0 < share_equal(lane(None), 7.0) <= 1
    assert 0 < share_between(lane(None), 1, 2) <= 1


def test_what_changed_since_it_was_measured_is_not_taken_for_nothing() -> None:
    stale = LaneStatistics(100, common=((1.0, 50), (2.0, 50)), changed=10)
    assert share_equal(lane(stale, 110, 2), 3.0) == pytest.approx(10 / 110)
    assert share_equal(lane(LaneStatistics(100, stale.common), 100, 2), 3.0) == 0


def test_shares_of_graphs(store: Store) -> None:
    held = next(lane for lane in store.snapshot().lanes if lane.predicate == "http://ex/p")
    assert share_in_graphs(held, None) == pytest.approx(0.8)
    assert share_in_graphs(held, [1]) == pytest.approx(0, abs=1e-9)


def test_statistics_follow_updates_and_compaction(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    store.update("INSERT DATA { " + " ".join(f"<s:{k}> <p:p> {k} ." for k in range(100)) + " }")
    (first,) = store.snapshot().lanes
    assert first.statistics is not None
    assert (first.statistics.bounds[0], first.statistics.bounds[-1]) == (0, 99)
    store.update("INSERT DATA { <s:a> <p:p> 100, 101 }")
    (small,) = store.snapshot().lanes
    assert small.statistics is not None
    assert (small.statistics.changed, small.statistics.bounds[-1]) == (2, 99)
    store.update("INSERT DATA { " + " ".join(f"<t:{k}> <p:p> 500 ." for k in range(50)) + " }")
    (large,) = store.snapshot().lanes
    assert large.statistics is not None
    assert large.statistics.common[0] == (500.0, 50)
    assert large.distinct_subjects == 151
    store.update("DELETE WHERE { ?s <p:p> 500 }")
    store.compact()
    (last,) = store.snapshot().lanes
    assert last.statistics is not None
    assert (last.statistics.rows, last.statistics.bounds[-1]) == (102, 101)


def test_a_store_without_statistics_opens_and_compact_measures_it(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    store.update("INSERT DATA { <s:1> <p:p> 1, 2, 3 }")
    manifest = store.snapshot().manifest
    lanes = tuple(replace(entry, statistics=None) for entry in manifest.lanes)
    write_manifest(tmp_path / "store", replace(manifest, lanes=lanes))
    old = Store.open(tmp_path / "store")
    assert old.snapshot().lanes[0].statistics is None
    assert len(old.query("SELECT * { ?s <p:p> ?o FILTER(?o > 1) }").terms()) == 2
    old.compact()
    assert old.snapshot().lanes[0].statistics is not None


def test_boxes_of_geometries_are_counted_in_a_grid(tmp_path: Path) -> None:
    geo = "http://www.opengis.net/ont/geosparql#"
    points = " ".join(
        f'<s:{k}> <{geo}asWKT> "POINT ({k % 10} {k // 10})"^^<{geo}wktLiteral> .'
        for k in range(100)
    )
    store = Store.create(tmp_path / "store")
    store.update(f"INSERT DATA {{ {points} }}")
    (held,) = store.snapshot().lanes
    assert held.statistics is not None
    assert held.statistics.grid is not None
    assert sum(held.statistics.grid.counts) == 100
    text = (
        "SELECT * { ?s geo:asWKT ?g FILTER(geof:sfIntersects(?g,"
        ' "POLYGON((-1 -1, 4.5 -1, 4.5 4.5, -1 4.5, -1 -1))"^^geo:wktLiteral)) }'
    )
    plan, _ = optimise(parse_query(text).plan, store.snapshot())
    assert Estimator(store.snapshot()).of(plan).rows == pytest.approx(25, rel=0.25)


@pytest.mark.parametrize("size", [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
def test_windows_without_area_are_carried_to_another_crs(size: tuple[float, float]) -> None:
    web = "http://www.opengis.net/def/crs/EPSG/0/3857"
    window = Window("w", (11.0, 42.0, 11.0 + size[0], 42.0 + size[1]), CRS84)
    found = box_in(window, web)
    assert found is not None
    assert found[:2] == pytest.approx((1224514.4, 5160979.4), abs=1)
    assert (found[2] > found[0], found[3] > found[1]) == (size[0] > 0, size[1] > 0)

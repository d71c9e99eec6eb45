from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from interlink import (
    CONVERSES,
    FILTERS,
    RELATIONS,
    GeometryColumn,
    find_links,
    link,
    read_layer,
)
from ontology import CRS84, CRSError, GeometryError, UsageError

Make = Callable[..., GeometryColumn]
LINKABLE = [name for name, relation in RELATIONS.items() if relation.needs_contact]
SF = {
    "sfIntersects": shapely.intersects,
    "sfTouches": shapely.touches,
    "sfCrosses": shapely.crosses,
    "sfWithin": shapely.within,
    "sfContains": shapely.contains,
    "sfOverlaps": shapely.overlaps,
    "sfEquals": shapely.equals,
}

place = st.tuples(st.integers(0, 8), st.integers(0, 8))
shape = st.one_of(
    place.map(shapely.Point),
    st.lists(place, min_size=2, max_size=4, unique=True).map(shapely.LineString),
    st.lists(place, min_size=3, max_size=6, unique=True)
    .map(lambda points: shapely.MultiPoint(points).convex_hull)
    .filter(lambda hull: hull.geom_type == "Polygon"),
    st.tuples(place, place)
    .map(lambda two: shapely.box(*two[0], *two[1]))
    .filter(lambda box: box.area > 0),
)
layer = st.lists(shape, min_size=1, max_size=9)


def links(source: GeometryColumn, target: GeometryColumn, *args: Any, **more: Any) -> set[Any]:
    rows = [
        (
            int(row["source"].rsplit("/", 1)[1]),
            int(row["target"].rsplit("/", 1)[1]),
            row["relation"],
        )
        for table in find_links(source, target, *args, **more)
        for row in table.to_pylist()
    ]
    assert len(rows) == len(set(rows))
    return set(rows)


@settings(max_examples=60, deadline=None)
@given(layer, layer, st.sampled_from(list(FILTERS)))
def test_links_are_those_of_shapely_pair_by_pair(
    column: Make, source: list[Any], target: list[Any], name: str
) -> None:
    expected = {
        (s, t, relation)
        for s, a in enumerate(source)
        for t, b in enumerate(target)
        for relation, holds in SF.items()
        if holds(a, b)
    }
    found = links(column(source), column(target), list(SF), candidate_filter=name)
    assert found == expected


@settings(max_examples=40, deadline=None)
@given(layer, layer)
def test_links_the_other_way_round_are_the_converse(
    column: Make, source: list[Any], target: list[Any]
) -> None:
    there = links(column(source), column(target), LINKABLE)
    back = links(column(target), column(source), LINKABLE)
    assert there == {(t, s, CONVERSES.get(relation, relation)) for s, t, relation in back}


def test_the_prepared_side_makes_no_difference(column: Make) -> None:
    rng = np.random.default_rng(2)
    big = shapely.segmentize(shapely.Point(5, 5).buffer(3, quad_segs=64), 0.05)
    many = list(shapely.points(rng.uniform(0, 10, (400, 2))))
    inside = {(0, t) for t, point in enumerate(many) if big.contains(point)}
    there = links(column([big]), column(many), ["sfContains"])
    back = links(column(many), column([big]), ["sfWithin"])
    assert {(s, t) for s, t, _ in there} == inside == {(t, s) for s, t, _ in back}


def test_triples_and_report(texts: Make, sink: Any) -> None:
    fields = texts(
        "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))", "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 0))", name="field"
    )
    points = texts("POINT (1 1)", "POINT (4 1)", "POINT (20 20)", name="point")
    report = link(points, fields, ["sfWithin", "sfTouches"], sink=sink, graph="http://g")
    assert sorted(sink.triples()) == [
        ("http://x/point/0", "sfWithin", "http://x/field/0"),
        ("http://x/point/1", "sfTouches", "http://x/field/0"),
        ("http://x/point/1", "sfTouches", "http://x/field/1"),
    ]
    assert report.links == {"sfWithin": 1, "sfTouches": 2}
    assert (report.candidates, report.verified, report.failed) == (3, 3, ())
    assert (report.source, report.target, report.complete) == ("point", "field", True)
    assert report.seconds > 0
    assert {(batch.theme, batch.graph) for batch in sink.batches} == {("links", "http://g")}


def test_a_layer_with_itself_links_both_ways_and_to_itself(texts: Make) -> None:
    lines = texts("LINESTRING (0 0, 1 0)", "LINESTRING (1 0, 2 0)", "LINESTRING (5 5, 6 6)")
    pairs = {(s, t) for s, t, _ in links(lines, lines)}
    assert pairs == {(0, 0), (0, 1), (1, 0), (1, 1), (2, 2)}


def test_no_candidates_write_nothing(texts: Make, sink: Any) -> None:
    report = link(texts("POINT (0 0)"), texts("POINT (1 1)"), sink=sink)
    assert (report.candidates, report.links, sink.batches) == (0, {"sfIntersects": 0}, [])


@pytest.mark.parametrize("empty", ["source", "target", "both"])
def test_a_layer_without_rows(texts: Make, column: Make, sink: Any, empty: str) -> None:
    source = column([]) if empty != "target" else texts("POINT (0 0)")
    target = column([]) if empty != "source" else texts("POINT (0 0)")
    assert link(source, target, sink=sink).links == {"sfIntersects": 0}
    assert links(source, target) == set()


def test_the_target_is_carried_into_the_crs_of_the_source(texts: Make) -> None:
    austria = texts("POLYGON ((14 48, 15 48, 15 49, 14 49, 14 48))", name="region")
    point = shapely.Point(4_640_000, 2_860_000)  # EPSG:3035: about 14.3 E, 48.8 N
    wkb = pa.array([shapely.Point(4_000_000, 2_860_000).wkb, point.wkb])
    ids = pa.array(["http://x/p/0", "http://x/p/1"])
    points = GeometryColumn(ids, wkb, "EPSG:3035", "point")
    assert links(austria, points, ["sfContains"]) == {(0, 1, "sfContains")}
    assert links(points, austria, ["sfWithin"]) == {(1, 0, "sfWithin")}


def test_epsg_4326_in_wkb_is_longitude_first(texts: Make) -> None:
    region = texts("POLYGON ((14 48, 15 48, 15 49, 14 49, 14 48))")
    point = texts("POINT (14.5 48.5)", crs="EPSG:4326")
    assert links(region, point) == {(0, 0, "sfIntersects")}


def line_wkb(*ordinates: float) -> bytes:
    return struct.pack("<BII4d", 1, 2, 2, *ordinates)


BOW_TIE = "POLYGON ((0 0, 4 4, 4 0, 0 4, 0 0))"


def test_bad_geometries_are_reported_and_the_rest_is_linked(texts: Make, sink: Any) -> None:
    good = texts(None, "POINT EMPTY", "POINT (1 2)", BOW_TIE, "LINESTRING (9 9, 9 9)")
    wkb = good.wkb.to_pylist()
    wkb += [b"junk", line_wkb(0, 0, np.inf, 1)]
    wkb += [line_wkb(0, 0, 1, np.nan), shapely.Point(1, 2).wkb]
    source = GeometryColumn(
        pa.array([f"http://s/{k}" for k in range(9)]), pa.array(wkb), CRS84, "s"
    )
    report = link(source, texts("POINT (1 2)", name="t"), sink=sink)
    rejected = report.rejected_source
    assert rejected.unreadable == ("http://s/5",)
    assert rejected.empty == ("http://s/1",)
    assert rejected.infinite == ("http://s/6", "http://s/7")
    assert rejected.invalid == ("http://s/3", "http://s/4")
    assert len(rejected) == 6
    assert not report.complete
    assert {s for s, _, _ in sink.triples()} >= {"http://s/2", "http://s/8"}


def test_a_collection_with_an_empty_polygon_is_linked(texts: Make) -> None:
    """GEOS 3.14 ends the process over such a collection with two other polygons."""
    parts = "POLYGON ((6 2, 6 4, 5 4, 5 2, 6 2)), POLYGON EMPTY, POLYGON ((7 0, 7 2, 4 2, 7 0))"
    source = texts(f"GEOMETRYCOLLECTION ({parts})")
    target = texts("POLYGON ((0 0, 5 0, 5 5, 0 5, 0 0))")
    assert (0, 0, "sfIntersects") in links(source, target)


def test_a_geometry_outside_the_common_crs_is_reported(texts: Make, sink: Any) -> None:
    source = texts("POINT (4321000 3210000)", crs="EPSG:3035")
    target = texts("POINT (10 52)", "POINT (10 95)", name="t")
    report = link(source, target, sink=sink)
    assert report.rejected_target.infinite == ("http://x/t/1",)
    assert report.verified <= 1


def test_a_pair_geos_cannot_decide_is_reported(
    texts: Make, sink: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    relate = shapely.relate

    def fails(a: Any, b: Any) -> Any:
        if any((shapely.get_x(shapely.centroid(side)) == 3).any() for side in (a, b)):
            raise shapely.errors.GEOSException("TopologyException: side location conflict")
        return relate(a, b)

    monkeypatch.setattr(shapely, "relate", fails)
    source = texts(*[f"POINT ({x} 0)" for x in range(7)], name="s")
    target = texts("LINESTRING (0 0, 9 0)", name="t")
    report = link(source, target, ["sfIntersects"], sink=sink)
    (failed,) = report.failed
    assert (failed.source, failed.target) == ("http://x/s/3", "http://x/t/0")
    assert "side location" in failed.reason
    assert (report.candidates, report.verified, report.complete) == (7, 6, False)
    assert report.links["sfIntersects"] == 6


@pytest.mark.parametrize("relations", [["sfCovers"], [], ["sfDisjoint"]])
def test_a_wrong_relation_is_refused_before_any_work(
    texts: Make, sink: Any, relations: list[str]
) -> None:
    with pytest.raises(UsageError):
        link(texts("POINT (0 0)"), texts("POINT (0 0)"), relations, sink=sink)
    with pytest.raises(UsageError):
        find_links(texts("POINT (0 0)"), texts("POINT (0 0)"), relations)
    assert sink.batches == []


def test_a_wrong_column_is_refused() -> None:
    wkb = pa.array([shapely.Point(0, 0).wkb, None])
    with pytest.raises(CRSError):
        GeometryColumn(pa.array(["http://a", "http://b"]), wkb, "EPSG:1", "a")
    with pytest.raises(GeometryError, match="one id for each"):
        GeometryColumn(pa.array(["http://a"]), wkb, CRS84, "a")
    with pytest.raises(GeometryError, match="no id"):
        GeometryColumn(pa.array([None, "http://b"]), wkb, CRS84, "a")
    chunked = pa.chunked_array([wkb[:1], wkb[1:]])
    assert len(GeometryColumn(pa.array(["http://a", None]), chunked, CRS84, "a")) == 2


def test_links_come_in_chunks_with_all_ids(column: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    points = list(shapely.points(np.arange(500) % 10, np.zeros(500)))
    whole = links(column(points), column(points))
    assert len(whole) == 500 * 50
    tables = list(find_links(column(points), column(points)))
    assert tables[0].schema.names == ["source", "target", "relation"]
    assert tables[0].column("source").to_pylist() == sorted(
        tables[0].column("source").to_pylist(), key=lambda iri: int(iri.rsplit("/", 1)[1])
    )


def test_dimensions_boxes_and_vertices_of_a_layer(texts: Make) -> None:
    layer = read_layer(texts("POINT Z (1 2 3)", None, "LINESTRING (0 0, 4 5)"), CRS84)
    assert layer.dimensions.tolist() == [0, 1]
    assert layer.vertices.tolist() == [1, 2]
    assert layer.boxes.tolist() == [[1, 2, 1, 2], [0, 0, 4, 5]]
    assert layer.ids.to_pylist() == ["http://x/a/0", "http://x/a/2"]

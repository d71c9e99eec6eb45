"""Every spelling reaches the index: what EXPLAIN names, and what DuckDB runs."""

from __future__ import annotations

import pytest

from store import Explanation, Store, explain
from tests.store.spatial.worlds import PREFIXES

A = "?a a :A ; :reach ?ar ; :owner ?ao ; geo:asWKT ?aw ."
B = "?b a :B ; :reach ?br ; :owner ?bo ; geo:asWKT ?bw ."
PAIRWISE = ("NL_JOIN", "NESTED_LOOP", "CROSS_PRODUCT")
PLACE = '"POINT (16.3 48.2)"^^geo:wktLiteral'
AREA = '"POLYGON ((16 48, 17 48, 17 49, 16 48))"^^geo:wktLiteral'


def explained(store: Store, pattern: str, tail: str = "") -> Explanation:
    return explain(store.snapshot(), f"{PREFIXES} SELECT * {{ {pattern} }} {tail}")


JOINS = {
    "geof:sfIntersects(?aw, ?bw)": "intersects",
    "geof:ehCovers(?bw, ?aw)": "ehCovers",
    "geof:rcc8ec(?bw, ?aw)": "rcc8ec",
    "geof:relate(?aw, ?bw, 'T********')": 'relate "T********"',
    "geof:sfTouches(?aw, ?bw) = true": "touches",
    "true = geof:sfEquals(?aw, ?bw)": "equals",
    "geof:sfWithin(?aw, ?bw) || geof:sfCrosses(?bw, ?aw)": "intersects",
    "geof:sfWithin(?aw, ?bw) || geof:metricDistance(?bw, ?aw) < 10": "within 10 m",
    "!geof:sfDisjoint(?aw, ?bw)": "intersects",
    "!geof:ehDisjoint(?aw, ?bw)": "intersects",
    "!geof:relate(?aw, ?bw, 'FF*FF****')": "intersects",
    "!(!geof:sfOverlaps(?aw, ?bw))": "intersects",
    "!(geof:sfDisjoint(?aw, ?bw) || ?ao = ?bo)": "intersects",
    "geof:distance(?aw, ?bw, uom:metre) < 10": "within 10 m",
    "2 >= geof:distance(?bw, ?aw, uom:kilometre)": "within 2 km",
    "geof:distance(?aw, ?bw, uom:metre) = 10": "within 10 m",
    "!(geof:distance(?aw, ?bw, uom:metre) > 10)": "within 10 m",
    "geof:distance(?aw, ?bw, uom:metre) <= ?ar": "within ?ar",
    "?br * 2 > geof:metricDistance(?aw, ?bw)": "within ?br * 2",
    "geof:sfIntersects(geof:buffer(?aw, 10, uom:metre), ?bw)": "intersects",
    "geof:sfWithin(?bw, geof:envelope(?aw))": "within",
    "geof:sfContains(geof:convexHull(?bw), geof:centroid(?aw))": "contains",
}


@pytest.mark.parametrize("condition", JOINS)
def test_a_spatial_join(store: Store, condition: str) -> None:
    plan = explained(store, f"{A} {B} FILTER({condition})")
    assert [place.operator for place in plan.places] == [f"spatial join ({JOINS[condition]})"]
    assert all(place.indexed for place in plan.places)
    assert "SPATIAL_JOIN" in plan.physical
    assert not any(word in plan.physical for word in PAIRWISE)
    assert not any(remark.startswith("No index") for remark in plan.remarks)


@pytest.mark.parametrize(
    ("pattern", "operator"),
    [
        (f"{A} FILTER EXISTS {{ {B} FILTER(geof:sfContains(?aw, ?bw)) }}", "semi join (contains)"),
        (
            f"{A} FILTER NOT EXISTS {{ {B} FILTER(geof:sfContains(?aw, ?bw)) }}",
            "anti join (contains)",
        ),
        (
            f"{A} FILTER NOT EXISTS {{ {B} FILTER(!geof:sfDisjoint(?aw, ?bw)) }}",
            "anti join (intersects)",
        ),
        (
            f"{A} FILTER NOT EXISTS {{ {B} FILTER(geof:metricDistance(?aw, ?bw) < ?br) }}",
            "anti join (within ?br)",
        ),
        (f"{A} OPTIONAL {{ {B} FILTER(geof:ehMeet(?aw, ?bw)) }}", "left join (ehMeet)"),
        (f"{A} MINUS {{ {A} {B} FILTER(geof:sfContains(?aw, ?bw)) }}", "join (contains)"),
        (
            f"{A} {B} BIND(geof:distance(?aw, ?bw, uom:metre) AS ?d) FILTER(?d < 10)",
            "join (within 10 m)",
        ),
    ],
)
def test_whatever_it_stands_in(store: Store, pattern: str, operator: str) -> None:
    plan = explained(store, pattern)
    assert [place.operator for place in plan.places] == [f"spatial {operator}"]
    assert "SPATIAL_JOIN" in plan.physical
    assert not any(word in plan.physical for word in PAIRWISE)


def test_a_disjunction_over_different_pairs_is_a_union_of_joins(store: Store) -> None:
    c = "?c a :B ; geo:asWKT ?cw . ?b :owner ?co . ?c :owner ?co ."
    plan = explained(
        store, f"{A} {B} {c} FILTER(geof:sfWithin(?aw, ?bw) || geof:sfWithin(?cw, ?aw))"
    )
    assert {place.operator for place in plan.places} >= {"spatial join (within)"}
    assert "union" in plan.after


WINDOWS = (
    f"geof:sfIntersects(?aw, {AREA})",
    f"geof:sfIntersects({AREA}, ?aw)",
    f"!geof:sfDisjoint(?aw, {AREA})",
    f"geof:distance(?aw, {PLACE}, uom:metre) < 10",
    f"geof:sfWithin(?aw, {AREA}) || geof:metricDistance({PLACE}, ?aw) < 1000",
    f"geof:sfWithin(?aw, geof:buffer({PLACE}, 10, uom:kilometre))",
    f"geof:sfWithin(geof:centroid(?aw), geof:envelope({AREA}))",
)


@pytest.mark.parametrize("condition", WINDOWS)
def test_a_window(store: Store, condition: str) -> None:
    plan = explained(store, f"{A} FILTER({condition})")
    assert [place.operator for place in plan.places] == ["window"]
    assert "window ?aw" in plan.after


@pytest.mark.parametrize(
    "pattern",
    [
        f"{A} BIND({AREA} AS ?w) FILTER(geof:sfWithin(?aw, ?w))",
        f"VALUES ?w {{ {AREA} }} {A} FILTER(geof:sfWithin(?aw, ?w))",
        f"VALUES ?w {{ {AREA} {PLACE} }} {A} FILTER(geof:sfIntersects(?aw, ?w))",
    ],
)
def test_constants_that_are_bound_elsewhere(store: Store, pattern: str) -> None:
    assert "window ?aw" in explained(store, pattern).after


@pytest.mark.parametrize(
    ("condition", "operator"),
    [
        ("geof:sfDisjoint(?aw, ?bw)", "every pair, boxes first"),
        ("geof:distance(?aw, ?bw, uom:metre) > 10", "every row"),
        ("geof:sfIntersects(?aw, ?bw) || ?ar = 1", "every row"),
        (f"geof:sfDisjoint(?aw, {AREA}) && geof:sfIntersects(?aw, ?bw)", "every row, boxes first"),
        (f"geof:metricDistance(?aw, {PLACE}) < ?ar && ?ao = ?bo", "every row"),
    ],
)
def test_what_no_index_answers_says_so(store: Store, condition: str, operator: str) -> None:
    plan = explained(store, f"{A} {B} FILTER({condition})")
    (place,) = [place for place in plan.places if not place.indexed]
    assert place.operator == operator
    assert place.reason
    assert any(remark.startswith("No index for") for remark in plan.remarks)
    assert operator in str(plan)


def test_a_sort_by_distance_that_is_no_search_for_the_nearest_says_so(store: Store) -> None:
    plan = explained(store, A, f"ORDER BY DESC(geof:metricDistance(?aw, {PLACE})) LIMIT 3")
    assert [place.operator for place in plan.places] == ["sort of all distances"]

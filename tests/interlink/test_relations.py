from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely

from interlink import (
    CONVERSES,
    RELATIONS,
    encode,
    holds,
    linkable,
    matches,
    relation_named,
    transpose,
)
from ontology import UsageError

SF = {
    "sfEquals": shapely.equals,
    "sfDisjoint": shapely.disjoint,
    "sfIntersects": shapely.intersects,
    "sfTouches": shapely.touches,
    "sfCrosses": shapely.crosses,
    "sfWithin": shapely.within,
    "sfContains": shapely.contains,
    "sfOverlaps": shapely.overlaps,
}

SHAPES = shapely.from_wkt(
    np.array(
        [
            "POINT (1 1)",
            "POINT (2 2)",
            "POINT (0 1)",
            "POINT (0 0)",
            "POINT (9 9)",
            "MULTIPOINT (1 1, 2 2)",
            "MULTIPOINT (1 1, 9 9)",
            "LINESTRING (0 0, 4 0)",
            "LINESTRING (0 0, 2 0)",
            "LINESTRING (1 0, 5 0)",
            "LINESTRING (2 -1, 2 1)",
            "LINESTRING (2 0, 2 3)",
            "LINESTRING (0 0, 2 2)",
            "LINESTRING (1 1, 2 2)",
            "LINESTRING (-1 1, 5 1)",
            "LINESTRING (0 0, 4 0, 4 4, 0 4, 0 0)",
            "LINESTRING (4 4, 9 9)",
            "MULTILINESTRING ((0 0, 2 0), (2 0, 4 0))",
            "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))",
            "POLYGON ((0 0, 0 4, 4 4, 4 0, 0 0))",
            "POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))",
            "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))",
            "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 0))",
            "POLYGON ((4 4, 8 4, 8 8, 4 8, 4 4))",
            "POLYGON ((2 2, 6 2, 6 6, 2 6, 2 2))",
            "POLYGON ((20 20, 21 20, 21 21, 20 20))",
            "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 3 1, 3 3, 1 3, 1 1))",
            "MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)), ((4 4, 8 4, 8 8, 4 8, 4 4)))",
            "GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (0 0, 2 0))",
        ],
        object,
    )
)


def all_pairs() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    index = np.array(list(itertools.product(range(len(SHAPES)), repeat=2)))
    a, b = SHAPES[index[:, 0]], SHAPES[index[:, 1]]
    dimensions = [shapely.get_dimensions(side).astype(np.int8) for side in (a, b)]
    return a, b, encode(shapely.relate(a, b)), *dimensions


def holding(name: str, a: str, b: str) -> bool:
    sides = shapely.from_wkt(np.array([a, b], object))
    dimensions = shapely.get_dimensions(sides).astype(np.int8)
    matrix = encode(shapely.relate(sides[:1], sides[1:]))
    return bool(holds(RELATIONS[name], matrix, dimensions[:1], dimensions[1:])[0])


@pytest.mark.standard("GeoSPARQL 1.1, 9.3")
@pytest.mark.parametrize("name", SF)
def test_simple_features_agree_with_shapely_on_every_pair_of_kinds(name: str) -> None:
    a, b, matrices, source, target = all_pairs()
    plain = (shapely.get_type_id(a) != 7) & (shapely.get_type_id(b) != 7)
    ours = holds(RELATIONS[name], matrices, source, target)
    np.testing.assert_array_equal(ours[plain], SF[name](a, b)[plain])
    assert ours[plain].any()
    assert not ours[plain].all()


BIG = "POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))"
INSIDE = "POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))"
CORNER = "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))"
BESIDE = "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 0))"
ASKEW = "POLYGON ((2 2, 6 2, 6 6, 2 6, 2 2))"
AWAY = "POLYGON ((20 20, 21 20, 21 21, 20 20))"

# what holds from BIG to each, by family
AREAS = {
    BIG: ("sfEquals", "ehEquals", "rcc8eq"),
    INSIDE: ("sfContains", "ehContains", "rcc8ntppi"),
    CORNER: ("sfContains", "ehCovers", "rcc8tppi"),
    BESIDE: ("sfTouches", "ehMeet", "rcc8ec"),
    ASKEW: ("sfOverlaps", "ehOverlap", "rcc8po"),
    AWAY: ("sfDisjoint", "ehDisjoint", "rcc8dc"),
}


@pytest.mark.standard("GeoSPARQL 1.1, 9.4 and 9.5")
@pytest.mark.parametrize("other", AREAS)
def test_egenhofer_and_rcc8_name_the_relation_of_two_areas(other: str) -> None:
    """Of eh and rcc8 exactly one holds between areas, and its converse the other way."""
    _, eh, rcc8 = AREAS[other]
    for family, expected in (("eh", eh), ("rcc8", rcc8)):
        names = [name for name in RELATIONS if name.startswith(family)]
        assert [name for name in names if holding(name, BIG, other)] == [expected]
        back = CONVERSES.get(expected, expected)
        assert [name for name in names if holding(name, other, BIG)] == [back]
    assert holding(AREAS[other][0], BIG, other)


LINE = "LINESTRING (0 0, 4 0)"
PATTERNS = [
    ("sfEquals", "POINT (1 1)", "POINT (1 1)", True),
    ("ehEquals", "POINT (1 1)", "POINT (1 1)", True),
    ("sfEquals", LINE, "MULTILINESTRING ((0 0, 2 0), (2 0, 4 0))", True),
    ("sfTouches", "POINT (0 0)", LINE, True),
    ("sfTouches", "POINT (1 1)", "POINT (1 1)", False),
    ("sfTouches", LINE, "LINESTRING (2 0, 2 3)", True),
    ("sfTouches", BIG, "POINT (4 2)", True),
    ("sfCrosses", LINE, "LINESTRING (2 -1, 2 1)", True),
    ("sfCrosses", LINE, "LINESTRING (1 0, 5 0)", False),
    ("sfCrosses", LINE, "POLYGON ((1 -1, 2 -1, 2 1, 1 1, 1 -1))", True),
    ("sfCrosses", "POLYGON ((1 -1, 2 -1, 2 1, 1 1, 1 -1))", LINE, True),
    ("sfCrosses", "MULTIPOINT (1 1, 9 9)", BIG, True),
    ("sfCrosses", BIG, "MULTIPOINT (1 1, 9 9)", True),
    ("sfCrosses", BIG, ASKEW, False),
    ("sfOverlaps", LINE, "LINESTRING (1 0, 5 0)", True),
    ("sfOverlaps", LINE, "LINESTRING (2 -1, 2 1)", False),
    ("sfOverlaps", "MULTIPOINT (1 1, 2 2)", "MULTIPOINT (1 1, 9 9)", True),
    ("sfOverlaps", LINE, BIG, False),
    ("sfWithin", "POINT (0 1)", BIG, False),
    ("sfWithin", "LINESTRING (0 0, 2 2)", BIG, True),
    ("ehMeet", "POINT (0 1)", BIG, True),
    ("ehInside", "POLYGON ((1 1, 3 1, 3 3, 1 3, 1 1))", BIG, True),
    ("ehCoveredBy", CORNER, BIG, True),
    ("ehCoveredBy", INSIDE, BIG, False),
    ("ehCovers", BIG, INSIDE, False),
    ("ehInside", CORNER, BIG, False),
    ("ehOverlap", LINE, "LINESTRING (2 -1, 2 1)", True),
    ("rcc8eq", LINE, LINE, False),
    ("rcc8dc", LINE, AWAY, False),
    ("rcc8tpp", CORNER, BIG, True),
    ("rcc8ntpp", INSIDE, BIG, True),
]


@pytest.mark.parametrize(("name", "a", "b", "expected"), PATTERNS)
def test_cases_by_name(name: str, a: str, b: str, expected: bool) -> None:
    assert holding(name, a, b) is expected


@pytest.mark.parametrize("name", RELATIONS)
def test_the_converse_holds_on_the_transposed_matrix(name: str) -> None:
    a, b, matrices, source, target = all_pairs()
    there = holds(RELATIONS[name], matrices, source, target)
    back = holds(RELATIONS[CONVERSES.get(name, name)], transpose(matrices), target, source)
    np.testing.assert_array_equal(there, back)
    np.testing.assert_array_equal(transpose(matrices), encode(shapely.relate(b, a)))


def test_patterns() -> None:
    matrices = encode(["0FFFFFFF2", "FF0FFF0F2", "212101212"])
    assert matches(matrices, "T********").tolist() == [True, False, True]
    assert matches(matrices, "0********").tolist() == [True, False, False]
    assert matches(matrices, "FF*FF****").tolist() == [False, True, False]
    assert matches(matrices, "212101212").tolist() == [False, False, True]
    assert len(matches(encode([]), "*********")) == 0


def test_there_are_24_properties_of_geosparql() -> None:
    assert len(RELATIONS) == 24
    assert RELATIONS["ehCovers"].predicate == "http://www.opengis.net/ont/geosparql#ehCovers"
    for name in ("sfWithin", "geo:sfWithin", "http://www.opengis.net/ont/geosparql#sfWithin"):
        assert relation_named(name) is RELATIONS["sfWithin"]


@pytest.mark.parametrize("name", ["", "intersects", "sfCovers", "sfCoveredBy", "sfcrosses"])
def test_a_relation_geosparql_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        relation_named(name)
    assert caught.value.remedy is not None
    assert "ehCovers" in caught.value.remedy


@pytest.mark.parametrize("names", [[], ["sfDisjoint"], ["sfWithin", "ehDisjoint"], ["rcc8dc"]])
def test_disjointness_and_nothing_cannot_be_linked(names: list[str]) -> None:
    with pytest.raises(UsageError):
        linkable(names)


def test_a_relation_named_twice_counts_once() -> None:
    assert [r.name for r in linkable(["sfWithin", "geo:sfWithin", "rcc8eq"])] == [
        "sfWithin",
        "rcc8eq",
    ]

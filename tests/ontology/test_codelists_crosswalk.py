"""Crosswalks between code lists."""

from __future__ import annotations

import pytest

from ontology import UnknownCodeError, UnsupportedError, code_list, crosswalk

PAIRS = [
    (a, b)
    for a in ("lucas2018-lc1", "hcat3", "usda-cdl")
    for b in ("lucas2018-lc1", "hcat3", "usda-cdl")
    if a != b
]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_code_is_in_its_list(source: str, target: str) -> None:
    walk = crosswalk(source, target)
    assert walk.pairs
    assert all(p.source in walk.source and p.target in walk.target for p in walk.pairs)
    assert len({(p.source, p.target) for p in walk.pairs}) == len(walk.pairs)


@pytest.mark.parametrize(
    ("lucas", "hcat"),
    [
        ("B11", "3301010100"),
        ("B13", "3301010400"),
        ("B16", "3301010600"),
        ("B21", "3301030000"),
        ("B22", "3301290700"),
        ("B31", "3301060500"),
        ("B32", "3301060400"),
        ("B33", "3301160000"),
        ("B55", "3301090100"),
        ("E20", "3302000000"),
        ("B82", "3303060000"),
    ],
)
def test_lucas_to_hcat(lucas: str, hcat: str) -> None:
    assert crosswalk("lucas2018-lc1", "hcat3").targets(lucas)[0] == hcat
    assert lucas in crosswalk("hcat3", "lucas2018-lc1").targets(hcat)


def test_water_and_buildings_have_no_crop() -> None:
    walk = crosswalk("lucas2018-lc1", "hcat3")
    for code in ("A11", "G11", "F10", "H12", "D20"):
        assert walk.targets(code) == ()
        assert walk.compatible(code) == frozenset()


def test_compatible_follows_the_hierarchy_down_but_not_sideways() -> None:
    walk = crosswalk("lucas2018-lc1", "hcat3")
    assert "3301010101" in walk.compatible("B11")
    assert "3301010201" not in walk.compatible("B11")
    assert "3301090400" in walk.compatible("B16")
    assert walk.compatible("B76") == {"3303040000"}
    assert "3301090300" in walk.compatible("B53")
    assert "3301090301" not in walk.compatible("B53")


def test_lucas_and_cdl_meet_through_hcat() -> None:
    walk = crosswalk("lucas2018-lc1", "usda-cdl")
    assert "1" in walk.targets("B16")
    assert {"23", "24"} <= set(walk.targets("B11"))
    assert "22" in walk.targets("B12")
    assert "22" not in walk.targets("B11")
    assert "24" in walk.targets("B1")
    assert walk.targets("B31") == ("6",)
    assert crosswalk("usda-cdl", "lucas2018-lc1").targets("5") == ("B33", "B", "Bx1")


def test_siblings_never_meet_through_their_parent() -> None:
    walk = crosswalk("usda-cdl", "lucas2018-lc1")
    assert not {"B12", "B13", "B16"} & set(walk.targets("24"))


def test_reversing_twice_gives_the_same() -> None:
    walk = crosswalk("lucas2018-lc1", "hcat3")
    assert walk.reversed().reversed() == walk
    narrow = [p for p in walk.pairs if p.relation == "narrowMatch"]
    wide = {(p.target, p.source) for p in walk.reversed().pairs if p.relation == "broadMatch"}
    assert wide == {(p.source, p.target) for p in narrow}


def test_related_pairs_are_listed_but_not_followed() -> None:
    walk = crosswalk("usda-cdl", "hcat3")
    assert [p.relation for p in walk.matches("10")] == ["relatedMatch"]
    assert walk.targets("10") == ()


def test_bad_requests() -> None:
    with pytest.raises(UnsupportedError, match="no crosswalk from corine to hcat3"):
        crosswalk("corine", "hcat3")
    with pytest.raises(UnsupportedError, match="no crosswalk from hcat3 to hcat3"):
        crosswalk("hcat3", "hcat3")
    with pytest.raises(UnknownCodeError):
        crosswalk("lucas", "hcat3")
    with pytest.raises(UnknownCodeError):
        crosswalk("lucas2018-lc1", "hcat3").targets("B99")
    walk = crosswalk("lucas2018-lc1", "hcat3")
    with pytest.raises(UnsupportedError, match="do not meet"):
        walk.then(walk)


def test_crosswalk_agrees_with_the_codes_labels() -> None:
    hcat, lucas = code_list("hcat3"), code_list("lucas2018-lc1")
    for pair in crosswalk("lucas2018-lc1", "hcat3").pairs:
        if pair.relation == "exactMatch":
            first = lucas.label(pair.source).lower().split()[0].rstrip("s")[:3]
            assert first in hcat.label(pair.target) or pair.source == "B11", pair

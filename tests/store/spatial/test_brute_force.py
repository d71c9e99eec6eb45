"""Joins at many places and in many CRSs against shapely and geodesics, pair by pair."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
import shapely

from ontology import IRI, metres_distance, parse_wkt, transform
from store import Store, run_query
from tests.store.spatial.worlds import PREFIXES, WORLDS, World, texts

Shape = tuple[shapely.Geometry, str]
RELATIONS: dict[str, Callable[..., np.bool_]] = {
    "sfIntersects": shapely.intersects,
    "sfDisjoint": shapely.disjoint,
    "sfTouches": shapely.touches,
    "sfWithin": shapely.within,
    "sfCrosses": shapely.crosses,
    "ehEquals": shapely.equals,
}
LIMITS = ("700", "?ar", "?br")
FORMS = {
    "join": "SELECT ?a ?b {{ {a} {b} FILTER({c}) }}",
    "semi": "SELECT ?a {{ {a} FILTER EXISTS {{ {b} FILTER({c}) }} }}",
    "anti": "SELECT ?a {{ {a} FILTER NOT EXISTS {{ {b} FILTER({c}) }} }}",
}


def _read(world: World) -> tuple[dict[int, Shape], dict[int, Shape]]:
    """The geometries of both kinds that can be read, by number."""
    found = []
    for own in texts()[world.name]:
        plain = [text.removesuffix("^^geo:wktLiteral").strip('"') for text in own]
        parsed = parse_wkt(pa.array(plain, pa.string()))
        rows = zip(own, parsed.wkb.to_pylist(), parsed.crs.to_pylist(), strict=True)
        found.append(
            {
                k: (shapely.from_wkb(wkb), crs)
                for k, (text, wkb, crs) in enumerate(rows)
                if wkb is not None and "^^" in text
            }
        )
    return found[0], found[1]


def _aligned(first: Shape, second: Shape) -> shapely.Geometry:
    if first[1] == second[1] or second[0].is_empty:
        return second[0]
    return transform(np.array([second[0]]), second[1], first[1])[0]


def _metres(first: Shape, other: shapely.Geometry) -> float:
    """Metres, NaN where a broken polygon has none: an error in the store."""
    try:
        return float(metres_distance(np.array([first[0]]), np.array([other]), first[1])[0])
    except shapely.errors.GEOSException:
        return float("nan")


def _wanted(world: World, test: Callable[[Shape, Shape], bool]) -> set[tuple[int, int]]:
    first, second = _read(world)
    return {(k, n) for k, one in first.items() for n, two in second.items() if test(one, two)}


def _found(store: Store, world: World, form: str, condition: str) -> set[tuple[int, ...]]:
    sides = {
        kind: f"?{kind} a :{kind.upper()} ; :in :{world.name} ; :reach ?{kind}r ;"
        f" {world.predicate} ?{kind}w ."
        for kind in "ab"
    }
    text = PREFIXES + FORMS[form].format(**sides, c=condition)
    rows = run_query(store.snapshot(), text).rows()
    return {tuple(_number(row[name]) for name in "ab" if name in row) for row in rows}


def _number(term: object) -> int:
    assert isinstance(term, IRI)
    return int(
        term.value.rpartition("A")[2] if "A" in term.value else term.value.rpartition("B")[2]
    )


def _check(
    store: Store, world: World, form: str, condition: str, pairs: set[tuple[int, int]]
) -> None:
    matched = {(k,) for k, _ in pairs}
    everyone = {(k,) for k in range(len(texts()[world.name][0]))}
    wanted = {"join": pairs, "semi": matched, "anti": everyone - matched}[form]
    assert _found(store, world, form, condition) == wanted


def _turn(number: int) -> str:
    return list(FORMS)[number % len(FORMS)]


@pytest.mark.parametrize("at", range(len(WORLDS)), ids=lambda at: WORLDS[at].name)
def test_relations(store: Store, at: int) -> None:
    world = WORLDS[at]
    for k, (name, test) in enumerate(RELATIONS.items()):
        if (k + at) % 2:
            continue

        def holds(one: Shape, two: Shape, test: Callable[..., np.bool_] = test) -> bool:
            return bool(test(one[0], _aligned(one, two)))

        pairs = _wanted(world, holds)
        _check(store, world, _turn(k + at), f"geof:{name}(?aw, ?bw)", pairs)


@pytest.mark.parametrize("at", range(len(WORLDS)), ids=lambda at: WORLDS[at].name)
def test_distances(store: Store, at: int) -> None:
    world, limit = WORLDS[at], LIMITS[at % len(LIMITS)]
    first, second = _read(world)
    pairs = set()
    for k, one in first.items():
        for n, two in second.items():
            if one[0].is_empty or two[0].is_empty:
                continue
            metres = _metres(one, _aligned(one, two))
            if metres <= {"?ar": k * 150, "?br": n * 150}.get(limit, 700):
                pairs.add((k, n))
    _check(store, world, _turn(at), f"geof:metricDistance(?aw, ?bw) <= {limit}", pairs)

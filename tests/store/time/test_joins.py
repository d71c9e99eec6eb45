"""Interval joins in every form against pairs compared in Python, over tables and lanes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from store import Store, explain
from tests.store.time.moments import PREFIXES, Ends, Value, between, holds, instant, period

Pairs = Counter[tuple[str, str | None]]

RANGE = ("IE_JOIN", "PIECEWISE_MERGE_JOIN", "HASH_JOIN")
PAIRWISE = ("NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN", "CROSS_PRODUCT")


class World:
    """Things with a period, times, a class and a place each."""

    def __init__(self, seed: int, count: int) -> None:
        draw = random.Random(seed)
        self.lines: list[str] = []
        self.periods: dict[str, Ends | None] = {}
        self.times: dict[str, tuple[Value, Value | None]] = {}
        self.classes: dict[str, int] = {}
        self.places: dict[str, tuple[int, int]] = {}
        for k in range(count):
            self._add(f"t{k}", draw)

    def _add(self, name: str, draw: random.Random) -> None:
        start = draw.randrange(20)
        until = draw.choice([None, start + draw.randrange(-1, 6)])
        zone = draw.choice([None, 0, 120])
        value = draw.choice([period(start, until, zone), instant(start, zone)])
        first, last = instant(start, zone), None if until is None else instant(until, 0)
        self.periods[name], self.times[name] = value.ends, (first, last)
        self.classes[name], self.places[name] = draw.randrange(3), (start % 4, draw.randrange(3))
        east, north = self.places[name]
        subject = f"<http://ex/{name}>"
        point = f'"POINT({east} {north})"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
        self.lines += [
            f"{subject} <http://ex/valid> {value.n3} .",
            f"{subject} <http://ex/from> {first.n3} .",
            f"{subject} <http://ex/class> <http://ex/c{self.classes[name]}> .",
            f"{subject} <http://ex/place> {point} .",
        ]
        if last is not None:
            self.lines.append(f"{subject} <http://ex/to> {last.n3} .")

    def pairs(self, test: Callable[[str, str], bool | None]) -> Pairs:
        names = list(self.periods)
        return Counter((a, b) for a, b in product(names, names) if test(a, b))

    def spans(self, name: str) -> Ends | None:
        return between(*self.times[name])


@pytest.fixture(scope="module")
def world() -> World:
    return World(5, 60)


@pytest.fixture(scope="module", params=("always", "never"), ids="tables {}".format)
def store(
    request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Store:
    folder: Path = tmp_path_factory.mktemp("intervals")
    (folder / "data.nt").write_text("\n".join(world.lines), encoding="utf-8")
    made = Store.create(folder / "store", tables=request.param)
    made.load(folder / "data.nt")
    return made


def answer(store: Store, pattern: str, *, optimise: bool) -> Pairs:
    query = f"{PREFIXES} SELECT ?a ?b {{ {pattern} }}"
    rows = store.query(query, optimise=optimise).rows()
    named = [tuple(row[n].value[10:] if row.get(n) else None for n in "ab") for row in rows]  # type: ignore[union-attr]
    return Counter(named)  # type: ignore[arg-type]


def both_ways(store: Store, pattern: str, expected: Pairs, *, by: str = "interval join") -> None:
    """The answer with and without passes, and that no two rows are compared one by one."""
    assert answer(store, pattern, optimise=True) == expected
    assert answer(store, pattern, optimise=False) == expected
    found = explain(store.snapshot(), f"{PREFIXES} SELECT ?a ?b {{ {pattern} }}")
    assert by in str(found)
    assert not [name for name in PAIRWISE if name in (found.physical or "")]


PERIODS = "?a :valid ?p . ?b :valid ?q "
NAMES = (
    "glf:before", "glf:meets", "glf:overlaps", "glf:starts", "glf:during", "glf:finishedBy",
    "glf:equals", "glf:intersects", "strdf:PeriodOverlaps", "strdf:during", "strdf:adjacent",
    "strdf:overleft",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_periods(store: Store, world: World, name: str) -> None:
    expected = world.pairs(lambda a, b: holds(name, world.periods[a], world.periods[b]))
    both_ways(store, f"{PERIODS} FILTER({name}(?p, ?q))", expected)


def test_what_no_range_join_answers(store: Store, world: World) -> None:
    pattern = f"{PERIODS} FILTER(strdf:nequalsPeriod(?p, ?q))"
    expected = world.pairs(lambda a, b: holds("strdf:nequalsPeriod", *_of(world, a, b)))
    for optimise in (True, False):
        assert answer(store, pattern, optimise=optimise) == expected


def _of(world: World, a: str, b: str) -> tuple[Ends | None, Ends | None]:
    return world.periods[a], world.periods[b]


@pytest.mark.parametrize("name", ["intersects", "during", "metBy"])
def test_pairs_of_times_with_open_ends(store: Store, world: World, name: str) -> None:
    pattern = (
        "?a :from ?f OPTIONAL { ?a :to ?t } ?b :from ?g OPTIONAL { ?b :to ?u }"
        f" FILTER(glf:{name}(?f, ?t, ?g, ?u))"
    )
    expected = world.pairs(lambda a, b: holds(f"glf:{name}", world.spans(a), world.spans(b)))
    both_ways(store, pattern, expected)


def test_other_conditions_beside(store: Store, world: World) -> None:
    pattern = f'{PERIODS} FILTER(glf:intersects(?p, ?q) && STR(?a) < STR(?b) && STR(?b) != "x")'
    expected = world.pairs(lambda a, b: a < b and holds("glf:intersects", *_of(world, a, b)))
    both_ways(store, pattern, expected)


def test_two_relations(store: Store, world: World) -> None:
    pattern = f"{PERIODS} FILTER(strdf:overright(?p, ?q) && glf:intersects(?q, ?p))"
    expected = world.pairs(
        lambda a, b: (
            holds("strdf:overright", *_of(world, a, b))
            and holds("glf:intersects", *_of(world, b, a))
        )
    )
    both_ways(store, pattern, expected)


def test_same_class(store: Store, world: World) -> None:
    pattern = "?a :class ?c ; :valid ?p . ?b :class ?c ; :valid ?q FILTER(glf:overlaps(?p, ?q))"
    expected = world.pairs(
        lambda a, b: (
            world.classes[a] == world.classes[b] and holds("glf:overlaps", *_of(world, a, b))
        )
    )
    both_ways(store, pattern, expected)


def test_made_periods(store: Store, world: World) -> None:
    pattern = "?a :from ?f ; :to ?t . ?b :valid ?q FILTER(glf:intersects(glf:period(?f, ?t), ?q))"
    expected = world.pairs(
        lambda a, b: (
            world.times[a][1] is not None
            and holds("glf:intersects", world.spans(a), world.periods[b])
        )
    )
    both_ways(store, pattern, expected)


def test_not_exists(store: Store, world: World) -> None:
    pattern = "?a :valid ?p FILTER NOT EXISTS { ?b :valid ?q FILTER(glf:contains(?q, ?p)) }"
    covered = {b for _, b in world.pairs(lambda a, b: holds("glf:contains", *_of(world, a, b)))}
    expected: Pairs = Counter((name, None) for name in world.periods if name not in covered)
    assert len(expected) < len(world.periods)
    for optimise in (True, False):
        assert answer(store, pattern, optimise=optimise) == expected


def test_optional(store: Store, world: World) -> None:
    pattern = "?a :valid ?p OPTIONAL { ?b :valid ?q FILTER(glf:finishes(?q, ?p)) }"
    pairs = world.pairs(lambda a, b: holds("glf:finishes", *_of(world, b, a)))
    alone = world.periods.keys() - {a for a, _ in pairs}
    assert pairs
    assert alone
    expected: Pairs = pairs + Counter((name, None) for name in alone)
    for optimise in (True, False):
        assert answer(store, pattern, optimise=optimise) == expected


PLACES = "?a :valid ?p ; :place ?x . ?b :valid ?q ; :place ?y "


def _near(world: World, a: str, b: str) -> bool:
    return world.places[a] == world.places[b]


def test_in_space_and_time(store: Store, world: World) -> None:
    """The spatial condition joins, the temporal one is tested for its pairs."""
    pattern = f"{PLACES} FILTER(geof:sfEquals(?x, ?y) && glf:intersects(?p, ?q))"
    expected = world.pairs(
        lambda a, b: _near(world, a, b) and holds("glf:intersects", *_of(world, a, b))
    )
    assert len(expected) > len(world.periods)
    for optimise in (True, False):
        assert answer(store, pattern, optimise=optimise) == expected
    found = explain(store.snapshot(), f"{PREFIXES} SELECT ?a ?b {{ {pattern} }}")
    assert "SPATIAL_JOIN" in (found.physical or "")


def test_nowhere_at_no_time(store: Store, world: World) -> None:
    inside = "?b :valid ?q ; :place ?y FILTER(geof:sfEquals(?x, ?y) && glf:contains(?q, ?p))"
    pattern = f"?a :valid ?p ; :place ?x FILTER NOT EXISTS {{ {inside} }}"
    pairs = world.pairs(
        lambda a, b: _near(world, a, b) and holds("glf:contains", *_of(world, b, a))
    )
    expected: Pairs = Counter((a, None) for a in world.periods.keys() - {a for a, _ in pairs})
    for optimise in (True, False):
        assert answer(store, pattern, optimise=optimise) == expected


def test_comparisons_of_times(store: Store, world: World) -> None:
    """Plain comparisons join as well; within 14 hours a missing zone makes them errors."""
    pattern = "?a :from ?f . ?b :from ?g FILTER(?f < ?g && ?a != ?b)"
    plain = answer(store, pattern, optimise=False)
    assert plain
    assert answer(store, pattern, optimise=True) == plain
    physical = explain(store.snapshot(), f"{PREFIXES} SELECT ?a ?b {{ {pattern} }}").physical or ""
    assert not [name for name in PAIRWISE if name in physical]


def test_subjects_in_common_are_joined_by_hash(store: Store) -> None:
    pattern = "?a :valid ?p ; :from ?f FILTER(glf:startedBy(?p, ?f))"
    query = f"{PREFIXES} SELECT ?a {{ {pattern} }}"
    assert "interval join" not in str(explain(store.snapshot(), query))


def test_exists_with_variables_of_its_own_is_tested_beside_a_join(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    lines = (
        f"<http://ex/{n}> <http://ex/valid> {period(k, k + 3, 0).n3} ." for k, n in enumerate("ab")
    )
    store.update(f"INSERT DATA {{ {' '.join(lines)} <http://ex/a> <http://ex/p> <http://ex/b> }}")
    text = """SELECT ?a ?b { ?a <http://ex/valid> ?p . ?b <http://ex/valid> ?q
        FILTER(glf:intersects(?p, ?q)) FILTER NOT EXISTS { ?a <http://ex/p> ?other } }"""
    prefixes = "PREFIX glf: <https://w3id.org/geoloom/function#> "
    found = [str(row["a"]) for row in store.query(prefixes + text).rows()]
    assert len(found) == 2
    assert all("ex/b" in name for name in found)

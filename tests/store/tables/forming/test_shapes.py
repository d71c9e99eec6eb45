from __future__ import annotations

from store.layout.tables.shapes import CharacteristicSet, choose_tables, merged_shapes


def _set(columns: str, subjects: int, awkward: str = "") -> CharacteristicSet:
    return CharacteristicSet(frozenset(map(int, columns)), frozenset(map(int, awkward)), subjects)


_SINGLE = {n: frozenset({n}) for n in range(10)}


def _tables(*sets: CharacteristicSet, least: int = 1) -> set[tuple[int, ...]]:
    return {tuple(sorted(t)) for t in choose_tables(sets, _SINGLE, least).values()}


def test_sets_that_lack_a_column_join_the_frequent_one() -> None:
    assert _tables(_set("0123", 900), _set("012", 80), _set("013", 20)) == {(0, 1, 2, 3)}


def test_sets_that_share_little_stay_apart() -> None:
    assert _tables(_set("0123", 900), _set("0456", 900)) == {(0, 1, 2, 3), (0, 4, 5, 6)}


def test_no_table_is_mostly_null() -> None:
    shapes = merged_shapes([(frozenset({0, n}), 100) for n in range(1, 9)])
    for shape in set(shapes.values()):
        members = [columns for columns, home in shapes.items() if home == shape]
        filled = sum(len(columns) for columns in members)
        assert 2 * filled >= len(shape) * len(members)


def test_few_subjects_stay_in_lanes() -> None:
    assert _tables(_set("01", 999), least=1000) == set()
    assert _tables(_set("01", 999), _set("0", 1), least=1000) == {(0, 1)}


def test_a_predicate_with_many_values_is_no_column() -> None:
    assert _tables(_set("012", 800), _set("012", 200, "2")) == {(0, 1)}


def test_a_subject_with_two_values_stays_in_lanes_where_others_have_one() -> None:
    good, bad = _set("012", 950), _set("012", 50, "2")
    chosen = choose_tables([good, bad], _SINGLE, 1)
    assert chosen == {good: frozenset({0, 1, 2})}


def test_all_columns_of_a_predicate_go_together() -> None:
    siblings = {0: frozenset({0}), 1: frozenset({1, 2}), 2: frozenset({1, 2})}
    chosen = choose_tables([_set("012", 10, "12")], siblings, 1)
    assert {*chosen.values()} == {frozenset({0})}

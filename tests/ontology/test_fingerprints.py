from __future__ import annotations

import datetime
import decimal

import pyarrow as pa
import pytest

from ontology import fingerprints, text_print

PINNED = 11334498687093229524
PINNED_TEXT = 6166472665078192564

COLUMNS = [
    pa.array([1, 1, None]),
    pa.array([1.5, -0.0, 0.0]),
    pa.array([True, None, False]),
    pa.array(["a", "b", "a"]),
    pa.array(["a", "b", "a"], pa.large_string()),
    pa.array([b"\xff", b"", None]),
    pa.array([datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 2)]),
    pa.array([decimal.Decimal("1.5"), None, decimal.Decimal(-3)], pa.decimal128(30, 3)),
    pa.array([None] * 3),
    pa.array([[1], None, [2]]),
    pa.array([datetime.datetime(2020, 1, 1)] * 3, pa.timestamp("us", "UTC")),
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.type))
def test_a_print_depends_on_the_value_alone(column: pa.Array) -> None:
    whole = fingerprints([column], 3, 7)
    shifted = pa.concat_arrays([column.slice(2), column]).slice(1)
    assert fingerprints([shifted], 3, 7).tolist() == whole.tolist()
    values = column.to_pylist()
    for one in range(3):
        for other in range(one):
            same = repr(values[one]) == repr(values[other])
            assert (whole[one] == whole[other]) == same


def test_prints_tell_columns_types_nulls_and_seeds_apart() -> None:
    ones = pa.array([1])
    kinds = [
        [ones],
        [ones, ones],
        [pa.array([1], pa.int32())],
        [pa.array(["1"])],
        [pa.array([None], pa.int64())],
        [pa.array([None], pa.string())],
        [pa.array([""])],
        [pa.array(["a"]), pa.array(["b"])],
        [pa.array(["b"]), pa.array(["a"])],
        [pa.array(["ab"]), pa.array([""])],
    ]
    seen = {int(fingerprints(columns, 1, seed)[0]) for columns in kinds for seed in (1, 2)}
    assert len(seen) == 2 * len(kinds)


def test_prints_stay_what_they_are() -> None:
    """A store keeps them: they must not change between versions or machines."""
    columns = [pa.array([7]), pa.array(["ä"]), pa.array([2.5])]
    assert int(fingerprints(columns, 1, 42)[0]) == PINNED
    assert text_print("x", 1) == PINNED_TEXT

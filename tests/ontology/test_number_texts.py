"""Numbers read by the kernel against those read by SQL, and against the printer."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology import Lane, TermColumn, lexical_forms, read_numbers
from store.layout.literals import _parsed

texts = st.one_of(
    st.floats(allow_nan=False).map(repr),
    st.floats(-1e6, 1e6).map(repr),
    st.floats(-1000, 1000).map(lambda value: f"{value:.17g}"),
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(-(10**6), 10**6, places=4).map(str),
    st.from_regex(r"[+-]?[0-9]{0,3}(\.[0-9]{0,14})?", fullmatch=True),
    st.sampled_from(
        ["0", "0.0", "-0.0", "00.0", "12.0", "012.0", "1e15", "1000000000000000.0", "", "-", ".",
         "NaN", "INF", "1.", ".5", "-.5", "0.001", "0.0009", "999999999999999999", " 1", "1 "]
    ),
)  # fmt: skip


@pytest.mark.parametrize("lane", [Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE])
@settings(deadline=None)
@given(given_texts=st.lists(texts, min_size=1, max_size=30))
def test_the_same_values_and_forms(lane: Lane, given_texts: list[str]) -> None:
    column = pa.array(given_texts, pa.string())
    values, canonical = read_numbers(column, lane)
    slow = _parsed(column, lane)
    held = pc.is_valid(values)
    assert values.filter(held) == slow.filter(held)
    printed = lexical_forms(TermColumn(lane, slow))
    for row, known in enumerate(canonical.to_pylist()):
        if known is not None:
            assert (printed[row].as_py() == given_texts[row]) == known, given_texts[row]


def test_ordinary_numbers_are_read_at_once() -> None:
    for lane, forms in (
        (Lane.INTEGER, ["0", "-17", "123456789012345"]),
        (Lane.DECIMAL, ["0.76", "12", "-3.5", "100000.25"]),
        (Lane.DOUBLE, ["21654.926066910375", "3000.0", "-0.5"]),
    ):
        values, canonical = read_numbers(pa.array(forms), lane)
        assert values.null_count == 0
        assert canonical.to_pylist() == [True] * len(forms)


def test_a_null_is_no_number() -> None:
    texts = pa.array(["1", "2", "x"])
    for lane in (Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE):
        values, _ = read_numbers(pc.if_else(pa.array([True, False, False]), texts, None), lane)
        assert values.null_count == 2

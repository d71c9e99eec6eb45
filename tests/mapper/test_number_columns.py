"""Columns of numbers are read by a kernel; what it leaves is read by SQL, with the same outcome."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapper.terms import literals
from mapper.terms.cells import Cells
from mapper.terms.faults import Faults
from ontology import LANE_DATATYPES, Lane, TermColumn, lexical_forms

ODD = ["INF", "-INF", "NaN", "1e5", "1E-7", "-0", "0", "-0.0", "+5", "007", "1.", ".5", "5.50"]
HUGE = ["9223372036854775807", "9223372036854775808", "1e999", "123456789012345678901234567890.5"]
BAD = ["", " 1", "1 ", "x", "1,5", "0x1", "--1"]
NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.sampled_from([*ODD, *HUGE, *BAD]),
    st.none(),
)


def told(columns: list[TermColumn], faults: Faults) -> tuple[list[object], object]:
    """By row, the lane, form and value; and the rows that are bad."""
    rows: list[object] = [None] * len(columns[0])
    bad = faults.good().tolist()
    for column in columns:
        texts = lexical_forms(column).to_pylist()
        for row, (text, value) in enumerate(zip(texts, column.values.to_pylist(), strict=True)):
            if value is not None and bad[row]:
                assert rows[row] is None
                rows[row] = (column.lane, column.datatype, text, value)
    return rows, bad


@pytest.mark.parametrize("lane", [Lane.INTEGER, Lane.DECIMAL, Lane.DOUBLE])
@given(texts=st.lists(NUMBERS, min_size=70, max_size=90))
@settings(max_examples=40, deadline=None)
def test_the_kernel_says_what_sql_says(lane: Lane, texts: list[str | None]) -> None:
    cells, found = Cells(pa.array(texts, pa.string())), []
    for few in (64, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(literals, "_FEW", few)
            faults = Faults(cells.row_numbers() + 1)
            columns = literals.literals(cells, LANE_DATATYPES[lane], faults, "here")
            found.append(told(columns, faults))
    assert found[0] == found[1]

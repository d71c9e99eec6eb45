"""The relate cases of the JTS test suite, over our verification, both sides prepared in turn."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from interlink import matches
from interlink.layer import Layer, Rejected
from interlink.verify import verify
from tests.conformance.suites import record, require

FILE = require("conformance/jts-relate") / "relate_cases.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text())
DISPUTED = ["general/TestRelateLL.xml"]  # see docs/interlink.md


def side(key: str) -> Layer:
    shapes = np.array([shapely.from_wkt(case[key]) for case in CASES], object)
    ids = np.array([f"http://x/{key}/{row}" for row in range(len(CASES))])
    return Layer(
        pa.array(ids),
        shapes,
        shapely.bounds(shapes),
        shapely.get_dimensions(shapes).astype(np.int8),
        shapely.get_num_coordinates(shapes).astype(np.int64),
        Rejected(),
    )


@pytest.mark.parametrize("heavy", ["a", "b", None])
def test_every_pattern(heavy: str | None) -> None:
    sides = {key: side(key) for key in ("a", "b")}
    if heavy:
        sides[heavy].vertices[:] = 1_000_000
    rows = np.arange(len(CASES))
    verified = verify(sides["a"], sides["b"], (rows, rows))
    assert verified.failed == ()
    wrong = [
        case["file"]
        for case, matrix in zip(CASES, verified.matrices, strict=True)
        if matches(matrix[None], case["pattern"])[0] != case["expected"]
    ]
    assert len(CASES) == 642
    assert wrong == DISPUTED
    record("jts-relate", len(CASES) - len(wrong), 0, excluded=len(wrong))

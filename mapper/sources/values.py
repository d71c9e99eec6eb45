"""Lists of Python values, one a row, to cells: what documents (JSON, XML) give."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ontology import LANE_DATATYPES, XSD_STRING, Lane

from ..terms.cells import Batch, Cells, Rows

_KINDS: Final = {
    bool: LANE_DATATYPES[Lane.BOOLEAN],
    int: LANE_DATATYPES[Lane.INTEGER],
    float: LANE_DATATYPES[Lane.DOUBLE],
    str: XSD_STRING,
}
_ARROW: Final = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}


def cells_of(lists: Sequence[Sequence[Any]]) -> Cells:
    """Cells of a list of values for each row; texts and datatypes where types are mixed."""
    values, rows = flat(lists)
    cells = _typed(values)
    return Cells(cells.values, rows, kinds=cells.kinds)


def flat(lists: Sequence[Sequence[Any]]) -> tuple[list[Any], Rows | None]:
    """All values, and the row of each; rows are None when each list has at most one."""
    if all(len(values) <= 1 for values in lists):
        return [values[0] if values else None for values in lists], None
    rows = np.repeat(np.arange(len(lists)), [len(values) for values in lists])
    return list(itertools.chain.from_iterable(lists)), rows


def without(batch: Batch, rejected: Mapping[int, str]) -> Batch:
    """Leave rows of a batch out, given by position with the reason."""
    if not rejected:
        return batch
    keep = np.ones(len(batch), bool)
    keep[list(rejected)] = False
    bad = tuple((int(batch.numbers[row]), rejected[row]) for row in sorted(rejected))
    return replace(batch.keep(keep), rejected=bad)


def _typed(values: list[Any]) -> Cells:
    types = {type(value) for value in values if value is not None}
    if len(types) == 1:
        kind = types.pop()
        try:
            return Cells(pa.array(values, _ARROW[kind]))
        except (OverflowError, pa.ArrowInvalid):
            types = {kind}
    if not types:
        return Cells(pa.array(values, pa.string()))
    texts = [None if v is None else v if isinstance(v, str) else json.dumps(v) for v in values]
    kinds = [None if v is None else _KINDS.get(type(v), XSD_STRING) for v in values]
    return Cells(pa.array(texts, pa.string()), kinds=pa.array(kinds, pa.string()))

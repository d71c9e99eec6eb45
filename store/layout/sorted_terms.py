"""Terms each once, their order by id, and the check that no two of them share an id."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ontology import StoreError

Rows = npt.NDArray[np.intp]


def distinct_terms(terms: pa.Table) -> tuple[pa.Table, Rows]:
    """Drop repetitions of terms (id, text, blank); returns them and their order by id.

    Raises
    ------
    StoreError
        If two texts share an id, naming both.
    """
    order, again = _order(terms.column("id").to_numpy())
    if not len(again):
        return terms, order
    _check(terms.column("text"), order[again - 1], order[again])
    kept = np.delete(order, again)
    found = terms.take(pa.array(np.sort(kept)))
    return found, _order(found.column("id").to_numpy())[0]


def _order(ids: npt.NDArray[np.int64]) -> tuple[Rows, Rows]:
    """The order of ids, and the places in it that repeat the one before."""
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    return order, np.flatnonzero(ordered[1:] == ordered[:-1]) + 1


def _check(texts: pa.ChunkedArray, one: npt.NDArray[Any], other: npt.NDArray[Any]) -> None:
    left, right = texts.take(pa.array(one)), texts.take(pa.array(other))
    unlike = pc.index(pc.equal(left, right), False).as_py()
    if unlike >= 0:
        raise collision(*sorted([left[unlike].as_py(), right[unlike].as_py()]))


def collision(one: str, other: str) -> StoreError:
    """Two texts of one id."""
    return StoreError(
        "Two terms have the same id, so the store cannot tell them apart",
        where=f"{one} and {other}",
        why="their 64-bit hashes are equal",
        remedy="rename one of them; nothing was written",
    )

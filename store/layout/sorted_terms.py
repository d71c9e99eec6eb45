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
    ids = terms.column("id").to_numpy()
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    again = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
    if not len(again):
        return terms, order
    _check(terms.column("text"), order[again - 1], order[again])
    order = np.delete(order, again)
    kept = np.zeros(len(ids), bool)
    kept[order] = True
    places = np.cumsum(kept) - 1
    return terms.take(pa.array(np.flatnonzero(kept))), places[order]


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

"""Rows a ledger knows, looked up by their fingerprints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from ontology import Prints

from ..integrity import check_whole
from ..manifest import LedgerEntry

Numbers = npt.NDArray[np.int64]


class KnownRows:
    """Rows of the last run, and which of them were seen in this one.

    Parameters
    ----------
    root : Path
        The store's folder.
    entry : LedgerEntry, optional
        None, or a disturbed one, knows no row; rows of the last are all gone then.
    """

    def __init__(self, root: Path, entry: LedgerEntry | None) -> None:
        columns: dict[str, Any] = {name: np.empty(0, np.int64) for name in ("n", "r0", "r1")}
        if entry is not None:
            check_whole(root, entry.files)
            table = pq.read_table(root / entry.rows.path)
            columns = {name: table.column(name).to_numpy() for name in columns}
        self.numbers: Numbers = columns["n"]
        self._first: Numbers = columns["r0"]
        self._second: Numbers = columns["r1"]
        self._trusted = entry is not None and not entry.disturbed
        self._seen = np.zeros(len(self.numbers), bool)
        self.next_number = 1 + max(int(self.numbers.max(initial=-1)), _last_number(root, entry))
        """The first number that no row has had whose triples are still on file."""

    def unknown(self, prints: Prints) -> npt.NDArray[np.bool_]:
        """Which rows, given by prints of shape (n, 2), it does not know; the others are seen."""
        if not self._trusted or not len(self.numbers):
            return np.ones(len(prints), bool)
        first, second = prints.view(np.int64).T
        at = np.minimum(np.searchsorted(self._first, first), len(self._first) - 1)
        known: npt.NDArray[np.bool_] = (self._first[at] == first) & (self._second[at] == second)
        self._seen[at[known]] = True
        return np.logical_not(known)

    @property
    def gone(self) -> Numbers:
        """Numbers of the rows not seen."""
        return self.numbers[~self._seen]


def _last_number(root: Path, entry: LedgerEntry | None) -> int:
    """The greatest number in the files of triples, those of gone and repeated rows included."""
    last = -1
    for file in entry.triples if entry is not None else ():
        with pq.ParquetFile(root / file.path) as parquet:
            column = parquet.schema_arrow.get_field_index("n")
            groups = (parquet.metadata.row_group(at) for at in range(parquet.num_row_groups))
            last = max(last, *(group.column(column).statistics.max for group in groups))
    return last

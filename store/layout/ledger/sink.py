"""The sink of a mapping that updates what it made in an earlier run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ontology import EntityBatch, Prints

from ..sink import StoreSink
from ..staging import Staging
from ..transaction import Change, Transaction
from .draft import LedgerDraft


class LedgerSink(StoreSink):
    """Keeps a ledger, and takes back at commit what only rows said that are gone.

    Implements :class:`mapper.RememberingSink`. What it has at commit is the whole mapping: every
    row of every source must have been asked for by :meth:`unknown`.

    Parameters
    ----------
    begin : callable
        Starts a transaction.
    label : str
        What ``history`` calls the snapshot.
    name : str
        Of the mapping; a second run of this name updates what the first made.
    """

    def __init__(self, begin: Callable[[], Transaction], label: str, name: str) -> None:
        super().__init__(begin, label)
        self._name = name
        self._draft: LedgerDraft | None = None

    def unknown(self, prints: Prints) -> npt.NDArray[np.bool_]:
        """Which rows were not in the last run."""
        return self._drafted().unknown(prints)

    def about(self, prints: Prints) -> None:
        """Say which rows the batches written next are made of; of none: they stay for good."""
        self._drafted().about(prints)

    def write(self, batch: EntityBatch) -> None:
        """Take triples of the rows named last."""
        super().write(batch)
        self._drafted().add(self._open().con, batch)

    def _drafted(self) -> LedgerDraft:
        if self._draft is None:
            self._draft = self._open().draft(self._name, self.staging)
            if self._draft.first_run:
                self.remark("first run with a record: what an earlier run without one made stays")
            if self._draft.disturbed:
                self.remark("triples were removed from the store meanwhile: all rows mapped again")
        return self._draft

    def _apply(self, transaction: Transaction, staged: Staging | None) -> Change:
        return transaction.apply_drafted(self._drafted(), staged)

    def _forget(self) -> None:
        super()._forget()
        self._draft = None

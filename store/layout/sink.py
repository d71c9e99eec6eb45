"""The sink that writes entity batches into a store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from ontology import EntityBatch, SinkReport, reuse_memory

from .staging import Staging
from .transaction import Change, Transaction


class StoreSink:
    """Implements :class:`ontology.Sink` over one transaction per commit.

    The writer lock is held from construction until commit or abort. Leaving the ``with``
    block without an error commits what is left.

    Parameters
    ----------
    begin : callable
        Starts a transaction.
    label : str
        What ``history`` calls the snapshot.
    """

    def __init__(self, begin: Callable[[], Transaction], label: str) -> None:
        reuse_memory()
        self._begin = begin
        self._label = label
        self._transaction: Transaction | None = begin()
        self._staged: Staging | None = None
        self._notes: dict[str, Any] = {}
        self._prefixes: dict[str, str] = {}
        self._remarks: list[str] = []

    def write(self, batch: EntityBatch) -> None:
        """Take one batch; nothing is visible to readers yet."""
        self.staging.add(batch)

    @property
    def staging(self) -> Staging:
        """Where rows wait for the next commit."""
        if self._staged is None:
            self._staged = self._open().staging()
        return self._staged

    def _open(self) -> Transaction:
        if self._transaction is None:
            self._transaction = self._begin()
        return self._transaction

    def _apply(self, transaction: Transaction, staged: Staging | None) -> Change:
        return transaction.apply(inserts=staged)

    def note(self, key: str, value: Any) -> None:
        """Record provenance or completeness (JSON) in the manifest with the next commit."""
        self._notes[key] = value

    def remark(self, text: str) -> None:
        """Add a remark for the user to the next report."""
        self._remarks.append(text)

    def remember(self, prefixes: Mapping[str, str]) -> None:
        """Keep prefixes with the store; a prefix it already has stays what it is."""
        self._prefixes |= prefixes

    def commit(self) -> SinkReport:
        """Make everything written visible at once and report.

        Raises
        ------
        StoreError
            If two terms share an id, the folder cannot be written, or the store changed.
        """
        transaction, staged = self._open(), self._staged
        try:
            change = self._apply(transaction, staged)
            transaction.publish(self._label, notes=self._notes, prefixes=self._prefixes)
        except BaseException:
            self.abort()
            raise
        report = SinkReport(
            offered=staged.offered if staged is not None else 0,
            written=change.added,
            remarks=(*self._remarks, *(staged.remarks if staged is not None else ())),
            removed=change.removed,
        )
        self._forget()
        return report

    def abort(self) -> None:
        """Forget everything written since the last commit and give the lock back."""
        if self._transaction is not None:
            self._transaction.rollback()
        self._forget()

    def _forget(self) -> None:
        self._transaction = None
        self._staged = None
        self._notes, self._prefixes, self._remarks = {}, {}, []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.abort()
        elif self._transaction is not None:
            self.commit()

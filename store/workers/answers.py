"""An answer whose columns lie in memory shared with a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from ..results import Result

Writer = Callable[[Result, str], Iterator[bytes]]


@dataclass(slots=True, eq=False)
class HeldResult(Result):
    """A long answer; a worker writes it as text, so that this can be stopped as well."""

    writer: Writer | None = None

    @classmethod
    def of(cls, result: Result, writer: Writer) -> Self:
        """The same answer, written by somebody else."""
        return cls(
            result.form,
            result.table,
            result.variables,
            result.boolean,
            result.info,
            result.prefixes,
            writer,
        )

    def _write(self, name: str) -> Iterator[bytes]:
        plain = Result(
            self.form, self.table, self.variables, self.boolean, prefixes=dict(self.prefixes)
        )
        assert self.writer is not None
        return self.writer(plain, name)

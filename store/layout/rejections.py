"""Statements that are not RDF: where they stand, why, and the file they are set aside in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Self

from ontology import InputError

from .durable import not_writable

LISTED: Final = 1000
"""How many rejections a report names; the quarantine file has all."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A statement that is not RDF: where it stands and why it was refused."""

    file: str
    line: int | None
    column: int | None
    reason: str

    @property
    def place(self) -> str:
        """The file and, where the parser knows them, line and column."""
        if self.line is None:
            return self.file
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file}, line {self.line}{column}"

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


def bad_rdf(found: Rejection) -> InputError:
    """The error for a rejection that is not to be skipped."""
    return InputError(
        "The file is not valid RDF",
        where=found.place,
        why=" ".join(found.reason.split()),
        remedy="correct it, or load with skip_bad (--skip-bad) to leave such statements out",
    )


class Quarantine:
    """Collects rejections; opens its file at the first.

    Parameters
    ----------
    path : Path or None
        Each rejected line is appended here, below a comment that says where it stood and why.
        None: the first rejection is an error.
    """

    def __init__(self, path: Path | None) -> None:
        self.listed: list[Rejection] = []
        self.count = 0
        self._path = path
        self._file: IO[bytes] | None = None

    @property
    def path(self) -> Path | None:
        """The file, if anything was rejected."""
        return self._path if self.count else None

    @property
    def fails(self) -> bool:
        """Whether the first rejection is an error."""
        return self._path is None

    def add(self, found: Rejection, line: bytes = b"") -> None:
        """Set a statement aside.

        Raises
        ------
        InputError
            If nothing may be skipped.
        StoreError
            If the file cannot be written.
        """
        if self._path is None:
            raise bad_rdf(found)
        self.count += 1
        if len(self.listed) < LISTED:
            self.listed.append(found)
        comment = " ".join(str(found).split()).encode(errors="replace")
        self._guarded(lambda out: out.write(b"# " + comment + b"\n"))
        if line:
            self._guarded(lambda out: out.write(line.rstrip(b"\r\n") + b"\n"))

    def _guarded(self, write: Callable[[IO[bytes]], object]) -> None:
        assert self._path is not None
        try:
            if self._file is None:
                self._file = self._path.open("ab")
            write(self._file)
        except OSError as error:
            raise not_writable(self._path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

"""What every database system offers to a logical table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np

from ontology import CRS84, CRSError, MappingError

from ...terms.cells import Batch, Cells, Rows
from .address import Address
from .identifiers import Fold
from .natural import Field


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a result.

    Attributes
    ----------
    cells : tuple of Cells
        One a field.
    positions : ndarray of int64
        Of the rows in the result, from 0.
    """

    cells: tuple[Cells, ...]
    positions: Rows


NO_GEOMETRY: Final = -(2**31)
"""SRID of a row without geometry."""


def pieces(
    cells: Sequence[Cells],
    srids: Mapping[int, Rows],
    crs_of: Callable[[int, int], str],
    start: int,
    count: int,
) -> Iterator[Piece]:
    """One piece for the rows whose geometries have the same SRIDs.

    Parameters
    ----------
    cells : sequence of Cells
        One a field.
    srids : mapping of int to ndarray of int, shape (count,)
        SRIDs of the geometries of a field.
    crs_of : callable
        CRS IRI of a field's SRID.
    start, count : int
        Of the rows in the result.
    """
    rows = np.arange(start, start + count)
    if not srids:
        yield Piece(tuple(cells), rows)
        return
    batch = Batch({str(place): one for place, one in enumerate(cells)}, rows)
    found, which = np.unique(np.stack(list(srids.values())), axis=1, return_inverse=True)
    for group in range(found.shape[1]):
        part = batch if found.shape[1] == 1 else batch.keep(which.ravel() == group)
        told = dict(zip(srids, found[:, group].tolist(), strict=True))
        columns = list(part.columns.values())
        for place, srid in told.items():
            crs = CRS84 if srid == NO_GEOMETRY else crs_of(place, srid)
            columns[place] = replace(columns[place], crs=crs)
        yield Piece(tuple(columns), part.numbers)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that hold the key of another table."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view of a database.

    Attributes
    ----------
    name : str
        With its schema before a full stop where it is not the default one.
    fields : tuple of Field
    primary_key : tuple of str
        Names of columns; none for views and tables without one.
    foreign_keys : tuple of ForeignKey
    """

    name: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()


class System(Protocol):
    """A database opened for reading; every method has a connection of its own, and read-only."""

    @property
    def address(self) -> Address:
        """Where it is."""

    @property
    def mark(self) -> str:
        """What delimits identifiers."""

    @property
    def fold(self) -> Fold | None:
        """What regular identifiers become; None where case never counts."""

    def fields(self, query: str) -> tuple[Field, ...]:
        """Columns of a SELECT, found without running it.

        Raises
        ------
        MappingError
            It is no SELECT, or names what the database does not have.
        """

    def read(self, query: str, fields: Sequence[Field], crs: str | None) -> Iterator[Piece]:
        """Run a SELECT of exactly these fields in batches; ``crs`` is what the mapping declares."""

    def tables(self) -> tuple[str, ...]:
        """Names of tables and views."""

    def table(self, name: str) -> Table:
        """Columns and keys of one of the :meth:`tables`."""


def refused(address: Address, query: str, error: object) -> MappingError:
    """The error for a query that a database does not take."""
    shown = " ".join(query.split())
    return MappingError(
        "The database refuses the query of a logical table",
        where=f"{address.shown}: {shown[:200]}{' …' if len(shown) > 200 else ''}",
        why=address.scrub(error),
        remedy="correct the query; it must be one SELECT of the database's own SQL",
    )


def homeless(address: Address, name: str, why: str) -> CRSError:
    """The error for geometry whose CRS neither the database nor the mapping tells."""
    return CRSError(
        "The source does not say its coordinate reference system",
        where=f"{address.shown}, column {name}",
        why=why,
        remedy='declare it in the mapping (gl:crs "EPSG:3035" on the logical source), or set it in '
        "the database",
    )


def broken(address: Address, error: object) -> Exception:
    """The error for a database that fails while it is read."""
    return address.failed(
        "A database failed while it was read", error, "check the database and run again"
    )


def unreachable(address: Address, error: object) -> Exception:
    """The error for a database that cannot be opened."""
    return address.failed(
        "The database cannot be opened",
        error,
        "check its URL, user and password, and that the server runs",
    )

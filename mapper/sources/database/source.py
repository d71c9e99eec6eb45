"""Tables and queries of relational databases as logical sources."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from ontology import InputError, MappingError, UnsupportedError, crs_iri

from ...language.model import Database, LogicalSource, ParentMap, Reference
from ...language.vocabulary import R2RML_TABLE, R2RML_VIEW, SQL_TABLE, did_you_mean
from ...terms.cells import Batch, column
from ..base import GEOMETRY, Source, Surroundings
from .address import DUCKDB, MYSQL, POSTGRESQL, SQLITE, Address, address
from .duck import Duck
from .identifiers import STANDARD, Columns, delimited, table_spellings
from .mysql import Mysql
from .natural import ANY, UNSURE, Field, canonical
from .postgresql import Postgresql
from .sqlite import Sqlite
from .system import System

_SYSTEMS: Final[dict[str, Callable[[Address], System]]] = {
    SQLITE: Sqlite,
    DUCKDB: Duck,
    POSTGRESQL: Postgresql,
    MYSQL: Mysql,
}
_UNNAMED: Final = "?column?"


class DatabaseSource:
    """A base table, view or SELECT; described when opened, read in batches later.

    Parameters
    ----------
    source : LogicalSource
        ``iterator`` is the table's name or the query.
    system : System

    Raises
    ------
    MappingError
        There is no such table, the query is refused, or two of its columns have one name.
    """

    def __init__(self, source: LogicalSource, system: System) -> None:
        self._source = source
        self._system = system
        self._strict = source.formulation in (R2RML_TABLE, R2RML_VIEW)
        self._query, self._fields = self._described()
        self._by_name = {field.name: field for field in self._fields}
        self._refuse_twins()
        mark = STANDARD if self._strict else system.mark
        self._columns = Columns(self._by_name, system.fold, strict=self._strict, mark=mark)
        self.rows: int | None = None
        self.remarks: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, pa.DataType]:
        """Columns of the table or query; ``in`` takes all ways to write an identifier."""
        kinds = {name: field.kind for name, field in self._by_name.items()}
        if any(field.geometry for field in self._fields):
            kinds.setdefault(GEOMETRY, pa.binary())
        return _Named(self._columns, kinds)

    @property
    def crs(self) -> str | None:
        """CRS IRI of its geometry, where all rows have one."""
        declared = self._source.option("crs")
        if declared is not None:
            return crs_iri(declared)
        return next((field.crs for field in self._fields if field.geometry), None)

    def check_join(self, parent: Source, link: ParentMap) -> None:
        """Refuse joins in one database that it would do otherwise than by equal texts.

        Raises
        ------
        UnsupportedError
            Columns whose equal values may have different texts (``7`` and ``7.00``, ``CHAR`` and
            ``VARCHAR``).
        """
        if not isinstance(parent, DatabaseSource) or parent._system.address != self._system.address:
            return
        for condition in link.conditions:
            sides = condition.child.expression, condition.parent.expression
            if not isinstance(sides[0], Reference) or not isinstance(sides[1], Reference):
                continue
            ours = self._field(sides[0].name).compared
            theirs = parent._field(sides[1].name).compared
            if ANY not in (ours, theirs) and (ours != theirs or ours.startswith(UNSURE)):
                raise UnsupportedError(
                    "A join compares columns whose equal values may be written differently",
                    where=link.where,
                    why=f"{sides[0].name} is {ours}, {sides[1].name} is {theirs}",
                    remedy="cast them to one type in rr:sqlQuery or rml:SQL2008Query, or join "
                    "the tables there",
                )

    def batches(self, references: Collection[str]) -> Iterator[Batch]:
        """Read only the columns asked for."""
        found = {reference: self._field(reference) for reference in references}
        fields = tuple({field.name: field for field in found.values()}.values())
        declared = self._source.option("crs")
        query = self._select(fields)
        crs = None if declared is None else crs_iri(declared)
        for piece in self._system.read(query, fields, crs):
            cells = {}
            for field, one in zip(fields, piece.cells, strict=False):
                plain = one.crs is None and one.kinds is None and one.rows is None
                one = column(one.values, nulls=self._source.nulls) if plain else one
                cells[field.name] = canonical(one) if self._strict else one
            columns = {reference: cells[field.name] for reference, field in found.items()}
            yield Batch(columns, piece.positions + 1)

    def _field(self, reference: str) -> Field:
        name = self._columns.find(reference)
        if name is None and reference == GEOMETRY:
            name = next(field.name for field in self._fields if field.geometry)
        assert name is not None  # checked when the run opened the source
        return self._by_name[name]

    def _select(self, fields: tuple[Field, ...]) -> str:
        mark = self._system.mark
        names = (delimited(field.name, mark) for field in fields)
        wanted = [
            f"{field.read.format(name)} AS {name}"
            for field, name in zip(fields, names, strict=True)
        ]
        return f"SELECT {', '.join(wanted) or '1'} FROM {self._query}"

    def _described(self) -> tuple[str, tuple[Field, ...]]:
        """What stands after FROM, and its columns."""
        text = (self._source.iterator or "").strip()
        if not text:
            raise MappingError(
                "A logical table names no table and no query",
                where=self._system.address.shown,
                remedy="add rml:iterator (rr:tableName or rr:sqlQuery)",
            )
        if self._source.formulation in (SQL_TABLE, R2RML_TABLE):
            return self._table(text)
        query = text.rstrip(";").rstrip()
        return f"(\n{query}\n) AS gl_rows", self._system.fields(query)

    def _table(self, name: str) -> tuple[str, tuple[Field, ...]]:
        where = f"{self._system.address.shown}, table {name}"
        refusals = []
        spellings = table_spellings(name, self._system.mark, strict=self._strict, where=where)
        for spelling in spellings:
            try:
                return spelling, self._system.fields(f"SELECT * FROM {spelling}")
            except MappingError as error:
                refusals.append(error)
        raise MappingError(
            "The database has no such table, or does not let it be read",
            where=where,
            why=refusals[-1].why,
            remedy=did_you_mean(name.strip('"'), self._system.tables()),
        ) from refusals[-1]

    def _refuse_twins(self) -> None:
        fold = self._system.fold
        names = [field.name if fold else field.name.casefold() for field in self._fields]
        twice = sorted({name for name in names if names.count(name) > 1} - {_UNNAMED})
        if twice:
            raise MappingError(
                f"A query gives several columns the name {twice[0]!r}",
                where=f"{self._system.address.shown}: {' '.join((self._query).split())[:200]}",
                remedy="give each its own name with AS",
            )


class _Named(dict[str, pa.DataType]):
    """Columns by their names, with all ways to write them."""

    def __init__(self, columns: Columns, kinds: dict[str, pa.DataType]) -> None:
        super().__init__(kinds)
        self._columns = columns

    def __contains__(self, reference: object) -> bool:
        if reference == GEOMETRY:
            return super().__contains__(reference)
        return isinstance(reference, str) and self._columns.find(reference) is not None


def open_database(source: LogicalSource, around: Surroundings) -> DatabaseSource:
    """Open the table or query of a logical source.

    Raises
    ------
    InputError
        The database cannot be reached, or its driver is missing.
    MappingError
        No database is named, or it has no such table or column.
    """
    return DatabaseSource(source, _system(source, around))


def connect(url: str, folder: Path | None = None) -> System:
    """The database of a URL (or path) for looking into it.

    Raises
    ------
    InputError
        It cannot be reached.
    """
    place = address(Database(url), folder or Path.cwd())
    return _SYSTEMS[place.system](place)


def public_url(url: str) -> str:
    """The URL of a database without its secrets, as others may see it.

    Examples
    --------
    >>> public_url("postgresql://ann:secret@host/farm")
    'postgresql://ann@host/farm'
    """
    return address(Database(url), Path.cwd()).shown


def _system(source: LogicalSource, around: Surroundings) -> System:
    named, folder = source.database, around.base_dir
    if named is None or named.url is None:
        run = around.database or (None if around.file is None else str(around.file.resolve()))
        if run is None:
            raise InputError(
                "A logical table does not say which database it is in",
                where=" ".join((source.iterator or "").split())[:200],
                remedy="give --database URL (in Python database=), or name it in the mapping "
                "with d2rq:Database",
            )
        named, folder = Database(run), Path.cwd()
    place = address(named, folder)
    return _SYSTEMS[place.system](place)

"""MySQL and MariaDB through PyMySQL, in the SQL mode in which ``"x"`` is an identifier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontology import InputError

from ...terms.cells import Cells
from ..base import BATCH_ROWS
from .address import Address
from .identifiers import Fold, delimited
from .natural import BOOLEAN, DATE, DATETIME, DECIMAL, INTEGER, TIME, Field, natural, typed
from .system import ForeignKey, Piece, Table, broken, homeless, refused, unreachable

_SETTINGS: Final = (
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES,PIPES_AS_CONCAT')",
)
_WHOLE: Final = frozenset({1, 2, 3, 8, 9, 13})
_REAL: Final = frozenset({4, 5})
_DECODERS: Final = {**dict.fromkeys(_WHOLE, int), **dict.fromkeys(_REAL, float)}
_BIT: Final = 16
_TINY: Final = 1
_GEOMETRY: Final = 255
_X_FIRST: Final = ", 'axis-order=long-lat'"
_DATATYPES: Final = {
    0: DECIMAL,
    246: DECIMAL,
    10: DATE,
    14: DATE,
    7: DATETIME,
    12: DATETIME,
    11: TIME,
}
"""Datatypes of column type codes whose values come as texts."""


@dataclass(frozen=True, slots=True)
class Mysql:
    """A MySQL or MariaDB database; names of columns never differ by case alone."""

    address: Address
    mark: str = "`"
    fold: Fold | None = None

    def fields(self, query: str) -> tuple[Field, ...]:
        """Columns of a SELECT; the server refuses all else in this place."""
        with self._cursor() as cursor:
            try:
                cursor.execute(f"SELECT * FROM (\n{query}\n) AS gl_described LIMIT 0")
            except cursor.Refusal as error:
                raise refused(self.address, query, error.args[-1]) from error
            order = "" if "MariaDB" in cursor.connection.get_server_info() else _X_FIRST
            return tuple(
                _field(str(row[0]), row[1], row[3], row[5], order) for row in cursor.description
            )

    def read(self, query: str, fields: Sequence[Field], crs: str | None) -> Iterator[Piece]:
        """Rows of a SELECT, which the server keeps until they are asked for.

        Raises
        ------
        CRSError
            The mapping declares no CRS for a geometry.
        """
        for field in fields:
            if field.geometry and crs is None:
                raise homeless(self.address, field.name, "SRIDs of MySQL are not read")
        with self._cursor() as cursor:
            try:
                cursor.execute(query)
                for start in count(0, BATCH_ROWS):
                    rows = cursor.fetchmany(BATCH_ROWS)
                    if not rows:
                        return
                    columns = zip(*rows, strict=True)
                    cells = tuple(
                        Cells(pa.array(values, pa.binary()), crs=crs)
                        if field.geometry
                        else _cells(values, field)
                        for values, field in zip(columns, fields, strict=True)
                    )
                    yield Piece(cells, np.arange(start, start + len(rows)))
            except cursor.Refusal as error:
                raise broken(self.address, error.args[-1]) from error

    def tables(self) -> tuple[str, ...]:
        """Names of tables and views."""
        query = (
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = DATABASE() ORDER BY 1"
        )
        return tuple(str(name) for (name,) in self._asked(query))

    def table(self, name: str) -> Table:
        """Columns and keys of a table."""
        rows = self._asked(
            "SELECT constraint_name, column_name, referenced_table_name, referenced_column_name "
            "FROM information_schema.key_column_usage WHERE table_schema = DATABASE() "
            "AND table_name = %s ORDER BY constraint_name, ordinal_position",
            name,
        )
        primary = tuple(row[1] for row in rows if row[0] == "PRIMARY")
        links = dict.fromkeys(row[0] for row in rows if row[2] is not None)
        foreign = []
        for link in links:
            mine = [row for row in rows if row[0] == link]
            own, other = tuple(row[1] for row in mine), tuple(row[3] for row in mine)
            foreign.append(ForeignKey(own, mine[0][2], other))
        fields = self.fields(f"SELECT * FROM {delimited(name, self.mark)}")
        return Table(name, fields, primary, tuple(foreign))

    def _asked(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self._cursor() as cursor:
            try:
                cursor.execute(query, values or None)
                return list(cursor.fetchall())
            except cursor.Refusal as error:
                raise broken(self.address, error.args[-1]) from error

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        driver = _driver()
        parts = urlsplit(self.address.target)
        try:
            connection = driver.connect(
                host=parts.hostname or "localhost",
                port=parts.port or 3306,
                user=unquote(parts.username or ""),
                password=unquote(parts.password or ""),
                database=unquote(parts.path.lstrip("/")) or None,
                charset="utf8mb4",
                conv={
                    **driver.converters.encoders,
                    **dict.fromkeys(_WHOLE, int),
                    **dict.fromkeys(_REAL, float),
                },
                cursorclass=driver.cursors.SSCursor,
                local_infile=False,
            )
        except driver.MySQLError as error:
            raise unreachable(self.address, error.args[-1]) from error
        try:
            with connection.cursor() as cursor:
                for setting in _SETTINGS:
                    cursor.execute(setting)
                cursor.Refusal = driver.MySQLError
                yield cursor
        finally:
            connection.close()


def _driver() -> Any:
    try:
        import pymysql  # an optional dependency
    except ImportError as error:
        raise InputError(
            "MySQL needs a driver that is not installed",
            why=str(error),
            remedy='pip install "geoloom[mysql]"',
        ) from error
    return pymysql


def _field(name: str, code: int, length: int | None, scale: int | None, order: str) -> Field:
    if code == _GEOMETRY:
        return Field(name, pa.binary(), read=f"ST_AsBinary({{0}}{order})", geometry=True)
    if code in (_TINY, _BIT) and length == 1:
        return Field(name, pa.bool_(), BOOLEAN)
    if code in _WHOLE:
        return Field(name, pa.int64())
    if code in _REAL:
        return Field(name, pa.float64())
    datatype = _DATATYPES.get(code)
    declared = f"decimal of {scale} digits" if datatype == DECIMAL else ""
    return Field(name, pa.string(), datatype, declared=declared)


def _cells(values: tuple[Any, ...], field: Field) -> Cells:
    """Cells of a column of Python values, which are all of one type."""
    sort = next((type(value) for value in values if value is not None), None)
    if field.datatype == BOOLEAN:
        return _flags(values)
    if sort is bytes:
        return natural(pa.array(values, pa.binary()), field)
    if sort is int:
        try:
            return Cells(pa.array(values, pa.int64()))
        except OverflowError:
            texts = [None if value is None else str(value) for value in values]
            return typed(pa.array(texts, pa.string()), INTEGER)
    if sort is float:
        return Cells(pa.array(values, pa.float64()))
    texts = pa.array(values, pa.string())
    if field.datatype == DATETIME:
        texts = pc.replace_substring(texts, " ", "T")
    return Cells(texts) if field.datatype is None else typed(texts, field.datatype)


def _flags(values: tuple[Any, ...]) -> Cells:
    """``TINYINT(1)`` and ``BIT(1)`` are booleans, as long as they hold nothing but 0 and 1."""
    numbers = [value[0] if isinstance(value, bytes) else value for value in values]
    whole = pa.array(numbers, pa.int64())
    sound = set(pc.unique(whole).drop_null().to_pylist()) <= {0, 1}
    return Cells(pc.cast(whole, pa.bool_())) if sound else Cells(whole)

"""SQLite: dynamic values, with the natural type that their column was declared with."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from ontology import XSD_STRING

from ...terms.cells import Cells
from ..base import BATCH_ROWS
from .address import Address
from .geopackage import GEOMETRIES, is_geopackage, reference_system, unpacked
from .identifiers import Fold, delimited
from .natural import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    DOUBLE,
    HEX,
    INTEGER,
    TIME,
    Field,
    decimal_texts,
    natural,
    typed,
)
from .system import ForeignKey, Piece, Table, broken, homeless, pieces, refused, unreachable

_CLOCK: Final = r"\d\d:\d\d:\d\d(?:\.\d+)?"
_ZONE: Final = r"(?:Z|[+-]\d\d:\d\d)?"
_FORMS: Final = {
    DATE: rf"^\d{{4}}-\d\d-\d\d{_ZONE}$",
    TIME: rf"^{_CLOCK}{_ZONE}$",
    DATETIME: rf"^\d{{4}}-\d\d-\d\d[ T]{_CLOCK}{_ZONE}$",
}
_DECLARED: Final = (
    ("BOOL", BOOLEAN),
    ("TIMESTAMP", DATETIME),
    ("DATETIME", DATETIME),
    ("DATE", DATE),
    ("TIME", TIME),
    ("DEC", DECIMAL),
    ("NUMERIC", DECIMAL),
)
_STORED: Final = {int: INTEGER, float: DOUBLE, str: XSD_STRING, bytes: HEX}
_KINDS: Final = (
    ("INT", pa.int64()),
    ("CHAR", pa.string()),
    ("CLOB", pa.string()),
    ("TEXT", pa.string()),
    ("REAL", pa.float64()),
    ("FLOA", pa.float64()),
    ("DOUB", pa.float64()),
    ("BOOL", pa.bool_()),
)


@dataclass(frozen=True, slots=True)
class Sqlite:
    """An SQLite file; names never differ by case alone."""

    address: Address
    mark: str = '"'
    fold: Fold | None = None

    def fields(self, query: str) -> tuple[Field, ...]:
        """Columns of a SELECT with their declared types.

        A temporary view (outside the file) is what SQLite tells declared types of; it also takes
        nothing but one SELECT.
        """
        with self._connected() as connection:
            try:
                connection.execute(f"CREATE TEMP VIEW gl_described AS {query}")
                rows = connection.execute("PRAGMA temp.table_info(gl_described)").fetchall()
                spatial = is_geopackage(connection)
            except (sqlite3.Error, sqlite3.Warning) as error:
                raise refused(self.address, query, error) from error
        names = [str(row[1]) for row in rows]
        return tuple(
            _field(_unnumbered(name, names[:k]), str(row[2]), spatial)
            for k, (name, row) in enumerate(zip(names, rows, strict=True))
        )

    def read(self, query: str, fields: Sequence[Field], crs: str | None) -> Iterator[Piece]:
        """Rows of a SELECT in one read transaction."""
        with self._connected() as connection:
            try:
                cursor = connection.execute(query)
                for start in count(0, BATCH_ROWS):
                    rows = cursor.fetchmany(BATCH_ROWS)
                    if not rows:
                        return
                    yield from self._pieces(rows, fields, crs, start)
            except sqlite3.Error as error:
                raise broken(self.address, error) from error

    def _pieces(
        self, rows: list[tuple[Any, ...]], fields: Sequence[Field], crs: str | None, start: int
    ) -> Iterator[Piece]:
        cells, srids = [], {}
        for place, (values, field) in enumerate(zip(zip(*rows, strict=True), fields, strict=False)):
            if not field.geometry:
                cells.append(_cells(values, field))
                continue
            wkb, found = unpacked(
                pa.array(values, pa.binary()), f"{self.address.shown}, column {field.name}"
            )
            cells.append(Cells(wkb, crs=crs))
            if crs is None:
                srids[place] = found
        names = [field.name for field in fields]
        yield from pieces(cells, srids, lambda k, srid: self._crs(srid, names[k]), start, len(rows))

    def _crs(self, srid: int, name: str) -> str:
        with self._connected() as connection:
            told = reference_system(connection, srid)
        if told is None:
            raise homeless(self.address, name, f"a geometry has the SRS {srid}")
        return told

    def tables(self) -> tuple[str, ...]:
        """Names of tables and views."""
        query = (
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )
        return tuple(str(name) for (name,) in self._asked(query))

    def table(self, name: str) -> Table:
        """Columns and keys of a table."""
        info = self._asked("SELECT name, pk FROM pragma_table_info(?) ORDER BY pk", name)
        links = self._asked(
            'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq',
            name,
        )
        keys = []
        for number in dict.fromkeys(row[0] for row in links):
            mine = [row for row in links if row[0] == number]
            other = str(mine[0][1])
            targets = tuple(str(row[3]) for row in mine)
            if None in (row[3] for row in mine):
                targets = self.table(other).primary_key
            keys.append(ForeignKey(tuple(str(row[2]) for row in mine), other, targets))
        primary = tuple(str(column) for column, place in info if place)
        return Table(name, self.fields(f"SELECT * FROM {delimited(name)}"), primary, tuple(keys))

    def _asked(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self._connected() as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(f"file:{quote(self.address.target)}?mode=ro", uri=True)
            connection.execute("SELECT 1 FROM sqlite_schema")
        except sqlite3.Error as error:
            raise unreachable(self.address, error) from error
        try:
            yield connection
        finally:
            connection.close()


def _unnumbered(name: str, before: list[str]) -> str:
    """A view numbers columns of one name (``ID``, ``ID:1``); this takes the number away."""
    plain = re.sub(r":\d+$", "", name)
    return plain if plain.casefold() in (other.casefold() for other in before) else name


def _field(name: str, declared: str, spatial: bool) -> Field:
    plain = declared.upper().split("(")[0]
    if spatial and plain in GEOMETRIES:
        return Field(name, pa.binary(), geometry=True)
    kind = next((kind for word, kind in _KINDS if word in plain), pa.string())
    datatype = next((datatype for word, datatype in _DECLARED if word in plain), None)
    dynamic = "" if plain and datatype != DECIMAL else ANY
    return Field(name, kind, datatype, declared=dynamic)


def _cells(values: tuple[Any, ...], field: Field) -> Cells:
    """Cells of a column of Python values; SQLite lets a column hold values of several types."""
    found = set(map(type, values)) - {type(None)}
    if len(found) > 1:
        return _mixed(values)
    match found.pop() if found else None:
        case None:
            return Cells(pa.nulls(len(values), pa.string()))
        case kind if kind is int:
            whole = pa.array(values, pa.int64())
            few = set(pc.unique(whole).drop_null().to_pylist()) <= {0, 1}
            if field.datatype == BOOLEAN and few:
                return Cells(pc.cast(whole, pa.bool_()))
            number = field.datatype == DECIMAL
            return typed(pc.cast(whole, pa.string()), DECIMAL) if number else Cells(whole)
        case kind if kind is float:
            real = pa.array(values, pa.float64())
            finite = field.datatype == DECIMAL and pc.all(pc.is_finite(real)).as_py()
            return typed(decimal_texts(real), DECIMAL) if finite else Cells(real)
        case kind if kind is str:
            return _texts(pa.array(values, pa.string()), field)
        case _:
            return natural(pa.array(values, pa.binary()), field)


def _texts(texts: pa.Array, field: Field) -> Cells:
    """Texts of a column declared as a time are times where they look like one."""
    form = _FORMS.get(field.datatype or "")
    if form is None:
        return Cells(texts)
    fits = pc.match_substring_regex(texts, form)
    if field.datatype == DATETIME:
        texts = pc.if_else(fits, pc.replace_substring(texts, " ", "T"), texts)
    return Cells(texts, kinds=pc.if_else(fits, field.datatype, XSD_STRING))


def _mixed(values: tuple[Any, ...]) -> Cells:
    texts = [
        value.hex().upper() if isinstance(value, bytes) else None if value is None else str(value)
        for value in values
    ]
    kinds = [_STORED.get(type(value), XSD_STRING) for value in values]
    return Cells(pa.array(texts, pa.string()), kinds=pa.array(kinds, pa.string()))

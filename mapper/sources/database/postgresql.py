"""PostgreSQL and PostGIS: Arrow batches through ADBC."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from ontology import CRSError, InputError, crs_iri

from ...terms.cells import Cells
from ..base import BATCH_ROWS
from .address import Address
from .identifiers import Fold, delimited
from .natural import DECIMAL, TIME, UNSURE, Field, natural
from .system import (
    NO_GEOMETRY,
    ForeignKey,
    Piece,
    Table,
    broken,
    homeless,
    pieces,
    refused,
    unreachable,
)

_PLAIN: Final = frozenset(
    [
        "bool",
        "int2",
        "int4",
        "int8",
        "float4",
        "float8",
        "numeric",
        "bpchar",
        "varchar",
        "text",
        "name",
        "bytea",
        "date",
        "timestamp",
        "timestamptz",
        "time",
        "json",
        "jsonb",
    ]
)
_LISTS: Final = frozenset(
    ["_int2", "_int4", "_int8", "_float4", "_float8", "_varchar", "_text", "_bool"]
)
_SPATIAL: Final = ("geometry", "geography")
_READ_ONLY: Final = (
    "SET default_transaction_read_only = on; SET TIME ZONE 'UTC'; SET DateStyle = 'ISO'; "
    "SET IntervalStyle = 'iso_8601'"
)
_SCHEMAS: Final = "nspname !~ '^pg_' AND nspname <> 'information_schema'"


@dataclass(frozen=True, slots=True)
class Postgresql:
    """A PostgreSQL database; regular identifiers are folded to lower case."""

    address: Address
    mark: str = '"'
    fold: Fold | None = str.lower

    def fields(self, query: str) -> tuple[Field, ...]:
        """Columns of a SELECT, as the server prepares it."""
        with self._cursor() as cursor:
            try:
                schema = cursor.adbc_execute_schema(_ended(query))
            except cursor.Refusal as error:
                raise refused(self.address, query, _said(error)) from error
            if not len(schema):
                raise refused(self.address, query, "it gives no columns")
            kinds = [_kind(one) for one in schema]
            place = self._postgis(cursor) if set(kinds) & set(_SPATIAL) else ""
        return tuple(_field(one, kind, place) for one, kind in zip(schema, kinds, strict=True))

    def read(self, query: str, fields: Sequence[Field], crs: str | None) -> Iterator[Piece]:
        """Rows of a SELECT; geometries have the CRS of their SRID, row by row.

        Raises
        ------
        CRSError
            A geometry has no SRID (or one that is not known), and the mapping declares no CRS.
        """
        with self._cursor() as cursor:
            try:
                cursor.execute(query)
                done = 0
                for record in cursor.fetch_record_batch():
                    for start in range(0, record.num_rows, BATCH_ROWS):
                        part = record.slice(start, BATCH_ROWS)
                        yield from self._pieces(part, fields, crs, done)
                        done += part.num_rows
            except (cursor.Refusal, pa.ArrowException, OSError) as error:
                raise broken(self.address, _said(error)) from error

    def _pieces(
        self, record: pa.RecordBatch, fields: Sequence[Field], crs: str | None, done: int
    ) -> Iterator[Piece]:
        """One piece for rows whose geometries have the same SRIDs."""
        places = _places(fields)
        cells = [
            Cells(record.column(k), crs=crs) if field.geometry else natural(record.column(k), field)
            for k, field in zip(places, fields, strict=True)
        ]
        srids = {
            place: record.column(k + 1).fill_null(NO_GEOMETRY).to_numpy()
            for place, (k, field) in enumerate(zip(places, fields, strict=True))
            if field.geometry and crs is None
        }
        names = [field.name for field in fields]
        yield from pieces(
            cells, srids, lambda k, srid: self._crs(srid, names[k]), done, record.num_rows
        )

    def _crs(self, srid: int, name: str) -> str:
        told = self._reference_system(srid) if srid else None
        if told is None:
            raise homeless(self.address, name, f"a geometry has the SRID {srid}")
        return told

    def tables(self) -> tuple[str, ...]:
        """Names of tables and views; with their schema where that is not public."""
        rows = self._asked(
            "SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
            f"WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND {_SCHEMAS} "
            "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') "
            "ORDER BY 1, 2"
        )
        return tuple(name if schema == "public" else f"{schema}.{name}" for schema, name in rows)

    def table(self, name: str) -> Table:
        """Columns and keys of a table."""
        schema, _, plain = name.rpartition(".") if name in self.tables() else ("", "", name)
        chain = f"{delimited(schema or 'public')}.{delimited(plain)}"
        rows = self._asked(
            "SELECT contype::text, string_agg(a.attname, chr(31) ORDER BY place), "
            "CASE WHEN confrelid <> 0 THEN confrelid::regclass::text END, "
            "string_agg(b.attname, chr(31) ORDER BY place) FROM pg_constraint "
            "CROSS JOIN LATERAL unnest(conkey, confkey) WITH ORDINALITY AS k(own, other, place) "
            "JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = own "
            "LEFT JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = other "
            f"WHERE conrelid = {_literal(chain)}::regclass AND contype IN ('p', 'f') "
            "GROUP BY pg_constraint.oid, contype, confrelid ORDER BY pg_constraint.oid"
        )
        primary = [tuple(row[1].split("\x1f")) for row in rows if row[0] == "p"]
        foreign = tuple(
            ForeignKey(tuple(row[1].split("\x1f")), _unquoted(row[2]), tuple(row[3].split("\x1f")))
            for row in rows
            if row[0] == "f"
        )
        fields = self.fields(f"SELECT * FROM {chain}")
        return Table(name, fields, primary[0] if primary else (), foreign)

    def _asked(self, query: str) -> list[tuple[Any, ...]]:
        with self._cursor() as cursor:
            try:
                cursor.execute(query)
                return list(cursor.fetchall())
            except cursor.Refusal as error:
                raise broken(self.address, error) from error

    def _postgis(self, cursor: Any) -> str:
        """Schema of PostGIS with a full stop behind it."""
        cursor.execute(
            "SELECT nspname::text FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace "
            "WHERE extname = 'postgis'"
        )
        (name,) = cursor.fetchone()
        return delimited(name) + "."

    def _reference_system(self, srid: int) -> str | None:
        with self._cursor() as cursor:
            query = f"SELECT auth_name, auth_srid FROM {self._postgis(cursor)}spatial_ref_sys"
            cursor.execute(f"{query} WHERE srid = {int(srid)}")
            found = cursor.fetchone()
        if found is None or None in found:
            return None
        try:
            return crs_iri(f"{found[0]}:{found[1]}")
        except CRSError:
            return None

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        driver = _driver()
        try:
            connection = driver.connect(self.address.target)
        except driver.Error as error:
            raise unreachable(self.address, error) from error
        try:
            with connection.cursor() as cursor:
                cursor.executescript(_READ_ONLY)
                connection.commit()
                cursor.Refusal = driver.Error
                yield cursor
        finally:
            connection.close()


def _driver() -> Any:
    try:
        import adbc_driver_postgresql.dbapi as driver  # an optional dependency
    except ImportError as error:
        raise InputError(
            "PostgreSQL needs a driver that is not installed",
            why=str(error),
            remedy='pip install "geoloom[postgresql]"',
        ) from error
    return driver


def _said(error: Exception) -> str:
    """What the server said, without the driver's frame and the query."""
    found = re.findall(r"^.*?\b(?:ERROR|FATAL|DETAIL|HINT):\s*(.*)$", str(error), re.MULTILINE)
    return "; ".join(found) or str(error)


def _ended(query: str) -> str:
    return query.strip().rstrip(";").rstrip()


def _kind(field: pa.Field) -> str:
    return str((field.metadata or {}).get(b"POSTGRESQL:type", b"").decode())


def _field(column: pa.Field, kind: str, postgis: str) -> Field:
    name = column.name
    if kind in _SPATIAL:
        read = f"{postgis}ST_AsBinary({{0}}) AS {{0}}, {postgis}ST_SRID({{0}}::{postgis}geometry)"
        return Field(name, pa.binary(), read=read, geometry=True)
    if kind == "numeric":
        modifier = (column.metadata or {}).get(b"POSTGRESQL:typmod", b"-1").decode()
        compared = f"{UNSURE} numerics" if modifier == "-1" else f"numeric {modifier}"
        return Field(name, pa.string(), DECIMAL, declared=compared)
    if kind == "bpchar":
        return Field(name, column.type, declared=f"{UNSURE} CHAR texts")
    if kind == "timetz":
        return Field(
            name, pa.string(), TIME, "regexp_replace({0}::text, '([+-]\\d\\d)$', '\\1:00')"
        )
    if kind in ("json", "jsonb") or kind not in _PLAIN | _LISTS:
        return Field(name, pa.string(), read="{0}::text")
    return Field(name, column.type)


def _places(fields: Sequence[Field]) -> list[int]:
    """Places of the fields in a record; behind a geometry stands its SRID."""
    widths = [2 if field.geometry else 1 for field in fields]
    return [sum(widths[:k]) for k in range(len(fields))]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _unquoted(chain: str) -> str:
    return chain.replace('"', "")

"""DuckDB: Arrow from the engine, with its GEOMETRY type."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from ontology import crs_from, crs_iri

from ...terms.cells import Cells
from ..base import BATCH_ROWS
from .address import Address
from .identifiers import Fold, delimited
from .natural import Field, natural
from .system import ForeignKey, Piece, Table, broken, homeless, refused, unreachable

_AS_TEXT: Final = ("INTERVAL", "BIT", "TIME WITH TIME ZONE", "STRUCT", "MAP", "UNION", "BIGNUM")
_EXTENSION: Final = b"ARROW:extension:name"
_ABOUT: Final = b"ARROW:extension:metadata"


@dataclass(frozen=True, slots=True)
class Duck:
    """A DuckDB file; names never differ by case alone."""

    address: Address
    mark: str = '"'
    fold: Fold | None = None

    def fields(self, query: str) -> tuple[Field, ...]:
        """Columns of a SELECT."""
        with self._connected() as connection:
            try:
                statements = connection.extract_statements(query)
                if [one.type for one in statements] != [duckdb.StatementType.SELECT]:
                    raise refused(self.address, query, "it is not one SELECT")
                told = connection.execute(f"DESCRIBE {query}").fetchall()
                empty = connection.execute(f"SELECT * FROM (\n{query}\n) LIMIT 0")
                schema = empty.to_arrow_reader(1).schema
            except duckdb.Error as error:
                raise refused(self.address, query, error) from error
        return tuple(_field(row[0], row[1], one) for row, one in zip(told, schema, strict=True))

    def read(self, query: str, fields: Sequence[Field], crs: str | None) -> Iterator[Piece]:
        """Rows of a SELECT.

        Raises
        ------
        CRSError
            A geometry's type names no CRS, and the mapping declares none.
        """
        for field in fields:
            if field.geometry and crs is None and field.crs is None:
                raise homeless(self.address, field.name, "its type GEOMETRY names none")
        with self._connected() as connection:
            try:
                done = 0
                for record in connection.execute(query).to_arrow_reader(BATCH_ROWS):
                    cells = tuple(
                        Cells(values, crs=crs or field.crs)
                        if field.geometry
                        else natural(values, field)
                        for values, field in zip(record.columns, fields, strict=True)
                    )
                    yield Piece(cells, np.arange(done, done + record.num_rows))
                    done += record.num_rows
            except (duckdb.Error, pa.ArrowException, OSError) as error:
                raise broken(self.address, error) from error

    def tables(self) -> tuple[str, ...]:
        """Names of tables and views; with their schema where that is not main."""
        query = (
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_catalog = current_database() ORDER BY ALL"
        )
        return tuple(
            str(name) if schema == "main" else f"{schema}.{name}"
            for schema, name in self._asked(query)
        )

    def table(self, name: str) -> Table:
        """Columns and keys of a table."""
        schema, dot, plain = name.rpartition(".") if name in self.tables() else ("", "", name)
        chain = f"{delimited(schema)}.{delimited(plain)}" if dot else delimited(name)
        rows = self._asked(
            "SELECT constraint_type, constraint_column_names, referenced_table, "
            "referenced_column_names FROM duckdb_constraints() WHERE table_name = ? "
            "AND schema_name = ? AND database_name = current_database()",
            plain,
            schema or "main",
        )
        primary = [tuple(row[1]) for row in rows if row[0] == "PRIMARY KEY"]
        foreign = (
            ForeignKey(tuple(row[1]), row[2], tuple(row[3]))
            for row in rows
            if row[0] == "FOREIGN KEY"
        )
        fields = self.fields(f"SELECT * FROM {chain}")
        return Table(name, fields, primary[0] if primary else (), tuple(foreign))

    def _asked(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self._connected() as connection:
            return list(connection.execute(query, values).fetchall())

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        config: dict[str, Any] = {"allow_unsigned_extensions": "true"}
        try:
            connection = duckdb.connect(self.address.target, read_only=True, config=config)
            connection.execute(f"LOAD '{_spatial()}'")
        except duckdb.Error as error:
            raise unreachable(self.address, error) from error
        try:
            yield connection
        finally:
            connection.close()


def _spatial() -> Path:
    """The spatial extension that fits this DuckDB, as its wheel brings it."""
    spec = importlib.util.find_spec("duckdb_extension_spatial")
    folders = (spec.submodule_search_locations or []) if spec else []
    return (
        Path(next(iter(folders), "."))
        / "extensions"
        / f"v{duckdb.__version__}"
        / "spatial.duckdb_extension"
    )


def _field(name: str, declared: str, arrow: pa.Field) -> Field:
    about = arrow.metadata or {}
    if about.get(_EXTENSION) == b"geoarrow.wkb":
        found = json.loads(about.get(_ABOUT, b"{}")).get("crs")
        text = json.dumps(found) if isinstance(found, dict) else found
        crs = None if text is None else crs_iri(crs_from(text).to_wkt())
        return Field(name, pa.binary(), read="ST_AsWKB({0})", geometry=True, crs=crs)
    if declared.split("(")[0] in _AS_TEXT and not declared.endswith("]"):
        return Field(name, pa.string(), read="{0}::VARCHAR")
    compared = ""
    if pa.types.is_decimal(arrow.type):
        compared = declared.lower() if arrow.type.scale else "integer"
    return Field(name, arrow.type, declared=compared)

"""Relational databases: SQLite, DuckDB, PostgreSQL with PostGIS, MySQL and MariaDB."""

from .source import DatabaseSource, connect, open_database, public_url
from .system import ForeignKey, System, Table

__all__ = [
    "DatabaseSource",
    "ForeignKey",
    "System",
    "Table",
    "connect",
    "open_database",
    "public_url",
]

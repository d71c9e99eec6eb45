"""Where databases are, and that their secrets stay secret."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from mapper.language.model import Database
from mapper.sources.database.address import Address, address
from ontology import InputError, MappingError, UnsupportedError

JDBC = "jdbc:postgresql://db.example.org:5433/farm"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sqlite3.connect(tmp_path / "a.db").executescript("CREATE TABLE t (x)").connection.close()
    duckdb.connect(str(tmp_path / "b.db")).close()
    (tmp_path / "c.db").write_text("neither of them")
    return tmp_path


@pytest.mark.parametrize("url", ["a.db", "sqlite:///a.db", "jdbc:sqlite:a.db", "sqlite:a.db"])
def test_files_of_sqlite(folder: Path, url: str) -> None:
    found = address(Database(url), folder)
    assert (found.system, found.target) == ("sqlite", str(folder / "a.db"))


@pytest.mark.parametrize("url", ["{0}/b.db", "duckdb:///{0}/b.db", "jdbc:duckdb:{0}/b.db"])
def test_files_of_duckdb_by_absolute_paths(folder: Path, url: str) -> None:
    found = address(Database(url.format(folder)), Path("/nowhere"))
    assert (found.system, found.target) == ("duckdb", str(folder / "b.db"))


@pytest.mark.parametrize(
    ("database", "target", "shown"),
    [
        (
            Database(JDBC, "ann", "p@ss/w"),
            "postgresql://ann:p%40ss%2Fw@db.example.org:5433/farm",
            "postgresql://ann@db.example.org:5433/farm",
        ),
        (
            Database(f"{JDBC}?user=ann&password=p%40ss&sslmode=require"),
            "postgresql://ann:p%40ss@db.example.org:5433/farm?sslmode=require",
            "postgresql://ann@db.example.org:5433/farm?sslmode=require",
        ),
        (
            Database("postgres://ann:secret@host/farm?sslpassword=deep"),
            "postgresql://ann:secret@host/farm?sslpassword=deep",
            "postgresql://ann@host/farm",
        ),
        (Database("postgresql:///farm"), "postgresql:///farm", "postgresql:///farm"),
        (Database("mariadb://host/farm"), "mysql://host/farm", "mysql://host/farm"),
    ],
)
def test_servers(database: Database, target: str, shown: str) -> None:
    found = address(database, Path("/nowhere"))
    assert (found.target, found.shown) == (target, shown)
    for secret in found.secrets:
        assert secret not in found.shown


def test_messages_of_drivers_lose_their_secrets() -> None:
    place = Address("postgresql", "", "", ("p@ss/w",))
    assert place.scrub('no "p@ss/w" at\nann:p%40ss%2Fw@host') == 'no "***" at ann:***@host'


@pytest.mark.parametrize(
    ("url", "kind", "what"),
    [
        ("nothing.db", InputError, "does not exist"),
        ("c.db", InputError, "no database"),
        ("sqlite:///b.db", InputError, "of duckdb"),
        ("jdbc:sqlserver://host;databaseName=x", UnsupportedError, "sqlserver"),
        ("oracle://host/x", UnsupportedError, "oracle"),
        ("", MappingError, "no URL"),
    ],
)
def test_what_is_none(folder: Path, url: str, kind: type[Exception], what: str) -> None:
    with pytest.raises(kind, match=what):
        address(Database(url), folder)

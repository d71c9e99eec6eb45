from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ontology import StoreError
from store.engine import connection
from store.engine.connection import connect, naming_damage


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("reach")
    (folder / "inside").mkdir()
    (folder / "outside.csv").write_text("a\n1\n")
    (folder / "inside" / "inside.csv").write_text("a\n1\n")
    return connect(folder=folder / "inside", threads=1, memory_limit="500MB")


def _folder(con: duckdb.DuckDBPyConnection) -> Path:
    row = con.execute("SELECT current_setting('allowed_directories')").fetchone()
    assert row is not None
    return next(Path(name) for name in row[0] if "inside" in name)


def test_spatial_is_loaded_and_xy(con: duckdb.DuckDBPyConnection) -> None:
    text = "SELECT ST_X(ST_Transform(ST_Point(14, 48), 'EPSG:4326', 'EPSG:3857'))::INT"
    assert con.execute(text).fetchone() == (1558473,)
    assert con.cursor().execute(text).fetchone() == (1558473,)


def test_only_the_folder_can_be_reached(con: duckdb.DuckDBPyConnection) -> None:
    folder = _folder(con)
    assert con.execute(f"FROM read_csv('{folder}/inside.csv')").fetchall() == [(1,)]
    for query in (
        f"FROM read_csv('{folder}/../outside.csv')",
        "FROM read_text('/etc/hostname')",
        f"COPY (SELECT 1) TO '{folder.parent}/out.csv'",
        "FROM read_csv('https://example.org/a.csv')",
        f"ATTACH '{folder.parent}/x.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
    ):
        with pytest.raises(duckdb.Error):
            con.execute(query)


def test_settings_are_locked(con: duckdb.DuckDBPyConnection) -> None:
    for setting in ("threads = 8", "memory_limit = '8GB'", "enable_external_access = true"):
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            con.cursor().execute(f"SET {setting}")


def test_without_a_folder_nothing_can_be_read() -> None:
    with pytest.raises(duckdb.PermissionException):
        connect(threads=1).execute("FROM read_text('/etc/hostname')")


def test_missing_extension_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_packaged_extension", lambda: Path("/nowhere/x.extension"))
    with pytest.raises(StoreError, match="pip install duckdb-extension-spatial"):
        connect()


def test_only_complaints_about_files_become_store_errors() -> None:
    def complain(message: str) -> None:
        with naming_damage():
            raise duckdb.IOException(message)

    with pytest.raises(StoreError) as caught:
        complain('IO Error: No files found that match the pattern "/s/lanes/a.parquet"\n\nLINE 1')
    assert caught.value.where == "/s/lanes/a.parquet"
    with pytest.raises(duckdb.IOException):
        complain("IO Error: something else")

"""GeoPackages asked with SQL give the geometries that OGR reads from them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import geopandas
import pytest
import shapely

from ontology import CRSError, InputError
from tests.mapper.conftest import Runner
from tests.mapper.databases.test_sqlite import QUERY, TABLE

SHAPES = [
    "POINT (500000 5300000)",
    "POINT Z (500000 5300000 7)",
    "POLYGON ((500000 5300000, 500100 5300000, 500100 5300100, 500000 5300000))",
    None,
    "MULTILINESTRING ((500000 5300000, 500001 5300001), (500002 5300000, 500003 5300001))",
    "POLYGON EMPTY",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    geometries = [None if text is None else shapely.from_wkt(text) for text in SHAPES]
    frame = geopandas.GeoDataFrame(
        {"id": range(1, len(SHAPES) + 1), "crop": [1, 2, 1, 2, 1, 2]},
        geometry=geometries,
        crs="EPSG:25832",
    )
    frame.to_file(tmp_path / "in.gpkg", layer="parcel", engine="pyogrio")
    connection = sqlite3.connect(tmp_path / "in.gpkg")
    connection.executescript(
        "CREATE TABLE crop (code INTEGER, name TEXT);INSERT INTO crop VALUES (1, 'rye'), (2, 'oat')"
    )
    connection.close()
    return tmp_path / "in.gpkg"


VECTOR = (
    '[ rml:source [ a rml:FilePath ; rml:path "in.gpkg" ] ; gl:layer "parcel" ; '
    "rml:referenceFormulation gl:Vector ]"
)


def test_geometries_are_those_that_ogr_reads(
    file: Path, run: Runner, turtle: Callable[..., str]
) -> None:
    wanted = run.objects(turtle('rml:reference "geometry"', source=VECTOR))
    assert len(wanted) == len(SHAPES) - 1
    by_name = turtle('rml:reference "geom"', source=TABLE.format("parcel"))
    assert run.objects(by_name, database=str(file)) == wanted
    as_any = turtle('rml:reference "geometry"', source=TABLE.format("parcel"))
    assert run.objects(as_any, database=str(file)) == wanted


def test_a_join_in_sql_keeps_the_geometry(
    file: Path, run: Runner, turtle: Callable[..., str]
) -> None:
    query = (
        "SELECT p.id, p.geom, c.name FROM parcel p JOIN crop c ON c.code = p.crop WHERE p.id < 3"
    )
    mapping = turtle('rml:reference "geom"', 'rml:reference "name"', source=QUERY.format(query))
    assert run.objects(mapping, "p1", database=str(file)) == ['"oat"', '"rye"']
    assert len(run.objects(mapping, "p0", database=str(file))) == 2


def test_another_reference_system_a_row(
    file: Path, run: Runner, turtle: Callable[..., str]
) -> None:
    connection = sqlite3.connect(file)
    connection.executescript(
        "CREATE TABLE both (id INTEGER, geom POINT);"
        "INSERT INTO both SELECT id, geom FROM parcel WHERE id = 1;"
        f"INSERT INTO both VALUES (2, x'47500001E6100000{shapely.Point(9, 48).wkb_hex}'), (3, NULL)"
    )
    connection.close()
    mapping = turtle('rml:reference "geom"', source=TABLE.format("both"))
    found = run.objects(mapping, database=str(file))
    assert any(text.startswith('"POINT (9 48)"') for text in found)
    assert len(found) == 2


@pytest.mark.parametrize(
    ("change", "kind", "what"),
    [
        ("UPDATE parcel SET geom = x'00010203' WHERE id = 1", InputError, "as GeoPackages have it"),
        (
            "UPDATE parcel SET geom = x'4750000100000000' || substr(geom, 9) WHERE id = 1",
            CRSError,
            "SRS 0.*gl:crs",
        ),
    ],
)
def test_geometries_that_are_none(
    file: Path,
    run: Runner,
    turtle: Callable[..., str],
    change: str,
    kind: type[Exception],
    what: str,
) -> None:
    connection = sqlite3.connect(file)
    for name, event in connection.execute(
        "SELECT name, type FROM sqlite_schema WHERE type = 'trigger'"
    ).fetchall():
        connection.execute(f'DROP {event} "{name}"')
    connection.execute(change)
    connection.execute("UPDATE parcel SET geom = CAST(geom AS BLOB)")
    connection.commit()
    connection.close()
    with pytest.raises(kind, match=what):
        run(turtle('rml:reference "geom"', source=TABLE.format("parcel")), database=str(file))
    assert not (run.folder / "out.nq").exists()

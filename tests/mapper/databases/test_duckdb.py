"""DuckDB: natural types, its GEOMETRY type, refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from mapper.sources.base import BATCH_ROWS
from mapper.sources.database import connect
from mapper.sources.database.duck import _spatial
from ontology import CRSError, InputError, MappingError
from tests.mapper.conftest import Runner
from tests.mapper.databases.test_sqlite import QUERY, TABLE, XSD, r2rml

Make = Callable[[str], str]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a database of a script; gives its URL."""

    def made(script: str) -> str:
        file = tmp_path / "farm.duckdb"
        config: dict[str, str | bool | int | float | list[str]] = {
            "allow_unsigned_extensions": "true",
            "storage_compatibility_version": "latest",
        }
        with duckdb.connect(str(file), config=config) as connection:
            connection.execute(f"LOAD '{_spatial()}'; {script}")
        return f"duckdb:///{file}"

    return made


NATURAL = [
    ("HUGEINT", "170141183460469231731687303715884105727", "integer"),
    ("UBIGINT", "18446744073709551615", "integer"),
    ("FLOAT", "70.22", "double"),
    ("DOUBLE", "1e-07", "double"),
    ("DECIMAL(10, 2)", "12.50", "decimal"),
    ("BOOLEAN", "false", "boolean"),
    ("DATE", "2020-02-29", "date"),
    ("TIMESTAMP", "2009-10-10T12:12:22", "dateTime"),
    ("TIME", "12:00:01", "time"),
    ("UUID", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", ""),
    ("INTERVAL", "1 day", ""),
    ("BIT", "101", ""),
    ("STRUCT(a INTEGER)", "{'a': 1}", ""),
]


def test_values_have_their_natural_datatype(
    make: Make, run: Runner, turtle: Callable[..., str]
) -> None:
    columns = ", ".join(f"v{k} {kind}" for k, (kind, _, _) in enumerate(NATURAL))
    values = ", ".join("'" + text.replace("'", "''") + "'" for _, text, _ in NATURAL)
    url = make(f"CREATE TABLE t (id INTEGER, {columns}); INSERT INTO t VALUES (1, {values})")
    maps = [f'rml:reference "v{k}"' for k in range(len(NATURAL))]
    run(turtle(*maps, source=TABLE.format("t")), database=url, on_bad="fail")
    for k, (kind, text, name) in enumerate(NATURAL):
        found = run.objects(turtle(maps[k], source=TABLE.format("t")), database=url)
        assert found == [f'"{text}"{XSD}{name}>' if name else f'"{text}"'], kind


def test_bytes_and_lists(make: Make, run: Runner, turtle: Callable[..., str]) -> None:
    url = make("CREATE TABLE t AS SELECT 1 AS id, '\\xDE\\xAD'::BLOB AS b, [1, 2] AS l")
    mapping = turtle('rml:reference "b"', 'rml:reference "l"', source=TABLE.format("t"))
    assert run.objects(mapping, "p0", database=url) == [f'"DEAD"{XSD}hexBinary>']
    assert run.objects(mapping, "p1", database=url) == [f'"{k}"{XSD}integer>' for k in (1, 2)]


def test_geometry_with_its_crs(make: Make, run: Runner, turtle: Callable[..., str]) -> None:
    url = make(
        "CREATE TABLE t AS SELECT 1 AS id, ST_Point(500000, 5300000)::GEOMETRY('EPSG:25832') AS g"
    )
    mapping = turtle(
        'rml:reference "g"',
        source=TABLE.format("t").replace("]", '; gl:targetCRS "source" ]'),
    )
    (found,) = run.objects(mapping, database=url)
    assert found.startswith('"<http://www.opengis.net/def/crs/EPSG/0/25832> POINT (500000 53')
    assert connect(url).table("t").fields[1].crs == "http://www.opengis.net/def/crs/EPSG/0/25832"


def test_geometry_without_crs_is_refused(
    make: Make, run: Runner, turtle: Callable[..., str]
) -> None:
    url = make("CREATE TABLE t AS SELECT 1 AS id, ST_Point(9, 48) AS g")
    with pytest.raises(CRSError, match="gl:crs"):
        run(turtle('rml:reference "g"', source=TABLE.format("t")), database=url)
    source = TABLE.format("t").replace("]", '; gl:crs "EPSG:4326" ]')
    (found,) = run.objects(turtle('rml:reference "g"', source=source), database=url)
    assert found.startswith('"POINT (9 48)"')


def test_doubles_of_r2rml_are_canonical(make: Make, run: Runner) -> None:
    url = make('CREATE TABLE "Plot" ("Id" INTEGER, v DOUBLE); INSERT INTO "Plot" VALUES (1, 30)')
    mapping = r2rml('rr:tableName "plot"', 'rr:template "http://example.com/{ID}"', 'rr:column "V"')
    assert run.objects(mapping, database=url) == [f'"3.0E1"{XSD}double>']


def test_more_rows_than_a_batch(make: Make, run: Runner, turtle: Callable[..., str]) -> None:
    count = BATCH_ROWS * 2 + 7
    url = make(f"CREATE TABLE t AS SELECT range AS id FROM range({count})")
    found = run.objects(turtle('rml:reference "id"', source=TABLE.format("t")), database=url)
    assert len(set(found)) == count


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("SELECT missing FROM t", '"missing" not found'),
        ("DELETE FROM t", "not one SELECT"),
        ("SELECT 1 AS id; SELECT 2 AS id", "not one SELECT"),
        ("COPY t TO 'out.csv'", "not one SELECT"),
        ("SELECT id, id FROM t", "several columns the name 'id'"),
    ],
)
def test_nothing_but_a_select_is_run(
    make: Make, run: Runner, turtle: Callable[..., str], query: str, what: str
) -> None:
    url = make("CREATE TABLE t AS SELECT 1 AS id")
    with pytest.raises(MappingError, match=what):
        run(turtle('rml:reference "id"', source=QUERY.format(query)), database=url)


def test_tables_tell_their_keys(make: Make) -> None:
    url = make(
        "CREATE TABLE a (x INTEGER, y INTEGER, PRIMARY KEY (y, x));"
        "CREATE TABLE b (id INTEGER PRIMARY KEY, u INTEGER, v INTEGER,"
        " FOREIGN KEY (u, v) REFERENCES a (y, x)); CREATE SCHEMA s; CREATE TABLE s.c (z INTEGER)"
    )
    system = connect(url)
    assert system.tables() == ("a", "b", "s.c")
    table = system.table("b")
    assert table.primary_key == ("id",)
    assert [(k.columns, k.table, k.targets) for k in table.foreign_keys] == [
        (("u", "v"), "a", ("y", "x"))
    ]
    assert [field.name for field in system.table("s.c").fields] == ["z"]


def test_a_query_that_fails_while_it_is_read_leaves_nothing(
    make: Make, run: Runner, turtle: Callable[..., str]
) -> None:
    url = make("CREATE TABLE t AS SELECT range AS id FROM range(400000)")
    query = "SELECT id, CASE WHEN id > 399000 THEN error('no more') ELSE 'x' END AS v FROM t"
    mapping = turtle('rml:reference "v"', source=QUERY.format(query))
    with pytest.raises(InputError, match=r"failed while it was read.*no more"):
        run(mapping, database=url)
    assert not (run.folder / "out.nq").exists()

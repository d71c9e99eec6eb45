"""MySQL and MariaDB: natural types, identifiers, refusals; on a server of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mapper.sources.base import BATCH_ROWS
from mapper.sources.database import connect
from ontology import CRSError, InputError, MappingError
from tests.mapper.conftest import Runner
from tests.mapper.databases.mariadb import Mariadb
from tests.mapper.databases.test_sqlite import QUERY, TABLE, XSD, r2rml

NATURAL = [
    ("BIGINT UNSIGNED", "18446744073709551615", f'"18446744073709551615"{XSD}integer>'),
    ("SMALLINT", "-7", f'"-7"{XSD}integer>'),
    ("FLOAT", "70.22", f'"70.22"{XSD}double>'),
    ("DOUBLE", "30", f'"30.0"{XSD}double>'),
    ("DECIMAL(10,2)", "12.50", f'"12.50"{XSD}decimal>'),
    ("BOOLEAN", "TRUE", f'"true"{XSD}boolean>'),
    ("BIT(1)", "b'0'", f'"false"{XSD}boolean>'),
    ("BIT(9)", "b'1'", f'"0001"{XSD}hexBinary>'),
    ("TINYINT(1)", "7", f'"7"{XSD}integer>'),
    ("DATE", "'2020-02-29'", f'"2020-02-29"{XSD}date>'),
    ("DATETIME", "'2009-10-10 12:12:22'", f'"2009-10-10T12:12:22"{XSD}dateTime>'),
    ("TIME", "'12:00:01'", f'"12:00:01"{XSD}time>'),
    ("VARBINARY(4)", "x'00ff'", f'"00FF"{XSD}hexBinary>'),
    ("VARCHAR(20) CHARACTER SET utf8mb4", "'naïve 😀'", '"naïve 😀"'),
    ("ENUM('glad', 'sad')", "'glad'", '"glad"'),
]


@pytest.fixture(scope="module")
def natural(mysql: Mariadb) -> str:
    columns = ", ".join(f"v{k} {kind}" for k, (kind, _, _) in enumerate(NATURAL))
    values = ", ".join(value for _, value, _ in NATURAL)
    return mysql.script(
        "natural",
        f"CREATE TABLE t (id INT, {columns}); INSERT INTO t VALUES (1, {values});"
        "INSERT INTO t (id) VALUES (2)",
    )


@pytest.mark.parametrize("place", range(len(NATURAL)), ids=[kind for kind, _, _ in NATURAL])
def test_values_have_their_natural_datatype(
    natural: str, run: Runner, turtle: Callable[..., str], place: int
) -> None:
    mapping = turtle(f'rml:reference "v{place}"', source=TABLE.format("t"))
    assert run.objects(mapping, database=natural, on_bad="fail") == [NATURAL[place][2]]


def test_identifiers_of_r2rml_are_those_of_the_standard(mysql: Mariadb, run: Runner) -> None:
    url = mysql.script(
        "names", "CREATE TABLE Plot (`Id` INT, `my name` TEXT); INSERT INTO Plot VALUES (1, 'x')"
    )
    query = 'rr:sqlQuery "SELECT \\"Id\\", \\"my name\\" || \'!\' AS full FROM \\"Plot\\""'
    mapping = r2rml(query, 'rr:template "http://example.com/{ID}"', 'rr:column "\\"full\\""')
    assert run.objects(mapping, database=url) == ['"x!"']
    table = r2rml(
        'rr:tableName "\\"Plot\\""',
        'rr:template "http://example.com/{Id}"',
        'rr:column "\\"my name\\""',
    )
    assert run.objects(table, database=url) == ['"x"']


def test_more_rows_than_a_batch(mysql: Mariadb, run: Runner, turtle: Callable[..., str]) -> None:
    count = BATCH_ROWS + 7
    url = mysql.script(
        "many",
        "SET max_recursive_iterations = 1000000; CREATE TABLE t (id INT); INSERT INTO t "
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL "
        f"SELECT x + 1 FROM n WHERE x < {count}) SELECT x FROM n",
    )
    found = run.objects(turtle('rml:reference "id"', source=TABLE.format("t")), database=url)
    assert len(set(found)) == count


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("SELECT missing FROM t", "Unknown column 'missing'"),
        ("DELETE FROM t", "SQL syntax"),
        ("SELECT 1 AS id; DELETE FROM t", "SQL syntax"),
        ("SELECT id, id FROM t", "Duplicate column name"),
    ],
)
def test_nothing_but_a_select_is_run(
    mysql: Mariadb, run: Runner, turtle: Callable[..., str], query: str, what: str
) -> None:
    url = mysql.script("kept", "CREATE TABLE t (id INT); INSERT INTO t VALUES (1)")
    with pytest.raises(MappingError, match=what):
        run(turtle('rml:reference "id"', source=QUERY.format(query)), database=url)
    mapping = turtle('rml:reference "id"', source=TABLE.format("t"))
    assert run.objects(mapping, database=url) == [f'"1"{XSD}integer>']


def test_a_date_that_is_none_makes_a_bad_row(
    mysql: Mariadb, run: Runner, turtle: Callable[..., str]
) -> None:
    url = mysql.script(
        "odd", "SET sql_mode = ''; CREATE TABLE t (id INT, v DATE); INSERT INTO t VALUES (1, 0)"
    )
    run(turtle('rml:reference "v"', source=TABLE.format("t")), database=url)
    assert run.report is not None
    assert [bad.row for bad in run.report.quarantine] == [1]


def test_a_server_that_is_away_is_named_without_the_password(
    run: Runner, turtle: Callable[..., str]
) -> None:
    with pytest.raises(InputError, match="cannot be opened") as caught:
        run(turtle(source=TABLE.format("t")), database="mysql://ann:s3cret@127.0.0.1:9/x")
    assert "s3cret" not in str(caught.value.as_dict())


def test_tables_tell_their_keys(mysql: Mariadb) -> None:
    url = mysql.script(
        "linked",
        "CREATE TABLE a (x INT, y INT, PRIMARY KEY (y, x));"
        "CREATE TABLE b (id INT PRIMARY KEY, u INT, v INT,"
        " FOREIGN KEY (u, v) REFERENCES a (y, x))",
    )
    system = connect(url)
    assert system.tables() == ("a", "b")
    table = system.table("b")
    assert table.primary_key == ("id",)
    assert [(k.columns, k.table, k.targets) for k in table.foreign_keys] == [
        (("u", "v"), "a", ("y", "x"))
    ]
    assert system.table("a").primary_key == ("y", "x")


def test_geometry_needs_a_declared_crs(
    mysql: Mariadb, run: Runner, turtle: Callable[..., str]
) -> None:
    url = mysql.script(
        "places",
        "CREATE TABLE t (id INT, g GEOMETRY); INSERT INTO t VALUES "
        "(1, ST_GeomFromText('POINT(9 48)')), (2, NULL)",
    )
    with pytest.raises(CRSError, match="gl:crs"):
        run(turtle('rml:reference "g"', source=TABLE.format("t")), database=url)
    source = TABLE.format("t").replace("]", '; gl:crs "EPSG:4326" ]')
    (found,) = run.objects(turtle('rml:reference "g"', source=source), database=url)
    assert found.startswith('"POINT (9 48)"')

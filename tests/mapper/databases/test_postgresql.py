"""PostgreSQL: natural types, identifiers, PostGIS geometry, refusals; on a server of its own."""

from __future__ import annotations

from collections.abc import Callable

import pyproj
import pytest
import shapely

from mapper.sources.base import BATCH_ROWS
from mapper.sources.database import connect
from ontology import CRSError, InputError, MappingError, UnsupportedError
from tests.mapper.conftest import Runner
from tests.mapper.databases.postgresql import Cluster
from tests.mapper.databases.test_sqlite import QUERY, TABLE, XSD, r2rml

POSTGIS = "CREATE SCHEMA gis; CREATE EXTENSION postgis SCHEMA gis; SET search_path = public, gis;"


NATURAL = [
    ("bigint", "9007199254740993", f'"9007199254740993"{XSD}integer>'),
    ("smallint", "-7", f'"-7"{XSD}integer>'),
    ("oid", "4000000000", '"4000000000"'),
    ("real", "70.22", f'"70.22"{XSD}double>'),
    ("double precision", "1.65", f'"1.65"{XSD}double>'),
    ("double precision", "'-Infinity'", f'"-INF"{XSD}double>'),
    ("numeric(10,3)", "12.500", f'"12.500"{XSD}decimal>'),
    ("numeric", "1e-20", f'"0.00000000000000000001"{XSD}decimal>'),
    ("char(5)", "'ab'", '"ab   "'),
    ("varchar(9)", "'naïve 😀'", '"naïve 😀"'),
    ("boolean", "TRUE", f'"true"{XSD}boolean>'),
    ("bytea", "'\\x00ff'", f'"00FF"{XSD}hexBinary>'),
    ("date", "'2020-02-29'", f'"2020-02-29"{XSD}date>'),
    ("timestamp", "'2009-10-10 12:12:22'", f'"2009-10-10T12:12:22"{XSD}dateTime>'),
    ("timestamptz", "'2009-10-10 12:12:22+02'", f'"2009-10-10T10:12:22Z"{XSD}dateTime>'),
    ("time", "'12:00:01.5'", f'"12:00:01.5"{XSD}time>'),
    ("time", "'24:00:00'", f'"24:00:00"{XSD}time>'),
    ("timetz", "'12:00:01+02'", f'"12:00:01+02:00"{XSD}time>'),
    ("interval", "'1 day'", '"P1D"'),
    ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'),
    ("jsonb", "'[1]'", '"[1]"'),
    ("mood", "'glad'", '"glad"'),
    ("inet", "'10.0.0.1'", '"10.0.0.1/32"'),
    ("xml", "'<a/>'", '"<a/>"'),
    ("int4range", "'[1,2)'", '"[1,2)"'),
]


@pytest.fixture(scope="module")
def natural(postgresql: Cluster) -> str:
    columns = ", ".join(f"v{k} {kind}" for k, (kind, _, _) in enumerate(NATURAL))
    values = ", ".join(value for _, value, _ in NATURAL)
    return postgresql.script(
        "natural",
        "CREATE TYPE mood AS ENUM ('glad', 'sad');"
        f"CREATE TABLE t (id int, {columns}); INSERT INTO t VALUES (1, {values});"
        "INSERT INTO t VALUES (2)",
    )


@pytest.mark.parametrize("place", range(len(NATURAL)), ids=[kind for kind, _, _ in NATURAL])
def test_values_have_their_natural_datatype(
    natural: str, run: Runner, turtle: Callable[..., str], place: int
) -> None:
    mapping = turtle(f'rml:reference "v{place}"', source=TABLE.format("t"))
    assert run.objects(mapping, database=natural, on_bad="fail") == [NATURAL[place][2]]


def test_lists_give_several_values(
    postgresql: Cluster, run: Runner, turtle: Callable[..., str]
) -> None:
    url = postgresql.script(
        "lists", "CREATE TABLE t (id int, v text[]); INSERT INTO t VALUES (1, '{a,b}'), (2, '{}')"
    )
    mapping = turtle('rml:reference "v"', source=TABLE.format("t"))
    assert run.objects(mapping, database=url) == ['"a"', '"b"']


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("timestamp", "infinity"),
        ("date", "-infinity"),
        ("date", "0044-03-15 BC"),
        ("numeric", "NaN"),
    ],
)
def test_values_that_xsd_does_not_have_make_bad_rows(
    postgresql: Cluster, run: Runner, turtle: Callable[..., str], kind: str, value: str
) -> None:
    url = postgresql.script(
        "odd", f"CREATE TABLE t (id int, v {kind}); INSERT INTO t VALUES (1, '{value}'), (2, NULL)"
    )
    run(turtle('rml:reference "v"', source=TABLE.format("t")), database=url)
    assert run.report is not None
    assert [bad.row for bad in run.report.quarantine] == [1]
    assert run.report.rows_mapped == 1


def test_identifiers(postgresql: Cluster, run: Runner, turtle: Callable[..., str]) -> None:
    url = postgresql.script(
        "names",
        'CREATE SCHEMA "My Farm"; CREATE TABLE "My Farm"."Plot" (id int, "Id" int, "a""b" int);'
        'INSERT INTO "My Farm"."Plot" VALUES (1, 2, 3)',
    )
    table = 'rr:tableName "\\"My Farm\\".\\"Plot\\""'
    subject = 'rr:template "http://example.com/{ID}"'
    columns = ('rr:column "Id"', 'rr:column "\\"Id\\""', 'rr:column "\\"a\\"\\"b\\""')
    found = run(r2rml(table, subject, *columns), database=url)
    assert sorted(str(quad.object) for quad in found) == [f'"{k}"{XSD}integer>' for k in (1, 2, 3)]
    with pytest.raises(MappingError, match="no column 'Plot'"):
        run(r2rml(table, subject, 'rr:column "Plot"'), database=url)
    with pytest.raises(MappingError, match=r"no such table.*My Farm\.Plot"):
        run(r2rml('rr:tableName "Plot"', subject), database=url)


@pytest.mark.parametrize(
    ("child", "parent", "joined"),
    [
        ("int", "bigint", True),
        ("text", "varchar(5)", True),
        ("char(5)", "char(6)", False),
        ("numeric(9,2)", "numeric(9,2)", True),
        ("numeric(9,2)", "numeric(9,3)", False),
        ("numeric", "numeric", False),
        ("char(5)", "varchar(5)", False),
        ("int", "double precision", False),
        ("int", "text", False),
    ],
)
def test_joins_are_those_of_the_database_or_refused(
    postgresql: Cluster, run: Runner, child: str, parent: str, joined: bool
) -> None:
    url = postgresql.script(
        "joined",
        f"CREATE TABLE c (k {child}); INSERT INTO c VALUES (7);"
        f"CREATE TABLE p (k {parent}); INSERT INTO p VALUES (7), (8)",
    )
    more = (
        '<#p> a rr:TriplesMap ; rr:logicalTable [ rr:tableName "p" ] ; '
        "rr:subjectMap [ rr:constant ex:parent ] ."
    )
    link = 'rr:parentTriplesMap <#p> ; rr:joinCondition [ rr:child "k" ; rr:parent "k" ]'
    mapping = r2rml('rr:tableName "c"', "rr:constant ex:child", link, more=more)
    if joined:
        assert run.objects(mapping, database=url) == ["<http://example.com/parent>"]
    else:
        with pytest.raises(UnsupportedError, match="cast them to one type"):
            run(mapping, database=url)


def test_geometries_have_the_crs_of_their_srid(
    postgresql: Cluster, run: Runner, turtle: Callable[..., str]
) -> None:
    url = postgresql.script(
        "places",
        f"{POSTGIS} CREATE TABLE t (id int, g geometry); INSERT INTO t VALUES "
        "(1, 'SRID=25832;POINT(500000 5300000)'), (2, 'SRID=4326;POINT(9 48)'), (3, NULL), "
        "(4, 'SRID=25832;POINT(600000 5300000)'), (5, 'SRID=4326;POINT Z (9 48 7)')",
    )
    found = run.objects(turtle('rml:reference "g"', source=TABLE.format("t")), database=url)
    texts = {text.split('"')[1] for text in found}
    assert {"POINT (9 48)", "POINT Z (9 48 7)"} < texts
    forward = pyproj.Transformer.from_crs("EPSG:25832", "OGC:CRS84", always_xy=True)
    wanted = [forward.transform(x, 5_300_000) for x in (500_000, 600_000)]
    others = [shapely.from_wkt(text) for text in texts - {"POINT (9 48)", "POINT Z (9 48 7)"}]
    assert len(found) == 4
    for point, (x, y) in zip(sorted(others, key=lambda p: p.x), wanted, strict=True):
        assert (point.x, point.y) == pytest.approx((x, y), abs=1e-9)


def test_geography_is_in_degrees(
    postgresql: Cluster, run: Runner, turtle: Callable[..., str]
) -> None:
    url = postgresql.script(
        "globe",
        f"{POSTGIS} CREATE TABLE t (id int, g geography(Polygon)); INSERT INTO t VALUES "
        "(1, 'POLYGON((0 0, 1 0, 1 1, 0 0))')",
    )
    mapping = turtle('rml:reference "g"', source=QUERY.format("SELECT * FROM t -- all of it"))
    (found,) = run.objects(mapping, database=url)
    assert found.startswith('"POLYGON ((0 0, 1 0, 1 1, 0 0))"')


def test_a_geometry_without_srid_needs_a_declared_crs(
    postgresql: Cluster, run: Runner, turtle: Callable[..., str]
) -> None:
    url = postgresql.script(
        "nowhere",
        f"{POSTGIS} CREATE TABLE t (id int, g geometry);"
        "INSERT INTO t VALUES (1, 'POINT(500000 5300000)')",
    )
    with pytest.raises(CRSError, match=r"SRID 0.*gl:crs"):
        run(turtle('rml:reference "g"', source=TABLE.format("t")), database=url)
    assert not (run.folder / "out.nq").exists()
    source = TABLE.format("t").replace("]", '; gl:crs "EPSG:25832" ; gl:targetCRS "source" ]')
    (found,) = run.objects(turtle('rml:reference "g"', source=source), database=url)
    assert found.startswith('"<http://www.opengis.net/def/crs/EPSG/0/25832> POINT (500000 53')


def test_more_rows_than_a_batch(
    postgresql: Cluster, run: Runner, turtle: Callable[..., str]
) -> None:
    count = BATCH_ROWS * 2 + 7
    url = postgresql.script("many", f"CREATE TABLE t AS SELECT generate_series(1, {count}) AS id")
    mapping = turtle('rml:reference "id"', source=TABLE.format("t"))
    assert len(set(run.objects(mapping, database=url))) == count
    assert run.report is not None
    assert run.report.rows_read == run.report.rows_mapped == count


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("SELECT missing FROM t", 'column "missing" does not exist'),
        ("DELETE FROM t", "no columns"),
        ("DELETE FROM t RETURNING id", "refuses the query|syntax error"),
        ("WITH d AS (DELETE FROM t RETURNING id) SELECT * FROM d", "top level|refuses"),
        ("SELECT 1 AS id; DELETE FROM t", "multiple commands"),
        ("SELECT id) AS x; DELETE FROM t; --", "multiple commands|syntax error"),
        ("SELECT id, id FROM t", "several columns the name 'id'"),
    ],
)
def test_nothing_but_a_select_is_run(
    postgresql: Cluster, run: Runner, turtle: Callable[..., str], query: str, what: str
) -> None:
    url = postgresql.script("kept", "CREATE TABLE t (id int); INSERT INTO t VALUES (1)")
    with pytest.raises((MappingError, InputError), match=what):
        run(turtle('rml:reference "id"', source=QUERY.format(query)), database=url)
    mapping = turtle('rml:reference "id"', source=TABLE.format("t"))
    assert run.objects(mapping, database=url) == [f'"1"{XSD}integer>']


def test_functions_that_write_are_stopped(
    postgresql: Cluster, run: Runner, turtle: Callable[..., str]
) -> None:
    url = postgresql.script(
        "written",
        "CREATE TABLE t (id int); INSERT INTO t VALUES (1); CREATE FUNCTION f() RETURNS int AS "
        "'DELETE FROM t RETURNING id' LANGUAGE sql",
    )
    with pytest.raises(InputError, match="read-only transaction"):
        run(turtle(source=QUERY.format("SELECT f() AS id")), database=url)


def test_a_server_that_is_away_is_named_without_the_password(
    postgresql: Cluster, run: Runner, turtle: Callable[..., str]
) -> None:
    for url in (postgresql.url("nobody"), "postgresql://ann:s3cret@127.0.0.1:9/x"):
        with pytest.raises(InputError, match="cannot be opened") as caught:
            run(turtle(source=TABLE.format("t")), database=url)
        assert "s3cret" not in str(caught.value)
        assert "s3cret" not in str(caught.value.as_dict())


def test_tables_tell_their_keys(postgresql: Cluster) -> None:
    url = postgresql.script(
        "keys",
        f"{POSTGIS} CREATE TABLE a (x int, y int, PRIMARY KEY (y, x));"
        "CREATE TABLE b (id int PRIMARY KEY, u int, v int, g geometry(Point, 4326),"
        " FOREIGN KEY (u, v) REFERENCES a (y, x)); CREATE VIEW c AS SELECT * FROM b",
    )
    system = connect(url)
    assert system.tables() == ("a", "b", "c")
    table = system.table("b")
    assert table.primary_key == ("id",)
    ((columns, other, targets),) = [(k.columns, k.table, k.targets) for k in table.foreign_keys]
    assert (columns, other, targets) == (("u", "v"), "a", ("y", "x"))
    assert [field.name for field in table.fields if field.geometry] == ["g"]
    assert system.table("a").primary_key == ("y", "x")
    assert system.table("c").primary_key == ()


def test_a_query_that_fails_while_it_is_read_leaves_nothing(
    postgresql: Cluster, run: Runner, turtle: Callable[..., str]
) -> None:
    url = postgresql.script(
        "failing",
        f"CREATE TABLE t AS SELECT generate_series({BATCH_ROWS * 4}, 0, -1) AS id",
    )
    mapping = turtle('rml:reference "v"', source=QUERY.format("SELECT id, 1 / id AS v FROM t"))
    with pytest.raises(InputError, match=r"failed while it was read.*division by zero"):
        run(mapping, database=url)
    assert not (run.folder / "out.nq").exists()

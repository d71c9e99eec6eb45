"""Tables and queries of SQLite, whose values have types of their own."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mapper.sources.base import BATCH_ROWS
from ontology import InputError, MappingError, UnsupportedError
from tests.mapper.conftest import PREFIXES, Runner

TABLE = '[ rml:referenceFormulation rml:SQL2008Table ; rml:iterator "{0}" ]'
QUERY = '[ rml:referenceFormulation rml:SQL2008Query ; rml:iterator "{0}" ]'
XSD = "^^<http://www.w3.org/2001/XMLSchema#"

Make = Callable[[str], str]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a database of a script; gives its URL."""

    def made(script: str) -> str:
        connection = sqlite3.connect(tmp_path / "farm.db")
        connection.executescript(script)
        connection.close()
        return f"sqlite:///{tmp_path / 'farm.db'}"

    return made


def r2rml(table: str, subject: str, *objects: str, more: str = "") -> str:
    """An R2RML mapping of one triples map."""
    pairs = "".join(
        f"; rr:predicateObjectMap [ rr:predicate ex:p{k} ; rr:objectMap [ {text} ] ]\n"
        for k, text in enumerate(objects)
    )
    return (
        f"@prefix rr: <http://www.w3.org/ns/r2rml#> .\n{PREFIXES}<#m> a rr:TriplesMap ; "
        f"rr:logicalTable [ {table} ] ; rr:subjectMap [ {subject} ]\n{pairs}.\n{more}"
    )


@pytest.mark.parametrize(
    ("declared", "value", "literal"),
    [
        ("INTEGER", "9007199254740993", f'"9007199254740993"{XSD}integer>'),
        ("REAL", "70.22", f'"70.22"{XSD}double>'),
        ("FLOAT", "30", f'"30.0"{XSD}double>'),
        ("DECIMAL(10,2)", "12.5", f'"12.5"{XSD}decimal>'),
        ("NUMERIC", "0.0000001", f'"0.0000001"{XSD}decimal>'),
        ("BOOLEAN", "TRUE", f'"true"{XSD}boolean>'),
        ("BOOLEAN", "7", f'"7"{XSD}integer>'),
        ("DATE", "'2020-02-29'", f'"2020-02-29"{XSD}date>'),
        ("DATE", "'September, 2010'", '"September, 2010"'),
        ("TIMESTAMP", "'2009-10-10 12:12:22'", f'"2009-10-10T12:12:22"{XSD}dateTime>'),
        ("DATETIME", "'2009-10-10T12:12:22Z'", f'"2009-10-10T12:12:22Z"{XSD}dateTime>'),
        ("TIME", "'12:00:01'", f'"12:00:01"{XSD}time>'),
        ("VARBINARY(4)", "x'00ff'", f'"00FF"{XSD}hexBinary>'),
        ("VARCHAR(10)", "'naïve \"😀\"'", '"naïve \\"😀\\""'),
        ("", "5", f'"5"{XSD}integer>'),
    ],
)
def test_values_have_their_natural_datatype(
    make: Make, run: Runner, turtle: Callable[..., str], declared: str, value: str, literal: str
) -> None:
    url = make(f"CREATE TABLE t (id INTEGER, v {declared}); INSERT INTO t VALUES (1, {value})")
    mapping = turtle('rml:reference "v"', source=TABLE.format("t"))
    assert run.objects(mapping, database=url) == [literal]
    through_a_query = turtle('rml:reference "v"', source=QUERY.format("SELECT * FROM t WHERE 1=1;"))
    assert run.objects(through_a_query, database=url) == [literal]


def test_a_column_may_hold_values_of_several_types(
    make: Make, run: Runner, turtle: Callable[..., str]
) -> None:
    url = make(
        "CREATE TABLE t (id INTEGER, v); INSERT INTO t VALUES "
        "(1, 1), (2, 2.5), (3, 'x'), (4, NULL), (5, x'0A')"
    )
    assert run.objects(turtle('rml:reference "v"', source=TABLE.format("t")), database=url) == [
        f'"0A"{XSD}hexBinary>',
        f'"1"{XSD}integer>',
        f'"2.5"{XSD}double>',
        '"x"',
    ]


def test_doubles_of_r2rml_are_canonical(make: Make, run: Runner) -> None:
    url = make("CREATE TABLE t (id INTEGER, v REAL); INSERT INTO t VALUES (1, 30), (2, -1.25e-7)")
    mapping = r2rml('rr:tableName "t"', 'rr:template "http://example.com/{id}"', 'rr:column "v"')
    assert run.objects(mapping, database=url) == [f'"-1.25E-7"{XSD}double>', f'"3.0E1"{XSD}double>']


def test_joins_of_r2rml(make: Make, run: Runner) -> None:
    url = make(
        'CREATE TABLE "Sport" ("ID" INTEGER, "Name" TEXT);'
        "INSERT INTO \"Sport\" VALUES (7, 'Chess');"
        'CREATE TABLE s ("ID" INTEGER, "Sport" INTEGER); INSERT INTO s VALUES (1, 7), (2, NULL)'
    )
    more = (
        '<#p> a rr:TriplesMap ; rr:logicalTable [ rr:tableName "\\"Sport\\"" ] ; '
        'rr:subjectMap [ rr:template "http://example.com/sport/{\\"Name\\"}" ] .'
    )
    link = 'rr:parentTriplesMap <#p> ; rr:joinCondition [ rr:child "sport" ; rr:parent "\\"ID\\"" ]'
    mapping = r2rml('rr:tableName "s"', 'rr:template "http://example.com/{ID}"', link, more=more)
    assert run.objects(mapping, database=url) == ["<http://example.com/sport/Chess>"]


def test_more_rows_than_a_batch_are_read_in_batches(
    make: Make, run: Runner, turtle: Callable[..., str]
) -> None:
    count = BATCH_ROWS * 2 + 7
    url = make(
        "CREATE TABLE t (id INTEGER); WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL "
        f"SELECT x + 1 FROM n WHERE x < {count}) INSERT INTO t SELECT x FROM n"
    )
    found = run.objects(turtle('rml:reference "id"', source=TABLE.format("t")), database=url)
    assert len(set(found)) == count
    assert run.report is not None
    assert run.report.rows_read == run.report.rows_mapped == count


def test_a_bad_value_names_its_row(make: Make, run: Runner, turtle: Callable[..., str]) -> None:
    url = make("CREATE TABLE t (id INTEGER, v TEXT); INSERT INTO t VALUES (1, '5'), (2, 'five')")
    mapping = turtle('rml:reference "v" ; rml:datatype xsd:integer', source=TABLE.format("t"))
    assert run.objects(mapping, database=url) == [f'"5"{XSD}integer>']
    assert run.report is not None
    ((bad,),) = (run.report.quarantine,)
    assert bad.row == 2
    assert "'five' is not an xsd:integer" in bad.reason


def test_a_mapping_may_name_its_database(
    make: Make, run: Runner, turtle: Callable[..., str]
) -> None:
    make("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)")
    d2rq = "<http://www.wiwiss.fu-berlin.de/suhl/bizer/D2RQ/0.1#{}>"
    source = (
        f"[ rml:source [ a {d2rq.format('Database')} ; {d2rq.format('jdbcDSN')} "
        '"jdbc:sqlite:farm.db" ] ; rml:referenceFormulation rml:SQL2008Table ; rml:iterator "T" ]'
    )
    assert run.objects(turtle('rml:reference "ID"', source=source)) == [f'"1"{XSD}integer>']


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (TABLE.format("tt"), "no such table.*did you mean 't'"),
        (TABLE.format("t; DROP TABLE t"), "no such table"),
        (QUERY.format("SELECT missing FROM t"), "no such column: missing"),
        (QUERY.format("NO SQL AT ALL"), "syntax error"),
        (QUERY.format("SELECT 1; DELETE FROM t"), "one statement"),
        (QUERY.format("DELETE FROM t"), "syntax error"),
        (QUERY.format("INSERT INTO t VALUES (5) RETURNING id"), "syntax error"),
        (QUERY.format("SELECT id, 1 AS id FROM t"), "several columns the name 'id'"),
        (QUERY.format("SELECT id AS other FROM t"), "no column 'id'"),
    ],
)
def test_what_is_refused_before_reading(
    make: Make, run: Runner, turtle: Callable[..., str], source: str, what: str
) -> None:
    url = make("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1)")
    with pytest.raises(MappingError, match=what):
        run(turtle('rml:reference "id"', source=source), database=url)
    assert not (run.folder / "out.nq").exists()
    connection = sqlite3.connect(run.folder / "farm.db")
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (1,)
    connection.close()


def test_a_table_without_a_database_is_refused(run: Runner, turtle: Callable[..., str]) -> None:
    with pytest.raises(InputError, match=r"does not say which database.*--database"):
        run(turtle(source=TABLE.format("t")))


def test_other_sources_of_tables_are_refused(run: Runner, turtle: Callable[..., str]) -> None:
    source = '[ rml:source "x.csv" ; rml:referenceFormulation rml:SQL2008Table ; rml:iterator "t" ]'
    with pytest.raises(MappingError, match="no d2rq:Database"):
        run(turtle(source=source))


def test_odbc_names_are_refused(run: Runner, turtle: Callable[..., str]) -> None:
    d2rq = "<http://www.wiwiss.fu-berlin.de/suhl/bizer/D2RQ/0.1#{}>"
    source = (
        f'[ rml:source [ a {d2rq.format("Database")} ; {d2rq.format("odbcDSN")} "x" ] ; '
        'rml:referenceFormulation rml:SQL2008Table ; rml:iterator "t" ]'
    )
    with pytest.raises(UnsupportedError, match="ODBC"):
        run(turtle(source=source))


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ('rr:tableName "t" ; rr:sqlQuery "SELECT 1"', "2 found"),
        ("", "A logical table|rml:referenceFormulation"),
        ('rr:sqlQuery "SELECT * FROM t" ; rr:sqlVersion rr:SQL1979', "SQL version"),
        ('rr:tableName "my table"', "no name of a table"),
    ],
)
def test_broken_logical_tables(make: Make, run: Runner, table: str, what: str) -> None:
    url = make("CREATE TABLE t (id INTEGER)")
    with pytest.raises(MappingError, match=what):
        run(r2rml(table, 'rr:template "http://example.com/{id}"'), database=url)


def test_a_damaged_file_is_named(run: Runner, turtle: Callable[..., str]) -> None:
    run.file("farm.db", b"SQLite format 3\0" + b"\x07" * 5000)
    with pytest.raises(InputError, match=r"cannot be opened|failed while"):
        run(turtle(source=TABLE.format("t")), database=str(run.folder / "farm.db"))


def test_a_result_does_not_change_while_others_write(
    make: Make, run: Runner, turtle: Callable[..., str]
) -> None:
    url = make(
        "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER); WITH RECURSIVE n(x) AS "
        f"(SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {BATCH_ROWS * 3}) "
        "INSERT INTO t SELECT x FROM n"
    )
    started = threading.Event()

    def write() -> None:
        started.wait(30)
        connection = sqlite3.connect(run.folder / "farm.db", timeout=30)
        connection.execute("DELETE FROM t")
        connection.commit()
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    run(
        turtle('rml:reference "id"', source=TABLE.format("t")),
        database=url,
        progress=lambda *_: started.set(),
    )
    writer.join()
    assert run.report is not None
    assert run.report.rows_read == BATCH_ROWS * 3


@pytest.mark.parametrize(
    "table",
    ['old:query "SELECT id AS n FROM t"', 'rr:tableName "t" ; rr:sqlVersion rr:SQL2008'],
)
def test_logical_sources_of_the_older_vocabulary(make: Make, run: Runner, table: str) -> None:
    make("CREATE TABLE t (n INTEGER, id INTEGER); INSERT INTO t VALUES (1, 1)")
    mapping = f"""{PREFIXES}
        @prefix rr: <http://www.w3.org/ns/r2rml#> .
        @prefix old: <http://semweb.mmlab.be/ns/rml#> .
        @prefix ql: <http://semweb.mmlab.be/ns/ql#> .
        @prefix d2rq: <http://www.wiwiss.fu-berlin.de/suhl/bizer/D2RQ/0.1#> .
        <#db> a d2rq:Database ; d2rq:jdbcDSN "jdbc:sqlite:farm.db" .
        <#m> old:logicalSource
            [ old:source <#db> ; old:referenceFormulation ql:SQL2008 ; {table} ] ;
          rr:subjectMap [ rr:template "http://example.com/{{n}}" ] ;
          rr:predicateObjectMap [ rr:predicate ex:p0 ; rr:objectMap [ old:reference "n" ] ] .
        """
    assert run.objects(mapping) == [f'"1"{XSD}integer>']


def test_names_and_values_keep_their_nulls(
    make: Make, run: Runner, turtle: Callable[..., str]
) -> None:
    url = make(
        "CREATE TABLE t (id INTEGER, v TEXT); INSERT INTO t VALUES (1, '-'), (2, ''), (3, 'x')"
    )
    d2rq = "<http://www.wiwiss.fu-berlin.de/suhl/bizer/D2RQ/0.1#{}>"
    source = (
        f'[ rml:source [ a {d2rq.format("Database")} ; {d2rq.format("jdbcDSN")} "{url}" ; '
        'rml:null "-" ] ; rml:referenceFormulation rml:SQL2008Table ; rml:iterator "t" ]'
    )
    assert run.objects(turtle('rml:reference "v"', source=source)) == ['""', '"x"']


def test_a_query_that_fails_while_it_is_read_leaves_nothing(
    make: Make, run: Runner, turtle: Callable[..., str]
) -> None:
    url = make(
        "CREATE TABLE t (id INTEGER, v); INSERT INTO t VALUES (1, 'x'), (2, CAST(x'ff' AS TEXT))"
    )
    with pytest.raises(InputError, match="failed while it was read"):
        run(turtle('rml:reference "v"', source=TABLE.format("t")), database=url)
    assert not (run.folder / "out.nq").exists()


def test_a_sample_reads_no_more(make: Make, run: Runner, turtle: Callable[..., str]) -> None:
    url = make("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1), (2), (3)")
    run(turtle('rml:reference "id"', source=TABLE.format("t")), database=url, sample=2)
    assert run.report is not None
    assert run.report.rows_read == 2

"""CSV on the Web: dialects, and the same said by options of ours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapper.language.model import LogicalSource
from mapper.sources.csv import CsvSource
from mapper.sources.dialect import Dialect, dialect_of
from ontology import InputError, MappingError, UnsupportedError

SUBJECT = "rml:constant ex:s"
OPTIONS = {
    "commentPrefix": "comment",
    "quoteChar": "quote",
    "headerRowCount": "headerRows",
}


def table(dialect: str, name: str = "in.csv", extra: str = "") -> str:
    return (
        f'[ rml:source [ a csvw:Table ; csvw:url "{name}" ; csvw:dialect [ {dialect} ] {extra} ] ;'
        " rml:referenceFormulation rml:CSV ]"
    )


def mapping(turtle: Any, source: str, reference: str = "v") -> str:
    text = turtle(f'rml:reference "{reference}"', subject=SUBJECT, source=source)
    return f"@prefix csvw: <http://www.w3.org/ns/csvw#> .\n{text}"


CASES = [
    (b"id,v\n1,a\n", {}, ['"a"']),
    (b"id;v\n1;a,b\n", {"delimiter": ";"}, ['"a,b"']),
    (b"id\tv\n1\ta\n", {"delimiter": "\\t"}, ['"a"']),
    (b"'id','v'\n1,'a,b'\n2,'it''s'\n", {"quoteChar": "'"}, ['"a,b"', '"it\'s"']),
    (b'id,v\n1,"a\n', {"quoteChar": ""}, ['"\\"a"']),
    (b'id,v\n1,"a\\"b"\n', {"doubleQuote": "false"}, ['"a\\"b"']),
    (b'# x\nid,v\n#y,z\n1,"a\n#b"\n# end', {"commentPrefix": "#"}, ['"a\\n#b"']),
    (b"junk\n,,,\nid,v\n1,a\n", {"skipRows": "2"}, ['"a"']),
    (b"id,v\nnumber,text\n1,a\n", {"headerRowCount": "2"}, ['"a"']),
    (b"x,y,v\n1,2,a\n", {"skipColumns": "2"}, ['"a"']),
    (b"id,v\n1, a\n", {"skipInitialSpace": "true"}, ['"a"']),
    (b" id , v \n1, a \n", {"trim": "true"}, ['"a"']),
    (b"id,v\n1, a \n", {"trim": "start"}, ['"a "']),
    (b"id,v\n1, a \n", {"trim": "end"}, ['" a"']),
    ("id,v\n1,é\n".encode("utf-16"), {"encoding": "UTF-16"}, ['"é"']),
    ("id,v\n1, é\n".encode("utf-16"), {"encoding": "UTF-16", "trim": "true"}, ['"é"']),
    ("\ufeffid,v\n1, é\n".encode(), {"trim": "true"}, ['"é"']),
    (b"id,v\n1,a\n2\n3,b\n", {"trim": "true"}, ['"a"', '"b"']),
]


@pytest.mark.standard("RML-IO-Registry: CSVW dialects")
@pytest.mark.parametrize(("content", "dialect", "found"), CASES)
@pytest.mark.parametrize("ours", [False, True])
def test_dialects(run, turtle, content, dialect, found, ours: bool) -> None:
    run.file("in.csv", content)
    if ours:
        options = "".join(f'; gl:{OPTIONS.get(n, n)} "{v}"' for n, v in dialect.items())
        source = f'[ rml:source "in.csv" ; rml:referenceFormulation rml:CSV {options} ]'
    else:
        source = table(" ; ".join(f'csvw:{name} "{value}"' for name, value in dialect.items()))
    assert run.objects(mapping(turtle, source)) == found


def test_without_header(run, turtle) -> None:
    run.file("in.csv", b"1,a\n2,b\n")
    source = table("csvw:header false")
    assert run.objects(mapping(turtle, source, "_col.2")) == ['"a"', '"b"']


def test_rows_keep_their_numbers(run, turtle) -> None:
    run.file("in.csv", b"# c\nid,v\n1,a\n# c\n2\n3,b,x\n")
    run(mapping(turtle, table('csvw:commentPrefix "#"')))
    assert [(q.row, q.reason) for q in run.report.quarantine] == [
        (2, "1 cells, 2 expected"),
        (3, "3 cells, 2 expected"),
    ]


def test_nulls(run, turtle) -> None:
    run.file("in.csv", b"id,v\n1,-\n2,NA\n3,\n4,b\n")
    source = table("", extra='; csvw:null "-", "NA"')
    assert run.objects(mapping(turtle, source)) == ['""', '"b"']


@pytest.mark.parametrize(
    ("dialect", "kind"),
    [
        ('csvw:delimiter ";;"', MappingError),
        ('csvw:header "maybe"', MappingError),
        ('csvw:skipRows "-1"', MappingError),
        ('csvw:trim "both"', MappingError),
        ('csvw:encoding "no-such"', MappingError),
        ('csvw:delimiter ";", ","', MappingError),
        ('csvw:nosuch "1"', UnsupportedError),
    ],
)
def test_dialects_that_make_no_sense(run, turtle, dialect: str, kind: Any) -> None:
    run.file("in.csv", b"id,v\n1,a\n")
    with pytest.raises(kind):
        run(mapping(turtle, table(dialect)))


@pytest.mark.parametrize(
    "option", ['gl:delimiter "ab"', 'gl:header "x"', 'gl:skipRows "1.5"', 'gl:trim "x"']
)
def test_options_that_make_no_sense(run, turtle, option: str) -> None:
    run.file("in.csv", b"id,v\n1,a\n")
    source = f'[ rml:source "in.csv" ; rml:referenceFormulation rml:CSV ; {option} ]'
    with pytest.raises(MappingError, match=option.split()[0]):
        run(mapping(turtle, source))


def test_schemas_of_tables_are_refused(run, turtle) -> None:
    with pytest.raises(UnsupportedError, match="tableSchema"):
        run(mapping(turtle, table("", extra="; csvw:tableSchema [ ]")))


@pytest.mark.parametrize("trim", ["false", "true"])
@pytest.mark.parametrize(
    ("content", "encoding", "where"),
    [
        (b"id,v\n1,a\n2,b\xff\n", "utf-8", "line 3 (byte 13) are not utf-8"),
        (b"id,v\n1,\xc3", "utf-8", "line 2 (byte 8) are not utf-8"),
        (b"id,v\n1,\x81\n", "cp1252", "line 2 (byte 8) are not cp1252"),
    ],
)
def test_the_place_of_wrong_bytes_is_named(
    run, turtle, content: bytes, encoding: str, where: str, trim: str
) -> None:
    run.file("in.csv", content)
    source = table(f'csvw:encoding "{encoding}" ; csvw:trim "{trim}"')
    with pytest.raises(InputError, match=r"in\.csv") as caught:
        run(mapping(turtle, source))
    assert where in str(caught.value.why)
    assert not (run.folder / "out.nq").exists()


def test_quotes_that_never_end(run, turtle) -> None:
    run.file("in.csv", b'id,v\n1,"a\n')
    with pytest.raises(InputError, match=r"in\.csv"):
        run(mapping(turtle, table('csvw:trim "true"')))


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)


@given(rows=st.lists(st.tuples(cells, cells), max_size=20))
def test_a_rewritten_table_says_what_the_plain_one_says(tmp_path_factory: Any, rows: Any) -> None:
    folder = tmp_path_factory.getbasetemp()
    plain, odd = folder / "plain.csv", folder / "odd.csv"
    quoted = [tuple('"' + c.replace('"', '""') + '"' for c in row) for row in rows]
    plain.write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in quoted), encoding="utf-8")
    lines = "".join(f"~ no row\n0|{a}|{b}\n" for a, b in quoted)
    odd.write_text(f"first\n-|a|b\n{lines}", encoding="utf-16")
    options = {
        "delimiter": "|",
        "comment": "~",
        "skipRows": "1",
        "skipColumns": "1",
        "encoding": "utf-16",
    }
    one = CsvSource(LogicalSource("", "base", ""), plain)
    other = CsvSource(LogicalSource("", "base", "", options=tuple(options.items())), odd)
    assert _read(one) == _read(other) == rows


def _read(source: CsvSource) -> list[tuple[str, str]]:
    return [
        pair
        for batch in source.batches(["a", "b"])
        for pair in zip(*(batch.columns[n].values.to_pylist() for n in "ab"), strict=True)
    ]


def test_what_is_plain(tmp_path: Any) -> None:
    assert Dialect(delimiter=";", quote="'", encoding="latin-1").plain
    assert not Dialect(comment="#").plain
    assert dialect_of(LogicalSource("", "base", ""), tmp_path / "x.tsv.gz").delimiter == "\t"

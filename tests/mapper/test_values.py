from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from mapper import load_mapping, run_mapping
from ontology import CRS84, Lane

XSD = "http://www.w3.org/2001/XMLSchema#"
PARQUET = '[ rml:source "in.parquet" ; rml:referenceFormulation gl:GeoParquet ]'


@pytest.fixture
def columns_of(run, collector):
    """Term columns of ex:p0."""

    def columns(text: str):
        run_mapping(load_mapping(text), collector, base_dir=run.folder)
        return collector.columns("http://example.com/p0")

    return columns


@pytest.mark.standard("RML-Core: datatypes")
@pytest.mark.parametrize(
    ("datatype", "text", "lane", "lexical_kept"),
    [
        ("integer", "42", Lane.INTEGER, False),
        ("integer", "+042", Lane.INTEGER, True),
        ("integer", "9007199254740993", Lane.INTEGER, False),
        ("integer", "-9223372036854775808", Lane.INTEGER, False),
        ("integer", "9223372036854775808", Lane.OTHER, False),
        ("decimal", "0.1", Lane.DECIMAL, False),
        ("decimal", "0.10", Lane.DECIMAL, True),
        ("decimal", "0.1234567890123", Lane.OTHER, False),
        ("double", "1e-07", Lane.DOUBLE, False),
        ("double", "1.0E-7", Lane.DOUBLE, True),
        ("double", "5", Lane.DOUBLE, True),
        ("double", "NaN", Lane.OTHER, False),
        ("double", "-INF", Lane.OTHER, False),
        ("double", "-0.0", Lane.OTHER, False),
        ("double", "1e999", Lane.OTHER, False),
        ("float", "0.1", Lane.FLOAT, False),
        ("boolean", "true", Lane.BOOLEAN, False),
        ("boolean", "1", Lane.BOOLEAN, True),
        ("date", "2018-06-13", Lane.DATE, False),
        ("date", "2018-06-13Z", Lane.OTHER, False),
        ("dateTime", "2018-06-13T10:10:31", Lane.DATETIME, False),
        ("dateTime", "2018-06-13T10:10:31Z", Lane.DATETIME, False),
        ("dateTime", "2018-06-13T12:10:31+02:00", Lane.DATETIME, True),
        ("dateTime", "2018-06-13T10:10:31.123456789Z", Lane.OTHER, False),
        ("int", "-7", Lane.OTHER, False),
        ("anyURI", "x y", Lane.OTHER, False),
    ],
)
def test_typed_texts_keep_their_form(
    run, turtle, columns_of, datatype, text, lane, lexical_kept
) -> None:
    run.file("in.csv", f"id,v\n1,{text}\n")
    mapping = turtle(f'rml:reference "v" ; rml:datatype xsd:{datatype}')
    assert run.objects(mapping) == [f'"{text}"^^<{XSD}{datatype}>']
    found = [c for c in columns_of(mapping) if c.values.null_count == 0]
    assert [c.lane for c in found] == [lane]
    assert (found[0].lexical is not None) == lexical_kept


@pytest.mark.parametrize(
    ("datatype", "text"),
    [
        ("integer", "1.5"),
        ("integer", "1 000"),
        ("decimal", "1e5"),
        ("double", "1,5"),
        ("boolean", "yes"),
        ("date", "2018-02-30"),
        ("date", "13.06.2018"),
        ("dateTime", "2018-06-13 10:10:31"),
        ("int", "x"),
    ],
)
def test_a_bad_value_quarantines_the_whole_row(run, turtle, datatype, text) -> None:
    run.file("in.csv", f'id,v\n1,"{text}"\n2,\n')
    mapping = turtle(f'rml:reference "v" ; rml:datatype xsd:{datatype}', 'rml:reference "id"')
    assert run.objects(mapping, "p1") == ['"2"']
    (entry,) = run.report.quarantine
    assert entry.row == 1
    assert repr(text) in entry.reason
    assert "column v" in entry.reason
    assert (run.report.rows_read, run.report.rows_mapped) == (2, 1)


@pytest.mark.standard("RML-Core: natural mapping")
def test_natural_types_of_columns(run, turtle) -> None:
    table = pa.table(
        {
            "id": pa.array([1], pa.int16()),
            "big": pa.array([2**53 + 1]),
            "tiny": pa.array([1e-7]),
            "yes": pa.array([True]),
            "day": pa.array([17000], pa.date32()),
            "time": pa.array([1528884631000], pa.timestamp("ms")),
            "utc": pa.array([1528884631000], pa.timestamp("ms", "Europe/Vienna")),
            "code": pa.array(["B16"]).dictionary_encode(),
            "list": pa.array([["a", "b"]]),
            "none": pa.array([None], pa.int32()),
            "huge": pa.array([2**64 - 1], pa.uint64()),
            "money": pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
            "half": pa.array([0.1], pa.float32()),
            "nan": pa.array([float("nan")]),
            "hour": pa.array([3_600_000_000], pa.time64("us")),
        }
    )
    pq.write_table(table, run.folder / "in.parquet")
    names = table.column_names
    text = turtle(*[f'rml:reference "{n}"' for n in names], source=PARQUET)
    expected = {
        "id": f'"1"^^<{XSD}integer>',
        "big": f'"9007199254740993"^^<{XSD}integer>',
        "tiny": f'"1e-07"^^<{XSD}double>',
        "yes": f'"true"^^<{XSD}boolean>',
        "day": f'"2016-07-18"^^<{XSD}date>',
        "time": f'"2018-06-13T10:10:31"^^<{XSD}dateTime>',
        "utc": f'"2018-06-13T10:10:31Z"^^<{XSD}dateTime>',
        "code": '"B16"',
        "huge": f'"18446744073709551615"^^<{XSD}integer>',
        "money": f'"1.50"^^<{XSD}decimal>',
        "half": f'"0.1"^^<{XSD}float>',
        "nan": f'"NaN"^^<{XSD}double>',
        "hour": f'"01:00:00.000000"^^<{XSD}time>',
    }
    for name, value in expected.items():
        assert run.objects(text, f"p{names.index(name)}") == [value]
    assert run.objects(text, f"p{names.index('list')}") == ['"a"', '"b"']
    assert run.objects(text, f"p{names.index('none')}") == []


def test_columns_are_cast_to_the_datatype(run, turtle) -> None:
    pq.write_table(pa.table({"id": [1, 2], "f": [5.0, 5.5]}), run.folder / "in.parquet")
    as_integer = turtle('rml:reference "f" ; rml:datatype xsd:integer', source=PARQUET)
    assert run.objects(as_integer) == [f'"5"^^<{XSD}integer>']
    assert run.report.rows_quarantined == 1
    as_text = turtle('rml:reference "id" ; rml:datatype xsd:string', source=PARQUET)
    assert run.objects(as_text) == ['"1"', '"2"']


WKT = 'rml:reference "v" ; rml:datatype geo:wktLiteral'
IRI = "http://www.opengis.net/def/crs/"


@pytest.mark.standard("GeoSPARQL 1.1: wktLiteral default CRS and axis order")
@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("POINT(14.3 48.3)", "POINT (14.3 48.3)"),
        (f"<{IRI}EPSG/0/4326> POINT(48.3 14.3)", "POINT (14.3 48.3)"),
        ("POINT Z (1 2 3)", "POINT Z (1 2 3)"),
        ("POLYGON EMPTY", "POLYGON EMPTY"),
    ],
)
def test_wkt_texts(run, turtle, columns_of, wkt: str, expected: str) -> None:
    run.file("in.csv", f'id,v\n1,"{wkt}"\n2,\n')
    assert run.objects(turtle(WKT)) == [
        f'"{expected}"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
    ]
    (column,) = columns_of(turtle(WKT))
    assert column.lane is Lane.GEOMETRY
    assert column.crs == CRS84
    assert column.values.null_count == 1


@pytest.mark.standard("GeoSPARQL 1.1: wktLiteral axis order")
def test_declared_crs_of_wkt_is_x_first_and_can_be_kept(run, turtle, columns_of) -> None:
    run.file("in.csv", 'id,v\n1,"POINT(4550000 2820000)"\n')
    source = '[ rml:source "in.csv" ; rml:referenceFormulation rml:CSV ; gl:crs "EPSG:3035" ]'
    (moved,) = columns_of(turtle(WKT, source=source))
    point = shapely.from_wkb(moved.values[0].as_py())
    assert moved.crs == CRS84
    assert (round(point.x, 2), round(point.y, 2)) == (13.1, 48.45)
    keep = turtle(WKT + ' ; gl:targetCRS "source"', source=source)
    assert run.objects(keep)[0].startswith(f'"<{IRI}EPSG/0/3035> POINT (2820000 4550000)')


def test_bad_geometry_quarantines(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,POINT(1 oops)\n2,POINT(1 2)\n")
    assert len(run.objects(turtle(WKT))) == 1
    assert "no geometry" in run.report.quarantine[0].reason

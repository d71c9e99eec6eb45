"""Values that functions once took for others."""

from __future__ import annotations

import sqlite3
import struct

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from ontology import InputError

XSD = "http://www.w3.org/2001/XMLSchema#"


def call(name: str, **constants: str) -> str:
    inputs = "".join(
        f', [ rml:parameter gl:{key} ; rml:inputValue "{value}" ]'
        for key, value in constants.items()
    )
    own = '[ rml:parameter gl:value ; rml:inputValueMap [ rml:reference "v" ] ]'
    return f"rml:functionExecution [ rml:function gl:{name} ; rml:input {own}{inputs} ]"


def test_days_that_are_none_are_not_carried_over(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,31.02.2018\n2,3.3.2018\n3,01.03.18\n4,29.02.2020\n")
    found = run.objects(turtle(call("date", format="%d.%m.%Y")))
    assert found == [f'"{day}"^^<{XSD}date>' for day in ("2018-03-03", "2020-02-29")]
    assert [entry.row for entry in run.report.quarantine] == [1, 3]
    run.file("in.csv", "id,v\n1,2018-03-01 10:00:00\n2,2018-02-29 10:00:00\n")
    found = run.objects(turtle(call("dateTime", format="%F %T")))
    assert found == [f'"2018-03-01T10:00:00"^^<{XSD}dateTime>']


def test_a_date_is_the_day_where_the_time_was_taken(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,2018-06-13T01:00:00+02:00\n")
    assert run.objects(turtle(call("date"))) == [f'"2018-06-13"^^<{XSD}date>']


def test_utc_of_texts(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,2018-06-13T10:00:00\n2,2018-06-13T10:00:00+02:00\n3,x\n")
    assert run.objects(turtle(call("utc"))) == [
        f'"2018-06-13T{hour}:00:00Z"^^<{XSD}dateTime>' for hour in ("08", "10")
    ]
    assert [entry.row for entry in run.report.quarantine] == [3]


def test_boxes_turned_over_are_bad_rows(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,0\n2,2\n")
    text = turtle(call("box", ymin="0", xmax="1", ymax="1").replace("gl:value", "gl:xmin"))
    assert len(run.objects(text)) == 1
    assert [entry.row for entry in run.report.quarantine] == [2]


def test_curves_are_bad_rows(run, turtle) -> None:
    path = run.folder / "in.gpkg"
    points = [shapely.Point(1, 2), shapely.Point(3, 4)]
    frame = geopandas.GeoDataFrame({"id": [1, 2]}, geometry=points, crs="EPSG:4326")
    frame.to_file(path, engine="pyogrio", SPATIAL_INDEX="NO")
    curve = b"\1" + struct.pack("<II6d", 8, 3, 0, 0, 1, 1, 2, 0)
    database = sqlite3.connect(path)
    database.execute(
        'update "in" set geom = ? where id = 2', (b"GP\0\1" + struct.pack("<i", 4326) + curve,)
    )
    database.commit()
    database.close()
    source = '[ rml:source "in.gpkg" ; rml:referenceFormulation gl:Vector ]'
    text = turtle('rml:reference "geometry" ; rml:datatype geo:wktLiteral', source=source)
    assert len(run.objects(text)) == 1
    assert "curves" in run.report.quarantine[0].reason


def test_a_damaged_parquet_file_leaves_nothing(run, turtle) -> None:
    path = run.folder / "in.parquet"
    values = [f"{k * 7919 % 10007}" for k in range(5000)]
    pq.write_table(pa.table({"id": range(5000), "v": values}), path)
    data = bytearray(path.read_bytes())
    data[100 : len(data) // 2] = bytes(len(data) // 2 - 100)
    path.write_bytes(data)
    source = '[ rml:source "in.parquet" ; rml:referenceFormulation gl:GeoParquet ]'
    with pytest.raises(InputError, match="damaged"):
        run(turtle('rml:reference "v"', source=source))
    assert [p.name for p in run.folder.iterdir()] == ["in.parquet"]


def test_digits_with_low_lines_are_no_numbers(run, turtle) -> None:
    run.file("in.csv", "id,v\n1,1_000\n2,5\n")
    assert run.objects(turtle(call("multiply", factor="2"))) == [f'"10.0"^^<{XSD}double>']
    assert [entry.row for entry in run.report.quarantine] == [1]

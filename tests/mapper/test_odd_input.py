"""Files that are unusual, and what they once made wrong."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import rasterio

from ontology import InputError, MappingError, UnsupportedError

V = 'rml:reference "v"'
DATE_TIME = "^^<http://www.w3.org/2001/XMLSchema#dateTime>"


def source(name: str, kind: str, options: str = "") -> str:
    return f'[ rml:source "{name}" ; rml:referenceFormulation {kind} ; {options} ]'


def features(*properties: str) -> str:
    rows = ",".join(
        f'{{"type":"Feature","properties":{row},"geometry":null}}' for row in properties
    )
    return f'{{"type":"FeatureCollection","features":[{rows}]}}'


def test_quoted_header_after_a_byte_order_mark(run, turtle) -> None:
    run.file("in.csv", '\ufeff"id","v"\r\n"1","a\r\nb"\r\n'.encode())
    assert run.objects(turtle(V)) == [r'"a\r\nb"']


@pytest.mark.parametrize(
    ("text", "where"),
    [('id,v\n1,a\n2,"b\n3,c\n', "row 2"), ('id,v\n1,"', "row 1"), ('id,"v\n1,a\n', "header")],
)
def test_a_quote_that_is_never_closed_swallows_no_rows(run, turtle, text: str, where: str) -> None:
    run.file("in.csv", text)
    with pytest.raises(InputError, match="never closed") as raised:
        run.objects(turtle('rml:reference "id"'))
    assert where in str(raised.value)


@pytest.mark.standard("RFC 3987: ucschar")
def test_characters_that_no_iri_holds_are_encoded(run, turtle) -> None:
    kept = "é\u00a0\ud7ff\uf900\uffef\U0001fffd\U000e1000\U000efffd"
    odd = "\u0085\ue000\uf8ff\ufdd0\ufffd\uffff\U0001fffe\U000e0fff\U000f0000\U0010ffff"
    rows = [f"{k},{kept}{sign}{kept}" for k, sign in enumerate(odd)]
    run.file("in.csv", "\n".join(["id,v", *rows, ""]))
    template = turtle('rml:template "http://example.com/{v}" ; rml:termType rml:IRI')
    expected = [f"<http://example.com/{kept}{quote(sign)}{kept}>" for sign in odd]
    assert run.objects(template) == sorted(expected)
    reference = turtle('rml:reference "v" ; rml:termType rml:IRI')
    assert run.objects(reference) == []
    assert run.report.rows_quarantined == len(odd)


@pytest.mark.parametrize(
    ("datatype", "good", "bad"),
    [
        ("byte", ["127", "-128"], ["128", "-129"]),
        ("nonNegativeInteger", ["0", "-0", "99999999999999999999"], ["-1", "1.0"]),
        ("positiveInteger", ["+1"], ["0"]),
        ("unsignedLong", ["18446744073709551615"], ["18446744073709551616"]),
        ("gYear", ["2018", "-0044", "12018", "2018Z"], ["18", "abc", "02018"]),
        ("gYearMonth", ["2018-12"], ["2018-13"]),
        ("time", ["24:00:00", "10:11:12.5+02:00"], ["24:00:01", "10:11", "25:00:00"]),
        ("hexBinary", ["0aFF"], ["0aF", "xy"]),
        ("gMonthDay", ["--02-29", "--12-31"], ["--02-30", "--04-31"]),
        (
            "date",
            ["2021-02-28Z", "2020-02-29+14:00", "12000-02-29", "-0044-03-15", "0000-02-29"],
            [
                "2021-02-29Z",
                "2021-13-01Z",
                "2021-04-31-05:00",
                "1900-02-29Z",
                "12021-02-29",
                "02021-01-01",
                "2021-01-01+14:01",
                "2021-01-01+01:60",
                "2021-01-00Z",
            ],
        ),
        (
            "dateTime",
            ["2020-02-29T23:59:59.1234567", "2021-01-01T24:00:00", "12021-01-01T00:00:00-13:59"],
            [
                "2021-02-30T00:00:00.1234567",
                "2021-01-01T25:00:00.1234567",
                "2021-01-01T24:00:01",
                "-0001-02-29T00:00:00",
                "2021-01-01T00:00:00+15:00",
            ],
        ),
    ],
)
def test_texts_must_be_of_their_datatype(
    run, turtle, datatype: str, good: list[str], bad: list[str]
) -> None:
    run.file("in.csv", "id,v\n" + "".join(f"{k},{v}\n" for k, v in enumerate([*good, *bad])))
    found = run.objects(turtle(f"{V} ; rml:datatype xsd:{datatype}"))
    assert found == sorted(f'"{v}"^^<http://www.w3.org/2001/XMLSchema#{datatype}>' for v in good)
    assert [entry.row for entry in run.report.quarantine] == [
        len(good) + 1 + k for k in range(len(bad))
    ]


@pytest.mark.parametrize("value", ["http://e/a\u0085b", "http://e/%zz", "http://e/50%", "a%2"])
def test_what_no_reader_takes_for_an_iri(run, turtle, value: str) -> None:
    run.file("in.csv", f"id,v\n1,{value}\n2,http://e/%C3%A9/é\n")
    assert run.objects(turtle(f"{V} ; rml:termType rml:IRI")) == ["<http://e/%C3%A9/é>"]
    assert [entry.row for entry in run.report.quarantine] == [1]


def test_small_decimals_have_no_exponent(run, turtle) -> None:
    table = pa.table(
        {
            "id": [1],
            "v": pa.array([Decimal("1E-16")], pa.decimal128(30, 16)),
            "f": [1e-7],
        }
    )
    pq.write_table(table, run.folder / "in.parquet")
    text = turtle(
        V,
        'rml:reference "f" ; rml:datatype xsd:decimal',
        source=source("in.parquet", "gl:GeoParquet"),
    )
    decimal = "^^<http://www.w3.org/2001/XMLSchema#decimal>"
    assert run.objects(text) == ['"0.0000000000000001"' + decimal]
    assert run.objects(text, "p1") == ['"0.0000001"' + decimal]


def test_times_of_several_zones_keep_them(run, turtle) -> None:
    times = ["2020-01-01T01:00:00+02:00", "2020-07-01T10:00:00Z", "2020-01-01T10:00:00"]
    rows = [f'{{"id":{k},"v":"{time}"}}' for k, time in enumerate(times)]
    run.file("in.geojson", features(*rows))
    text = turtle(V, source=source("in.geojson", "gl:Vector"))
    assert run.objects(text) == sorted(f'"{time}"{DATE_TIME}' for time in times)
    run.file("in.geojson", features(rows[0]))
    assert run.objects(text) == ['"2019-12-31T23:00:00Z"' + DATE_TIME]
    run.file("in.geojson", features(rows[2]))
    assert run.objects(text) == [f'"{times[2]}"{DATE_TIME}']


def test_lists_of_vector_files_are_several_values(run, turtle) -> None:
    run.file("in.geojson", features('{"id":1,"v":["a","b"],"n":[1]}', '{"id":2,"v":null}'))
    text = turtle(V, 'rml:reference "n"', source=source("in.geojson", "gl:Vector"))
    assert run.objects(text) == ['"a"', '"b"']
    assert run.report.rows_mapped == 2


def test_a_layer_without_fields_has_rows(run, turtle) -> None:
    run.file("in.geojson", features("{}", "{}"))
    only = "rml:termType rml:BlankNode ; rml:class ex:C"
    quads = run(turtle(subject=only, source=source("in.geojson", "gl:Vector")))
    assert (
        len(quads)
        == run.report.rows_read
        == pyogrio.read_info(run.folder / "in.geojson")["features"]
        == 2
    )


def test_parquet_columns_of_one_name(run, turtle) -> None:
    table = pa.table([pa.array([1]), pa.array([2]), pa.array([3])], names=["id", "v", "v"])
    pq.write_table(table, run.folder / "in.parquet")
    with pytest.raises(InputError, match="different names"):
        run(turtle(V, source=source("in.parquet", "gl:GeoParquet")))


def write(path, values, crs: str, transform) -> None:
    height, width = values.shape
    profile = {"driver": "GTiff", "count": 1, "dtype": values.dtype, "crs": crs}
    with rasterio.open(
        path, "w", width=width, height=height, transform=transform, **profile
    ) as raster:
        raster.write(values, 1)


ZONE = 'rml:template "http://example.com/{zone}"'
ONES = np.ones((30, 40), np.uint8)
GRID = rasterio.Affine(1e-4, 0, 14, 0, -1e-4, 48)


@pytest.mark.parametrize(
    "grid",
    [
        rasterio.Affine(9.5e-5, 0, 14, 0, -9.5e-5, 48),
        rasterio.Affine(1e-4, 0, 14.000009, 0, -1e-4, 48),
    ],
)
def test_confidence_a_little_off_the_grid_is_refused(run, turtle, grid) -> None:
    write(run.folder / "in.tif", ONES, "EPSG:4326", GRID)
    write(run.folder / "c.tif", ONES, "EPSG:4326", grid)
    zones = source("in.tif", "gl:RasterZones", 'gl:confidence "c.tif"')
    with pytest.raises(InputError, match="does not fit"):
        run(turtle('rml:reference "mean_confidence"', subject=ZONE, source=zones))


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf", "x"])
def test_scales_of_confidence_are_above_zero(run, turtle, scale: str) -> None:
    write(run.folder / "in.tif", ONES, "EPSG:4326", GRID)
    zones = source("in.tif", "gl:RasterZones", f'gl:confidenceScale "{scale}"')
    with pytest.raises(MappingError, match="confidenceScale"):
        run(turtle('rml:reference "value"', subject=ZONE, source=zones))


def test_classes_over_63_bits_are_refused(run, turtle) -> None:
    write(run.folder / "in.tif", np.array([[2**63 + 5]], np.uint64), "EPSG:3035", GRID)
    zones = source("in.tif", "gl:RasterZones")
    with pytest.raises(UnsupportedError, match="too great a one"):
        run(turtle('rml:reference "value"', subject=ZONE, source=zones))


def test_areas_of_rasters_in_grads(run, turtle) -> None:
    grid = rasterio.Affine(0.01, 0, 5, 0, -0.01, 53)
    write(run.folder / "in.tif", np.ones((1, 1), np.uint8), "EPSG:4807", grid)
    zones = source("in.tif", "gl:RasterZones")
    (area,) = run.objects(turtle('rml:reference "area"', subject=ZONE, source=zones))
    # pyproj.Geod of Clarke 1880 (IGN) over 0.009 by 0.009 degrees south of 47.7
    assert float(area.split('"')[1]) == pytest.approx(676046.977, rel=1e-8)

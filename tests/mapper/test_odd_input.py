"""Files that are unusual, and what they once made wrong."""

from __future__ import annotations

from decimal import Decimal

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
    with pytest.raises(UnsupportedError, match="64 bits"):
        run(turtle('rml:reference "value"', subject=ZONE, source=zones))


def test_areas_of_rasters_in_grads(run, turtle) -> None:
    grid = rasterio.Affine(0.01, 0, 5, 0, -0.01, 53)
    write(run.folder / "in.tif", np.ones((1, 1), np.uint8), "EPSG:4807", grid)
    zones = source("in.tif", "gl:RasterZones")
    (area,) = run.objects(turtle('rml:reference "area"', subject=ZONE, source=zones))
    # pyproj.Geod of Clarke 1880 (IGN) over 0.009 by 0.009 degrees south of 47.7
    assert float(area.split('"')[1]) == pytest.approx(676046.977, rel=1e-8)

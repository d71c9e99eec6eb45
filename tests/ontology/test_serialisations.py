from __future__ import annotations

import re
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology import (
    CRS84,
    DGGS_LITERAL,
    GEOJSON_LITERAL,
    GEOMETRY_DATATYPES,
    GML_LITERAL,
    KML_LITERAL,
    WKT_LITERAL,
    CRSError,
    GeometryError,
    UnsupportedError,
    format_geometries,
    format_wkt,
    parse_geometries,
    parse_wkt,
    to_wkb,
)

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
EXACT = (WKT_LITERAL, GML_LITERAL, GEOJSON_LITERAL, KML_LITERAL)

EVERY_TYPE = (
    "POINT (14.3 48.3)",
    "POINT Z (1 2 3.5)",
    "POINT EMPTY",
    "LINESTRING (1 2, 3 4, 5 5)",
    "LINESTRING Z (1 2 3, 3 4 5)",
    "LINESTRING EMPTY",
    "POLYGON ((0 0, 4 0, 4 4, 0 0))",
    "POLYGON ((0 0, 4 0, 4 4, 0 0), (1 0.5, 2 0.5, 2 1, 1 0.5), (3 1, 3.5 1, 3.5 2, 3 1))",
    "POLYGON Z ((0 0 1, 4 0 1, 4 4 2, 0 0 1))",
    "POLYGON EMPTY",
    "MULTIPOINT ((1 2), (3 4))",
    "MULTIPOINT Z ((1 2 3), (3 4 5))",
    "MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))",
    "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 9 5, 9 9, 5 5), (6 5.1, 7 5.1, 7 5.2, 6 5.1)))",
    "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1))",
    "GEOMETRYCOLLECTION (POINT (1 2), GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 1 1)))",
    "GEOMETRYCOLLECTION Z (POINT Z (1 2 3), POLYGON Z ((0 0 1, 4 0 1, 4 4 2, 0 0 1)))",
    "GEOMETRYCOLLECTION EMPTY",
    "MULTIPOINT EMPTY",
    "MULTILINESTRING EMPTY",
    "MULTIPOLYGON EMPTY",
    "MULTIPOINT ((1 2), EMPTY)",
    "GEOMETRYCOLLECTION (POINT EMPTY, LINESTRING (0 0, 1 1))",
    "POINT Z EMPTY",
)

REREAD = {
    (GEOJSON_LITERAL, "MULTIPOINT ((1 2), EMPTY)"): None,
    (GEOJSON_LITERAL, "POINT Z EMPTY"): "POINT EMPTY",
    (KML_LITERAL, "POINT Z EMPTY"): "POINT EMPTY",
    (KML_LITERAL, "MULTIPOINT EMPTY"): "GEOMETRYCOLLECTION EMPTY",
    (KML_LITERAL, "MULTILINESTRING EMPTY"): "GEOMETRYCOLLECTION EMPTY",
    (KML_LITERAL, "MULTIPOLYGON EMPTY"): "GEOMETRYCOLLECTION EMPTY",
}
"""What a serialisation cannot tell apart; None where it cannot be written at all."""


def wkb_of(*texts: str) -> pa.Array:
    return parse_wkt(pa.array(texts)).wkb


def read(text: str, datatype: str) -> str:
    parsed = parse_geometries(pa.array([text]), datatype)
    assert parsed.problems == ()
    found: str = format_wkt(parsed.wkb, CRS84)[0].as_py()
    return found


def reason(text: str | bytes, datatype: str) -> str:
    """Why a text is refused; the rows about it are read, and it costs no more than its row."""
    good = format_geometries(wkb_of("POINT (1 2)"), CRS84, datatype)[0].as_py().encode()
    blob = text.encode() if isinstance(text, str) else text
    parsed = parse_geometries(pa.array([good, blob, good]).view(pa.string()), datatype)
    assert [problem.row for problem in parsed.problems] == [1]
    assert parsed.wkb.is_null().to_pylist() == [False, True, False]
    assert parsed.crs.to_pylist() == [CRS84, None, CRS84]
    return parsed.problems[0].reason


def test_wkt_comes_first_and_all_five_are_there() -> None:
    assert GEOMETRY_DATATYPES[0] == WKT_LITERAL
    assert set(GEOMETRY_DATATYPES) == {*EXACT, DGGS_LITERAL}


@pytest.mark.parametrize("datatype", EXACT)
@pytest.mark.parametrize("text", EVERY_TYPE)
def test_every_type_survives(text: str, datatype: str) -> None:
    written = format_geometries(wkb_of(text), CRS84, datatype)[0].as_py()
    expected = REREAD.get((datatype, text), text)
    assert (written if written is None else read(written, datatype)) == expected


@pytest.mark.parametrize("datatype", EXACT)
def test_a_column_with_nulls(datatype: str) -> None:
    wkb = pa.array([None, *wkb_of("POINT (1 2)", "LINESTRING (0 0, 1 1)").to_pylist(), None])
    texts = format_geometries(wkb, CRS84, datatype)
    assert texts.is_null().to_pylist() == [True, False, False, True]
    for column in (texts, pa.chunked_array([texts[:2], texts[2:]]), texts.cast(pa.large_string())):
        parsed = parse_geometries(column, datatype)
        assert parsed.wkb == wkb
        assert parsed.problems == ()
    assert parse_geometries(texts.slice(2), datatype).wkb == wkb.slice(2)
    assert parse_geometries(texts.dictionary_encode(), datatype).wkb == wkb
    assert len(parse_geometries(texts[:0], datatype).wkb) == 0


finite = st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: x + 0.0)
places = st.lists(st.tuples(finite, finite), min_size=2, max_size=8)
spots = st.lists(st.tuples(finite, finite, finite), min_size=2, max_size=8)
CRSS = (CRS84, EPSG + "4326", EPSG + "3035", EPSG + "25833", EPSG + "3857")


def ring(points: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    return [*points, *points[::-1], points[0]]


@settings(max_examples=50, deadline=None)
@given(places, spots, st.sampled_from(CRSS))
def test_parse_of_format_is_the_same_bits(flat: Any, high: Any, crs: str) -> None:
    made: list[Any] = []
    for points in (flat, high):
        polygon = shapely.Polygon(ring(points), [ring(points[:2])])
        made += [shapely.Point(points[0]), shapely.LineString(points), polygon]
        made += [shapely.MultiPoint(points), shapely.MultiPolygon([polygon, polygon])]
        made += [shapely.GeometryCollection([polygon, shapely.LineString(points)])]
    column = to_wkb(np.array(made, object))
    for datatype in (WKT_LITERAL, GML_LITERAL):
        parsed = parse_geometries(format_geometries(column, crs, datatype), datatype)
        assert parsed.problems == ()
        assert parsed.wkb == column
        assert set(parsed.crs.to_pylist()) == {crs}
    for datatype in (GEOJSON_LITERAL, KML_LITERAL):
        assert parse_geometries(format_geometries(column, CRS84, datatype), datatype).wkb == column


@pytest.mark.parametrize("datatype", [GML_LITERAL, GEOJSON_LITERAL, KML_LITERAL])
def test_random_bits_survive(datatype: str) -> None:
    rng = np.random.default_rng(11)
    bits = rng.integers(0, 2**64, 4000, dtype=np.uint64).view(np.float64)
    numbers = np.concatenate([bits[np.isfinite(bits)], rng.uniform(-1.1, 1.1, 4000)])
    numbers = numbers[: len(numbers) // 2 * 2].reshape(-1, 2)
    column = to_wkb(shapely.points(numbers))
    assert parse_geometries(format_geometries(column, CRS84, datatype), datatype).wkb == column


@pytest.mark.parametrize("datatype", [GEOJSON_LITERAL, KML_LITERAL])
def test_geojson_and_kml_are_in_crs84(datatype: str) -> None:
    column = to_wkb(shapely.points([[4321000.0, 3210000.0]]))
    text = format_geometries(column, EPSG + "3035", datatype)
    parsed = parse_geometries(text, datatype)
    point = shapely.from_wkb(parsed.wkb[0].as_py())
    assert (point.x, point.y) == pytest.approx((10, 52))
    assert parsed.crs.to_pylist() == [CRS84]


def test_a_place_that_crs84_does_not_have_is_null() -> None:
    column = to_wkb(shapely.points([[1e300, 1e300]]))
    assert format_geometries(column, EPSG + "3035", GEOJSON_LITERAL).to_pylist() == [None]


@pytest.mark.parametrize("datatype", [GML_LITERAL, GEOJSON_LITERAL, KML_LITERAL])
@pytest.mark.parametrize(
    "text", ["POINT M (1 2 3)", "GEOMETRYCOLLECTION (POINT (1 2), POINT Z (1 2 3))"]
)
def test_what_cannot_be_written_is_null(text: str, datatype: str) -> None:
    assert format_geometries(wkb_of(text), CRS84, datatype).to_pylist() == [None]


def test_no_such_datatype() -> None:
    with pytest.raises(UnsupportedError, match="xsd"):
        parse_geometries(pa.array(["x"]), "xsd:string")
    with pytest.raises(UnsupportedError, match="xsd"):
        format_geometries(wkb_of("POINT (1 2)"), CRS84, "xsd:string")


@pytest.mark.parametrize("datatype", GEOMETRY_DATATYPES)
def test_no_such_crs_and_no_wkb(datatype: str) -> None:
    with pytest.raises(CRSError):
        format_geometries(wkb_of("POINT (1 2)"), "nowhere", datatype)
    with pytest.raises(GeometryError):
        format_geometries(pa.array([b"junk"]), CRS84, datatype)


@pytest.mark.standard("GeoSPARQL 1.1, 8.5")
@pytest.mark.parametrize("datatype", GEOMETRY_DATATYPES)
def test_an_empty_text_is_an_empty_geometry(datatype: str) -> None:
    parsed = parse_geometries(pa.array(["", " \n\t"]), datatype)
    assert parsed.problems == ()
    assert parsed.wkb == wkb_of("GEOMETRYCOLLECTION EMPTY", "GEOMETRYCOLLECTION EMPTY")
    assert parsed.crs.to_pylist() == [CRS84, CRS84]


@pytest.mark.parametrize("datatype", GEOMETRY_DATATYPES)
def test_no_text_at_all(datatype: str) -> None:
    assert reason(b"\xff\xfe\x00<", datatype)
    assert "UTF-8" in reason(b"<Point>\xc3</Point>", datatype)
    assert "zero byte" in reason("<Point>\0</Point>", datatype)
    assert reason("hello", datatype)
    assert reason("<Point", datatype)
    assert reason('{"type":', datatype)


@pytest.mark.parametrize("datatype", GEOMETRY_DATATYPES)
def test_a_huge_text_is_refused(datatype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ontology.readings.MAX_BYTES", 1000)
    assert "bytes" in reason("x" * 1001, datatype)


def nested(depth: int, datatype: str) -> str:
    gml = 'xmlns:gml="http://www.opengis.net/gml/3.2"'
    head, point, tail = {
        WKT_LITERAL: ("GEOMETRYCOLLECTION (", "POINT (1 2)", ")"),
        GML_LITERAL: (
            f"<gml:MultiGeometry {gml}><gml:geometryMember>",
            f"<gml:Point {gml}><gml:pos>1 2</gml:pos></gml:Point>",
            "</gml:geometryMember></gml:MultiGeometry>",
        ),
        GEOJSON_LITERAL: (
            '{"type":"GeometryCollection","geometries":[',
            '{"type":"Point","coordinates":[1,2]}',
            "]}",
        ),
        KML_LITERAL: (
            "<MultiGeometry>",
            "<Point><coordinates>1,2</coordinates></Point>",
            "</MultiGeometry>",
        ),
    }[datatype]
    return head * depth + point + tail * depth


@pytest.mark.parametrize("datatype", EXACT)
def test_collections_are_nested_28_deep_at_most(datatype: str) -> None:
    inner = 27 if datatype == KML_LITERAL else 28
    assert read(nested(28, datatype), datatype).count("COLLECTION") == inner
    for depth in (29, 200, 25_000, 200_000):
        assert re.search("nested|depth", reason(nested(depth, datatype), datatype))


def test_deep_brackets_that_are_no_geometry() -> None:
    assert reason("[" * 500_000, GEOJSON_LITERAL)
    assert reason('{"a":' * 500_000, GEOJSON_LITERAL)
    coordinates = "[" * 100_000 + "]" * 100_000
    assert reason(f'{{"type":"Point","coordinates":{coordinates}}}', GEOJSON_LITERAL)
    assert reason("<a>" * 500_000, KML_LITERAL)


def test_brackets_in_strings_hide_no_depth() -> None:
    head = '{"a":"}}}}","type":"GeometryCollection","geometries":['
    text = head * 25_000 + '{"type":"Point","coordinates":[1,2]}' + "]}" * 25_000
    assert "nested" in reason(text, GEOJSON_LITERAL)
    escaped = '{"type":"Geometry\\u0043ollection","geometries":['
    text = escaped * 25_000 + '{"type":"Point","coordinates":[1,2]}' + "]}" * 25_000
    assert "nested" in reason(text, GEOJSON_LITERAL)


def test_many_collections_side_by_side_are_not_deep() -> None:
    wide = shapely.GeometryCollection(
        [shapely.GeometryCollection([shapely.Point(1, 2), shapely.LineString([(0, 0), (1, 1)])])]
        * 500
    )
    column = to_wkb(np.array([wide], object))
    for datatype in EXACT:
        texts = format_geometries(column, CRS84, datatype)
        assert parse_geometries(texts, datatype).wkb == column


WRAPPED = {
    GML_LITERAL: (
        '<c:FeatureCollection xmlns:c="http://www.opengis.net/wfs" '
        'xmlns:gml="http://www.opengis.net/gml"><gml:featureMember><c:f><c:g>{}</c:g></c:f>'
        "</gml:featureMember></c:FeatureCollection>"
    ),
    GEOJSON_LITERAL: '{{"type":"Feature","properties":null,"geometry":{}}}',
    KML_LITERAL: (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>{}</Placemark>'
        "</Document></kml>"
    ),
}
FILLED = [text for text in EVERY_TYPE if "EMPTY" not in text]


def gdal_reads(text: str) -> Any:
    """The one geometry GDAL finds in a file."""
    return shapely.from_wkb(pyogrio.raw.read(text.encode())[2][0])


@pytest.mark.parametrize("datatype", WRAPPED)
@pytest.mark.parametrize("text", FILLED)
def test_gdal_reads_what_we_write(text: str, datatype: str) -> None:
    written = format_geometries(wkb_of(text), CRS84, datatype)[0].as_py()
    found = gdal_reads(WRAPPED[datatype].format(written))
    assert shapely.equals_exact(shapely.force_2d(found), shapely.force_2d(shapely.from_wkt(text)))
    assert found.has_z == ("Z" in text)


@pytest.mark.parametrize("crs", CRSS)
def test_gdal_agrees_on_the_order_of_axes_in_gml(crs: str) -> None:
    column = wkb_of("LINESTRING (14.3 48.3, 15 49)")
    written = format_geometries(column, crs, GML_LITERAL)[0].as_py()
    assert gdal_reads(WRAPPED[GML_LITERAL].format(written)) == shapely.from_wkb(column[0].as_py())


@pytest.mark.slow
@pytest.mark.parametrize("datatype", EXACT)
def test_ten_million_vertices(datatype: str) -> None:
    """As many as fit a text of 64 MiB: read in seconds, not minutes."""
    rows = {
        WKT_LITERAL: "LINESTRING (1 2{})".format(", 3 4" * 10_000_000),
        GML_LITERAL: '<LineString xmlns="http://www.opengis.net/gml"><posList>1 2{}'
        "</posList></LineString>".format(" 3 4" * 10_000_000),
        GEOJSON_LITERAL: '{{"type":"LineString","coordinates":[[1,2]{}]}}'.format(
            ",[3,4]" * 10_000_000
        ),
        KML_LITERAL: "<LineString><coordinates>1,2{}</coordinates></LineString>".format(
            " 3,4" * 10_000_000
        ),
    }
    began = time.monotonic()
    parsed = parse_geometries(pa.array([rows[datatype]]), datatype)
    assert time.monotonic() - began < 120
    assert parsed.problems == ()
    assert shapely.get_num_coordinates(shapely.from_wkb(parsed.wkb[0].as_py())) == 10_000_001

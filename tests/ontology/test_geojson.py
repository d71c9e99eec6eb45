from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
import shapely

from ontology import CRS84, GEOJSON_LITERAL, format_geometries, parse_geometries, parse_wkt


def read(text: str) -> Any:
    parsed = parse_geometries(pa.array([text]), GEOJSON_LITERAL)
    assert parsed.problems == ()
    assert parsed.crs.to_pylist() == [CRS84]
    return shapely.from_wkb(parsed.wkb[0].as_py())


@pytest.mark.standard("GeoSPARQL 1.1, 8.5.3")
@pytest.mark.parametrize(
    ("text", "wkt"),
    [
        ('{"type": "Point", "coordinates": [14.3, 48.3]}', "POINT (14.3 48.3)"),
        ('\n{ "coordinates":[1e0,2E+1,-3.50] ,"type":"Point" }\n', "POINT Z (1 20 -3.5)"),
        ('{"type":"Point","coordinates":[1,2],"bbox":[1,2,1,2],"\u00fc":{}}', "POINT (1 2)"),
        ('{"type":"\\u0050oint","coordinates":[1,2]}', "POINT (1 2)"),
        ('{"type":"Point","coordinates":[190,2]}', "POINT (190 2)"),
        ('{"type":"Polygon","coordinates":[]}', "POLYGON EMPTY"),
        ('{"type":"MultiPolygon","coordinates":[]}', "MULTIPOLYGON EMPTY"),
        ('{"type":"GeometryCollection","geometries":[]}', "GEOMETRYCOLLECTION EMPTY"),
        (
            '{"type":"Point","coordinates":[1,2],'
            '"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}}',
            "POINT (1 2)",
        ),
        ('{"type":"Point","coordinates":[1,2],"crs":null}', "POINT (1 2)"),
    ],
)
def test_geometry_objects(text: str, wkt: str) -> None:
    assert read(text).wkt == wkt


BAD = {
    '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}': "Feature",
    '{"type":"\\u0046eature","geometry":{"type":"Point","coordinates":[1,2]}}': "Feature",
    '{"type":"FeatureCollection","features":[]}': "FeatureCollection",
    '{"type":"Point","coordinates":[1,2],"crs":{"properties":{"name":"EPSG:3035"}}}': "CRS84",
    '{"type":"Point","coordinates":[1,2],"crs":"EPSG:4326"}': "CRS84",
    '{"type":"Point","coordinates":[1,2],"crs":{"properties":{"name":{}}}}': "CRS84",
    '{"type":"Point","coordinates":[1]}': "two or three",
    '{"type":"Point","coordinates":[1,2,3,4]}': "two or three",
    '{"type":"Point","coordinates":[NaN,2]}': "",
    '{"type":"Point","coordinates":[1,Infinity]}': "",
    '{"type":"Point","coordinates":[1,1e400]}': "overflow",
    '{"type":"Point","coordinates":[1,null]}': "number",
    '{"type":"Point","coordinates":["1","2"]}': "number",
    '{"type":"Point","coordinates":[1,2]} x': "",
    '{"type":"Point","coordinates":[1,2]': "",
    '{"type":"Point","coordinates":[01,2]}': "",
    '{"type":"Point"}': "coordinates",
    '{"type":"Circle","coordinates":[1,2]}': "",
    '{"coordinates":[1,2]}': "type",
    "[1, 2]": "",
    "null": "",
    "POINT (1 2)": "",
    '{"type":"LineString","coordinates":[[1,2]]}': "",
    '{"type":"LineString","coordinates":[[1,2],[1,2,3]]}': "two numbers and others three",
    '{"type":"LineString","coordinates":[[1,2,3],[1,2]]}': "two numbers and others three",
    '{"type":"MultiPoint","coordinates":[[1,2],[1,2,3]]}': "two numbers and others three",
    '{"type":"MultiPoint","coordinates":[[1,2],[]]}': "",
    '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[2,2]]]}': "closed",
    '{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,0]]]}': "fewer than 4",
    '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,0]],[[0,0],[0,0]]]}': "points",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_text_is_a_problem_and_the_rest_is_read(text: str) -> None:
    good = '{"type":"Point","coordinates":[1,2]}'
    parsed = parse_geometries(pa.array([good, text, good]), GEOJSON_LITERAL)
    assert [problem.row for problem in parsed.problems] == [1]
    assert parsed.problems[0].text_excerpt == text[:80]
    assert parsed.problems[0].reason
    assert BAD[text] in parsed.problems[0].reason
    assert parsed.wkb.is_null().to_pylist() == [False, True, False]


def test_what_is_written_is_json_with_all_digits() -> None:
    column = parse_wkt(pa.array(["POLYGON ((0.1 0.2, 1e-7 1, 123456789.123456789 3, 0.1 0.2))"]))
    text = format_geometries(column.wkb, CRS84, GEOJSON_LITERAL)[0].as_py()
    assert json.loads(text) == {
        "type": "Polygon",
        "coordinates": [[[0.1, 0.2], [1e-7, 1], [123456789.123456789, 3], [0.1, 0.2]]],
    }

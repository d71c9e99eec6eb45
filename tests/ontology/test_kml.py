from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely
from lxml import etree

from ontology import CRS84, KML_LITERAL, format_geometries, parse_geometries, parse_wkt

RING = "<LinearRing><coordinates>0,0 4,0 4,4 0,0</coordinates></LinearRing>"
HOLE = "<LinearRing><coordinates>1,0.5 2,0.5 2,1 1,0.5</coordinates></LinearRing>"


def read(text: str) -> Any:
    parsed = parse_geometries(pa.array([text]), KML_LITERAL)
    assert parsed.problems == ()
    assert parsed.crs.to_pylist() == [CRS84]
    return shapely.from_wkb(parsed.wkb[0].as_py())


GEOMETRIES = {
    "<Point><coordinates>14.3,48.3</coordinates></Point>": "POINT (14.3 48.3)",
    "<Point><coordinates>\n 14.3,48.3,7 \n</coordinates></Point>": "POINT Z (14.3 48.3 7)",
    "<Point><extrude>1</extrude><altitudeMode>absolute</altitudeMode>"
    "<coordinates>1,2</coordinates></Point>": "POINT (1 2)",
    "<Point/>": "POINT EMPTY",
    "<Point><coordinates/></Point>": "POINT EMPTY",
    "<LineString><coordinates>1,2 3,4</coordinates></LineString>": "LINESTRING (1 2, 3 4)",
    "<LineString><coordinates>1, 2 3, 4</coordinates></LineString>": "LINESTRING (1 2, 3 4)",
    RING: "LINESTRING (0 0, 4 0, 4 4, 0 0)",
    f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs></Polygon>": (
        "POLYGON ((0 0, 4 0, 4 4, 0 0))"
    ),
    f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs><innerBoundaryIs>{HOLE}</innerBoundaryIs>"
    "</Polygon>": "POLYGON ((0 0, 4 0, 4 4, 0 0), (1 0.5, 2 0.5, 2 1, 1 0.5))",
    "<Polygon/>": "POLYGON EMPTY",
    "<MultiGeometry><Point><coordinates>1,2</coordinates></Point><Point><coordinates>3,4"
    "</coordinates></Point></MultiGeometry>": "MULTIPOINT ((1 2), (3 4))",
    f"<MultiGeometry><Point><coordinates>1,2</coordinates></Point>{RING}</MultiGeometry>": (
        "GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (0 0, 4 0, 4 4, 0 0))"
    ),
    "<MultiGeometry/>": "GEOMETRYCOLLECTION EMPTY",
}


@pytest.mark.standard("GeoSPARQL 1.1, 8.5.4")
@pytest.mark.parametrize("text", GEOMETRIES)
@pytest.mark.parametrize(
    "namespace", ["", "http://www.opengis.net/kml/2.2", "http://earth.google.com/kml/2.1"]
)
def test_geometries(text: str, namespace: str) -> None:
    if namespace:
        name = text[1:].split(">")[0].rstrip("/")
        text = text.replace(f"<{name}", f'<{name} xmlns="{namespace}"', 1)
    assert read(text).wkt == GEOMETRIES[text.replace(f' xmlns="{namespace}"', "")]


BAD = {
    "<!DOCTYPE p [<!ENTITY a '1,2'>]><Point><coordinates>&a;</coordinates></Point>": "document",
    "<kml><Point><coordinates>1,2</coordinates></Point></kml>": "kml is not supported",
    "<Placemark><Point><coordinates>1,2</coordinates></Point></Placemark>": "Placemark",
    "<Model/>": "Model",
    '<Point xmlns="http://www.opengis.net/gml"><coordinates>1,2</coordinates></Point>': "namespace",
    "<Point>1,2</Point>": "text stands",
    "<Point><pos>1 2</pos></Point>": "coordinates once",
    "<Point><coordinates>1 2</coordinates></Point>": "2 or 3",
    "<Point><coordinates>1</coordinates></Point>": "2 or 3",
    "<Point><coordinates>1,2,3,4</coordinates></Point>": "2 or 3",
    "<Point><coordinates>1,2 3,4</coordinates></Point>": "2 positions",
    "<Point><coordinates>1,2</coordinates><coordinates>1,2</coordinates></Point>": "once",
    "<Point><coordinates>NaN,2</coordinates></Point>": "finite",
    "<Point><coordinates>1e400,2</coordinates></Point>": "64-bit",
    "<LineString><coordinates>1,2</coordinates></LineString>": "only one",
    "<LineString><coordinates>1,2 3,4,5</coordinates></LineString>": "differ",
    "<LinearRing><coordinates>0,0 4,0 4,4 1,0</coordinates></LinearRing>": "closed",
    "<LinearRing><coordinates>0,0 4,0 0,0</coordinates></LinearRing>": "fewer than 4",
    f"<Polygon><innerBoundaryIs>{HOLE}</innerBoundaryIs></Polygon>": "one outer",
    f"<Polygon><outerBoundaryIs>{RING}{RING}</outerBoundaryIs></Polygon>": "one outer",
    f"<Polygon>{RING}</Polygon>": "not expected",
    "<Polygon><outerBoundaryIs><LineString/></outerBoundaryIs></Polygon>": "not expected",
    "<MultiGeometry><Point><coordinates>1,2</coordinates></Point><Point><coordinates>1,2,3"
    "</coordinates></Point></MultiGeometry>": "two numbers and others three",
    "<Point><coordinates>1,2</coordinates>": "well-formed",
    "POINT (1 2)": "well-formed",
}


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_a_bad_text_is_a_problem_and_the_rest_is_read(text: str) -> None:
    good = "<Point><coordinates>1,2</coordinates></Point>"
    parsed = parse_geometries(pa.array([good, text, good]), KML_LITERAL)
    assert [problem.row for problem in parsed.problems] == [1]
    assert BAD[text] in parsed.problems[0].reason
    assert parsed.wkb.is_null().to_pylist() == [False, True, False]


def test_what_is_written() -> None:
    column = parse_wkt(pa.array(["LINESTRING Z (1 2 3, 4.5 5 6)"])).wkb
    assert format_geometries(column, CRS84, KML_LITERAL).to_pylist() == [
        '<LineString xmlns="http://www.opengis.net/kml/2.2">'
        "<coordinates>1,2,3 4.5,5,6</coordinates></LineString>"
    ]


def test_we_read_what_gdal_writes(tmp_path: Path) -> None:
    polygon = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 2, 2))
    for geometry in (shapely.Point(14.3, 48.3), polygon, shapely.MultiPoint([(1, 2), (3, 4)])):
        path = tmp_path / f"{geometry.geom_type}.kml"
        wkb = np.array([geometry.wkb], object)
        kind = geometry.geom_type
        pyogrio.raw.write(path, wkb, [], [], geometry_type=kind, crs="OGC:CRS84", driver="KML")
        placemark = etree.parse(path).getroot().find(".//{*}Placemark")
        assert placemark is not None
        text = etree.tostring(placemark[-1], with_tail=False).decode()
        assert shapely.equals(read(text), geometry)
